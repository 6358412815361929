"""What the demo shows on the screen, in English or Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

WORDS = {
    "suite": (
        "Muniment · demo · embedded (SQLite, in-process broker)",
        "Muniment · 演示 · 单进程（SQLite，进程内消息）",
    ),
    "data": ("data", "数据"),
    "broken": ("did not hold", "未达到"),
    "held": ("Every step held.", "每一步均已达成。"),
    "docs": ("API docs", "接口文档"),
    "home": ("Start page", "首页"),
    "try": ("Try", "试一试"),
    "stop": ("Stop: Ctrl-C · start over: muniment demo --fresh", "停止：Ctrl-C · 重新开始：muniment demo --fresh"),
    "token": ("A ready token per role (Authorization: Bearer …)", "每个角色的现成令牌（Authorization: Bearer …）"),
}


Idea = tuple[tuple[str, str], list[str]]  # a title in English and Chinese, and lines to paste


class Screen:
    """Prints each step as it happens: who did it and what came back."""

    def __init__(self, language: str) -> None:
        self.zh = language == "zh"
        self.console = Console(highlight=False, soft_wrap=True)

    def say(self, name: str) -> str:
        """A fixed word in the screen's language."""
        return WORDS[name][self.zh]

    def started(self, url: str, data: Path) -> None:
        """The head line."""
        self.console.print(f"\n  [bold]{self.say('suite')}[/]    {self.say('data')}: {data}")
        self.console.print(f"  {url}\n")

    def chapter(self, title: Any, lines: Iterable[Any]) -> None:
        """One act: its title, then each line as it comes."""
        shown = title[self.zh] if isinstance(title, tuple) else title
        self.console.print(f"  [bold cyan]{shown}[/]")
        for line in lines:
            what = line.zh if self.zh else line.en
            self.console.print(
                Text.assemble("  ✔ ", (f"{line.who:8}", "yellow"), f" {what}  ", (f"→ {line.got}", "green"))
            )

    def broken(self, what: str) -> None:
        """The first step that did not hold."""
        self.console.print(f"  [bold red]✘ {self.say('broken')}: {what}[/]")

    def held(self) -> None:
        """All did."""
        self.console.print(f"\n  [bold green]{self.say('held')}[/]")

    def box(
        self, url: str, tokens: dict[str, tuple[str, str, str]], ideas: list[tuple[tuple[str, str], list[str]]]
    ) -> None:
        """Where to go on, with a token per role and three things to try."""
        table = Table.grid(padding=(0, 2))
        table.add_row(self.say("home"), f"{url}/")
        table.add_row(self.say("docs"), f"{url}/docs")
        self.console.print()
        self.console.print(Panel.fit(table))
        self.console.print(f"  {self.say('token')}")
        for person, (en, zh, token) in tokens.items():
            self.console.print(f"  [yellow]{person:6}[/] {zh if self.zh else en}\n         {token}")
        self.console.print(f"\n  {self.say('try')}:")
        for number, (title, lines) in enumerate(ideas, 1):
            self.console.print(f"   {number}  {title[self.zh]}")
            for line in lines:
                self.console.print(f"      [dim]{escape(line)}[/]")
        self.console.print(f"\n  {self.say('stop')}\n")
