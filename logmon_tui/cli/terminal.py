"""Where text is printed to: the width, and whether colours and pages are possible."""

import os
import shutil
import sys

NARROWEST = 40
"""Minimum columns that text is laid out for."""

_UNKNOWN = 80
"""Columns assumed for a terminal that does not report its size."""


def columns() -> int | None:
    """Return the terminal's width in columns; None if the output is no terminal.

    `COLUMNS` in the environment beats both.
    """
    unknown = _UNKNOWN if sys.stdout.isatty() else 0
    found = shutil.get_terminal_size((unknown, 24)).columns
    return max(found, NARROWEST) if found else None


def dumbness() -> str:
    """Return why the terminal can show neither screen nor colours; empty if it can."""
    name = os.environ.get("TERM", "")
    if name in {"dumb", "unknown"}:
        return f"TERM is {name}"
    return "" if name else "TERM is not set"


def takes_colour() -> bool:
    """Tell whether standard output may be coloured."""
    return sys.stdout.isatty() and not dumbness() and not os.environ.get("NO_COLOR")


def takes_pages() -> bool:
    """Tell whether to show a long text page by page: only to a person at a real terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not dumbness()
