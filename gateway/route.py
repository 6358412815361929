"""What a line of the route table says, and the compiled map that finds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Map, RequestRedirect, Rule

from gateway.problems import Declined


@dataclass(frozen=True)
class Route:
    """One resource and method: who answers, where its arguments come from, what comes back.

    Arguments are the path's variables, and the query of a GET or the JSON body of the others; nothing else is taken.
    """

    method: str
    path: str
    call: str
    status: int = 200
    args: str = ""  # "records.CreateArgs"; by the method's name where left out
    answer: str = ""  # likewise, ...Answer
    purpose: bool = False  # the caller must name what the data is for
    match: str | None = None  # the argument that carries If-Match
    heeds: str | None = None  # likewise, where If-Match may be left out
    paged: bool = False
    open: bool = False  # no token needed
    demo: bool = False  # exists in demo mode only
    keyed: bool = True  # a write whose effect is kept under its Idempotency-Key
    fixed: tuple[tuple[str, Any], ...] = ()  # arguments that the path implies
    media: str = "application/json"
    text: str | None = None  # the answer's member that is the whole body
    form: bool = False  # multipart instead of JSON
    deadline: float = 5.0
    en: str = ""
    zh: str = ""

    @cached_property
    def service(self) -> str:
        """The service that answers."""
        return self.call.partition(".")[0]

    @cached_property
    def rpc(self) -> str:
        """The method it answers with."""
        return self.call.partition(".")[2]

    @cached_property
    def takes(self) -> str:
        """The name of the schema of what the service takes; empty where the gateway itself takes nothing."""
        return self.args or self._by_name("Args")

    @cached_property
    def gives(self) -> str:
        """The name of the schema of what comes back; empty where it is no JSON object."""
        return self.answer or (self._by_name("Answer") if self.media == "application/json" else "")

    def _by_name(self, ending: str) -> str:
        if self.service == "gateway":
            return ""
        return f"{self.service}.{''.join(map(str.capitalize, self.rpc.split('_')))}{ending}"

    @cached_property
    def reads(self) -> bool:
        """Whether the route only reads."""
        return self.method == "GET"

    @cached_property
    def template(self) -> str:
        """The path as OpenAPI and the metrics name it."""
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", self.path)

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The arguments that stand in the path."""
        return tuple(re.findall(r"<(?:\w+:)?(\w+)>", self.path))


class IdConverter(BaseConverter):
    """An identifier as ids.py makes them."""

    regex = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class NameConverter(BaseConverter):
    """A short name (a person, a regime, a class) or a digest."""

    regex = r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,95}"


class CountConverter(BaseConverter):
    """A small number, as versions are."""

    regex = r"[0-9]{1,9}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


class Router:
    """Finds the line for a method and a path; compiled once."""

    def __init__(self, routes: Iterable[Route]) -> None:
        converters = {"id": IdConverter, "name": NameConverter, "count": CountConverter}
        rules = [Rule(r.path, endpoint=r, methods=[r.method], merge_slashes=False) for r in routes]
        self.adapter = Map(rules, converters=converters, merge_slashes=False).bind("muniment")

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, Any]]:
        """The route and the path's variables, or 404 or 405."""
        try:
            return self.adapter.match(path_info=path, method=method)
        except MethodNotAllowed as wrong:
            allowed = ", ".join(sorted(set(wrong.valid_methods or ()) - {"OPTIONS"}))
            raise Declined(405, "method.refused", f"this resource takes {allowed}", {"Allow": allowed}) from None
        except (NotFound, RequestRedirect):
            raise Declined(404, "resource.unknown", "there is no such resource") from None
