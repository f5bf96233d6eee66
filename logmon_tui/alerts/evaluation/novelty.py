"""Novelty: which hits are of subjects that a rule had not met before.

A rule of `first_seen` counts the hits of a subject for a window from the slot of its first one on.
The amount of a hit is 1 if it lies in that slot. So a subject is new for as long as its window has
an amount, and sums of hits and amounts, which slide, save and restore like any others, tell all.

Whether a subject is new is decided when its slot is judged, from whatever hits are there by then,
in the order of their slots. So it matters in no way of reading how lines were batched.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.counter_keys import CounterKey, Kind
from logmon_tui.alerts.evaluation.counting import SubjectRows, summed
from logmon_tui.alerts.evaluation.counts import Counts
from logmon_tui.alerts.evaluation.known import HOUR, NOBODY, Known, KnownSubjects
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.native.sketches import Hashes, stable_hashes
from logmon_tui.native.texts import Texts

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_DAY_HOURS = 24
_NEVER = -(1 << 40)
"""An hour long before any other."""


class _Waiting(NamedTuple):
    """Hits that are not judged yet, summed by slot and subject, as columns ascending by slot.

    Row i counts `hits[i]` hits of the subject `texts[codes[i]]`, with the hash `hashes[codes[i]]`.
    """

    slots: Ints
    codes: Ints
    hits: Ints
    hashes: Hashes
    texts: Texts

    def part(self, rows: slice) -> "_Waiting":
        return self._replace(slots=self.slots[rows], codes=self.codes[rows], hits=self.hits[rows])


class _Due(NamedTuple):
    """Hits to be judged: those of row i are of the subject `codes[i]` of the block `blocks[i]`."""

    slots: Ints
    hashes: Hashes
    hits: Ints
    codes: Ints
    blocks: Ints

    def part(self, rows: Mask | NDArray[np.intp]) -> "_Due":
        slots, hashes, hits, codes, blocks = self
        return _Due(slots[rows], hashes[rows], hits[rows], codes[rows], blocks[rows])


class Novelty:
    """Tells new subjects from known ones, for rules that count the same hits.

    For each of the counters `windows` says for how many seconds a subject counts as new. Those met
    in the first `learning` seconds are known, and one unseen for `forget` seconds is new again; it
    is known to the hour when that was. Slots have `bucket_size` seconds. `since` is the first
    second that was judged.
    """

    def __init__(
        self, windows: Mapping[CounterKey, int], learning: int, forget: int, bucket_size: int
    ) -> None:
        self._size = bucket_size
        self._windows = {key: max(1, each // bucket_size) for key, each in windows.items()}
        self._slots = max(self._windows.values())  # for which a subject is new to any
        self._learning = learning
        self._forget = -(-forget // HOUR)
        self.since: int | None = None
        self.known = KnownSubjects(self._forget)
        self.forgotten: dict[int, int] = {}
        """Subjects forgotten for want of room, by hour."""
        self._waiting: list[_Waiting] = []

    @property
    def stretch(self) -> int:
        """Minimum slots from the end of a subject's newness until it may be new again."""
        return self._forget * HOUR // self._size - self._slots

    @property
    def learns_until(self) -> int | None:
        """The second from which on subjects may be new; None before the first is judged."""
        return None if self.since is None else self.since + self._learning

    def take(self, rows: SubjectRows) -> None:
        """Take in hits that count, in any order."""
        texts = Texts.of([b""]) if rows.texts is None else rows.texts
        least, width = int(rows.slots.min()), len(texts)
        owners, hits, _ = summed((rows.slots - least) * width + rows.codes, rows.values)
        slots, codes = np.divmod(owners, width)
        self._waiting.append(_Waiting(slots + least, codes, hits, stable_hashes(texts), texts))

    def slots(self) -> set[int]:
        """Return the slots that have hits which are not judged yet."""
        return {slot for block in self._waiting for slot in np.unique(block.slots).tolist()}

    def waiting(self, slot: int) -> Counts | None:
        """Return the hits of a slot that are not judged yet; None if there are none."""
        counts = Counts()
        for block in self._waiting:
            start, stop = block.slots.searchsorted([slot, slot + 1]).tolist()
            names = block.texts.take(block.codes[start:stop]).tolist()
            for name, hits in zip(names, block.hits[start:stop].tolist(), strict=True):
                counts.hits[name] = counts.hits.get(name, 0) + hits
        return counts if counts.hits else None

    def take_back(self, slot: int, hits: Mapping[Subject, int]) -> None:
        """Take in hits that another run had not judged."""
        texts = Texts.of(name or b"" for name in hits)
        count = len(texts)
        slots, codes = np.full(count, slot, dtype=np.int64), np.arange(count)
        sums = np.fromiter(hits.values(), np.int64, count)
        self._waiting.append(_Waiting(slots, codes, sums, stable_hashes(texts), texts))

    # Judging

    def release(self, slot: int) -> tuple[list[int], dict[int, dict[CounterKey, SubjectRows]]]:
        """Judge the hits up to a slot; return their slots, and by slot those of new subjects."""
        blocks, self._waiting = self._split(slot)
        due = _joined(blocks)
        slots = np.unique(due.slots)
        unknown = sum(int((~self.known.find(each.hashes)[1]).sum()) for each in blocks)
        if unknown <= self.known.room:
            kept = [self._judged(self._changing(due, blocks))]
        else:  # some will be forgotten, which must happen after the same slot in any case
            kept = []
            for each in slots.tolist():
                kept.append(self._judged(due.part(due.slots == each)))
                self._bound(each)
        found: dict[int, dict[CounterKey, SubjectRows]] = {}
        for rows, firsts in kept:
            for key, window in self._windows.items():
                is_new = rows.slots - firsts < window
                for each in np.unique(rows.slots[is_new]).tolist():
                    mine = is_new & (rows.slots == each)
                    new = _subject_rows(rows.part(mine), firsts[mine], blocks)
                    found.setdefault(each, {})[key] = new
        return slots.tolist(), found

    def _split(self, slot: int) -> tuple[list[_Waiting], list[_Waiting]]:
        """Return the waiting hits up to a slot, and those after it."""
        due, later = [], []
        for block in self._waiting:
            place = int(block.slots.searchsorted(slot, side="right"))
            if place:
                due.append(block.part(slice(place)))
            if place < len(block.slots):
                later.append(block.part(slice(place, None)))
        return due, later

    def _changing(self, due: _Due, blocks: Sequence[_Waiting]) -> _Due:
        """Leave out hits that neither count nor change what is known, which are most."""
        plain = []
        for block in blocks:
            firsts, hours = self._known(block.hashes)
            seen = self._hours(block.slots) <= hours[block.codes]
            plain.append(seen & (block.slots - firsts[block.codes] >= self._slots))
        return due.part(~np.concatenate(plain)) if plain else due

    def _known(self, hashes: Hashes) -> tuple[Ints, Ints]:
        """Return each subject's first slot, and its last hour: `_NEVER` of those not known."""
        places, found = self.known.find(hashes)
        firsts = np.zeros(len(hashes), dtype=np.int64)
        hours = np.full(len(hashes), _NEVER)
        firsts[found] = self.known.all.firsts[places[found]] // self._size
        hours[found] = self.known.all.hours[places[found]]
        return firsts, hours

    def _hours(self, slots: Ints) -> Ints:
        return slots * self._size // HOUR

    def _judged(self, due: _Due) -> tuple[_Due, Ints]:
        """Learn who is there; return the hits that count, and the first slot of each's subject."""
        if not len(due.slots):
            return due, due.slots
        due = due.part(np.lexsort((due.slots, due.hashes)))
        begins = np.append(True, due.hashes[1:] != due.hashes[:-1])
        starts = np.flatnonzero(begins)
        owners = np.cumsum(begins) - 1
        hashes = due.hashes[starts]
        firsts, last = self._known(hashes)
        hours = self._hours(due.slots)
        before = np.append(_NEVER, hours[:-1])
        before[starts] = _NEVER
        anew = hours - np.maximum(before, last[owners]) > self._forget
        # The row at which each row's subject was met: the last one that is `anew`, if any.
        met = np.maximum.accumulate(np.where(anew, np.arange(len(anew)), -1))
        mine = np.where(met >= starts[owners], due.slots[met], firsts[owners])
        ends = np.append(starts[1:], len(owners)) - 1
        self.known.learn(Known(hashes, mine[ends] * self._size, np.maximum(last, hours[ends])))
        counts = (mine * self._size >= (self.learns_until or 0)) & (due.slots - mine < self._slots)
        return due.part(counts), mine[counts]

    def _bound(self, slot: int) -> None:
        hour = slot * self._size // HOUR
        if forgotten := self.known.bound(hour):
            self.forgotten[hour] = self.forgotten.get(hour, 0) + forgotten
            self.forgotten = {
                each: count for each, count in self.forgotten.items() if each > hour - _DAY_HOURS
            }

    def forgotten_lately(self, slot: int) -> int:
        """Return how many subjects were forgotten for want of room in a day up to a slot."""
        least = slot * self._size // HOUR - _DAY_HOURS
        return sum(count for hour, count in self.forgotten.items() if hour > least)

    def first(self, subject: Subject) -> int | None:
        """Return the second in which a subject was met first; None if it is not known."""
        places, found = self.known.find(stable_hashes(Texts.of([subject or b""])))
        return int(self.known.all.firsts[places[0]]) if found[0] else None

    def adopt(self, other: "Novelty", slot: int) -> None:
        """Know whom `other` knows, which has judged up to a slot and must not be used any more."""
        _, self._waiting = self._split(slot)
        self.since, self.forgotten = other.since, other.forgotten
        self.known.become(other.known)


