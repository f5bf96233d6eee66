"""Columns of JSON lines as Arrow's reader makes them: without objects of Python, nor its lock.

That reader takes less and more than JSON's decoders, so it is given only lines of which both say
the same: `plain_lines` tells which. All else raises one of `NOT_PLAIN`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import json

from logmon_tui.formats.json_format import Path
from logmon_tui.formats.lines import BACKSLASH, NEWLINE, LineTable

Mask: TypeAlias = NDArray[np.bool_]
Tree: TypeAlias = dict[str, "Tree"]
"""The names of an object's wanted members, each with those of the object that it is, if it is."""

Told: TypeAlias = dict[Path, Any]
"""The values at each path, a sequence or an Arrow array of shape (lines,)."""

MARKS = b"\\NI"
"""The separators of a LineTable that `plain_lines` can judge."""

LEAST_LINES = 500
"""For fewer, making ready takes longer than all else."""

_MOST_BYTES = 2**30
_SAMPLE = 100
_LEAST_CONTROL = 0x20
_OPEN, _CLOSE = b"{}"

_DEEPEST = 500
"""So many objects and lists in one another are read by any decoder."""

_OPENING_BIT, _OPENING = 0x20, ord("{")
"""Only `[` and `{` are this byte, when this bit is set."""


class NotPlain(Exception):  # noqa: N818 - no error: there is another way
    """The lines have to be read in another way."""


NOT_PLAIN = (NotPlain, pa.ArrowException)


def _members(kinds: bytes) -> Mask:
    found = np.zeros(256, dtype=np.bool_)
    found[list(kinds)] = True
    return found


_ESCAPED = _members(b'"\\/bfnrtu')
_BEFORE_LITERAL = _members(b":,[- \t")


def plain_lines(table: LineTable) -> Mask:
    """Tell which lines are each one object, or no JSON at all, in the eyes of every decoder.

    Shape (lines,). `table` must have the separators `MARKS`.
    """
    data = table.bytes
    # Between `}` and `{` no object goes on without a comma, nor does a text over a newline: so
    # where all lines begin and end so, there are as many objects only if each line is one.
    plain: Mask = (data[table.starts] == _OPEN) & (data[table.ends - 1] == _CLOSE)
    marks = table.marks[_odd_escapes(table) | _literals(table)]
    plain[np.searchsorted(table.ends, marks)] = False
    if np.count_nonzero(data < _LEAST_CONTROL) > len(table):
        controls = np.flatnonzero((data < _LEAST_CONTROL) & (data != NEWLINE))
        plain[np.searchsorted(table.ends, controls)] = False
    if (table.ends - table.starts > 2 * _DEEPEST).any():
        plain &= _opened(table) <= _DEEPEST
    return plain


def _odd_escapes(table: LineTable) -> Mask:
    r"""Tell which marks are escapes that are none in JSON, or (`\ud…`) half a character."""
    found: Mask = table.kinds == BACKSLASH
    places = table.marks[found]
    # Behind the last byte, a newline, nothing is looked for: a backslash there is followed by it.
    letter = table.bytes[places + 1]
    code = table.bytes.take(places + 2, mode="clip") | 0x20
    found[found] = ~_ESCAPED[letter] | ((letter == ord("u")) & (code == ord("d")))
    return found


def _literals(table: LineTable) -> Mask:
    """Tell which marks may begin a `NaN` or `Inf`, which decoders see differently."""
    found: Mask = (table.kinds != BACKSLASH) & (table.kinds != NEWLINE)
    places = table.marks[found]
    before = table.bytes.take(places - 1, mode="wrap")
    second = table.bytes.take(places + 1, mode="clip")
    third = table.bytes.take(places + 2, mode="clip")
    found[found] = (
        _BEFORE_LITERAL[before]
        & ((second == ord("a")) | (second == ord("n")))
        & ((third == ord("N")) | (third == ord("f")))
    )
    return found


def _opened(table: LineTable) -> NDArray[np.intp]:
    """Return how many objects and lists each line opens at most."""
    opening = np.flatnonzero((table.bytes | _OPENING_BIT) == _OPENING)
    return np.diff(np.searchsorted(opening, table.ends), prepend=0)


