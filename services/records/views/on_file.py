"""Analyses on file: made in the background where a call is too short for them, shown, and taken away."""

from __future__ import annotations

from base64 import b64encode
from types import SimpleNamespace
from typing import Any

from chassis.call import Call
from chassis.clock import rfc3339
from chassis.errors import Conflict, NotFound, Refused, Unavailable
from chassis.ids import new_id
from chassis.store import Bound
from regimes.model import View
from services.records.access import refuse_behind
from services.records.registers.naming import Naming
from services.records.views import model, sheets
from services.records.views.events import ReportRead
from services.records.views.reporting import FAILED, READY, RUNNING, Report
from services.records.views.running import Running
from services.records.workbook import written

NOTHING: dict[str, Any] = {"items": [], "total": None, "chart": None}


def run(service: Any) -> None:
    """Make what is to be put on file; one that was interrupted is made anew."""
    for report in service.store.running_reports():
        with service.store.database.exclusive(f"report {report.id}") as mine:
            if mine and service.store.report(report.id).state == RUNNING:
                _make(service, report)


def _make(service: Any, report: Report) -> None:
    """Count it for whoever asked, or note why that cannot be done any more; the log names him."""
    acting = _acting(service, report)
    try:
        answer = _counted(acting, report)
    except Unavailable:
        return  # later
    except Refused as refusal:
        with acting.store.begin() as work:
            report = work.running_report(report.id)
            work.emit(report.fail(refusal.code))
            work.save_report(report)
        return
    with acting.store.begin() as work:
        report = work.running_report(report.id)
        work.emit(report.came_to(answer, service.keys.sealer([report.key]), work.now))
        work.save_report(report)


def _counted(acting: Any, report: Report) -> dict[str, Any]:
    running = Running(acting, report.view)
    if model.digest(running.view) != report.digest:
        raise Conflict("view.changed", f"{report.view} is another one by now; have it put on file again")
    return running.analysed(None)


def _acting(service: Any, report: Report) -> Any:
    call = Call("records", "file_report", new_id(), report.reader)
    store = Bound(service.store.store, call)
    return SimpleNamespace(store=store, keys=service.keys, caller=report.reader, regime=service.regime)


def filed(service: Any, report: str, mark: str | None = None) -> dict[str, Any]:
    """A filed analysis, for who may read the view now; for who filed it, too, when the view is gone."""
    found = _open_to(service, report)
    if found.state != READY:
        return {**told_of(found), **NOTHING}
    refuse_behind(service.store, service.regime())
    ticket = service.store.record_event(ReportRead(found.id, found.view, mark))
    dek = service.keys.unwrap({found.key}, ticket)[found.key]
    return {**told_of(found), **found.opened(dek)}


def file_of(service: Any, report: str, mark: str) -> dict[str, Any]:
    """The same as a spreadsheet, as it was on its data date."""
    found = _open_to(service, report)
    if found.state != READY:
        raise Conflict("report.state", f"the report is {found.state}")
    answer, naming = filed(service, report, mark), Naming(service, service.regime())
    said = "zh" if service.store.call.language.startswith("zh") else "en"
    stamp, dated = naming.mark(service.caller.person, found.purpose, mark, said), naming.moment(found.data_date)
    sheet = sheets.of_analysis(_view(service.regime(), found), answer, service.regime(), stamp, said, dated)
    name = f"{found.view}-{dated[:10]}.xlsx"
    return {"file": b64encode(written(sheet, stamp)).decode(), "name": name, "mark": mark}


def told_of(report: Report) -> dict[str, Any]:
    """By what it was made."""
    kept = {name: value for name, value in vars(report).items() if name not in ("key", "sealed")}
    told = {"state": report.state, "problem": report.result if report.state == FAILED else None}
    return {**kept, **told, "data_date": rfc3339(report.data_date)}


def _view(regime: Any, report: Report) -> View:
    """The view as it was, called as it is now."""
    kept = {name: value for name, value in report.criteria.items() if name in View.__dataclass_fields__}
    now = regime.views.get(report.view)
    titles = (now.en, now.zh) if now else (report.view, report.view)
    return View(**{**kept, "of": tuple(kept["of"]), "en": titles[0], "zh": titles[1]})


def _open_to(service: Any, report: str) -> Report:
    found: Report | None = service.store.report(report)
    if found is None or not _may_open(service, found):
        raise NotFound("report.unknown", f"no report {report}")
    return found


def _may_open(service: Any, report: Report) -> bool:
    regime, caller = service.regime(), service.caller
    if report.by == caller.person:
        return True
    # What one reader was shown was counted for him: another of his department sees the same records.
    view = regime.views.get(report.view)
    return bool(view and report.department == caller.department and model.readable(regime, view, caller))
