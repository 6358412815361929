"""Running a view for a caller: a list page by page, an analysis at once, either as a file, or to be put on file."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from chassis.clock import rfc3339
from chassis.errors import Conflict
from regimes.model import View
from services.records.registers.naming import Naming
from services.records.views import model, sheets
from services.records.views.analysing import TOO_MANY, Analysis
from services.records.views.events import ViewCounted
from services.records.views.listing import Line, Listing
from services.records.views.reporting import Report, period, result_of
from services.records.views.schemas import ViewLine
from services.records.views.walking import Walk
from services.records.workbook import written
from vault.keystore import Sealer

MOST = 5_000  # lines of one file
PATIENCE = 8.0  # seconds of one call; its caller waits ten
SOON = 2.0  # what takes longer to be put on file is made in the background
PAGE = 500


class Running:
    """One view for one caller; refused to whom it is not for."""

    def __init__(self, service: Any, name: str) -> None:
        self.service, self.store, self.caller, self.regime = service, service.store, service.caller, service.regime()
        self.view: View = model.view_named(self.regime, name)
        model.refuse_unreadable(self.regime, self.view, self.caller)

    def answer(self, args: dict[str, Any]) -> dict[str, Any]:
        """A page of a list, or an analysis."""
        head: dict[str, Any] = {"view": self.view.name, "digest": model.digest(self.view), "purpose": self.view.purpose}
        head |= {"split_by": self.view.split_by, "as_of": rfc3339(self.store.clock.now())}
        if model.counts(self.view):
            return {**head, **self.analysed(PATIENCE), "next": None}
        page = Listing(self._walk()).page(args["limit"], args.get("after"), args.get("split"))
        return {**head, "items": [_told(line) for line in page.lines], "next": page.next}

    def analysed(self, patience: float | None, mark: str | None = None) -> dict[str, Any]:
        """The groups as they stand, journalled; refused where that takes longer than the seconds there are for it."""
        found = Analysis(self._walk(), patience).answer()
        told = ViewLine(many=True).dump(found["items"])
        total = ViewLine().dump(found["total"]) if found["total"] else None
        answer = {"items": told, "total": total, "chart": found["chart"]}
        answer |= {"period": period(self.view, self.store.clock.today(self.regime.timezone))}
        answer["result"] = result_of(answer)
        head = (self.view.name, model.digest(self.view), self.view.purpose, found["records"], answer["result"])
        self.store.record_event(ViewCounted(*head, mark=mark))
        return answer

    def file(self, split: str | None, mark: str) -> dict[str, Any]:
        """The view as a spreadsheet under a mark of its own."""
        said = "zh" if self.store.call.language.startswith("zh") else "en"
        naming = Naming(self.service, self.regime)
        stamp = naming.mark(self.caller.person, self.view.purpose, mark, said)
        if model.counts(self.view):
            sheet = sheets.of_analysis(self.view, self.analysed(PATIENCE, mark), self.regime, stamp, said)
        else:
            lines = self._lines(split, mark)
            sheet = sheets.of_list(self.view, lines, naming, stamp, self._may_export(lines), said)
        raw = written(sheet, stamp)
        return {"file": b64encode(raw).decode(), "name": f"{self.view.name}-{stamp.at[:10]}.xlsx", "mark": mark}

    def report(self) -> tuple[Report, Any]:
        """The analysis as it stands, sealed, ready to be put on file; still to be made where that takes long."""
        if not model.counts(self.view):
            raise Conflict("view.no_analysis", f"{self.view.name} is a list; only an analysis is put on file")
        [key], now = self.service.keys.create(1), self.store.clock.now()
        report = Report.asked(self.view, self.regime, self.caller, now, key.id)
        try:
            answer = self.analysed(SOON)
        except Conflict as late:
            if late.code != TOO_MANY:
                raise
            return report, report.begun()
        return report, report.came_to(answer, Sealer({key.id: key.dek}), now)

    def _lines(self, split: str | None, mark: str) -> list[Line]:
        lines: list[Line] = []
        after = None
        listing = Listing(self._walk())
        while True:
            page = listing.page(PAGE, after, split, mark)
            lines, after = [*lines, *page.lines], page.next
            if len(lines) > MOST:
                raise Conflict("view.too_long", f"more than {MOST} lines; take one part of it with split")
            if after is None:
                return lines

    def _may_export(self, lines: list[Line]) -> bool:
        told = (line.record.envelope() for line in lines)
        return all(self.regime.right(self.caller, "export", envelope, self.view.purpose) for envelope in told)

    def _walk(self) -> Walk:
        return Walk(self.service, self.regime, self.view)


def heads(service: Any) -> list[dict[str, Any]]:
    """The views the caller may read."""
    regime = service.regime()
    return [_head(regime, view) for view in regime.views.values() if model.readable(regime, view, service.caller)]


def _head(regime: Any, view: View) -> dict[str, Any]:
    named = {name: getattr(view, name) for name in ("name", "en", "zh", "purpose", "split_by", "every")}
    classes = [found.name for found in model.classes_of(regime, view)]
    told = {"fields_": view.fields, "analysis": model.counts(view), "digest": model.digest(view)}
    return {**named, "classes": classes, **told}


def _told(line: Line) -> dict[str, Any]:
    record = line.record
    head = {"id": record.id, "number": record.number, "class_": record.class_, "state": record.state}
    return {**head, "split": line.split, "fields_": line.shown}
