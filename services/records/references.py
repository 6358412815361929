"""What a record names must be there: people and departments, and records that the caller may know of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chassis.errors import NotFound
from regimes.model import Field, RecordClass
from regimes.tables import rows_of
from services.records.model import HIDDEN
from services.records.refusals import broken
from services.records.registers.belonging import visible

SAID = {
    "person": "nobody of the organisation has this account",
    "department": "the organisation has no such department",
    "record": "there is no such record for you",
}


def refuse_strangers(service: Any, found: RecordClass, values: Mapping[str, str]) -> None:
    """Refuse values that name somebody or something that is not there, each with its field."""
    errors = [
        {"pointer": f"/fields/{path}", "code": "reference.unknown", "detail": said, "label": label}
        for path, field, value, said, label in _named(found, values)
        if not _is_known(service, field, value)
    ]
    if errors:
        raise broken(errors)


def refuse_strange_department(service: Any, wanted: str | None) -> None:
    """Refuse a department that is not there: nobody of it could ever do what the record asks for."""
    if wanted and wanted not in service.organisation().departments:
        raise broken([{"pointer": "/department", "code": "reference.unknown", "detail": SAID["department"]}])


def asks_records(found: RecordClass) -> bool:
    """Whether the rule has other records to look up, and not the organisation alone."""
    fields = [one for field in found.fields.values() for one in (field, *field.columns.values())]
    return any(one.type == "record" for one in fields)


def _named(found: RecordClass, values: Mapping[str, str]) -> Iterator[tuple[str, Field, str, str, dict[str, str]]]:
    for path, value in values.items():
        field = found.fields[path]
        if field.type in SAID:
            yield path, field, value, SAID[field.type], {"en": field.en, "zh": field.zh}
        columns = {name: one for name, one in field.columns.items() if one.type in SAID}
        for number, row in enumerate(rows_of(value) if columns else ()):
            for name in columns.keys() & row.keys():
                one = columns[name]
                said = f"row {number + 1}, {one.en} ({one.zh}): {SAID[one.type]}"
                label = {"en": f"{field.en}: {one.en}", "zh": f"{field.zh}：{one.zh}"}
                yield f"{path}/{number}/{name}", one, row[name], said, label


def _is_known(service: Any, field: Field, value: str) -> bool:
    if field.type == "record":
        return _is_seen(service, value)
    organisation = service.organisation()
    return value in (organisation.people if field.type == "person" else organisation.departments)


def _is_seen(service: Any, record: str) -> bool:
    """Whether there is such a record, as far as the caller may know; to the others it is not there."""
    try:
        found = service.store.record(record)
    except NotFound:
        return False
    return found.state not in HIDDEN and visible(service, service.regime(), found)
