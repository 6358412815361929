"""Places where a test may end the process; nothing at all unless MUNIMENT_FAIL names one."""

from __future__ import annotations

import os

_name, _, _nth = os.environ.get("MUNIMENT_FAIL", "").partition(":")
_left = int(_nth or 1)


def failpoint(name: str) -> None:
    """End the process as kill -9 would, at the nth passing of the named place."""
    global _left
    if name == _name:
        _left -= 1
        if _left == 0:
            os._exit(137)
