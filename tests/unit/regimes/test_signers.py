"""Who signs a form has to be able to read it: a regime in which he cannot is refused when it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

import regimes
from chassis.errors import Invalid

ANSWERS = "settings: {contract_keep: P10Y, contact_limit: P2Y, log_keep: P12Y}\n"


def right(who: str, may: str = "view", more: str = "") -> str:
    """A right to the form, as a regime writes it."""
    return f"{{who: {who}, may: [{may}], of: x{', ' + more if more else ''}}}"


ALL = right("employee", "create, view")


def a_form(folder: Path, signed_by: str, *rights: str, part: str = "level: general") -> regimes.Regime:
    """A regime with one form, X, which these sign and to which there are these rights."""
    given = "".join(f"  right_{n}: {{en: R, zh: 权, {one[1:]}\n" for n, one in enumerate(rights))
    form = f"{{{part}, fields: {{topic: text, reason: {{type: text, level: sensitive}}}}}}"
    of_x = f"  x: {{en: X, zh: 甲, kind: register, department: sales, signed_by: {signed_by}, parts: {{form: {form}}}}}"
    text = f"regime: mine\nextends: [trading]\n{ANSWERS}rights:\n{given}classes:\n{of_x}\n"
    (folder / "mine.yaml").write_text(text, "utf-8")
    return regimes.load("mine", folder)


@pytest.mark.parametrize(
    ("signed_by", "rights"),
    [
        ("[archivist]", [ALL]),
        ("[{person: creator}, {role: head, in: record}]", [ALL]),
        ("[{person: applicant}]", [right("employee", "create"), right("{person: creator}")]),
        ("[{person: creator}]", [right("archivist", "create"), right("archivist")]),
        ("[{role: head, in: record}]", [right("{role: member, in: record}", "create, view", more="up_to: sensitive")]),
        ("[{role: head, in: finance}]", [right("head", "create, view")]),
        ("[{any_of: [archivist, head]}]", [right("{any_of: [head, archivist]}", "create, view")]),
    ],
)  # fmt: skip
def test_a_form_whose_signers_all_read_it_is_taken(tmp_path: Path, signed_by: str, rights: list[str]) -> None:
    assert a_form(tmp_path, signed_by, *rights).classes["x"].signed_by


@pytest.mark.parametrize(
    ("signed_by", "rights", "told"),
    [
        ("[archivist]", [right("head", "create, view")], "0: archivist cannot read form.topic of x"),
        ("[{person: creator}, archivist]", [right("{person: creator}")], "1: archivist cannot"),
        ("[archivist]", [right("archivist", more="up_to: general")], "0: archivist cannot read form.reason"),
        ("[{person: creator}]", [right("employee", "create"), right("head")], "0: creator cannot"),
        ("[{role: head, in: record}]", [right("{role: head, in: finance}")], "0: head in record cannot"),
        ("[{role: head, in: record}]", [right("employee", more="when: {record.state: active}")], "0: head in record"),
        ("[{any_of: [archivist, head]}]", [right("archivist")], "0: head cannot read"),
        ("[archivist]", [right("archivist", "create")], "0: archivist cannot read form.topic"),
        ("[archivist]", [right("archivist", more="parts: [contact]")], "0: archivist cannot read form.topic"),
        ("[system_administrator]", [ALL], "0: system_administrator cannot read form.topic"),
    ],
)  # fmt: skip
def test_a_form_that_somebody_would_sign_unseen_is_refused(
    tmp_path: Path, signed_by: str, rights: list[str], told: str
) -> None:
    with pytest.raises(Invalid) as refused:
        a_form(tmp_path, signed_by, *rights)

    assert refused.value.code == "regime.invalid"
    assert f"mine.yaml: classes.x.signed_by.{told}" in str(refused.value)
    assert "name him in a right that may view x" in str(refused.value)


def test_a_part_that_is_kept_from_a_signer_counts_as_unread(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"classes\.x\.signed_by\.0: archivist cannot read form\.topic"):
        a_form(tmp_path, "[archivist]", ALL, part="level: general, read: [query_user]")


def test_without_the_right_to_read_ones_own_training_the_base_is_refused(tmp_path: Path) -> None:
    """The very lack that this check was made for: a trained person signs, and was once not let in."""
    (tmp_path / "mine.yaml").write_text(
        f"regime: mine\nextends: [trading]\n{ANSWERS}rights: {{own_training: {{may: [change]}}}}\n", "utf-8"
    )

    with pytest.raises(Invalid, match=r"classes\.training\.signed_by\.0: subject cannot read"):
        regimes.load("mine", tmp_path)
