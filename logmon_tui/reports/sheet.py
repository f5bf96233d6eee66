"""Sheet: rows under columns, to be written as CSV, JSON or Markdown by `sheet_forms`."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

Value: TypeAlias = str | bytes | int | float | None
"""What a cell holds; bytes are text of a log, None is what is not known."""


class Sheet(NamedTuple):
    """A table called `title`: names of columns, and rows with a value for each of them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def sheet_of(title: str, columns: Sequence[str], rows: Iterable[Iterable[Value]]) -> Sheet:
    """Return a sheet of those `columns` that have a value in any row; the first one always stays.

    Each row has a value for each column.
    """
    whole = [tuple(row) for row in rows]
    used = [
        place
        for place in range(len(columns))
        if not place or any(row[place] is not None for row in whole)
    ]
    return Sheet(
        title,
        tuple(columns[place] for place in used),
        tuple(tuple(row[place] for place in used) for row in whole),
    )
