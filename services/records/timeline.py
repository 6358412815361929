"""A record's life in sentences, in English and Chinese, made from the journal; no values."""

from __future__ import annotations

from typing import Any

from services.records.saying import Words

SENTENCES = {
    "records.created": ("{actor} entered the record", "{actor} 建立了档案"),
    "records.imported": ("{actor} brought the record in with a file", "{actor} 通过文件导入了档案"),
    "records.activated": (
        "The record was approved and is valid as {number}",
        "档案经批准生效，编号 {number}",
    ),
    "records.rejected": ("The record was not approved", "档案未获批准"),
    "records.consent_given": (
        "The customer consented to {consented} (notice {notice})",
        "客户同意“{consented}”（告知书 {notice}）",
    ),
    "records.consent_refused": (
        "The customer refused {consented} (notice {notice})",
        "客户拒绝了“{consented}”（告知书 {notice}）",
    ),
    "records.collected": ("{actor} took in {items}", "{actor} 收集了 {items}"),
    "records.use_refused": (
        "{actor} tried to use it for {used_for}, which it does not stand for: {code}",
        "{actor} 试图因“{used_for}”使用档案，但无相应依据：{code}",
    ),
    "records.consent_withdrawn": (
        "The customer withdrew the consent to {consented}",
        "客户撤回了对“{consented}”的同意",
    ),
    "records.change_proposed": ("{actor} asked for a change of {fields}", "{actor} 申请变更 {fields}"),
    "records.changed": ("{fields} changed", "{fields} 已变更"),
    "records.change_lapsed": ("A change did not take effect: {why}", "一项变更未生效：{why}"),
    "records.event_recorded": (
        "{actor} noted: {happened} on {on}",
        "{actor} 登记：{happened}，日期 {on}",
    ),
    "records.state_changed": ("The state went from {before} to {state}", "状态由 {before} 变为 {state}"),
    "records.move_proposed": ("{actor} asked that it become {to}", "{actor} 申请将状态变为 {to}"),
    "records.move_lapsed": ("It did not become {to}: {why}", "状态未变为 {to}：{why}"),
    "records.assigned": (
        "It went from {before_responsible} of {before_department} to {responsible} of {department}",
        "由 {before_department} 的 {before_responsible} 移交给 {department} 的 {responsible}",
    ),
    "records.likeness_accepted": (
        "{actor} saved it beside records that are likely the same customer's: {of}; {unseen} more",
        "{actor} 在存在疑似重复档案的情况下仍予保存：{of}；另有 {unseen} 份",
    ),
    "records.merge_proposed": (
        "{actor} asked that record {merged} become part of it",
        "{actor} 申请将档案 {merged} 并入本档案",
    ),
    "records.merged": (
        "Record {merged} ({merged_number}) became part of it; it took over {fields}",
        "档案 {merged}（{merged_number}）已并入本档案；转入内容：{fields}",
    ),
    "records.merge_lapsed": ("Record {merged} did not become part of it: {why}", "档案 {merged} 未并入：{why}"),
    "records.erasure_asked": (
        "{actor} asked that {parts} be erased, on the request of {requested_by}",
        "{actor} 应 {requested_by} 要求申请删除 {parts}",
    ),
    "records.erasing": ("{decided_by} decided to erase {parts}", "{decided_by} 决定删除 {parts}"),
    "records.erased": ("{parts} were erased: their keys are destroyed", "{parts} 已删除：密钥已销毁"),
    "records.erasure_lapsed": ("{parts} were not erased: {why} {holds}", "{parts} 未删除：{why} {holds}"),
    "records.erasure_answered": (
        "{actor} told whoever asked that it was {outcome}, through {through}",
        "{actor} 已通过“{through}”告知申请人处理结果：{outcome}",
    ),
    "records.held_back": (
        "The record was approved; it waits for {needs}",
        "档案已获批准，待满足以下条件后生效：{needs}",
    ),
    "records.verified": (
        "{actor} verified {field} by {method}: {result}",
        "{actor} 以“{method}”方式核实 {field}：{result}",
    ),
    "records.scheme_set": (
        "In {scheme} it went from {before} to {value}",
        "“{scheme}”分类由 {before} 变为 {value}",
    ),
    "records.classified": ("Its level went from {before} to {level}", "密级由 {before} 变为 {level}"),
    "records.scheme_suggested": (
        "The criteria of {scheme} come to {value}",
        "按“{scheme}”标准评定为 {value}，待确认",
    ),
    "records.downgrade_proposed": (
        "{actor} asked to lower {scheme} from {before} to {value}",
        "{actor} 申请将“{scheme}”由 {before} 降为 {value}",
    ),
    "records.downgrade_lapsed": (
        "Lowering {scheme} did not take effect: {why}",
        "降低“{scheme}”未生效：{why}",
    ),
    "records.read": ("{actor} read it for {purpose}", "{actor} 因“{purpose}”查阅"),
    "records.history_read": ("{actor} read its history for {purpose}", "{actor} 因“{purpose}”查阅了历史"),
    "records.entry_signed": ("{signer} signed it as it stood at this version", "{signer} 按当时版本签署"),
    "records.entry_valid": ("Everybody has signed: it is valid as {number}", "全部签署完毕，登记生效，编号 {number}"),
    "records.entry_reopened": ("An edit voided the signatures of {voided}", "内容更改后，{voided} 的签名失效"),
    "records.check_failed": ("Not passed: {items}", "不合格项目：{items}"),
    "records.form_used": ("The form's values went into record {filled}", "表单内容已写入档案 {filled}"),
    "records.change_read": (
        "{actor} read what a change would make of it, for {purpose}",
        "{actor} 因“{purpose}”查阅了一项变更",
    ),
    "records.labelled": ("{actor} labelled the file", "{actor} 为档案贴上标签"),
    "records.frozen": ("A hold was placed on it", "档案被冻结"),
    "records.unfrozen": ("A hold on it was released", "档案冻结已解除"),
    "records.document_added": ("{actor} handed in a document: {kind} ({form})", "{actor} 提交了文件：{kind}（{form}）"),
    "records.document_accepted": ("{actor} examined {kind} and took it over", "{actor} 审核并接收了 {kind}"),
    "records.document_returned": ("{actor} sent {kind} back: {faults}", "{actor} 退回了 {kind}：{faults}"),
    "records.document_withdrawn": ("{actor} withdrew {kind}", "{actor} 作废了 {kind}"),
    "records.document_faulted": ("{actor} found of {kind}: {faults}", "{actor} 检查 {kind} 时发现：{faults}"),
    "records.document_read": ("{actor} read {kind} for {purpose}", "{actor} 因“{purpose}”查阅了 {kind}"),
    "records.item_answered": (
        "{actor} said whether {kind} applies: {applies}",
        "{actor} 说明 {kind} 是否适用：{applies}",
    ),
    "records.file_checked": ("{actor} checked the file; missing: {missing}", "{actor} 自查了档案资料；缺少：{missing}"),
    "records.completed": ("The file is complete", "档案资料已齐全"),
    "records.became_incomplete": ("The file is no longer complete", "档案资料不再齐全"),
    "records.refused": ("{actor} was refused: {code}", "{actor} 的操作被拒绝：{code}"),
}