def sample_of(lines: NDArray[np.intp]) -> list[int]:
    """Return a few of `lines`, from all over the chunk."""
    places = np.linspace(0, len(lines) - 1, min(len(lines), _SAMPLE)).astype(np.intp)
    found: list[int] = lines[places].tolist()
    return found


def joined(table: LineTable, plain: Mask) -> bytes:
    """Return the lines of the table that are `plain`."""
    if plain.all():
        return table.chunk
    turns = np.flatnonzero(np.diff(plain, prepend=False, append=False)).reshape(-1, 2)
    begins, ends = table.starts[turns[:, 0]].tolist(), table.ends[turns[:, 1] - 1].tolist()
    pairs = zip(begins, ends, strict=True)
    return b"".join(table.chunk[begin : end + 1] for begin, end in pairs)


def arrow_columns(
    lines: bytes, count: int, tree: Tree, sample: Mapping[Path, Sequence[Any]]
) -> Told:
    """Return the column of each path of `tree`, for `plain_values` to judge.

    `lines` are `count` plain ones, `sample` the values in some of them. Raises one of `NOT_PLAIN`
    when the lines are not all like those of the sample.
    """
    if len(lines) > _MOST_BYTES:
        raise NotPlain
    found = json.read_json(
        pa.BufferReader(lines),
        read_options=json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        parse_options=json.ParseOptions(
            explicit_schema=pa.schema(_types((), tree, sample)),
            newlines_in_values=False,
            unexpected_field_behavior="ignore",
        ),
    )
    if found.num_rows != count:
        raise NotPlain
    columns = [column.combine_chunks() for column in found.columns]
    return dict(_told(tree, columns))


def _types(
    outer: Path, tree: Tree, sample: Mapping[Path, Sequence[Any]]
) -> list[tuple[str, pa.DataType]]:
    """Return the names of the members of the object at `outer` with their types."""
    kinds = {
        name: pa.struct(_types((*outer, name), branch, sample))
        if branch
        else _type_of(sample[*outer, name])
        for name, branch in tree.items()
    }
    # A member that is in no line of the sample is likely to be what its neighbours are.
    known = {kind for kind in kinds.values() if kind is not None and not pa.types.is_struct(kind)}
    usual = _LIST if known == {_LIST} else _STRING
    return [(name, usual if kind is None else kind) for name, kind in kinds.items()]


_STRING = pa.string()
_LIST = pa.list_(_STRING)


def _type_of(values: Sequence[Any]) -> pa.DataType | None:
    """Return the type of values, None if all are None."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {list}:
        return pa.list_(_type_of([item for value in values for item in value or ()]) or _STRING)
    if kinds == {str}:
        return _STRING
    if kinds == {int}:
        return pa.int64()
    if kinds and kinds <= {int, float}:
        return pa.float64()
    if kinds:
        raise NotPlain
    return None


def _told(tree: Tree, columns: Sequence[pa.Array]) -> Iterator[tuple[Path, pa.Array]]:
    for (name, branch), column in zip(tree.items(), columns, strict=True):
        if branch:
            inner = _told(branch, column.flatten())
            yield from (((name, *path), values) for path, values in inner)
        else:
            yield (name,), column


_EXACT = pa.scalar(2**53, pa.float64())
"""A whole number below that is the same as a floating-point number."""


def plain_values(column: pa.Array) -> pa.Array:
    """Return texts, whole numbers, floating-point numbers or nulls: of a list, its first item.

    Raises NotPlain when there are others, or when a value could be meant otherwise.
    """
    values = _first_items(column) if pa.types.is_list(column.type) else column
    if values.null_count == len(values):
        return pa.nulls(len(values))
    if pa.types.is_float64(values.type):
        if not pc.all(pc.less(pc.abs(values), _EXACT)).as_py():
            raise NotPlain
    elif not (pa.types.is_string(values.type) or pa.types.is_int64(values.type)):
        raise NotPlain
    return values


def _first_items(column: pa.Array) -> pa.Array:
    if column.null_count == len(column):
        return column
    if pc.min(pc.list_value_length(column)).as_py() == 0:
        raise NotPlain  # not null, but nothing either
    begins = column.offsets[:-1]
    if column.null_count:
        begins = pc.if_else(column.is_valid(), begins, pa.scalar(None, pa.int32()))
    items = column.values.take(begins)
    if items.null_count != column.null_count:
        raise NotPlain
    return items
