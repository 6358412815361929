"""What forms are built from: classes as the regime describes them, whole, in both languages."""

from __future__ import annotations

import io
import zipfile
from base64 import b64decode


def described(suite):
    answer = suite.calls("zheng", "classes", {})
    return {one["name"]: one for one in answer["items"]}, answer["lists"]


def fields_of(one):
    return {field["name"]: field for field in one["fields"]}


def test_a_form_can_be_built_from_what_is_told_of_a_class(suite):
    classes, lists = described(suite)
    fields = fields_of(classes["company.customer"])

    number = fields["basic.id_number"]
    assert number["when"] == [{"basic.kind": {"not": "enterprise"}}] and number["mask"] is True
    assert fields["contact.mobile"]["verify"] == "call_back" and fields["basic.name"]["mask"] is False
    assert fields["basic.kind"]["help"]["zh"].startswith("单位还是个人") and fields["basic.name"]["help"] is None
    assert fields["credit.limit"]["least"] == "0"
    columns = {one["name"]: one for one in fields["business.transactions"]["columns"]}
    assert columns["amount"]["core"] and columns["payment_method"]["list"] == "payment_method"
    assert {"code": "male", "en": "Male", "zh": "男"} in lists["sex"]
    assert {one["name"] for one in classes["company.customer"]["parts"]} >= {"basic", "credit"}


def test_every_list_that_a_field_or_column_names_is_told_with_its_words(suite):
    classes, lists = described(suite)

    fields = [field for one in classes.values() for field in one["fields"]]
    named = {one["list"] for field in fields for one in [field, *(field["columns"] or [])]} - {None}
    assert named == set(lists) and all(word["en"] and word["zh"] for words in lists.values() for word in words)
    owners = {field["owner"] for field in fields_of(classes["trading.customer"]).values()}
    assert owners - {None}, "the departments that answer for its parts"


def test_the_template_shows_the_help_as_a_comment_in_the_clerks_language(suite):
    for language, help in (("zh", "单位还是个人"), ("en", "a company or a person")):
        raw = b64decode(suite.calls("zheng", "template", {"class": "company.customer"}, language=language)["file"])
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            comments = book.read("xl/comments1.xml").decode()
        assert help in comments
