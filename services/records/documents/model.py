"""A document as its rules see it: taken in, examined, returned, superseded; its contents never change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from services.records.documents.sealing import PIECE

# What counts: handed in, or handed in and examined.
HELD = ("received", "accepted")
FAULTS = ("missing", "wrong", "no_customer_signature", "no_staff_signature")
# Why a document goes back: besides what a checker finds, the state the paper is in.
RETURNS = (*FAULTS[1:], "incomplete", "damaged", "illegible", "wrong_form", "wrong_ink")


@dataclass
class Document:
    """One paper of a record.

    States: receiving, received, accepted, returned, withdrawn, superseded, dropped, unsent, destroyed. Unsent is what
    is left of a dropped one that something names, such as the consent it was announced as evidence of.
    """

    id: str
    record: str
    kind: str
    form: str
    sides: int
    key: str
    by: str
    at: datetime
    touched: datetime
    suffix: str = ""
    pages: int | None = None
    signed_by: list[str] = field(default_factory=list)
    dated: date | None = None
    paper: bool = False
    together: str | None = None
    supersedes: str | None = None
    state: str = "receiving"
    media: str | None = None
    size: int = 0
    address: str | None = None
    whole: bytes | None = None

    @property
    def place(self) -> tuple[str, str]:
        """What its seals are bound to."""
        return self.record, self.id

    def belongs_to(self, person: str | None) -> None:
        """An upload is its beginner's alone."""
        if person != self.by:
            raise unknown(self.id)

    def lacks(self, offset: int, size: int, limit: int) -> bool:
        """Whether this piece is the next one; False where it has arrived before."""
        if offset < self.size and self.state != "dropped":
            return False
        self._be("receiving")
        if offset > self.size or offset % PIECE or size > PIECE:
            told = f"the next piece begins at {self.size}; all but the last have {PIECE} bytes"
            raise Conflict("document.offset", told, {"offset": self.size})
        if offset + size > limit:
            raise Invalid("document.too_large", f"a document may have {limit} bytes")
        return True

    def receive(self, size: int, media: str | None, at: datetime) -> None:
        """A piece arrived; the first one says what the file is."""
        self.size += size
        self.media = self.media or media
        self.touched = at

    def close(self, size: int, address: str, whole: bytes, at: datetime) -> None:
        """All of it is here; from now on nothing of it changes."""
        self.is_whole(size)
        self.state, self.address, self.whole, self.at = "received", address, whole, at

    def is_whole(self, size: int) -> None:
        """Refuse to close what has not arrived, or not as it was sent."""
        self._be("receiving")
        if not size:
            raise Invalid("document.empty", "the file is empty")
        if size != self.size:
            raise Invalid("document.incomplete", f"{self.size} of {size} bytes have arrived", {"offset": self.size})

    def accept(self, paper: bool) -> None:
        """Examined and taken over; `paper` = the sheet itself was put on file."""
        self._be("received")
        self.state, self.paper = "accepted", self.paper or paper

    def send_back(self) -> None:
        """Back to whoever handed it in."""
        self._be("received", "accepted")
        self.state = "returned"

    def withdraw(self, holds: list[str]) -> None:
        """It counts no longer; what is held stays as it is."""
        self._be("received", "accepted", "returned")
        if holds:
            raise Conflict("hold.active", "a held record keeps its documents as they are", {"holds": holds})
        self.state = "withdrawn"

    def give_way(self, newer: Document) -> None:
        """A newer one of the same kind stands for it."""
        if (newer.record, newer.kind) != (self.record, self.kind):
            raise Invalid("document.other_kind", "a document supersedes one of the same kind in the same record")
        self._be("received", "accepted", "returned")
        self.state = "superseded"

    def refuse_unread(self) -> None:
        """Contents are shown of documents that came in whole, whatever became of them."""
        if self.state in ("receiving", "dropped", "unsent"):
            raise unknown(self.id)

    def _be(self, *states: str) -> None:
        if self.state not in states:
            raise Conflict("document.state", f"the document is {self.state}")


def refuse_crowd(under_way: int, most: int) -> None:
    """Nobody sends more at once than the service has room for."""
    if under_way >= most:
        raise Conflict("upload.too_many", f"{most} of your uploads are under way; finish one of them first")


def refuse_answer(wanted: str | None) -> None:
    """Only what the regime leaves open is answered."""
    if wanted is None:
        raise Invalid("document.kind_unknown", "the class's list has no such document")
    if wanted != "asked":
        raise Forbidden("checklist.not_asked", "the regime decides about this item, nobody answers for it")


def unknown(document: str) -> NotFound:
    """What is not there, and what may not be known to be there, answer alike."""
    return NotFound("document.unknown", f"no document {document}")
