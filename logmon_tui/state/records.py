"""Packs buckets and other saved values into bytes, and unpacks them with every type checked.

The bytes are MessagePack in a zlib stream; its checksum detects damage.
"""

import zlib
from typing import Annotated, Any, TypeVar

import msgspec
from datasketches import hll_sketch

from logmon_tui.formats.model.hit import OWN_DIMENSIONS
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.figures import (
    CLASSED,
    CLASSES,
    UNCLASSED,
    UNTIMED,
    Figure,
    class_name,
)
from logmon_tui.metrics.histogram import BINS, Histogram
from logmon_tui.metrics.measured import Largest, Measured
from logmon_tui.metrics.tally import Tally

_LEVEL = 1
MAX_SUM = 2**63 - 1
"""Maximum sum of bytes saved; larger ones are cut off. It is MessagePack's largest integer, and no
real log reaches it."""

_Count = Annotated[int, msgspec.Meta(ge=0)]
_Status = Annotated[int, msgspec.Meta(ge=0, le=999)]
_Class = Annotated[int, msgspec.Meta(ge=0, lt=CLASSES)]
_Bin = Annotated[int, msgspec.Meta(ge=0, lt=BINS)]
_Kept = TypeVar("_Kept")


class DamagedError(Exception):
    """The stored bytes are damaged: they cannot be what was written."""


class _FigureRecord(msgspec.Struct, array_like=True):
    """A Figure; the key number `places[n]` of its tally has the sum `sums[n]`."""

    places: list[_Count]
    sums: list[_Count]
    other: _Count


class _TallyRecord(msgspec.Struct, array_like=True):
    """A Tally; the n-th key has the n-th hits and size (bytes).

    `figures` is None in versions before 4. `most_dropped` is None if it is not known, as in states
    of versions that did not save it.
    """

    keys: list[bytes]
    hits: list[_Count]
    sizes: list[int]
    other_hits: _Count
    other_size: int
    sketch: bytes | None
    figures: dict[str, _FigureRecord] | None = None
    most_dropped: _Count | None = None


_Bins = dict[_Bin, _Count]


class _MeasuredRecord(msgspec.Struct, array_like=True):
    """A Measured; `total_time` is None in versions before 4."""

    response_times: _Bins
    upstream_times: _Bins
    bytes_in: int
    receiving: _Count
    by_key: dict[Dimension, dict[bytes, _Bins]]
    total_time: int | None = None


class _BucketRecord(msgspec.Struct, array_like=True):
    """A MetricsBucket; `sections` are (section, status class, hits) of versions before 4.

    `longest` are the longest response time and upstream time (µs). Version 1 of the state ended
    with `sizes`.
    """

    hits: _Count
    size: int
    largest: _Count
    detail: bool
    status: dict[_Status, _Count]
    tallies: dict[Dimension, _TallyRecord]
    sections: list[tuple[bytes, _Class, _Count]]
    sizes: _Bins
    measured: _MeasuredRecord | None = None
    longest: tuple[_Count, _Count] = (0, 0)


def packed(value: Any) -> bytes:
    """Return the bytes of a record."""
    return zlib.compress(msgspec.msgpack.encode(value), _LEVEL)


def unpacked(data: bytes, kind: type[_Kept]) -> _Kept:
    """Return the record of type `kind` in `data`. Raises DamagedError if there is none."""
    try:
        return msgspec.msgpack.decode(zlib.decompress(data), type=kind)
    except (zlib.error, msgspec.DecodeError, TypeError) as error:
        raise DamagedError(str(error)) from error


def packed_bucket(bucket: MetricsBucket) -> bytes:
    """Return the bytes of a bucket."""
    return packed(
        _BucketRecord(
            hits=bucket.hits,
            size=_cut(bucket.bytes),
            largest=bucket.largest.size,
            detail=bucket.detail,
            status=bucket.status,
            tallies={
                dimension: _record(tally)
                for dimension, tally in bucket.tallies.items()
                if tally.filled or dimension not in OWN_DIMENSIONS
            },
            sections=[],
            sizes=bucket.sizes.counts,
            measured=None if bucket.measured is None else _measured_record(bucket.measured),
            longest=bucket.largest[1:],
        )
    )


def _measured_record(measured: Measured) -> _MeasuredRecord:
    return _MeasuredRecord(
        response_times=measured.response_times.counts,
        upstream_times=measured.upstream_times.counts,
        bytes_in=_cut(measured.bytes_in),
        receiving=measured.receiving,
        by_key=measured.by_key,
        total_time=_cut(measured.total_time),
    )


