"""Builds HitBatches: the one place where texts become columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from logmon_tui.formats.field import MEASURES, TEXTS, Field
from logmon_tui.formats.hit import NO_RESOLUTION, NONE, Hit, Measure, finest
from logmon_tui.formats.hit_batch import TEXT, Column, Dimension, HitBatch
from logmon_tui.formats.log_format import LogFormat
from logmon_tui.formats.transforms import Transform
from logmon_tui.formats.unparsed import KEPT_LINES, UnparsedLine
from logmon_tui.formats.values import (
    USUAL_REQUEST,
    method_of,
    path_of,
    section_of,
    split_request,
)

TAIL_LINES = 200
_TAIL_BYTES = 2_000

LONGEST_TEXT = 1_000
"""Bytes of a text that are kept: whoever sends requests chooses paths, agents and referrers."""

TEXT_FIELDS = {
    Field.HOST: Dimension.HOST,
    Field.USER: Dimension.USER,
    Field.REFERRER: Dimension.REFERRER,
    Field.USER_AGENT: Dimension.USER_AGENT,
    Field.VIRTUAL_HOST: Dimension.VIRTUAL_HOST,
    Field.TLS: Dimension.TLS,
}
"""The dimensions that are fields of the line as they stand."""

_REQUEST_PARTS = (Dimension.METHOD, Dimension.PATH, Dimension.SECTION)

Ints: TypeAlias = NDArray[np.int64]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """The fields of n hits of one format, by columns.

    `lines` are the numbers of their lines, `texts` binary arrays or dictionaries of such, all of
    shape (n,).
    """

    lines: NDArray[np.intp]
    seconds: Ints
    status: Ints
    sizes: Ints
    texts: Mapping[Field, pa.Array]
    measures: Mapping[Measure, Ints]

    def where(self, good: NDArray[np.bool_]) -> "Fields":
        """Return the fields of the hits that are `good`."""
        return Fields(
            self.lines[good],
            self.seconds[good],
            self.status[good],
            self.sizes[good],
            {field: _filtered(texts, good) for field, texts in self.texts.items()},
            {measure: values[good] for measure, values in self.measures.items()},
        )


def _filtered(texts: pa.Array, good: NDArray[np.bool_]) -> pa.Array:
    """Return the texts of the `good` hits; what no hit has is in no dictionary."""
    kept = texts.filter(good)
    return kept.dictionary_decode().dictionary_encode() if _is_encoded(kept) else kept


@dataclass(frozen=True, slots=True)
class Decided:
    """What the line parser made of some lines: `hits`, with the numbers of their `lines`.

    `unparsed_at` are the numbers of the lines that are no hits, ascending, and `unparsed` those
    of them that are kept; `others` counts lines that are none either but are in order.
    """

    hits: Sequence[Hit] = ()
    lines: Sequence[int] = ()
    unparsed: Sequence[UnparsedLine] = ()
    unparsed_at: Sequence[int] = ()
    others: int = 0


def sliced(chunk: bytes, start: NDArray[np.int32], stop: NDArray[np.int32]) -> pa.Array:
    """Return the texts of `chunk`, less than 2 GiB, from each `start` to each `stop`, ascending."""
    bounds = np.zeros(2 * len(start) + 1, dtype=np.int32)
    bounds[0:-1:2], bounds[1::2] = start, stop
    bounds[-1] = bounds[-2:].max()
    # Binary arrays have no gaps, so between two texts stands what is between them in the chunk.
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(chunk)]
    whole = pa.Array.from_buffers(TEXT, 2 * len(start), buffers)
    return whole.take(pa.array(np.arange(0, 2 * len(start), 2, dtype=np.int32)))


def batch_of(
    parts: Sequence[Fields], decided: Decided, chunk: bytes, log_format: LogFormat
) -> HitBatch:
    """Return the batch of `chunk`: what was found by columns, and what the line parser decided.

    All `parts`, of which there is one at least, know the same texts and measures.
    """
    if decided.hits:
        parts = [*parts, fields_of_hits(decided.hits, decided.lines, log_format)]
    lines, order = parts[0].lines, None
    if len(parts) > 1:
        lines = np.concatenate([part.lines for part in parts])
        order = np.argsort(lines, kind="stable")
        lines = lines[order]

    def together(columns: Iterable[Ints]) -> Ints:
        return np.concatenate(list(columns))[order] if len(parts) > 1 else next(iter(columns))

    texts = {field: [part.texts[field] for part in parts] for field in parts[0].texts}
    measures = {
        measure: together(part.measures[measure] for part in parts) for measure in parts[0].measures
    }
    return HitBatch(
        together(part.seconds for part in parts),
        together(part.status for part in parts),
        together(part.sizes for part in parts),
        columns_of(texts, order),
        unparsed_after=np.searchsorted(lines, decided.unparsed_at),
        unparsed_lines=tuple(decided.unparsed[-KEPT_LINES:]),
        first_unparsed=decided.unparsed[0] if decided.unparsed else None,
        unparsed_at=tuple(first_and_newest(decided.unparsed_at)),
        others=decided.others,
        tail=tail_of(chunk),
        format_name=log_format.name,
        measures=measures,
        resolution=finest(log_format.resolution, *map(_resolution, _times(measures))),
    )


def first_and_newest(unparsed: Sequence[T]) -> Sequence[T]:
    """Return what is kept of lines that are no hits.

    The very first is kept too, beside the newest: it is what a wrong format shows best.
    """
    if len(unparsed) <= KEPT_LINES:
        return unparsed
    return [unparsed[0], *unparsed[-KEPT_LINES:]]


def _times(measures: Mapping[Measure, Ints]) -> Iterator[Ints]:
    yield from (values for measure, values in measures.items() if measure is not Measure.BYTES_IN)


_SECOND, _MILLISECOND, _MICROSECOND = 1_000_000, 1_000, 1


def _resolution(times: Ints) -> int:
    """Return a second, millisecond or microsecond: what times in microseconds are multiples of."""
    times = times[times > 0]
    if not len(times):
        return NO_RESOLUTION
    if (times % _MILLISECOND).any():
        return _MICROSECOND
    return _MILLISECOND if (times % _SECOND).any() else _SECOND


def columns_of(
    texts: Mapping[Field, Sequence[pa.Array]], order: NDArray[np.intp] | None = None
) -> dict[Dimension, Column]:
    """Return the columns of every dimension that the fields' texts bring.

    The texts of a field come in several arrays. `order` says which of them each hit has, if it
    is not the first that has the first.
    """
    columns = {}
    if Field.REQUEST in texts:
        distinct, codes = _encoded(texts[Field.REQUEST], order)
        parts = _request_parts(distinct)
    else:
        columns[Dimension.METHOD] = _methods(*_encoded(texts[Field.METHOD], order))
        distinct, codes = _encoded(texts[Field.TARGET], order)
        parts = _target_parts(distinct)
    for dimension, part in parts.items():
        values, places = _encoded([part])
        columns[dimension] = _column(values, places[codes])
    for field, dimension in TEXT_FIELDS.items():
        if field in texts:
            columns[dimension] = _column(*_encoded(texts[field], order))
    return columns


def _encoded(
    texts: Sequence[pa.Array], order: NDArray[np.intp] | None = None
) -> tuple[pa.Array, NDArray[np.int32]]:
    """Return the distinct texts, and for each hit the number of its text among them."""
    encoded = [each if _is_encoded(each) else each.dictionary_encode() for each in texts]
    if not encoded:
        return pa.array([], TEXT), np.empty(0, dtype=np.int32)
    if len(encoded) > 1:
        encoded = pa.chunked_array(encoded).unify_dictionaries().chunks
    codes = np.concatenate([each.indices.to_numpy() for each in encoded])
    return encoded[-1].dictionary, codes if order is None else codes[order]


def _is_encoded(texts: pa.Array) -> bool:
    return bool(pa.types.is_dictionary(texts.type))


def _column(distinct: pa.Array, codes: NDArray[np.int32]) -> Column:
    if (pc.max(pc.binary_length(distinct)).as_py() or 0) <= LONGEST_TEXT:
        return Column(distinct, codes)
    cropped, places = _encoded([pa.array(map(_cropped, distinct.to_pylist()), TEXT)])
    return Column(cropped, places[codes])


def _cropped(text: bytes) -> bytes:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…".encode()


def _request_parts(requests: pa.Array) -> dict[Dimension, pa.Array]:
    """Take distinct request lines apart into methods, paths and sections."""
    found = pc.extract_regex(requests, USUAL_REQUEST)
    odd = found.is_null()
    unusual = [split_request(request) for request in requests.filter(odd).to_pylist()]
    parts = {}
    for place, dimension in enumerate(_REQUEST_PARTS):
        texts = found.field(dimension.value)
        if unusual:
            replacing = pa.array([request[place] for request in unusual], TEXT)
            texts = pc.replace_with_mask(texts, odd, replacing)
        parts[dimension] = texts
    return parts


_USUAL_TARGET = r"^(?P<path>(?P<section>/[^/?# ]*)(?:/[^?# ]*)?)(?:[?#].*)?$"
"""What `path_of` and `section_of` do, for targets of the usual form, as an RE2 expression."""


def _target_parts(targets: pa.Array) -> dict[Dimension, pa.Array]:
    """Take distinct request targets apart into paths and sections."""
    found = pc.extract_regex(targets, _USUAL_TARGET)
    odd = found.is_null()
    unusual = [path_of(target) if target else NONE for target in targets.filter(odd).to_pylist()]
    paths, sections = found.field("path"), found.field("section")
    if unusual:
        paths = pc.replace_with_mask(paths, odd, pa.array(unusual, TEXT))
        sections = pc.replace_with_mask(sections, odd, pa.array(map(section_of, unusual), TEXT))
    return {Dimension.PATH: paths, Dimension.SECTION: sections}


def _methods(distinct: pa.Array, codes: NDArray[np.int32]) -> Column:
    methods = pa.array(map(method_of, distinct.to_pylist()), TEXT)
    values, places = _encoded([methods])
    return _column(values, places[codes])


def transformed(texts: pa.Array, transform: Transform | None) -> pa.Array:
    """Return what `texts` stand for."""
    if transform is None:
        return texts
    distinct, codes = _encoded([texts])
    # Several texts may stand for the same.
    known = pa.array(map(transform, distinct.to_pylist()), TEXT).dictionary_encode()
    return pa.DictionaryArray.from_arrays(known.indices.take(pa.array(codes)), known.dictionary)


def fields_of_hits(hits: Sequence[Hit], lines: Sequence[int], log_format: LogFormat) -> Fields:
    """Return the fields of line-parser `hits` on these `lines`."""
    numbers = np.array([hit[:3] for hit in hits], dtype=np.int64).reshape(-1, 3)
    return Fields(
        np.array(lines, dtype=np.intp),
        numbers[:, 0],
        numbers[:, 1],
        numbers[:, 2],
        texts={
            field: pa.array([getattr(hit, name) for hit in hits], TEXT)
            for field, name in TEXTS.items()
            if field in log_format.fields
        },
        measures={
            measure: np.array([getattr(hit, measure) for hit in hits], dtype=np.int64)
            for field, measure in MEASURES.items()
            if field in log_format.fields
        },
    )


def batch_of_hits(hits: Sequence[Hit], log_format: LogFormat) -> HitBatch:
    """Return the batch of line-parser `hits`, without what else their log has."""
    fields = fields_of_hits(hits, range(len(hits)), log_format)
    texts = {field: [column] for field, column in fields.texts.items()}
    return HitBatch(
        fields.seconds, fields.status, fields.sizes, columns_of(texts), measures=fields.measures
    )


def tail_of(chunk: bytes) -> tuple[bytes, ...]:
    """Return the newest lines of a chunk, each cut to what a screen can show."""
    end = len(chunk) - chunk.endswith(b"\n")
    start = end
    for _ in range(TAIL_LINES):  # splitting the whole chunk would copy it
        start = chunk.rfind(b"\n", 0, start)
        if start < 0:
            break
    return tuple(line[:_TAIL_BYTES] for line in chunk[start + 1 : end].split(b"\n"))
