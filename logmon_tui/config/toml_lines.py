"""Where in a TOML file a key stands, which tomllib does not tell. Pure.

No syntax is read here: a key stands in the first statement behind which tomllib finds it, so that
quoted names, dotted keys and inline tables are understood as tomllib does.
"""

from collections.abc import Sequence
from typing import Any

Keys = Sequence[str | int]
"""What leads to a value: names of tables and keys, and places in arrays."""


def line_of(text: str, keys: Keys) -> int | None:
    """Return the line, from 1, of the statement that `keys` lead to; `_` in them may be `-`.

    Where there is no such key it is the line of the nearest table around it. None if there is
    none, or if `text` is not valid TOML.
    """
    lines = text.split("\n")
    whole = _parsed(lines)
    wanted = list(keys)
    while wanted and not _holds(whole, wanted):
        wanted.pop()
    return _first_line(lines, wanted) if wanted else None


def _first_line(lines: list[str], keys: Keys) -> int:
    """Return the line of the first statement behind which there is what `keys` lead to.

    A statement of several lines cannot be cut, so `before` and `behind` are its edges once nothing
    between them is valid.
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
    import tomllib  # only a settings file with a fault is looked into

    try:
        return tomllib.loads("\n".join(lines) + "\n")
    except (ValueError, RecursionError):  # TOMLDecodeError, and numbers that are too long
        return None


def _holds(value: Any, keys: Keys) -> bool:
    """Tell whether `keys` lead from `value` to something."""
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
