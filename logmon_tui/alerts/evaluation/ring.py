"""CountRing: what rules count in each slot, and the windows over it. No rule is judged here."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.counting import CounterKey, Kind, counted, counting_of
from logmon_tui.alerts.evaluation.counts import Bounds, Counts, SlidingCounts
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.formats.model.hit_batch import HitBatch

SlotCounts: TypeAlias = dict[CounterKey, Counts]
"""What each rule counts in a slot."""


TRACED = 300
"""So many seconds of what a rule measured are shown from before its trigger, at most."""


CROWDED = 600
"""Of so many slots a crowd is counted in full; of more, less of it in each."""

FEWEST_SUBJECTS = 100
"""As many sections and the like are counted in each slot, however many slots are kept."""


class Windows(NamedTuple):
    """What a rule looks at: its window, and what that is compared with, if anything."""

    now: SlidingCounts
    before: SlidingCounts | None

    def all(self) -> tuple[SlidingCounts, ...]:
        """Return those there are."""
        return (self.now,) if self.before is None else (self.now, self.before)


class CountRing:
    """Counts hits by slot for each counting, and keeps the windows of the rules over them.

    A slot is `bucket_size` seconds long and numbered since 1970. Behind the newest as many slots
    are kept of a counting as its rules need, at most `keep`. `touched` are the slots that changed
    since it was last cleared, those gone too; `late` tells that a window changed where it stood.
    """

    def __init__(self, rules: Sequence[Rule], bucket_size: int) -> None:
        self.bucket_size = bucket_size
        self.late = False
        self.touched: set[int] = set()
        self.slots: set[int] = set()
        self._order: list[int] = []  # the same, ascending
        self._rings: dict[CounterKey, dict[int, Counts]] = {counting_of(rule): {} for rule in rules}
        self._windows: dict[CounterKey, dict[tuple[int, int], SlidingCounts]] = {}
        self._of = {rule.name: self._windows_of(rule) for rule in rules}
        self._kept: dict[CounterKey, int] = {}
        for rule in rules:
            needed = self._in_slots(rule.reach) + self._in_slots(min(rule.window, TRACED))
            counting = counting_of(rule)
            self._kept[counting] = max(self._kept.get(counting, 0), needed)
        self._bounds = {each: _bounds(each, kept, bucket_size) for each, kept in self._kept.items()}
        self.keep = max(self._kept.values(), default=1)
        self._newest: int | None = None  # once windows have moved

    def _in_slots(self, seconds: int) -> int:
        return max(1, seconds // self.bucket_size)

    def _windows_of(self, rule: Rule) -> Windows:
        slots = self._in_slots(rule.window)
        now = self._window(rule, slots, 0)
        if not rule.reference:
            return Windows(now, None)
        return Windows(now, self._window(rule, self._in_slots(rule.reference), slots))

    def _window(self, rule: Rule, slots: int, lag: int) -> SlidingCounts:
        """Return the window of so many slots; rules that look at the same share it."""
        counting = counting_of(rule)
        windows = self._windows.setdefault(counting, {})
        if (slots, lag) not in windows:
            windows[slots, lag] = SlidingCounts(self._rings[counting], slots, lag)
        return windows[slots, lag]

    def windows(self, rule: Rule) -> Windows:
        """Return the windows of a rule."""
        return self._of[rule.name]

    def counts(self, rule: Rule) -> Mapping[int, Counts]:
        """Return what a rule counts, by slot."""
        return self._rings[counting_of(rule)]

    def countings(self) -> tuple[CounterKey, ...]:
        """Return everything that is counted."""
        return tuple(self._rings)

    def kept(self, counting: CounterKey) -> int:
        """Return how many slots behind the newest are kept of a counting."""
        return self._kept[counting]

    def take(self, batch: HitBatch) -> None:
        """Count the hits of a batch."""
        slots: NDArray[np.int64] = batch.seconds // self.bucket_size
        if self._newest is not None and len(slots) and int(slots.min()) < self._newest - self.keep:
            recent = slots >= self._newest - self.keep
            batch, slots = batch.select(recent), slots[recent]
        if not len(slots):
            return
        for counting in self._rings:
            for slot, newcomers in counted(batch, slots, counting).items():
                if self._counts(counting, slot):
                    self._merge(slot, counting, newcomers)

    def take_unparsed(self, second: int, lines: int) -> None:
        """Count lines of a second that are no hits."""
        slot = second // self.bucket_size
        for counting in self._rings:
            if counting.kind is Kind.UNPARSED and self._counts(counting, slot):
                newcomers = Counts()
                newcomers.hits[None] = newcomers.amounts[None] = lines
                self._merge(slot, counting, newcomers)

    def _counts(self, counting: CounterKey, slot: int) -> bool:
        """Tell whether a slot is among those that are kept of a counting."""
        return self._newest is None or slot >= self._newest - self._kept[counting]

    def _merge(self, slot: int, counting: CounterKey, newcomers: Counts) -> None:
        ring = self._rings[counting]
        here = ring.setdefault(slot, Counts())
        windows = self._windows[counting].values()
        longest = max(windows, key=lambda each: each.slots)
        newcomers = here.admitted(newcomers, longest.total, self._bounds[counting])
        here.add(newcomers)
        for window in windows:
            self.late |= window.include(slot, newcomers)
        self._note(slot)
        self.touched.add(slot)

    def _note(self, slot: int) -> None:
        if slot not in self.slots:
            self.slots.add(slot)
            insort(self._order, slot)

    def advance(self, slot: int) -> None:
        """Move every window on to `slot`, and forget what none of them needs any more."""
        for window in self._all_windows():
            window.advance(slot)
        for counting in self._rings:
            self._forget(counting, slot)
        self._newest = slot
        gone = self._order[: bisect_left(self._order, slot - self.keep)]
        del self._order[: len(gone)]
        self.slots.difference_update(gone)

    def _forget(self, counting: CounterKey, newest: int) -> None:
        """Drop what nobody needs of a counting any more when the newest slot is `newest`."""
        ring, oldest = self._rings[counting], newest - self._kept[counting]
        former = None if self._newest is None else self._newest - self._kept[counting]
        if former is None or oldest - former > len(ring):
            gone = [slot for slot in ring if slot < oldest]
        else:
            gone = [slot for slot in range(former, oldest) if slot in ring]
        for slot in gone:
            del ring[slot]
        self.touched.update(gone)

    def _all_windows(self) -> list[SlidingCounts]:
        return [window for windows in self._windows.values() for window in windows.values()]

    def forget_touched(self) -> None:
        """Note that everybody has seen which subjects changed."""
        for window in self._all_windows():
            window.touched.clear()

    def next_change(self, after: int, target: int) -> int:
        """Return the next slot in which a window changes, `target` at most."""
        found = target
        for window in self._all_windows():
            for offset in (window.lag, window.lag + window.slots):
                if after + 1 - offset in self.slots:
                    return after + 1
                place = bisect_right(self._order, after - offset)
                if place < len(self._order):
                    found = min(found, self._order[place] + offset)
        return found

    def past(self, rule: Rule, subject: Subject, end: int) -> Iterator[tuple[Counts, Counts]]:
        """Yield the counts of a subject in the window, and of what that is compared with.

        They are those of each slot up to `end`, for as long back as slots are kept for that.
        """
        ring = {
            slot: counts.only(subject)
            for slot, counts in self.counts(rule).items()
            if subject in counts.hits
        }
        now, before = self._of[rule.name]
        window = SlidingCounts(ring, now.slots)
        reference = (
            SlidingCounts(ring, before.slots, before.lag) if before else SlidingCounts({}, 1)
        )
        for slot in range(end - self._in_slots(min(rule.window, TRACED)), end + 1):
            window.advance(slot)
            reference.advance(slot)
            yield window.total, reference.total

    def slot_counts(self, slot: int) -> SlotCounts:
        """Return what was counted in a slot."""
        return {key: ring[slot] for key, ring in self._rings.items() if slot in ring}

    def restore(self, slots: Iterable[tuple[int, SlotCounts]]) -> None:
        """Take over slots that another ring has counted; what no rule needs is left out.

        A slot may come in several parts.
        """
        for slot, counts in slots:
            self._note(slot)
            for counting, each in counts.items():
                ring = self._rings.get(counting)
                if ring is None:
                    continue
                if slot in ring:
                    ring[slot].add(each)
                else:
                    ring[slot] = each


def _bounds(counting: CounterKey, kept: int, bucket_size: int) -> Bounds:
    """Return how much of a slot is counted: less where more slots are kept.

    Bins are few for each subject, and the slowest must not be missing; a long slot has more.
    """
    crowd = Bounds()
    share = min(1.0, CROWDED / kept)
    of_clients = share if counting.kind is Kind.CLIENTS else 1.0
    subjects = max(FEWEST_SUBJECTS, int(crowd.subjects * share))
    return Bounds(subjects, int(crowd.parts * bucket_size * of_clients))
