"""Answers a filter about the past, of which only top keys are known. Pure.

A filter about one dimension, a client or a path, chooses among the kept keys: a lower bound. One
about status codes is exact in total; by whole classes, such as `5xx`, it ranks sections, paths,
routes and clients too. Both together rank that one dimension. Nothing else can be answered.
"""

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np

from logmon_tui.filters.expression import Group, Groups, terms_of
from logmon_tui.filters.fields import Kind
from logmon_tui.filters.language import Filter
from logmon_tui.filters.masks import mask_of
from logmon_tui.formats.model.hit import NONE, OWN_DIMENSIONS
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.figures import CLASSED, Figure, class_name, limited
from logmon_tui.metrics.histogram import add_counts
from logmon_tui.metrics.measured import Measured
from logmon_tui.metrics.tally import Tally
from logmon_tui.monitor.window_view import FIELDS

_DERIVED = {
    Dimension.USER_AGENT: ("browsers", "systems", "bots", "agent_kinds"),
    Dimension.HOST: ("networks", "countries", "asns"),
}
"""Rankings that are made of a dimension's keys."""


class Answer(msgspec.Struct, frozen=True):
    """The hits that a filter takes, as far as they are known, and which `fields` of a Window are.

    Without fields the filter could not be answered, and the bucket is empty.
    """

    bucket: MetricsBucket
    fields: tuple[str, ...]


class _Parts(msgspec.Struct, frozen=True):
    """The groups of a filter about status codes, and those about the one `dimension`."""

    of_status: Groups
    of_keys: Groups
    dimension: Dimension | None


def answered(bucket: MetricsBucket, where: Filter) -> Answer:
    """Return what is known of those hits of `bucket` that `where` takes."""
    parts = _parts(where.groups)
    if parts is None:
        return Answer(MetricsBucket(), ())
    codes = _codes(bucket, parts.of_status)
    if parts.dimension is None:
        return _of_status(bucket, codes)
    if parts.dimension in OWN_DIMENSIONS and not bucket.tallies[parts.dimension].filled:
        return Answer(MetricsBucket(), ())  # another field was counted then, or none
    tally = _keys_of(bucket, parts.dimension, parts.of_keys)
    if parts.of_status:
        classes = _whole_classes(bucket, codes)
        if classes is None or not classes <= {*CLASSED.get(parts.dimension, ())}:
            return Answer(MetricsBucket(), ())
        tally = _of_classes(tally, classes)
    return _of_keys(bucket, parts.dimension, tally, where)


def _parts(groups: Groups) -> _Parts | None:
    """Return the parts of a filter; None if it cannot be answered."""
    of_status: list[Group] = []
    of_keys: list[Group] = []
    dimensions = set()
    for group in groups:
        about = {_about(each.known.kind, each.known.column) for each in terms_of((group,))}
        if about == {Kind.STATUS}:
            of_status.append(group)
        elif len(about) == 1 and isinstance(one := next(iter(about)), Dimension):
            of_keys.append(group)
            dimensions.add(one)
        else:
            return None
    if len(dimensions) > 1:
        return None
    return _Parts(tuple(of_status), tuple(of_keys), next(iter(dimensions), None))


def _about(kind: Kind, column: object) -> object:
    """Return what a term is about: Kind.STATUS, a dimension, or None for anything else."""
    if kind is Kind.STATUS:
        return kind
    return column if isinstance(column, Dimension) else None


def _codes(bucket: MetricsBucket, groups: Groups) -> set[int]:
    """Return the status codes of `bucket` that `groups` take."""
    codes = np.array([*bucket.status], dtype=np.int64)
    return set(codes[mask_of(groups, _batch(codes, {}))].tolist())


def _batch(
    status: "np.ndarray[tuple[int], np.dtype[np.int64]]", columns: Mapping[Dimension, Column]
) -> HitBatch:
    nothing = np.zeros(len(status), dtype=np.int64)
    return HitBatch(nothing, status, nothing, columns)


def _keys_of(bucket: MetricsBucket, dimension: Dimension, groups: Groups) -> Tally:
    """Return the keys of a dimension that `groups` take. Hits of a log without it have no key."""
    tally = bucket.tallies[dimension]
    if not tally.filled:
        tally = Tally({NONE: bucket.hits}, {NONE: bucket.bytes})
    keys = list(tally.hits)
    column = Column(keys, np.arange(len(keys), dtype=np.int32))
    fit = mask_of(groups, _batch(np.zeros(len(keys), dtype=np.int64), {dimension: column}))
    taken = {key for key, fits in zip(keys, fit.tolist(), strict=True) if fits}
    chosen = Tally(
        {key: tally.hits[key] for key in taken},
        {key: tally.bytes[key] for key in taken if key in tally.bytes},
    )
    chosen.figures = {
        name: Figure(figure.by_key) for name, figure in limited(tally.figures, taken).items()
    }
    return chosen


def _whole_classes(bucket: MetricsBucket, codes: set[int]) -> set[int] | None:
    """Return the status classes that `codes` are all codes of; None if they part a class."""
    classes = {code // 100 for code in codes}
    rest = {code // 100 for code in bucket.status if code not in codes}
    return None if classes & rest else classes


def _of_classes(tally: Tally, classes: set[int]) -> Tally:
    """Return the hits of some status classes by key. Their bytes are not known."""
    hits: dict[bytes, int] = {}
    found = Tally(hits)
    found.most_dropped = None
    for digit in classes:
        figure = tally.figures.get(class_name(digit))
        if figure is not None:
            add_counts(hits, figure.by_key)
            found.other_hits += figure.other
            found.most_dropped = None
            found.figures[class_name(digit)] = figure
    return found


def _of_status(bucket: MetricsBucket, codes: set[int]) -> Answer:
    answer = MetricsBucket()
    answer.status = {code: hits for code, hits in bucket.status.items() if code in codes}
    answer.hits = sum(answer.status.values())
    fields = ["status"]
    classes = _whole_classes(bucket, codes)
    for dimension, counted in CLASSED.items():
        if classes is not None and classes <= {*counted}:
            answer.tallies[dimension] = _of_classes(bucket.tallies[dimension], classes)
            fields += _names(dimension)
    return Answer(answer, tuple(fields))


def _of_keys(bucket: MetricsBucket, dimension: Dimension, tally: Tally, where: Filter) -> Answer:
    answer = MetricsBucket()
    answer.tallies[dimension] = tally
    answer.hits, answer.bytes = sum(tally.hits.values()), sum(tally.bytes.values())
    if bucket.measured is not None and dimension in bucket.measured.by_key:
        times = bucket.measured.by_key[dimension]
        answer.measured = Measured()
        answer.measured.by_key[dimension] = {key: times[key] for key in tally.hits if key in times}
        answer.largest = bucket.largest
    own = (name for name, each in where.own.items() if each is dimension)
    return Answer(answer, (*_names(dimension), *own))


def _names(dimension: Dimension) -> Iterator[str]:
    if dimension in FIELDS:
        yield FIELDS[dimension]
        yield from _DERIVED.get(dimension, ())
