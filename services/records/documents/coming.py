"""Documents that come with a new record: announced in the same call, so that its consents can name them as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.errors import Invalid
from chassis.ids import new_id
from services.records.documents.model import HELD
from services.records.documents.taking import Taking

Args = dict[str, Any]


@dataclass(frozen=True)
class Coming:
    """Uploads of one new record, each with its id and its key; their pieces follow."""

    announced: list[Args]

    @classmethod
    def of(cls, service: Any, announced: Iterable[Mapping[str, Any]]) -> Coming:
        """One upload for each paper that is announced."""
        told = list(announced)
        keys = service.keys.create(len(told))
        return cls([{**one, "id": new_id(), "key": key.id} for one, key in zip(told, keys, strict=True)])

    def evidence(self, consents: Iterable[Mapping[str, Any]]) -> list[Args]:
        """The consents with the upload that each names by its kind; what does not come with the record is refused."""
        own = {one["kind"]: one["id"] for one in reversed(self.announced)}
        given = [dict(one) for one in consents]
        strange = [at for at, one in enumerate(given) if one.get("document") and one["document"] not in own]
        if strange:
            raise not_its_own(f"/consents/{strange[0]}/document")
        return [{**one, "document": own[one["document"]]} if one.get("document") else one for one in given]

    def begin(self, service: Any, work: Any, record: str) -> list[Args]:
        """Each begins; where to send its bytes."""
        taking = Taking(service)
        begun = [taking.begin({**one, "record": record}, work, one["key"]) for one in self.announced]
        return [{"kind": one.kind, "upload": one.id, "offset": 0} for one in begun]


def refuse_strange(work: Any, records: Iterable[str], document: str | None) -> None:
    """Refuse an evidence that is no document of these records, or that counts no longer (Q-011)."""
    if document is None:
        return
    known = (one for record in records for one in work.file_of(record).documents)
    found = next((one for one in known if one.id == document), None)
    if found is None:
        raise not_its_own("/document")
    if found.state not in HELD:
        said = "the document of a consent counts no longer"
        line = {"pointer": "/document", "code": "consent.document", "detail": said}
        raise Invalid("consent.document", said, {"errors": [line]})


def not_its_own(pointer: str) -> Invalid:
    """What is not there and what is another record's answer alike."""
    said = "the evidence of a consent is a document of the same record; hand it in there first"
    return Invalid(
        "consent.document", said, {"errors": [{"pointer": pointer, "code": "consent.document", "detail": said}]}
    )
