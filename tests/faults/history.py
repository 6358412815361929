"""What clients did and were told, a line each: invoke before sending; ok, fail or info (unknown) after it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Log:
    """Appends JSON lines; every line is with the system before the call goes on."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("a", buffering=1)

    def line(self, said: str, **facts: Any) -> None:
        """One line."""
        self.file.write(json.dumps({"said": said, **facts}) + "\n")


@dataclass
class Operation:
    """One write as its client saw it: the name that it left in the data, and what became of it."""

    name: str
    kind: str
    outcome: str = "info"
    unknown: int = 0
    answer: dict[str, Any] = field(default_factory=dict)
    request: str = ""
    about: str = ""
    code: str = ""

    @property
    def acknowledged(self) -> bool:
        """Whether the client was told that it took effect."""
        return self.outcome == "ok"


@dataclass
class History:
    """Everything that all clients wrote down."""

    operations: dict[str, Operation] = field(default_factory=dict)
    reads: list[dict[str, Any]] = field(default_factory=list)
    stuck: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, paths: Iterable[Path]) -> History:
        """Read the logs of all clients."""
        history = cls()
        for line in _lines(paths):
            history._take(line)
        return history

    def acknowledged(self, kind: str | None = None) -> list[Operation]:
        """The operations that were acknowledged."""
        return [o for o in self.operations.values() if o.acknowledged and kind in (None, o.kind)]

    def _take(self, line: dict[str, Any]) -> None:
        said = line.pop("said")
        if said == "read":
            self.reads.append(line)
        elif said == "stuck":
            self.stuck.append(line)
        elif said == "invoke":
            self.operations.setdefault(line["name"], Operation(line["name"], line["kind"], about=line["about"]))
        else:
            self._end(said, line)

    def _end(self, said: str, line: dict[str, Any]) -> None:
        operation = self.operations[line["name"]]
        operation.unknown += said == "info"
        if line.get("status") == 500:
            self.failures.append(line)
        if said != "info":
            operation.outcome, operation.code = said, line.get("code", "")
            operation.answer, operation.request = line.get("answer", {}), line.get("request", "")


def acknowledged(paths: Iterable[Path]) -> int:
    """How many writes were acknowledged so far; the clients may still be writing."""
    return sum(line["said"] == "ok" for line in _lines(paths))


def _lines(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        for text in path.read_text().splitlines() if path.exists() else ():
            try:
                yield json.loads(text)
            except ValueError:
                continue  # the line that is being written at this moment