def unpacked_bucket(data: bytes) -> MetricsBucket:
    """Return the bucket in `data`. Raises DamagedError if there is none."""
    record = unpacked(data, _BucketRecord)
    bucket = MetricsBucket(ALL_DIMENSIONS if record.detail else (), detail=record.detail)
    bucket.hits, bucket.bytes = record.hits, record.size
    bucket.largest = Largest(record.largest, *record.longest)
    bucket.status = record.status
    for dimension, tally in record.tallies.items():
        bucket.tallies[dimension] = _tally(tally)
    bucket.sizes = Histogram(record.sizes)
    if record.measured is not None:
        bucket.measured = _measured(record.measured)
    _note_unknown_figures(bucket, record)
    return bucket


def _note_unknown_figures(bucket: MetricsBucket, record: _BucketRecord) -> None:
    """Note which hits of earlier versions have no figures, so that none are shown for them."""
    timed = bucket.measured is not None and bool(bucket.measured.response_times.counts)
    for dimension in CLASSED:
        tally, saved = bucket.tallies.get(dimension), record.tallies.get(dimension)
        if tally is None or (saved is not None and saved.figures is not None):
            continue
        if dimension is Dimension.SECTION and not tally.other_hits:
            for key, digit, hits in record.sections:
                tally.figures.setdefault(class_name(digit), Figure()).by_key[key] = hits
        elif tally.hits or tally.other_hits:
            tally.figures[UNCLASSED] = Figure(other=bucket.hits)
        if timed:
            tally.figures[UNTIMED] = Figure(other=bucket.hits)


def _measured(record: _MeasuredRecord) -> Measured:
    measured = Measured()
    measured.response_times = Histogram(record.response_times)
    measured.upstream_times = Histogram(record.upstream_times)
    measured.bytes_in, measured.receiving = record.bytes_in, record.receiving
    measured.by_key = record.by_key
    total = record.total_time
    measured.total_time = round(measured.response_times.total()) if total is None else total
    return measured


def _record(tally: Tally) -> _TallyRecord:
    place_of = {key: place for place, key in enumerate(tally.hits)} if tally.figures else {}
    return _TallyRecord(
        keys=list(tally.hits),
        hits=list(tally.hits.values()),
        sizes=_all_cut([tally.bytes[key] for key in tally.hits]),
        other_hits=tally.other_hits,
        other_size=_cut(tally.other_bytes),
        sketch=None if tally.sketch is None else tally.sketch.serialize_compact(),
        figures={
            name: _FigureRecord(
                places=[place_of[key] for key in figure.by_key],
                sums=_all_cut([*figure.by_key.values()]),
                other=_cut(figure.other),
            )
            for name, figure in tally.figures.items()
        },
        most_dropped=tally.most_dropped,
    )


def _all_cut(sums: list[int]) -> list[int]:
    if sums and not -MAX_SUM <= min(sums) <= max(sums) <= MAX_SUM:
        return [_cut(each) for each in sums]
    return sums


def _cut(sum_of_bytes: int) -> int:
    return max(-MAX_SUM, min(sum_of_bytes, MAX_SUM))


def _tally(record: _TallyRecord) -> Tally:
    if not len(record.keys) == len(record.hits) == len(record.sizes):
        raise DamagedError("keys and counts differ in number")
    tally = Tally(
        dict(zip(record.keys, record.hits, strict=True)),
        dict(zip(record.keys, record.sizes, strict=True)),
    )
    tally.other_hits, tally.other_bytes = record.other_hits, record.other_size
    tally.most_dropped = record.most_dropped if record.other_hits else 0
    for name, figure in (record.figures or {}).items():
        tally.figures[name] = _figure(figure, record.keys)
    if record.sketch is not None:
        try:
            tally.sketch = hll_sketch.deserialize(record.sketch)
        except (ValueError, IndexError, RuntimeError) as error:
            raise DamagedError(str(error)) from error
    return tally


def _figure(record: _FigureRecord, keys: list[bytes]) -> Figure:
    try:
        sums = zip(record.places, record.sums, strict=True)
        by_key = {keys[place]: each for place, each in sums if each}
    except (IndexError, ValueError) as error:
        raise DamagedError(str(error)) from error
    return Figure(by_key, record.other)