VALID = ("It is valid as {number}", "登记生效，编号 {number}")
UNSIGNED = ("Nobody has to sign it: it is valid as {number}", "无需签署，登记生效，编号 {number}")


def sentence(entry: dict[str, Any], spoken: Words | None = None) -> dict[str, Any] | None:
    """One journal entry as people read it, in the regime's words; None for what is no part of a record's story.

    A code of a refusal is named beside it, for whoever has the words for codes.
    """
    words = _sentence_of(entry, spoken)
    if words is None:
        return None
    facts = {**entry["data"], "actor": entry["actor"] or "–", "purpose": entry["purpose"] or "–"}
    said = spoken.about(facts.get("scheme")).said if spoken else _said
    en, zh = (
        text.format_map({name: said(name, value, language) for name, value in facts.items()})
        for text, language in zip(words, ("en", "zh"), strict=True)
    )
    about = {"record": entry.get("record"), "at": entry["at"], "actor": entry["actor"], "type": entry["type"]}
    return {**about, "code": _code(facts), "en": en, "zh": zh}


def _sentence_of(entry: dict[str, Any], spoken: Words | None) -> tuple[str, str] | None:
    """The sentence of what happened; of what did not happen, such as a signature or an approval, nothing is said."""
    data = entry["data"]
    if entry["type"] == "records.collected":
        return _collected(data)
    if entry["type"] == "records.entry_valid" and not data.get("signers"):
        return UNSIGNED
    if entry["type"] == "records.activated" and spoken and spoken.of_a_register:
        return VALID
    return SENTENCES.get(entry["type"])


def _collected(data: dict[str, Any]) -> tuple[str, str]:
    items, channel, purposes = (bool(data.get(name)) for name in ("items", "channel", "purposes"))
    en = "{actor} took in {items}" if items else "{actor} noted where data comes from"
    zh = "收集了 {items}" if items else "登记了资料来源"
    if channel:
        en, zh = f"{en} through {{channel}}", f"通过“{{channel}}”{zh}"
    return (f"{en}, for {{purposes}}", f"{{actor}} {zh}，用途：{{purposes}}") if purposes else (en, f"{{actor}} {zh}")


def _code(facts: dict[str, Any]) -> str | None:
    why = facts.get("code") or facts.get("why")
    return str(why) if why and "." in why else None


def _said(name: str, value: Any, language: str) -> Any:
    if isinstance(value, list):
        return ", ".join(value)
    return "–" if value is None else value
