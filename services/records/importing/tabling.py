"""A table in one cell: a line for each row, its columns in their order between bars; JSON where a text needs them."""

from __future__ import annotations

from typing import Any

from regimes.model import Field

BAR = "|"


def rows(cell: str, field: Field) -> Any:
    """What the rules take for a table: JSON as it is, lines as rows; a cell too many is a column nobody knows."""
    if cell.lstrip().startswith("["):
        return cell
    lines = [[one.strip() for one in line.split(BAR)] for line in cell.splitlines() if line.strip()]
    return [{_column(field, place): one for place, one in enumerate(line) if one} for line in lines]


def written(field: Field, values: dict[str, str]) -> str:
    """One row as a line of the cell."""
    return f" {BAR} ".join(values.get(name, "") for name in field.columns)


def _column(field: Field, place: int) -> str:
    names = list(field.columns)
    return names[place] if place < len(names) else f"#{place + 1}"
