"""Finds the line of a key in a TOML file, because tomllib does not report it. Pure.

It parses no syntax of its own. It cuts the text at different lines and asks tomllib whether the key
is there already. So quoted names, dotted keys and inline tables are understood as tomllib does.
"""

from collections.abc import Sequence
from typing import Any

Keys = Sequence[str | int]
"""The way to a value: names of tables and keys, and indexes in arrays."""


def line_of(text: str, keys: Keys) -> int | None:
    """Return the line, from 1, of the statement that sets `keys`; `_` in them matches `-` too.

    If the key is missing, return the line of the nearest table around it. None if there is no such
    table, or if `text` is not valid TOML.
    """
    lines = text.split("\n")
    whole = _parsed(lines)
    wanted = list(keys)
    while wanted and not _holds(whole, wanted):
        wanted.pop()
    return _first_line(lines, wanted) if wanted else None


def _first_line(lines: list[str], keys: Keys) -> int:
    """Return the line of the statement that sets `keys`, by bisection.

    The text up to line `before` lacks the key; the text up to line `behind` has it. A statement of
    several lines cannot be cut: once no text between the two is valid, they enclose the statement.
    """
    before, behind = 0, len(lines)
    while behind - before > 1:
        middle = (before + behind) // 2
        tried = [*range(middle, before, -1), *range(middle + 1, behind)]
        cut = next((cut for cut in tried if _parsed(lines[:cut]) is not None), None)
        if cut is None:
            break
        if _holds(_parsed(lines[:cut]), keys):
            behind = cut
        else:
            before = cut
    return before + 1


def _parsed(lines: list[str]) -> dict[str, Any] | None:
    import tomllib  # imported late: only an invalid settings file needs this

    try:
        return tomllib.loads("\n".join(lines) + "\n")
    except (ValueError, RecursionError):  # TOMLDecodeError, or numbers that are too long
        return None


def _holds(value: Any, keys: Keys) -> bool:
    """Tell whether `value` contains what `keys` lead to."""
    for key in keys:
        if isinstance(value, dict):
            name = key if key in value else str(key).replace("_", "-")
            if name not in value:
                return False
            value = value[name]
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return False
    return True