def _joined(blocks: Sequence[_Waiting]) -> _Due:
    if not blocks:
        nothing = np.zeros(0, dtype=np.int64)
        return _Due(nothing, NOBODY.hashes, nothing, nothing, nothing)
    return _Due(
        np.concatenate([each.slots for each in blocks]),
        np.concatenate([each.hashes[each.codes] for each in blocks]),
        np.concatenate([each.hits for each in blocks]),
        np.concatenate([each.codes for each in blocks]),
        np.repeat(np.arange(len(blocks)), [len(each.slots) for each in blocks]),
    )


def _subject_rows(due: _Due, firsts: Ints, blocks: Sequence[_Waiting]) -> SubjectRows:
    """Return the hits of one slot in a fixed order, given each subject's first slot."""
    names = _names(due, blocks)
    order = sorted(range(len(names)), key=names.__getitem__)
    numbers: dict[bytes, int] = {}
    codes = np.array([numbers.setdefault(names[each], len(numbers)) for each in order])
    hits, values = due.hits[order], (due.slots == firsts)[order].astype(np.int64)
    return SubjectRows(
        Kind.FIRST_SEEN,
        np.repeat(due.slots[order], hits),
        np.repeat(codes, hits),
        np.repeat(values, hits),
        Texts.of(numbers),
        None,
    )


def _names(due: _Due, blocks: Sequence[_Waiting]) -> list[bytes]:
    """Return the subject of each row."""
    names = np.empty(len(due.codes), dtype=object)
    for block in np.unique(due.blocks).tolist():
        mine = due.blocks == block
        names[mine] = blocks[block].texts.take(due.codes[mine]).tolist()
    found: list[bytes] = names.tolist()
    return found
