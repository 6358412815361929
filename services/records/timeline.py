"""A record's life in sentences, in English and Chinese, made from the journal; no values."""

from __future__ import annotations

from typing import Any

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
    "records.read": ("{actor} read it for {purpose}", "{actor} 因“{purpose}”查阅"),
    "records.history_read": ("{actor} read its history for {purpose}", "{actor} 因“{purpose}”查阅了历史"),
    "records.frozen": ("A hold was placed on it", "档案被冻结"),
    "records.unfrozen": ("A hold on it was released", "档案冻结已解除"),
    "records.refused": ("{actor} was refused: {code}", "{actor} 的操作被拒绝：{code}"),
}


def sentence(entry: dict[str, Any]) -> dict[str, Any] | None:
    """One journal entry as people read it; None for what is no part of a record's story."""
    words = SENTENCES.get(entry["type"])
    if words is None:
        return None
    facts = {**entry["data"], "actor": entry["actor"] or "–", "purpose": entry["purpose"] or "–"}
    told = {name: _said(value) for name, value in facts.items()}
    en, zh = (text.format_map(told) for text in words)
    return {"at": entry["at"], "actor": entry["actor"], "type": entry["type"], "en": en, "zh": zh}


def _said(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(value)
    return "–" if value is None else value
