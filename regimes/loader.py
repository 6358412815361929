"""Load a regime by name from folders, with everything it extends; or parse the canonical text of one."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from regimes import merging, reading
from regimes.regime import Regime

HERE = Path(__file__).parent
Origins = dict[tuple[str, ...], str]


@lru_cache(maxsize=16)
def parse(text: str) -> Regime:
    """The regime a canonical text holds, as `Regime.text` wrote it."""
    try:
        merged = json.loads(text)
    except ValueError:
        raise reading.refuse("text", "", "is no canonical regime text") from None
    if not isinstance(merged, dict):
        raise reading.refuse("text", "", "is no canonical regime text")
    return Regime(merged)


def load(name: str, *folders: str | Path) -> Regime:
    """The regime of that name, looked for in the folders and then among the regimes shipped here."""
    library = Library(*folders)
    merged = library.merged(name)
    return Regime(merged, library.origins)


class Library:
    """Regime files in folders; each is read once."""

    def __init__(self, *folders: str | Path) -> None:
        self.folders = [*(Path(folder) for folder in folders), HERE]
        self.origins: Origins = {}
        self._read: dict[str, dict[str, Any]] = {}

    def merged(self, name: str, below: tuple[str, ...] = ()) -> dict[str, Any]:
        """The regime merged over all it extends; refuses what contradicts or weakens."""
        document = self.document(name)
        if name in below:
            raise reading.refuse(f"{name}.yaml", "extends", f"{name} extends itself")
        parents = document.get("extends", [])
        if not isinstance(parents, list):
            raise reading.refuse(f"{name}.yaml", "extends", "must be a list of regimes")
        base = self._side_by_side(parents, (*below, name), document)
        merged = merging.merge(base, document)
        self._keep_strict(name, base, merged)
        return merged

    def document(self, name: str) -> dict[str, Any]:
        """One file as text, spelt out; remembers where each of its values stands."""
        if name not in self._read:
            path = next((path for folder in self.folders if (path := folder / f"{name}.yaml").is_file()), None)
            if path is None:
                raise reading.refuse(f"{name}.yaml", "", "there is no such regime file")
            self._read[name] = merging.spell_out(reading.read(path))
            if self._read[name].get("regime") != name:
                raise reading.refuse(path.name, "regime", f"must be {name}, as the file is called")
        return self._read[name]

    def _side_by_side(self, parents: list[str], below: tuple[str, ...], child: dict[str, Any]) -> dict[str, Any]:
        base: dict[str, Any] = {}
        for number, parent in enumerate(parents):
            beside = self.merged(parent, below)
            if number == 0:
                base = beside
                continue
            common = self._common(parents[:number], parent)
            for path in merging.contradictions(base, beside, common):
                if merging.at(child, path) is None:
                    raise reading.refuse(
                        f"{below[-1]}.yaml",
                        ".".join(path),
                        f"{parent} contradicts what stands beside it; say here which holds",
                    )
            base = merging.beside(base, beside, common)
        self._trace(below[-1], child)
        return base

    def _trace(self, name: str, document: dict[str, Any]) -> None:
        for path, _ in merging.leaves(document):
            for length in range(1, len(path) + 1):
                self.origins[path[:length]] = f"{name}.yaml"

    def _common(self, earlier: list[str], later: str) -> dict[str, Any]:
        """What both sides stand on: the merged form of the ancestors they share."""
        shared = set().union(*(self._ancestors(name) for name in earlier)) & self._ancestors(later)
        common: dict[str, Any] = {}
        for name in sorted(shared, key=lambda name: len(self._ancestors(name))):
            common = merging.merge(common, self.document(name))
        return common

    def _ancestors(self, name: str) -> set[str]:
        found = {name}
        for parent in self.document(name).get("extends", []):
            found |= self._ancestors(parent)
        return found

    def _keep_strict(self, name: str, base: dict[str, Any], merged: dict[str, Any]) -> None:
        for path, detail in merging.weakened(base, merged):
            raise reading.refuse(f"{name}.yaml", ".".join(path), detail)
