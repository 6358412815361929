"""Entrypoints of views: lists, screens and analyses that the regime derives from records. Nothing here changes one."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import every, rpc
from chassis.ids import new_id
from chassis.published import load
from services.records.entrypoints import Entrypoints
from services.records.views import on_file, schemas
from services.records.views.running import Running, heads


class Views(Entrypoints):
    """Made anew each time, so that no list ever diverges from the records (Q-056)."""

    @rpc
    def views(self, args: dict[str, Any]) -> dict[str, Any]:
        """The views that the caller may read."""
        load(schemas.ViewsArgs, args)
        return schemas.ViewsAnswer().dump({"items": heads(self), "next": None})

    @rpc
    def view(self, args: dict[str, Any]) -> dict[str, Any]:
        """A list, screen or analysis; one entry names every record that was opened for it (promise 1)."""
        args = load(schemas.ViewArgs, args)
        return schemas.ViewAnswer().dump(Running(self, args["view"]).answer(args))

    @rpc
    def view_file(self, args: dict[str, Any]) -> dict[str, Any]:
        """The same as a spreadsheet, marked with who took it, why and when."""
        args = load(schemas.ViewFileArgs, args)
        return Running(self, args["view"]).file(args.get("split"), new_id())

    @rpc
    def file_report(self, args: dict[str, Any]) -> dict[str, Any]:
        """Put an analysis on file: criteria, period, data date, digests; what it came to is sealed.

        One that takes longer than a call may is made in the background.
        """
        report, fact = Running(self, load(schemas.FileReportArgs, args)["view"]).report()
        with self.store.begin() as work:
            work.add_report(report)
            work.emit(fact)
            return work.answer({"id": report.id, "state": report.state})

    @rpc
    def reports(self, args: dict[str, Any]) -> dict[str, Any]:
        """The analyses of a view on file; by what they were made, not what they came to."""
        args = load(schemas.ReportsArgs, args)
        running = Running(self, args["view"])
        found = self.store.reports_of(running.view.name, args.get("after"), args["limit"] + 1)
        page = found[: args["limit"]]
        items = schemas.ReportHead(many=True).dump([on_file.told_of(one) for one in page])
        return {"items": items, "next": page[-1].id if len(found) > len(page) else None}

    @rpc
    def report(self, args: dict[str, Any]) -> dict[str, Any]:
        """One analysis on file."""
        return schemas.ReportAnswer().dump(on_file.filed(self, load(schemas.ReportArgs, args)["report"]))

    @rpc
    def report_file(self, args: dict[str, Any]) -> dict[str, Any]:
        """The same as a spreadsheet, marked with who took it, why and when."""
        return on_file.file_of(self, load(schemas.ReportFileArgs, args)["report"], new_id())

    @every(0.5)
    def run_reports(self) -> None:
        """Make the analyses that wait to be put on file."""
        on_file.run(self)
