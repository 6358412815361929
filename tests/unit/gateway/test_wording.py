"""What is said to people is said in their language: rule, field and remedy, in English and in Chinese."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.errors import Invalid
from gateway import wording
from gateway.problems import problem
from services.records.states import TITLES
from tests.unit.gateway.conftest import RECORD, Client, Road

ROOT = Path(__file__).parents[3]
# What a regime's author is told by `regime check` is in its own language, that of the file.
SOURCES = ("chassis", "vault", "services", "gateway", "regimes/values.py", "regimes/numbers.py", "regimes/tables.py")
LATIN = set("abcdefghijklmnopqrstuvwxyz")


def body_of(refused: Invalid, language: str) -> dict:
    return dict(json.loads(problem(refused, "r", language).get_data()))


def details() -> Iterator[tuple[str, str]]:
    """Every sentence that stands beside a code in the sources, with the file; names in it stand for themselves."""
    for room in SOURCES:
        for file in sorted((ROOT / room).rglob("*.py")) if (ROOT / room).is_dir() else [ROOT / room]:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                yield from ((str(file.relative_to(ROOT)), said) for said in _beside_a_code(node))


def _beside_a_code(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        texts = [_text(one) for one in [*node.args, *(word.value for word in node.keywords)]]
    elif isinstance(node, ast.Dict):
        named = {
            key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
        }
        texts = [_text(named[name]) for name in ("code", "detail") if name in named]
    else:
        return
    codes = [one for one in texts if one in wording.titles()]
    yield from (one for one in texts if codes and one and " " in one and one not in wording.titles())


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "x1" for one in node.values)
    return None


@pytest.mark.covers("Q-074")
def test_every_sentence_of_a_refusal_is_written_down_in_chinese() -> None:
    missing = sorted({f"{file}: {said}" for file, said in details() if wording.chinese(said) is None})

    assert not missing, "add to gateway/details.yaml:\n" + "\n".join(missing)


def test_every_name_in_a_chinese_sentence_stands_in_the_english_one() -> None:
    sentences, _ = wording._known()
    for en, zh in sentences.items():
        assert set(wording.PLACE.findall(zh)) <= set(wording.PLACE.findall(en)), en


@pytest.mark.covers("Q-074")
def test_a_refusal_names_field_rule_and_remedy_in_the_readers_language() -> None:
    label = {"en": "Customer name", "zh": "客户名称"}
    one = {
        "pointer": "/fields/basic.name",
        "code": "value.too_long",
        "detail": "at most 200 characters",
        "label": label,
    }
    refused = Invalid("record.invalid", "1 fields break a rule", {"errors": [one]})

    english, chinese = body_of(refused, "en"), body_of(refused, "zh-CN")

    assert english["errors"][0]["field"] == "Customer name" and "200" in english["errors"][0]["detail"]
    [told] = chinese["errors"]
    assert (told["field"], told["detail"]) == ("客户名称", "至多 200 个字符") and told["pointer"] == one["pointer"]
    for said in (chinese["title"], chinese["detail"], told["detail"], told["remedy"]):
        assert not set(said.lower()) & LATIN, said
    assert "label" not in told


def test_a_sentence_nobody_wrote_down_is_answered_by_its_title() -> None:
    refused = Invalid("import.empty", "words that nobody has translated", {})

    assert body_of(refused, "zh-CN")["detail"] == wording.of("import.empty")["zh"]
    assert body_of(refused, "en")["detail"] == "words that nobody has translated"


def test_why_something_in_the_background_failed_is_told_in_the_readers_language(client: Client, road: Road) -> None:
    failed = {"code": "import.too_many_columns", "detail": "row 5 has more than 200 columns"}
    road.answers["records.import_status"] = {"id": RECORD, "state": "failed", "problem": failed}

    chinese = client.get(f"/v1/imports/{RECORD}", headers={"Accept-Language": "zh-CN"}).json["problem"]
    english = client.get(f"/v1/imports/{RECORD}").json["problem"]

    assert chinese["detail"] == "第 5 行超过 200 列；请删除多余的列" and chinese["title"] and chinese["remedy"]
    assert english["detail"] == failed["detail"] and english["remedy"].isascii()


def test_of_two_sentences_that_fit_the_one_that_says_more_is_told() -> None:
    assert (
        wording.chinese("there is no encoding 'nope'; try utf-8 or gb18030") == "没有编码 'nope'；请用 utf-8 或 gb18030"
    )
    needed = wording.chinese("a record that is active needs contact; the whole of it goes by a destruction list")
    assert needed == "状态为有效的档案须保留 contact；全部删除请走销毁程序"


def test_what_is_odd_is_told_in_the_readers_language(client: Client, road: Road) -> None:
    odd = {"pointer": "/fields", "code": "fields.unfilled", "detail": "not filled in: Industry", "zh": "尚未填写：行业"}
    road.answers["records.create"] = {"id": RECORD, "state": "draft", "version": 1, "warnings": [odd]}
    asked = {"class": "company.customer", "fields": {"basic.name": "望杉"}, "purposes": ["service"]}

    english = client.post("/v1/records", asked, headers={"Idempotency-Key": "k-1"})
    chinese = client.post("/v1/records", asked, headers={"Idempotency-Key": "k-2", "Accept-Language": "zh-CN"})

    assert english.get_json()["warnings"][0]["detail"] == odd["detail"]
    assert chinese.get_json()["warnings"][0]["detail"] == odd["zh"]


def test_what_is_wrong_in_a_table_keeps_its_row_and_column_in_either_language() -> None:
    label = {"en": "Transactions: Date", "zh": "交易记录：日期"}
    said = "row 2, Date (日期): not a day of the calendar; write it like 2026-03-31"
    one = {"pointer": "/fields/business.transactions/1/date", "code": "date.invalid", "detail": said, "label": label}
    refused = Invalid("record.invalid", "one field breaks a rule", {"errors": [one]})

    [english], [chinese] = body_of(refused, "en")["errors"], body_of(refused, "zh-CN")["errors"]

    assert english["detail"] == "row 2, Date: not a day of the calendar; write it like 2026-03-31"
    assert chinese["detail"] == "第 2 行，日期：不是有效日期；请写成 2026-03-31"
    assert (english["field"], chinese["field"]) == ("Transactions: Date", "交易记录：日期")
    assert body_of(refused, "zh-CN")["detail"] == "有 1 个字段不符合规则"


def test_remedies_of_one_field_do_not_send_the_reader_to_where_he_reads() -> None:
    for code in ("field.missing", "field.invalid", "reference.invalid"):
        remedy = wording.of(code)["remedy"]
        assert "errors" not in remedy["en"] + remedy["zh"] and "of a record" not in remedy["en"]


def test_a_day_where_a_moment_is_wanted_is_refused_in_the_readers_language(client: Client) -> None:
    path = f"/v1/records/{RECORD}?purpose=service&as_of=2037-12-01"

    chinese = client.get(path, headers={"Accept-Language": "zh-CN"}).json["errors"][0]

    assert chinese["pointer"] == "/as_of" and "须带时区" in chinese["detail"]
    assert not set("".join((chinese["detail"], chinese["remedy"])).lower()) & (LATIN - set("tz"))


def test_a_timeline_says_refusals_by_their_titles_and_leaves_the_rest():
    line = {
        "type": "records.refused",
        "code": "right.missing",
        "en": "sun was refused: right.missing",
        "zh": "被拒绝：right.missing",
    }
    plain = {"type": "records.changed", "code": None, "en": "Mobile changed", "zh": "手机 已变更"}

    told = wording.sentence(line)

    title = wording.titles()["right.missing"]
    assert (told["en"], told["zh"]) == (f"sun was refused: {title['en']}", f"被拒绝：{title['zh']}")
    assert wording.sentence(plain) == plain
    assert wording.sentence({**plain, "code": "never.heard_of"})["en"] == "Mobile changed"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no standing right to view or change or event", "没有查阅或变更或登记业务事实的常设权限"),
        ("stage is set by archivist, member in record", "stage 由档案管理员、档案所属部门的成员设定"),
        ("stage is set by tenant_supervisor", "stage 由 tenant_supervisor 设定"),
        ("a record that is pending is not changed", "状态为待审批的档案不可变更"),
        ("a record that is past cannot become active", "状态为已结束的档案不能变为有效"),
        ("the import is recalling", "导入的状态为正在召回"),
        ("marketing needs a consent that is express", "用途 marketing 需要明示形式的同意"),
    ],
)
def test_rights_states_and_roles_are_said_in_words(said: str, told: str) -> None:
    """
    What a regime names itself, as its purposes and its own roles, stays a code: the gateway knows no titles of it.
    """
    assert wording.chinese(said) == told


def test_a_detail_says_the_states_of_records_as_sheets_say_them() -> None:
    said = {name: one.zh for name, one in TITLES.items()}

    assert {name: wording.words()["state"].get(name) for name in said} == said
