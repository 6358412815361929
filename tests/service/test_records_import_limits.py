"""How many files one person may have on their way in: a handful, whoever hurries, and each can be let go again."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from chassis.errors import Conflict
from services.records.importing.model import AT_ONCE
from tests.service.given_records import Suite, at_once, code_of

PIECE = {"offset": 0, "bytes": "eA=="}


def begins(suite: Suite, person: str = "qian", **given: Any) -> str:
    """A file that is about to come."""
    return str(suite.calls(person, "begin_import", {"class": "trading.customer", **given})["upload"])


def waiting(suite: Suite) -> int:
    """How many files of a person are on their way in."""
    return len(suite.service("qian", "import_status", {}).store.receiving_of("qian"))


@pytest.mark.covers("Q-118")
def test_nobody_has_more_than_a_handful_of_files_on_their_way_in(suite: Suite) -> None:
    uploads = [begins(suite) for _ in range(AT_ONCE)]

    with pytest.raises(Conflict) as refused:
        begins(suite)

    assert refused.value.code == "import.too_many" and refused.value.facts["imports"] == uploads
    assert refused.value.facts["errors"][0]["pointer"] == "/file"
    assert begins(suite, "zheng", **{"class": "company.customer"}), "it is counted for each person"


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_file_that_is_here_or_was_taken_back_makes_room_for_the_next(suite: Suite, dry_run: bool) -> None:
    first, second, *_ = [begins(suite, dry_run=dry_run) for _ in range(AT_ONCE)]

    suite.calls("qian", "put_chunk", {"upload": first, **PIECE})
    suite.calls("qian", "start_import", {"upload": first, "size": 1})
    begins(suite)
    assert code_of(begins, suite) == "import.too_many"
    assert suite.calls("qian", "withdraw_import", {"upload": second})["state"] == "withdrawn"
    begins(suite)

    assert code_of(begins, suite) == "import.too_many"


def test_whoever_begins_many_at_once_gets_no_more(suite: Suite) -> None:
    made = at_once([partial(begins, suite) for _ in range(3 * AT_ONCE)])

    assert made.count("import.too_many") == 2 * AT_ONCE and waiting(suite) == AT_ONCE
