"""What is renewed by a new version of a key: three commands, the same for every kind of key."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from cli.terminal import as_json, console, dump, said

Text = tuple[str, str]  # in English and in Chinese; {newest} and {behind} are filled in


@dataclass(frozen=True)
class Renewal:
    """How a kind of key is asked and renewed, and what people are told of it."""

    newest: Callable[[], int]
    behind: Callable[[int], int]  # how much is still under one that is older than this
    make: Callable[[], int]
    forget: Callable[[int], None]  # all older ones
    help: dict[str, str]  # of status, rotate and retire
    standing: Text
    made: Text
    waiting: Text
    forgotten: Text

    def status(self) -> dict[str, Any]:
        """The newest, and what is not under it yet."""
        newest = self.newest()
        return {"newest": newest, "behind": self.behind(newest)}

    def added_to(self, group: click.Group) -> None:
        """`status`, `rotate` and `retire` in a group of commands."""
        for name, act in {"status": self._status, "rotate": self._rotate, "retire": self._retire}.items():
            as_json(group.command(name, help=self.help[name])(act))

    def _status(self, json_: bool) -> None:
        _tell(self.standing, self.status(), json_)

    def _rotate(self, json_: bool) -> None:
        _tell(self.made, {"newest": self.make()}, json_)

    def _retire(self, json_: bool) -> None:
        told = self.status()
        if told["behind"]:
            sys.exit(_filled(self.waiting, told))
        self.forget(told["newest"])
        _tell(self.forgotten, {**told, "retired": True}, json_)


def _tell(text: Text, told: dict[str, Any], json_: bool) -> None:
    dump(told) if json_ else console().print(_filled(text, told))


def _filled(text: Text, told: dict[str, Any]) -> str:
    return said(*text).format_map(told)
