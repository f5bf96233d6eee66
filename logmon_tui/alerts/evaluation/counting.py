"""Count the hits of a HitBatch by slot, as a rule needs them. numpy does the counting."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.clients import SlotClients
from logmon_tui.alerts.evaluation.counter_keys import (
    BINNED,
    COLUMNS,
    DISTINCT_OF,
    PARTED,
    CounterKey,
    Kind,
    filter_of,
)
from logmon_tui.alerts.evaluation.counts import Counts
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import Scope, joined
from logmon_tui.filters.patterns import pattern_of
from logmon_tui.formats.model.distinct import distinct
from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.model.vocabulary import hashed
from logmon_tui.formats.user_agents import UNKNOWN, family_of
from logmon_tui.metrics.histogram import BINS, bins_of
from logmon_tui.metrics.measuring import MAX_MEASURE
from logmon_tui.native.sketches import Hashes
from logmon_tui.native.texts import Texts

if TYPE_CHECKING:
    from logmon_tui.alerts.evaluation.crowd import CrowdRows

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

MAX_NEW_AGENTS = 300
"""Maximum new user agents looked up per batch. A hostile one takes half a millisecond."""

_HITS_A_NEW_AGENT = 10
"""Hits of a batch that allow one more look-up, for the large batches of whole logs."""


@lru_cache(maxsize=256)
def codes_of(status: tuple[str, ...]) -> Mask:
    """Return which status codes are chosen, shape (1000,).

    `404` chooses one code, `5xx` a class; an empty `status` chooses all.
    """
    if not status:
        return np.ones(1_000, dtype=np.bool_)
    chosen = np.zeros(1_000, dtype=np.bool_)
    for text in status:
        if text.endswith("xx"):
            chosen[int(text[0]) * 100 : (int(text[0]) + 1) * 100] = True
        else:
            chosen[int(text)] = True
    return chosen


class Subjects(msgspec.Struct, frozen=True):
    """The subjects of a batch: hit i belongs to the subject `names[codes[i]]`."""

    names: Sequence[Subject]
    codes: NDArray[np.integer]


def subjects_of(batch: HitBatch, scope: Scope, by: tuple[Scope, ...] = ()) -> Subjects | None:
    """Return the subjects of all hits; None if the log does not have them.

    With two scopes in `by` these are the pairs that hits have.
    """
    if by:
        return pairs_of(batch, by, slice(None))
    if scope is Scope.ALL:
        return Subjects([None], np.broadcast_to(np.int64(0), (len(batch),)))
    if scope is Scope.STATUS:
        codes, numbers = distinct(batch.status)
        return Subjects([b"%d" % code for code in codes.tolist()], numbers)
    if scope is Scope.USER_AGENT:
        agents = batch.columns.get(Dimension.USER_AGENT)
        return None if agents is None else _families(agents)
    column = batch.columns.get(COLUMNS[scope])
    return None if column is None else Subjects(column.values, column.codes)


def pairs_of(
    batch: HitBatch, by: tuple[Scope, ...], rows: NDArray[np.intp] | slice
) -> Subjects | None:
    """Return the pairs of two scopes in some rows; None if the log does not have them."""
    first, second = (subjects_of(batch, each) for each in by)
    if first is None or second is None:
        return None
    width = max(1, len(second.names))
    pairs = first.codes[rows].astype(np.int64) * width + second.codes[rows]
    found, codes = np.unique(pairs, return_inverse=True)
    ones, others = (each.tolist() for each in np.divmod(found, width))
    names: dict[Subject, int] = {}  # two pairs may be the same text
    numbers = [
        names.setdefault(joined((first.names[one] or b"", second.names[other] or b"")), len(names))
        for one, other in zip(ones, others, strict=True)
    ]
    return Subjects(list(names), np.array(numbers, dtype=np.int64)[codes])


def _families(agents: Column) -> Subjects:
    """Return the agents' families as subjects. Agents with few hits may count as unknown."""
    names: dict[Subject, int] = {}
    hits = np.bincount(agents.codes, minlength=len(agents.texts))
    loudest_first = np.argsort(-hits, kind="stable")[: np.count_nonzero(hits)]
    numbers = np.zeros(len(agents.texts), dtype=np.int64)
    most = max(MAX_NEW_AGENTS, len(agents.codes) // _HITS_A_NEW_AGENT)
    misses = family_of.cache_info().misses
    for code in loudest_first.tolist():
        late = family_of.cache_info().misses - misses >= most
        family = UNKNOWN if late else family_of(agents.values[code]).browser
        numbers[code] = names.setdefault(family, len(names))
    return Subjects(list(names), numbers[agents.codes])


def chosen_hits(batch: HitBatch, counter_key: CounterKey, subjects: Subjects) -> Mask:
    """Return which hits fit a rule's patterns and filter, whatever `status`; shape (hits,)."""
    chosen = np.ones(len(batch), dtype=np.bool_)
    if counter_key.where:
        chosen &= filter_of(counter_key.where).mask(batch)
    if counter_key.match:
        chosen &= _fitting(subjects.names, counter_key.match)[subjects.codes]
    if counter_key.paths:
        paths = batch.columns.get(Dimension.PATH)
        if paths is None:
            return np.zeros(len(batch), dtype=np.bool_)
        chosen &= _fitting(paths.values, counter_key.paths)[paths.codes]
    return chosen


def _fitting(names: Iterable[Subject], globs: tuple[str, ...]) -> Mask:
    fits = pattern_of(globs)
    return np.array([bool(fits(name or b"")) for name in names], dtype=np.bool_)


class Chosen(msgspec.Struct, frozen=True):
    """The hits of a batch that count, by row.

    `values` holds what is summed for each, or the number of its part (bin, client). A slice stands
    for the rows of all hits, which saves copies.
    """

    rows: NDArray[np.intp] | slice
    values: Ints


def chosen_rows(batch: HitBatch, counter_key: CounterKey, subjects: Subjects) -> Chosen | None:
    """Return the hits that count, in their order; None if the log lacks what the rule needs."""
    chosen = chosen_hits(batch, counter_key, subjects)
    matching = codes_of(counter_key.status)[batch.status]
    if counter_key.kind is not Kind.MATCHING:
        chosen &= matching
    if counter_key.kind is Kind.BAD:
        values: Ints | None = filter_of(counter_key.bad).mask(batch).astype(np.int64)
    else:
        values = _VALUES[counter_key.kind](batch, matching)
    if values is None:
        return None
    chosen &= values >= 0
    if chosen.all():
        return Chosen(slice(None), values)
    rows = np.flatnonzero(chosen)
    return Chosen(rows, values[rows])


class SubjectRows(NamedTuple):
    """Hits that count, as columns of shape (hits,).

    Hit i lies in the slot `slots[i]`, and is of the subject `texts[codes[i]]`; without `texts` it
    is of the whole traffic. `values[i]` is what is summed for it, or the number of its part. If
    distinct things are counted, the hash of that one is `clients[values[i]]`.
    """

    kind: Kind
    slots: Ints
    codes: NDArray[np.intp]
    values: Ints
    texts: Texts | None
    clients: Hashes | None

    def chosen(self, subjects: Mask) -> "SubjectRows":
        """Return the rows of some subjects, given which, shape (subjects,)."""
        if subjects.all():
            return self
        rows, numbers = subjects[self.codes], np.cumsum(subjects) - 1
        return self._replace(
            slots=self.slots[rows],
            codes=numbers[self.codes[rows]],
            values=self.values[rows],
            texts=None if self.texts is None else self.texts.take(subjects),
        )

    def since(self, slot: int) -> "SubjectRows":
        """Return the rows of a slot and of later ones, and the subjects that these have."""
        recent = self.slots >= slot
        if recent.all():
            return self
        rows = self._replace(
            slots=self.slots[recent], codes=self.codes[recent], values=self.values[recent]
        )
        width = len(self.texts) if self.texts is not None else 1
        return rows.chosen(np.bincount(rows.codes, minlength=width) > 0)

    def names(self) -> list[Subject]:
        """Return the subjects."""
        return [None] if self.texts is None else list(self.texts.tolist())

    def by_slot(self) -> dict[int, Counts]:
        """Return the counts of each slot."""
        subjects = Subjects(self.names(), self.codes)
        if self.clients is not None:
            return _with_clients(_Rows(*self[1:4]), subjects, self.clients)
        return _grouped(_Rows(*self[1:4]), subjects, self.kind)

    def of_crowd(self, hashes: Hashes) -> "CrowdRows":
        """Return the same, of one hit at least, as a crowd's rows, given each subject's hash."""
        from logmon_tui.alerts.evaluation.crowd import CrowdRows  # few rules have a crowd

        numbers, places = distinct(self.slots)
        width = len(hashes)
        owners = places * width + self.codes
        if self.kind in PARTED:
            parts = BINS if self.clients is None else max(1, len(self.clients))
            cells, hits = np.unique(owners * parts + self.values, return_counts=True)
            owners, values = np.divmod(cells, parts)
            if self.clients is not None:
                values = self.clients[values].view(np.int64)
        else:
            owners, hits, values = summed(owners, self.values)
        places, codes = np.divmod(owners, width)
        return CrowdRows(numbers[places], hashes[codes], hits.astype(np.int32), values)


def subject_rows(batch: HitBatch, slots: Ints, counter_key: CounterKey) -> SubjectRows | None:
    """Return the hits that count, of which hit i of the batch lies in the slot `slots[i]`.

    None if there are none, or the log lacks what the rule needs.
    """
    column = None
    if counter_key.scope in COLUMNS and not (counter_key.match or counter_key.by):
        column = batch.columns.get(COLUMNS[counter_key.scope])
        subjects = None if column is None else Subjects((), column.codes)
    else:
        subjects = subjects_of(batch, counter_key.scope, counter_key.by)
    chosen = None if subjects is None else chosen_rows(batch, counter_key, subjects)
    if subjects is None or chosen is None or not len(chosen.values):
        return None
    numbers, codes = distinct(subjects.codes[chosen.rows])
    texts = None
    if column is not None:
        texts = column.texts.take(numbers)
    elif counter_key.scope is not Scope.ALL or counter_key.by:
        texts = Texts.of(subjects.names[number] or b"" for number in numbers.tolist())
    things = None
    if counter_key.kind in DISTINCT_OF:
        things = hashed(batch.columns[DISTINCT_OF[counter_key.kind]]).hashes
    return SubjectRows(counter_key.kind, slots[chosen.rows], codes, chosen.values, texts, things)


_VALUES: dict[Kind, Callable[[HitBatch, Mask], Ints | None]] = {
    Kind.NOTHING: lambda batch, _: np.zeros(len(batch), dtype=np.int64),
    Kind.FIRST_SEEN: lambda batch, _: np.zeros(len(batch), dtype=np.int64),
    Kind.UNPARSED: lambda batch, _: np.zeros(len(batch), dtype=np.int64),
    Kind.MATCHING: lambda _, matching: matching.astype(np.int64),
    Kind.BYTES: lambda batch, _: batch.sizes,
    Kind.SIZES: lambda batch, _: bins_of(batch.sizes),
    Kind.TIMES: lambda batch, _: _times(batch),
    Kind.CLIENTS: lambda batch, _: _codes(batch, Dimension.HOST),
    Kind.PATHS: lambda batch, _: _codes(batch, Dimension.PATH),
}
"""Functions that return each hit's value to sum, or the number of its part; -1 for none."""


def _times(batch: HitBatch) -> Ints | None:
    times = batch.measures.get(Measure.RESPONSE_TIME)
    return (
        None if times is None else np.where(times >= 0, bins_of(np.clip(times, 0, MAX_MEASURE)), -1)
    )


def _codes(batch: HitBatch, dimension: Dimension) -> Ints | None:
    column = batch.columns.get(dimension)
    return None if column is None else column.codes.astype(np.int64)


_DENSE = 8
"""Maximum owners per hit for counting in a dense table; with more, sorting takes less time."""


class _Rows(msgspec.Struct, frozen=True):
    """Hits that count, as columns of shape (hits,)."""

    slots: Ints
    subjects: NDArray[np.integer]
    values: Ints


def summed(owners: Ints, values: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the owners of rows, ascending, with the number of rows and the sum of values of each.

    The sums are of integers, so nothing is rounded.
    """
    if int(owners.max()) <= _DENSE * len(owners):
        hits, sums = np.bincount(owners), np.zeros(int(owners.max()) + 1, dtype=np.int64)
        np.add.at(sums, owners, values)
        filled = np.flatnonzero(hits)
        return filled, hits[filled], sums[filled]
    filled, places, hits = np.unique(owners, return_inverse=True, return_counts=True)
    sums = np.zeros(len(filled), dtype=np.int64)
    np.add.at(sums, places, values)
    return filled, hits, sums


def _with_clients(rows: _Rows, subjects: Subjects, hashes: Hashes) -> dict[int, Counts]:
    """Count rows by slot and subject; their values are numbers of clients, which have `hashes`."""
    found = _grouped(replace(rows, values=np.zeros_like(rows.values)), subjects, Kind.NOTHING)
    width = len(subjects.names)
    numbers, places = distinct(rows.slots)
    cells = np.unique((places * width + rows.subjects) * max(1, len(hashes)) + rows.values)
    owners, clients = np.divmod(cells, max(1, len(hashes)))
    own = hashes[clients]
    order = np.lexsort((own, owners))  # so that each owner's are in order
    owners, own = owners[order], own[order]
    first = np.append(True, (own[1:] != own[:-1]) | (owners[1:] != owners[:-1]))
    owners, own = owners[first], own[first]  # nobody's hashes are equal, unless on purpose
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    slots, codes = np.divmod(owners[starts], width)
    bounds = pairwise([*starts.tolist(), len(owners)])
    for place, subject, (start, stop) in zip(slots.tolist(), codes.tolist(), bounds, strict=True):
        counts = found[int(numbers[place])]
        counts.clients[subjects.names[subject]] = SlotClients.of_sorted(own[start:stop])
    return found


def _grouped(rows: _Rows, subjects: Subjects, kind: Kind) -> dict[int, Counts]:
    """Sum the rows by slot and subject; an owner is a pair of both."""
    if not len(rows.slots):
        return {}
    numbers, places = distinct(rows.slots)
    found = [Counts() for _ in numbers]
    width = len(subjects.names)
    owners = places * width + rows.subjects
    filled, hits, sums = summed(owners, rows.values)
    bounds = np.searchsorted(filled, np.arange(len(numbers) + 1) * width)
    for place, (start, stop) in enumerate(pairwise(bounds.tolist())):
        names = [subjects.names[subject] for subject in (filled[start:stop] % width).tolist()]
        found[place].hits = dict(zip(names, hits[start:stop].tolist(), strict=True))
        if kind not in BINNED and sums[start:stop].any():
            amounts = zip(names, sums[start:stop].tolist(), strict=True)
            found[place].amounts = {name: amount for name, amount in amounts if amount}
    if kind in BINNED:
        cells, counts = np.unique(owners * BINS + rows.values, return_counts=True)
        for cell, count in zip(cells.tolist(), counts.tolist(), strict=True):
            owner, part = divmod(cell, BINS)
            place, subject = divmod(owner, width)
            mine = found[place].parts.setdefault(subjects.names[subject], {})
            mine[part] = count
    return dict(zip(numbers.tolist(), found, strict=True))
