"""How columns of JSON values are read: the readings of `json_readings.py`, for a whole chunk.

The values of a column are as a decoder has made them, or an Arrow array of numbers, of texts or of
nulls, whose texts may be no UTF-8. Where all are numbers, or all texts, as they nearly always are,
they are read together; whatever is not plain is read one by one.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from logmon_tui.formats.columns import read_column
from logmon_tui.formats.hit import NONE, UNKNOWN
from logmon_tui.formats.hit_batch import TEXT
from logmon_tui.formats.json_arrow import Mask, NotPlain
from logmon_tui.formats.json_readings import (
    AMOUNT,
    CLOCKS,
    EARLIEST,
    EPOCH_LIMITS,
    LATEST,
    LONGEST_SPAN,
    MOST_BYTES,
    NUMBER,
    read_amount,
    read_span,
    read_status,
    read_time,
    text_of,
)
from logmon_tui.formats.lines import LineTable
from logmon_tui.formats.readings import Unit

Ints: TypeAlias = NDArray[np.int64]
Values: TypeAlias = Sequence[Any] | pa.Array
Found: TypeAlias = tuple[Ints, Mask]
"""The values of a column, and which lines have one; both of shape (lines,)."""

_NOT_PLAIN = (pa.ArrowException, OverflowError)
"""What Arrow raises for a column of mixed types, and for numbers beyond 64 bits."""


def texts_of(values: Values) -> pa.Array:
    """Return what `text_of` does of each value, null for None.

    Raises NotPlain for an Arrow array of floating-point numbers, as those have lost their digits.
    """
    if isinstance(values, pa.Array):
        if pa.types.is_float64(values.type):
            raise NotPlain
        return values.cast(pa.string()).cast(TEXT)
    try:
        return pa.array(values, TEXT)
    except _NOT_PLAIN:
        firsts = [value[0] if type(value) is list and value else value for value in values]
    try:
        if _kinds(firsts) == {int}:
            return pa.array(firsts, pa.int64()).cast(pa.string()).cast(TEXT)
        return pa.array(firsts, TEXT)
    except _NOT_PLAIN:
        return pa.array(map(text_of, values), TEXT)


def _kinds(values: Sequence[Any]) -> set[type]:
    return set(map(type, values)) - {type(None)}


def _array(values: Values) -> pa.Array:
    """Return a column of numbers or texts; of nulls, if it is neither.

    Arrow is told the type, because finding it out takes it longer than all else. Raises one of
    `_NOT_PLAIN` when there are more kinds of values.
    """
    if isinstance(values, pa.Array):
        return values
    kinds = _kinds(values)
    if kinds == {str}:
        return pa.array(values, pa.string())
    if kinds == {int}:
        return pa.array(values, pa.int64())
    return pa.array(values, pa.float64() if kinds and kinds <= {int, float} else pa.null())


_PORT = r"^(?:(\[\]:[0-9]{1,5})|(?:\[([^\]]+)\]|([^:]+)):[0-9]{1,5}|\[([^\]:]*:[^\]]*)\])$"
"""The host is one of its groups; a host of nothing in brackets stays as it is."""


def without_ports(texts: pa.Array) -> pa.Array:
    """Return what `Transform.WITHOUT_PORT` does of each text.

    By columns, for each connection has a port of its own.
    """
    if not pc.any(pc.match_substring(texts, ":")).as_py():
        return texts
    distinct = texts.dictionary_encode()
    hosts = pc.replace_substring_regex(distinct.dictionary, _PORT, r"\1\2\3\4")
    return hosts.take(distinct.indices)


def times_of(values: Values) -> Found:
    """Return the seconds that `read_time` reads in each value."""
    return _read(values, read_time, _times)


def status_of(values: Values, *, unsent: bool) -> Found:
    """Return the codes that `read_status` reads in each value, 0 for None if that is `unsent`."""
    return _read(_with_zeros(values) if unsent else values, read_status, _status)


def _with_zeros(values: Values) -> Values:
    if not isinstance(values, pa.Array):
        return [0 if value is None else value for value in values]
    if pa.types.is_null(values.type):
        return pa.repeat(0, len(values))
    return values.fill_null(pa.scalar(0, pa.int64()).cast(values.type))


def amounts_of(values: Values, none: int) -> Ints:
    """Return what `read_amount` reads in each value."""

    def read(value: Any) -> int:
        return read_amount(value, none)

    return _read(values, read, lambda array: _amounts(array, none))[0]


def spans_of(values: Values, unit: Unit) -> Ints:
    """Return what `read_span` reads in each value."""

    def read(value: Any) -> int:
        return read_span(value, unit)

    return _read(values, read, lambda array: _spans(array, unit))[0]


def _read(
    values: Values, read: Callable[[Any], int | None], plainly: Callable[[pa.Array], Found]
) -> Found:
    """Read the column `plainly`, and those values one by one that this is not sure of."""
    try:
        found, sure = plainly(_array(values))
    except _NOT_PLAIN:
        found, sure = _nothing(len(values))
    rows = np.flatnonzero(~sure)
    for row, item in zip(rows.tolist(), _items(values, rows), strict=True):
        value = read(item)
        if value is not None:
            found[row], sure[row] = value, True
    return found, sure


def _items(values: Values, rows: NDArray[np.intp]) -> list[Any]:
    """Return the values of these rows as a decoder makes them."""
    if not isinstance(values, pa.Array):
        return [values[row] for row in rows.tolist()]
    items = values.take(pa.array(rows, pa.int64()))
    is_text = pa.types.is_string(items.type)
    found: list[Any] = (items.cast(TEXT) if is_text else items).to_pylist()
    if not is_text:
        return found
    return [text if text is None else text.decode("utf-8", "surrogateescape") for text in found]


def _nothing(lines: int) -> Found:
    return np.zeros(lines, dtype=np.int64), np.zeros(lines, dtype=np.bool_)


def _numbers(array: pa.Array, none: float) -> NDArray[Any] | None:
    """Return the numbers of a column, `none` for null; None if it has others than numbers."""
    if pa.types.is_null(array.type):
        return np.full(len(array), int(none))
    if pa.types.is_int64(array.type) or pa.types.is_float64(array.type):
        numbers = array.fill_null(none) if array.null_count else array
        return np.array(numbers.to_numpy())
    return None


_SCALES = np.array([1, 10**3, 10**6, 10**9])
_LIMITS = np.array(EPOCH_LIMITS)


def _times(array: pa.Array) -> Found:
    if pa.types.is_string(array.type):
        return _times_of_texts(array)
    numbers = _numbers(array, 0)
    if numbers is None:
        return _nothing(len(array))
    sure = (numbers >= EARLIEST) & (numbers < LATEST)
    numbers[~sure] = 0
    scales = _SCALES[np.searchsorted(_LIMITS, numbers, side="right")]
    if numbers.dtype == np.int64:
        return numbers // scales, sure
    return np.floor(numbers / scales).astype(np.int64), sure


def _times_of_texts(texts: pa.Array) -> Found:
    found, sure = _nothing(len(texts))
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[: len(texts) + 1].astype(np.intp)
    table = LineTable(texts.buffers()[2].to_pybytes() + b"\n", b"")
    for clock in CLOCKS:
        rows = np.flatnonzero(~sure)
        if not len(rows):
            break
        found[rows], sure[rows] = read_column(table, clock, offsets[rows], offsets[rows + 1])
    return found, sure


def _status(array: pa.Array) -> Found:
    if pa.types.is_string(array.type):
        distinct = array.dictionary_encode()
        texts = distinct.dictionary
        read = [read_status(text) for text in _items(texts, np.arange(len(texts)))]
        codes = np.array([-1 if code is None else code for code in read] + [-1], dtype=np.int64)
        found = codes[distinct.indices.fill_null(len(read)).to_numpy()]
        return found, found >= 0
    numbers = _numbers(array, -1)
    if numbers is None:
        return _nothing(len(array))
    return _whole(numbers, (numbers == 0) | ((numbers >= 100) & (numbers <= 999)))


def _whole(numbers: NDArray[Any], sure: Mask) -> Found:
    if numbers.dtype == np.int64:
        return numbers, sure
    numbers[~sure] = 0
    return numbers.astype(np.int64), sure & (numbers == np.floor(numbers))


def _amounts(array: pa.Array, none: int) -> Found:
    if pa.types.is_string(array.type):
        plain = _matches(array, AMOUNT)
        found = pc.if_else(plain, array, _NO_DIGITS).cast(pa.int64()).to_numpy().copy()
        return found, plain.to_numpy(zero_copy_only=False).copy()
    numbers = _numbers(array, none)
    if numbers is None:
        return _nothing(len(array))
    return _whole(numbers, (numbers >= min(none, 0)) & (numbers < MOST_BYTES))


def _spans(array: pa.Array, unit: Unit) -> Found:
    if pa.types.is_string(array.type):
        return _spans_of_texts(array, unit)
    numbers = _numbers(array, UNKNOWN)
    if numbers is None:
        return _nothing(len(array))
    return _microseconds(numbers.astype(np.float64), float(unit.value))


def _microseconds(numbers: NDArray[np.float64], units: float | NDArray[np.float64]) -> Found:
    sure = (numbers >= 0) & (numbers < LONGEST_SPAN)
    numbers[~sure] = 0
    found = np.floor(numbers * 1_000_000 / units + 0.5)
    sure &= found < LONGEST_SPAN
    found[~sure] = 0
    return found.astype(np.int64), sure


_NO_DIGITS = pa.scalar("0", pa.string())
_NO_SPANS = pa.array([None, "", NONE.decode()], pa.string())
_FALSE = pa.scalar(value=False, type=pa.bool_())


def _spans_of_texts(texts: pa.Array, unit: Unit) -> Found:
    plain = _matches(texts, NUMBER + "s?")
    numbers = pc.utf8_rtrim(pc.if_else(plain, texts, _NO_DIGITS), "s").cast(pa.float64())
    in_seconds = _known(pc.ends_with(texts, "s")).to_numpy(zero_copy_only=False)
    units = np.where(in_seconds, 1.0, float(unit.value))
    found, sure = _microseconds(numbers.to_numpy().copy(), units)
    sure &= plain.to_numpy(zero_copy_only=False)
    none = pc.is_in(texts, _NO_SPANS)
    unknown = none.to_numpy(zero_copy_only=False)
    found[unknown] = UNKNOWN
    return found, sure | unknown


def _matches(texts: pa.Array, pattern: str) -> pa.Array:
    """Return which of `texts` match the pattern as a whole; null does not."""
    return _known(pc.match_substring_regex(texts, f"^(?:{pattern})$"))


def _known(mask: pa.Array) -> pa.Array:
    return mask.fill_null(_FALSE)
