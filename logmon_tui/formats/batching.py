"""Builds HitBatches: the one place where columns of both parsers are put together."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.line_parser import Hit
from logmon_tui.formats.log_format import Field, LogFormat
from logmon_tui.formats.unparsed import KEPT_LINES, UnparsedLine
from logmon_tui.formats.values import Request, split_request

TAIL_LINES = 200
_TAIL_BYTES = 2_000

TEXT_DIMENSIONS = {
    Field.HOST: Dimension.HOST,
    Field.USER: Dimension.USER,
    Field.REFERRER: Dimension.REFERRER,
    Field.USER_AGENT: Dimension.USER_AGENT,
}
"""The dimensions that are fields of the line as they stand."""

_REQUEST_PARTS: dict[Dimension, Callable[[Request], bytes]] = {
    Dimension.METHOD: lambda request: request.method,
    Dimension.PATH: lambda request: request.path,
    Dimension.SECTION: lambda request: request.section,
}


def encode(values: Iterable[bytes]) -> Column:
    """Return a column for `values`, one for each hit."""
    numbers: dict[bytes, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in values]
    return Column(list(numbers), np.array(codes, dtype=np.int32))


def joined(first: Column, second: Column) -> Column:
    """Return the hits of `first`, then those of `second`, over one list of distinct values."""
    if not len(second.codes):
        return first
    numbers = {value: number for number, value in enumerate(first.values)}
    places = [numbers.setdefault(value, len(numbers)) for value in second.values]
    codes = np.array(places, dtype=np.int32)[second.codes]
    return Column(list(numbers), np.concatenate([first.codes, codes]))


def request_columns(requests: Column) -> dict[Dimension, Column]:
    """Take request lines apart into methods, paths and sections, once for each distinct line."""
    parts = [split_request(value) for value in requests.values]
    columns = {}
    for dimension, part in _REQUEST_PARTS.items():
        distinct = encode(part(request) for request in parts)
        columns[dimension] = Column(distinct.values, distinct.codes[requests.codes])
    return columns


def batch_of_hits(hits: Sequence[Hit], log_format: LogFormat) -> HitBatch:
    """Return the batch of line-parser `hits`."""
    columns = request_columns(encode(hit.request for hit in hits))
    for field, dimension in TEXT_DIMENSIONS.items():
        if field in log_format.groups:
            columns[dimension] = encode(getattr(hit, dimension) for hit in hits)
    return HitBatch(
        np.array([hit.second for hit in hits], dtype=np.int64),
        np.array([hit.status for hit in hits], dtype=np.int64),
        np.array([hit.size for hit in hits], dtype=np.int64),
        columns,
    )


def interleaved(
    first: HitBatch, first_lines: NDArray[np.intp], second: HitBatch, second_lines: NDArray[np.intp]
) -> HitBatch:
    """Merge two batches of one chunk into the order of their line numbers."""
    if not len(second):
        return first
    order = np.argsort(np.concatenate([first_lines, second_lines]), kind="stable")
    columns = {
        dimension: joined(column, second.columns[dimension])
        for dimension, column in first.columns.items()
    }
    return HitBatch(
        np.concatenate([first.seconds, second.seconds]),
        np.concatenate([first.status, second.status]),
        np.concatenate([first.sizes, second.sizes]),
        columns,
    ).select(order)


def with_remainder(
    hits: HitBatch,
    chunk: bytes,
    log_format: LogFormat,
    unparsed: Sequence[UnparsedLine],
    count: int,
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
    lines = chunk.removesuffix(b"\n").rsplit(b"\n", TAIL_LINES)[-TAIL_LINES:]
    return tuple(line[:_TAIL_BYTES] for line in lines)
