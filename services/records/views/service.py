"""Entrypoints of views: lists, screens and analyses that the regime derives from records. Nothing here changes one."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import rpc
from chassis.ids import new_id
from chassis.published import load
from services.records.entrypoints import Entrypoints
from services.records.views import schemas
from services.records.views.running import Running, filed, heads, told_of


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
        """Put an analysis on file: criteria, period, data date, digests; what it came to is sealed."""
        report = Running(self, load(schemas.FileReportArgs, args)["view"]).report()
        with self.store.begin() as work:
            work.add_report(report)
            work.emit(report.filed())
            return work.answer({"id": report.id})

    @rpc
    def reports(self, args: dict[str, Any]) -> dict[str, Any]:
        """The analyses of a view on file; by what they were made, not what they came to."""
        args = load(schemas.ReportsArgs, args)
        running = Running(self, args["view"])
        found = self.store.reports_of(running.view.name, args.get("after"), args["limit"] + 1)
        page = found[: args["limit"]]
        items = schemas.ReportHead(many=True).dump([told_of(one) for one in page])
        return {"items": items, "next": page[-1].id if len(found) > len(page) else None}

    @rpc
    def report(self, args: dict[str, Any]) -> dict[str, Any]:
        """One analysis on file."""
        return schemas.ReportAnswer().dump(filed(self, load(schemas.ReportArgs, args)["report"]))
