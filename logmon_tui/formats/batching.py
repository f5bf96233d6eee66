"""Builds HitBatches: the one place where texts become columns."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from logmon_tui.formats.hit_batch import TEXT, Column, Dimension, HitBatch
from logmon_tui.formats.line_parser import Hit
from logmon_tui.formats.log_format import Field, LogFormat
from logmon_tui.formats.unparsed import KEPT_LINES, UnparsedLine
from logmon_tui.formats.values import USUAL_REQUEST, split_request

TAIL_LINES = 200
_TAIL_BYTES = 2_000

LONGEST_TEXT = 1_000
"""Bytes of a text that are kept: whoever sends requests chooses paths, agents and referrers."""

TEXT_FIELDS = {
    Field.HOST: Dimension.HOST,
    Field.USER: Dimension.USER,
    Field.REFERRER: Dimension.REFERRER,
    Field.USER_AGENT: Dimension.USER_AGENT,
}
"""The dimensions that are fields of the line as they stand."""

_REQUEST_PARTS = (Dimension.METHOD, Dimension.PATH, Dimension.SECTION)


def sliced(chunk: bytes, start: NDArray[np.intp], stop: NDArray[np.intp]) -> pa.Array:
    """Return the texts of `chunk`, less than 2 GiB, from each `start` to each `stop`, ascending."""
    bounds = np.zeros(2 * len(start) + 1, dtype=np.int32)
    bounds[0:-1:2], bounds[1::2] = start, stop
    bounds[-1] = bounds[-2:].max()
    # Binary arrays have no gaps, so between two texts stands what is between them in the chunk.
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(chunk)]
    whole = pa.Array.from_buffers(TEXT, 2 * len(start), buffers)
    return whole.take(pa.array(np.arange(0, 2 * len(start), 2, dtype=np.int32)))


def columns_of(
    texts: Mapping[Field, Sequence[pa.Array]], order: NDArray[np.intp] | None = None
) -> dict[Dimension, Column]:
    """Return the columns of every dimension that the fields' texts bring.

    The texts of a field come in several arrays. `order` says which of them each hit has, if it
    is not the first that has the first.
    """
    columns = {}
    distinct, codes = _encoded(texts[Field.REQUEST], order)
    for dimension, parts in _request_parts(distinct).items():
        values, places = _encoded([parts])
        columns[dimension] = _column(values, places[codes])
    for field, dimension in TEXT_FIELDS.items():
        if field in texts:
            columns[dimension] = _column(*_encoded(texts[field], order))
    return columns


def _encoded(
    texts: Sequence[pa.Array], order: NDArray[np.intp] | None = None
) -> tuple[pa.Array, NDArray[np.int32]]:
    """Return the distinct texts, and for each hit the number of its text among them."""
    parts = pa.chunked_array(texts, TEXT).dictionary_encode().chunks  # of one dictionary
    if not parts:
        return pa.array([], TEXT), np.empty(0, dtype=np.int32)
    codes = np.concatenate([part.indices.to_numpy() for part in parts])
    return parts[-1].dictionary, codes if order is None else codes[order]


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


def texts_of(hits: Sequence[Hit], log_format: LogFormat) -> dict[Field, pa.Array]:
    """Return the texts of line-parser `hits`, binary, by the fields that the format has."""
    fields = (Field.REQUEST, *TEXT_FIELDS)
    return {
        field: pa.array([getattr(hit, field.name.lower()) for hit in hits], TEXT)
        for field in fields
        if field in log_format.groups
    }


def numbers_of(
    hits: Sequence[Hit],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the seconds, the status codes and the sizes of line-parser `hits`."""
    numbers = np.array([hit[:3] for hit in hits], dtype=np.int64).reshape(-1, 3)
    return numbers[:, 0], numbers[:, 1], numbers[:, 2]


def batch_of_hits(hits: Sequence[Hit], log_format: LogFormat) -> HitBatch:
    """Return the batch of line-parser `hits`."""
    texts = {field: [part] for field, part in texts_of(hits, log_format).items()}
    return HitBatch(*numbers_of(hits), columns_of(texts))


def with_remainder(
    hits: HitBatch,
    chunk: bytes,
    log_format: LogFormat,
    unparsed: Sequence[UnparsedLine] = (),
    count: int = 0,
) -> HitBatch:
    """Return `hits` with what else the chunk held: `count` lines that were none, and its tail."""
    return HitBatch(
        hits.seconds,
        hits.status,
        hits.sizes,
        hits.columns,
        unparsed=count,
        unparsed_lines=tuple(unparsed[-KEPT_LINES:]),
        first_unparsed=unparsed[0] if unparsed else None,
        tail=tail_of(chunk),
        format_name=log_format.name,
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
