"""kill -9 within an upload: nothing is half done, and the sender goes on at the byte where it stopped."""

from __future__ import annotations

import pytest

from tests.system.conftest import running
from tests.system.life import a_record, activate
from tests.system.suite import Suite
from tests.system.test_documents import CONTENT, PIECE, hands_in, reads

pytestmark = pytest.mark.slow


def test_a_process_killed_within_an_upload_leaves_nothing_half_done() -> None:
    """
    The sender goes on at the byte where it stopped; until it is whole the document is nowhere.
    """
    with running("embedded") as embedded:
        record = a_record(embedded, {"contact.mobile": "19900001133"})
        activate(embedded, record)
        before = listed(embedded, record)
        embedded.kill9("suite")
        embedded.fail["suite"] = "documents.chunk:2"
        embedded.restart("suite")
        with pytest.raises(OSError):
            hands_in(embedded, record)
        embedded.fail.clear()
        embedded.until(lambda: embedded.processes["suite"].poll() is not None, 10, "the process to end")
        embedded.restart("suite")
        embedded.forget_tokens()

        left = listed(embedded, record)
        [upload] = [id for id, state in left.items() if id not in before]
        assert left[upload] == ("receiving", 2 * PIECE)
        assert reads(embedded, upload)[0] == 404

        path = f"/v1/records/{record}/documents"
        rest = {"upload": upload, "offset": str(2 * PIECE)}
        done = embedded.gateway("zheng").upload(path, rest, "scan.pdf", CONTENT[2 * PIECE :])
        assert (done["id"], done["state"]) == (upload, "received")
        assert reads(embedded, upload)[2] == CONTENT


def listed(suite: Suite, record: str) -> dict[str, tuple[str, int]]:
    """State and size of each document, as its sender sees them."""
    found = suite.gateway("zheng").get(f"/v1/records/{record}/documents?limit=500")["items"]
    return {one["id"]: (one["state"], one["size"]) for one in found}
