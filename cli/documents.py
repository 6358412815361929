"""Makes docs/errors.md and docs/events.md from the sources; `python -m cli.documents` renews them."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RENEWED = "Made from the sources; renew it with `python -m cli.documents`."
CLASSES = {"Invalid": 422, "Forbidden": 403, "NotFound": 404, "Conflict": 409, "Unavailable": 503, "unauthorised": 401}
LISTED = "in 422"  # in `errors` of an answer with that status, or in the report of an import
LOGS = ("error", "warning", "info", "critical")
REASON = "reason"  # why a field of a read is masked or withheld


def main() -> None:
    """Write both."""
    for name, text in documents().items():
        (ROOT / "docs" / name).write_text(text, encoding="utf-8")


@cache
def documents() -> dict[str, str]:
    """File name in docs/ -> text."""
    return {"errors.md": errors(), "events.md": events()}


# ---------------------------------------------------------------------- errors


def errors() -> str:
    """Every code with its status, titles and remedies."""
    from gateway.problems import titles

    raised = statuses()
    head = f"""# Errors

{RENEWED}

Every refusal is `application/problem+json` (RFC 9457) with a stable `code`; `title` and `remedy` follow
`Accept-Language` (`en`, `zh-CN`). No answer holds a value of a record.

- `{LISTED}`: stands in `errors[]` of such an answer, one for each thing that is wrong, or in an import's report.
- `{REASON}`: stands in a read's answer, as the reason why a field is masked or withheld.
- `–`: kept for what is not built yet.

| Code | Status | Meaning | 含义 | What to do | 处理办法 |
|---|---|---|---|---|---|
"""
    return head + "".join(_error(code, known, raised.get(code, set())) for code, known in sorted(titles().items()))


def _error(code: str, known: dict[str, Any], raised: set[str]) -> str:
    # An answer about one wrong thing lists it too.
    status = " · ".join(sorted(raised - ({LISTED} if "422" in raised else set()))) or "–"
    cells = (f"`{code}`", status, known["en"], known["zh"], known["remedy"]["en"], known["remedy"]["zh"])
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


@cache
def statuses() -> dict[str, set[str]]:
    """Code -> how the sources raise it."""
    from chassis.errors import STATUS_OF_CODE
    from gateway.problems import titles

    raised, named = dict[str, set[str]](), dict[str, set[str]]()
    for package in ("chassis", "vault", "regimes", "services", "gateway"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for code, status in _raised(tree):
                raised.setdefault(code, set()).add(status)
            named.update({code: {REASON} for code in _texts(*ast.walk(tree))})
    every = named | raised | {code: {str(status)} for code, status in STATUS_OF_CODE.items()}
    return {code: how for code, how in every.items() if code in titles() and code != "refusal.untitled"}


def _raised(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) not in LOGS:
            yield from ((code, _status(node, tree)) for code in _texts(*node.args))
        elif isinstance(node, ast.Dict):
            values = [
                v for k, v in zip(node.keys, node.values, strict=True) if k is not None and [*_texts(k)] == ["code"]
            ]
            yield from ((code, LISTED) for code in _texts(*values))


def _texts(*nodes: ast.AST) -> Iterator[str]:
    """The texts among some nodes; of a conditional both."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.IfExp):
            yield from _texts(node.body, node.orelse)


def _status(call: ast.Call, tree: ast.AST) -> str:
    """What a call with a code in it comes to: a refusal, the gateway's own, or a line of a list."""
    name = _name(call.func)
    if name == "Declined":
        return str(next((a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, int)), 400))
    if name == "Answer":
        return REASON
    return str(CLASSES.get(name) or CLASSES.get(_behind(name, tree)) or LISTED)


def _behind(name: str, tree: ast.AST) -> str:
    """The refusal that a function of the same module raises, or that a class there is made from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == name:
            return next((_name(base) for base in node.bases), "")
        if isinstance(node, ast.FunctionDef) and node.name == name:
            raises = (found.exc for found in ast.walk(node) if isinstance(found, ast.Raise))
            return next((_name(exc.func) for exc in raises if isinstance(exc, ast.Call)), "")
    return ""


def _name(node: ast.AST) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


# ---------------------------------------------------------------------- events


def events() -> str:
    """Every event by service: version, who gets it, fields."""
    parts = [_service(name, found) for name, found in _by_service().items()]
    return f"""# Events

{RENEWED}

An event is a fact in the past: ids, names, states and dates, never contents and never a person's data. Fields are
only added; a new version keeps the golden file of the old one in `tests/contracts/golden/`.

- **published**: other departments get it too, as CloudEvents 1.0 JSON from the topic exchange `<service>.events`; the
  type is the routing key. `data` holds the fields, except `record`, which travels as `subject`, and `purpose`.
  Delivery is at least once and in no promised order.
- **journal**: it goes into the journal and the ledger only.

""" + "\n".join(parts)


def _by_service() -> dict[str, list[Any]]:
    import chassis.green  # noqa: F401  # isort: skip

    from chassis.events import REGISTRY

    for name in ("chassis.entrypoints", *_rooms()):
        import_module(name)
    ours = (cls for cls in REGISTRY.values() if cls.__module__.split(".")[0] in ("chassis", "services"))
    found: dict[str, list[Any]] = {}
    for cls in sorted(ours, key=lambda cls: cls.type):
        found.setdefault(cls.type.split(".")[0] if "." in cls.type else "every service", []).append(cls)
    return found


def _rooms() -> list[str]:
    """The rooms of events, of services and of their engines."""
    found = sorted((ROOT / "services").rglob("events.py"))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in found]


def _service(name: str, found: list[Any]) -> str:
    head = f"## {name}\n\n| Type | Version | Goes to | Fields | What it says |\n|---|---|---|---|---|\n"
    return head + "".join(_event(cls) for cls in found)


def _event(cls: Any) -> str:
    fields = ", ".join(f"`{f.name.rstrip('_')}`{_optional(f.type)}" for f in dataclasses.fields(cls))
    kind = cls.type if "." in cls.type else f"<service>.{cls.type}"
    says = " ".join((cls.__doc__ or "").split())
    goes = "published" if cls.published else "journal"
    return f"| `{kind}` | {cls.version} | {goes} | {fields or '–'} | {says} |\n"


def _optional(kind: Any) -> str:
    return "?" if "None" in str(kind) else ""


if __name__ == "__main__":
    main()
