"""The columnar parser of JSON formats.

Arrow reads the lines, if they are like each other. If not, they are decoded into objects that have
the wanted members and nothing else, all others being passed over; then each member is one column.
A line that is not what it seems, or no hit, is left to the line parser.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import reduce
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from logmon_tui.formats import json_arrow
from logmon_tui.formats.batching import Fields, batch_of, transformed
from logmon_tui.formats.columnar_parser import ColumnarParser, without_returns
from logmon_tui.formats.field import MEASURES, TEXTS, Field
from logmon_tui.formats.hit import NONE, UNKNOWN, Measure
from logmon_tui.formats.hit_batch import TEXT, HitBatch
from logmon_tui.formats.json_arrays import (
    Ints,
    Values,
    amounts_of,
    spans_of,
    status_of,
    texts_of,
    times_of,
    without_ports,
)
from logmon_tui.formats.json_arrow import (
    MARKS,
    NOT_PLAIN,
    Mask,
    NotPlain,
    Told,
    Tree,
    arrow_columns,
    joined,
    plain_lines,
    plain_values,
    sample_of,
)
from logmon_tui.formats.json_format import NOT_DECODED, JsonFormat, Path
from logmon_tui.formats.lines import LineTable
from logmon_tui.formats.transforms import Transform

_OPEN, _CLOSE = b"{}"

_NONE = pa.scalar(NONE, TEXT)
_FALSE = pa.scalar(value=False, type=pa.bool_())
_NO_BYTES = pa.scalar(0, pa.int32())

Lines: TypeAlias = NDArray[np.intp]


class JsonParser(ColumnarParser):
    """Parses chunks of one JSON format."""

    def __init__(self, log_format: JsonFormat) -> None:
        super().__init__(log_format)
        self._format = log_format
        paths = {path for each in log_format.members for path in each.paths}
        mark = log_format.mark
        self._tree = _tree_of(paths | ({mark.path} if mark is not None else set()))
        kind = _struct_of(self._tree)
        self._decoder = msgspec.json.Decoder(kind)
        self._nothing = kind()

    def parse(self, chunk: bytes) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        chunk = without_returns(chunk)
        table = LineTable(chunk, MARKS)
        if len(table) >= json_arrow.LEAST_LINES:
            with suppress(*NOT_PLAIN):
                return self._batch(table, *self._read(table))
        told = dict(_columns(self._decoded(table), self._tree))
        return self._batch(table, np.arange(len(table)), told)

    def _read(self, table: LineTable) -> tuple[Lines, Told]:
        """Return the plain lines, and what Arrow reads in them. Raises one of `NOT_PLAIN`."""
        plain = plain_lines(table)
        lines = np.flatnonzero(plain)
        if 2 * len(lines) < len(table):
            raise NotPlain
        sample = [self._decoded_line(table.line(number)) for number in sample_of(lines)]
        kinds = dict(_columns(sample, self._tree))
        return lines, arrow_columns(joined(table, plain), len(lines), self._tree, kinds)

    def _batch(self, table: LineTable, lines: Lines, told: Told) -> HitBatch:
        """Return the hits of the chunk: of `lines` what is told, of all others the line parser's.

        Raises one of `NOT_PLAIN` if what Arrow told could be meant otherwise.
        """
        columns = {
            each.field: _first_told([told[path] for path in each.paths])
            for each in self._format.members
        }
        texts = {field: texts_of(columns[field]) for field in TEXTS if field in columns}
        seconds, good = times_of(columns[Field.TIME])
        status, known = status_of(columns[Field.STATUS], unsent=self._format.unsent)
        good &= known & self._asked(told, texts)
        sizes = columns.get(Field.SIZE)
        fields = Fields(
            lines,
            seconds,
            status,
            np.zeros_like(seconds) if sizes is None else amounts_of(sizes, none=0),
            {field: self._told(field, column) for field, column in texts.items()},
            dict(self._measures(columns)),
        )
        if not good.all():
            fields = _kept(fields, good)
        rest = np.ones(len(table), dtype=np.bool_)
        rest[fields.lines] = False
        decided = self._decide(np.flatnonzero(rest).tolist(), table.line)
        return batch_of([fields], decided, table.chunk, self._format)

    def _decoded(self, table: LineTable) -> Sequence[Any]:
        """Return an object for each line, an empty one where the line tells no such object."""
        # There are as many objects only if each line is one, as `plain_lines` says why.
        if (table.bytes[table.starts] == _OPEN).all() and (
            table.bytes[table.ends - 1] == _CLOSE
        ).all():
            with suppress(*NOT_DECODED):
                objects = self._decoder.decode_lines(table.chunk)
                if len(objects) == len(table):
                    return objects
        return [self._decoded_line(table.line(number)) for number in range(len(table))]

    def _decoded_line(self, line: bytes) -> Any:
        try:
            return self._decoder.decode(line)
        except NOT_DECODED:
            return self._nothing

    def _asked(self, told: Told, texts: Mapping[Field, pa.Array]) -> Mask:
        """Tell in which lines something was asked for."""
        asked: Mask = texts[self._format.asked.field].is_valid().to_numpy(zero_copy_only=False)
        mark = self._format.mark
        if mark is None:
            return asked
        return asked & _equal_to(told[mark.path], mark.text)

    def _told(self, field: Field, texts: pa.Array) -> pa.Array:
        texts = texts.fill_null(_NONE)
        empty = pc.equal(pc.binary_length(texts), _NO_BYTES)
        if pc.any(empty).as_py():
            texts = pc.if_else(empty, _NONE, texts)
        transform = self._format.by_field[field].transform
        if transform is Transform.WITHOUT_PORT:
            return without_ports(texts)
        return transformed(texts, transform)

    def _measures(self, columns: Mapping[Field, Values]) -> Iterator[tuple[Measure, Ints]]:
        for field, measure in MEASURES.items():
            if field is Field.BYTES_IN and field in columns:
                yield measure, amounts_of(columns[field], UNKNOWN)
            elif field in columns:
                yield measure, spans_of(columns[field], self._format.by_field[field].unit)


def _kept(fields: Fields, good: Mask) -> Fields:
    return Fields(
        fields.lines[good],
        fields.seconds[good],
        fields.status[good],
        fields.sizes[good],
        {field: texts.filter(good) for field, texts in fields.texts.items()},
        {measure: values[good] for measure, values in fields.measures.items()},
    )


def _tree_of(paths: Iterable[Path]) -> Tree:
    tree: Tree = {}
    for path in paths:
        branch = tree
        for name in path:
            branch = branch.setdefault(name, {})
    return tree


def _struct_of(tree: Tree) -> type[msgspec.Struct]:
    """Return the type of objects with these members, each None if a line does not have it."""
    kinds = {name: _struct_of(branch) if branch else None for name, branch in tree.items()}
    members = [
        (_attribute(at), Any if kind is None else kind, None if kind is None else kind())
        for at, kind in enumerate(kinds.values())
    ]
    names = {_attribute(at): name for at, name in enumerate(kinds)}
    return msgspec.defstruct("Members", members, rename=names, frozen=True, gc=False)


def _attribute(number: int) -> str:
    return f"member_{number}"  # names in JSON need not be names in Python


def _columns(objects: Iterable[Any], tree: Tree) -> Iterator[tuple[Path, list[Any]]]:
    """Yield the path and the values of each member."""
    for at, (name, branch) in enumerate(tree.items()):
        values = list(map(attrgetter(_attribute(at)), objects))
        if branch:
            yield from (((name, *path), column) for path, column in _columns(values, branch))
        else:
            yield (name,), values


def _first_told(columns: Sequence[Values]) -> Values:
    """Return in each line the first of several values that is not None.

    Raises NotPlain for Arrow arrays that are not plain, or of different types.
    """
    if all(isinstance(column, pa.Array) for column in columns):
        return reduce(_coalesced, map(plain_values, columns))
    values, *others = columns
    for more in others:
        if None in values:
            pairs = zip(values, more, strict=True)
            values = [other if value is None else value for value, other in pairs]
    return values


def _coalesced(values: pa.Array, others: pa.Array) -> pa.Array:
    if pa.types.is_null(values.type):
        return others
    if not values.null_count or pa.types.is_null(others.type):
        return values
    if values.type != others.type:
        raise NotPlain
    return pc.coalesce(values, others)


def _equal_to(values: Values, text: str) -> Mask:
    """Tell which values are this text."""
    if not isinstance(values, pa.Array):
        return np.array([value == text for value in values], dtype=np.bool_)
    if pa.types.is_string(values.type):
        found: Mask = (
            pc.equal(values, pa.scalar(text, pa.string()))
            .fill_null(_FALSE)
            .to_numpy(zero_copy_only=False)
        )
        return found
    return np.zeros(len(values), dtype=np.bool_)
