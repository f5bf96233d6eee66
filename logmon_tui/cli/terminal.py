"""What text is printed to: how wide it is, and what the terminal can show."""

import os
import shutil
import sys

NARROWEST = 40
"""Text is laid out for so many columns at least."""

_UNKNOWN = 80
"""Columns of a terminal that does not tell how many it has."""


def columns() -> int | None:
    """Return the terminal's width in columns, None where the output goes elsewhere.

    `COLUMNS` in the environment beats both.
    """
    unknown = _UNKNOWN if sys.stdout.isatty() else 0
    found = shutil.get_terminal_size((unknown, 24)).columns
    return max(found, NARROWEST) if found else None


def dumbness() -> str:
    """Return why the terminal shows neither a screen nor colours; empty if it may."""
    name = os.environ.get("TERM", "")
    if name in {"dumb", "unknown"}:
        return f"TERM is {name}"
    return "" if name else "TERM is not set"


def takes_colour() -> bool:
    """Tell whether standard output may be coloured."""
    return sys.stdout.isatty() and not dumbness() and not os.environ.get("NO_COLOR")


def takes_pages() -> bool:
    """Tell whether a long text is shown page by page: somebody reads it on a real terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not dumbness()
