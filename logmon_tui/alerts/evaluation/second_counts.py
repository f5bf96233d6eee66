"""SecondCounts: the hits of each second that one rule counted, over the last week.

They answer what another threshold would have found, with the exactness of a report. Memory is
bounded: four bytes for each second, 2.8 MB.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.counter_keys import CounterKey, counter_key_of
from logmon_tui.alerts.evaluation.counting import chosen_rows, subjects_of
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.formats.model.distinct import distinct
from logmon_tui.formats.model.hit_batch import HitBatch

Ints = NDArray[np.int64]

SPAN = 900
"""Seconds whose counts are saved together."""

_DAY = 86_400
KEPT_SECONDS = 8 * _DAY
"""Seconds that are kept: a week, and the longest window before it."""

_TYPE = np.dtype("<u4")
SPAN_BYTES = SPAN * _TYPE.itemsize
_MOST = int(np.iinfo(_TYPE).max)


class SecondsState(msgspec.Struct, frozen=True):
    """Where counts of seconds stand, beside the counts themselves; see `SecondCounts`."""

    counter_key: CounterKey
    since: int
    begun: bool
    newest: int


class SavedSpan(NamedTuple):
    """The counts of the `SPAN` seconds from `start` on, four bytes each; None for nothing."""

    start: int
    counts: bytes | None


class SecondCounts:
    """Counts for each second the hits that `rule`, one of all traffic, counts.

    `since` is the first second of which all hits are known, None before the first hit. `begun` is
    whether the log begins there, so that no hit was before it.
    """

    def __init__(self, rule: Rule) -> None:
        self._counter_key = counter_key_of(rule)
        self.since: int | None = None
        self.begun = True
        self._newest = 0
        self._counts = np.zeros(KEPT_SECONDS, dtype=_TYPE)  # second s at s % KEPT_SECONDS
        self._touched: set[int] = set()  # first seconds of spans

    def take(self, hits: HitBatch) -> None:
        """Count hits, in any order; those that are too old are left out."""
        if not len(hits):
            return
        self._reach(int(hits.seconds.min()), int(hits.seconds.max()))
        subjects = subjects_of(hits, self._counter_key.scope)
        chosen = None if subjects is None else chosen_rows(hits, self._counter_key, subjects)
        if chosen is None:
            return
        seconds, places = distinct(hits.seconds[chosen.rows])
        counts = np.bincount(places, minlength=len(seconds))
        kept = seconds > self._newest - KEPT_SECONDS
        seconds, counts = seconds[kept], counts[kept]
        places = seconds % KEPT_SECONDS
        self._counts[places] = np.minimum(self._counts[places] + counts, _MOST)
        self._touched.update(np.unique(seconds // SPAN * SPAN).tolist())

    def _reach(self, first: int, last: int) -> None:
        """Make room for the seconds up to `last`, of which `first` is the earliest one."""
        if self.since is None:
            self.since, self._newest = first, first - 1
        elif self.begun:
            self.since = min(self.since, first)
        if last > self._newest:
            gone = min(self._newest, last - KEPT_SECONDS)  # the last second to be forgotten
            oldest = max(self.since, self._newest - KEPT_SECONDS + 1)
            self._touched.update(range(oldest // SPAN * SPAN, gone + 1, SPAN))
            fresh = np.arange(max(self._newest, last - KEPT_SECONDS) + 1, last + 1)
            self._counts[fresh % KEPT_SECONDS] = 0
            self._newest = last
        if self.since <= self._newest - KEPT_SECONDS:
            self.since, self.begun = self._newest - KEPT_SECONDS + 1, False

    def between(self, first: int, last: int) -> Ints:
        """Return the hits of the seconds from `first` to `last`, shape (seconds,); 0 if unknown."""
        found = np.zeros(max(0, last - first + 1), dtype=np.int64)
        start = max(first, self._newest - KEPT_SECONDS + 1)
        end = min(last, self._newest)
        if self.since is not None and start <= end:
            places = np.arange(start, end + 1) % KEPT_SECONDS
            found[start - first : end + 1 - first] = self._counts[places]
        return found

    def of_rule(self, rule: Rule) -> "SecondCounts":
        """Return the counts for another rule: these, if it counts the same hits, else new ones."""
        if counter_key_of(rule) == self._counter_key:
            return self
        made = SecondCounts(rule)
        made.restore(self.state(), ())
        made._touched.update(start for start, _ in self.unsaved(everything=True))
        return made

    # From run to run

    def state(self) -> SecondsState | None:
        """Return where the counts stand; None before the first hit."""
        if self.since is None:
            return None
        return SecondsState(self._counter_key, self.since, self.begun, self._newest)

    def unsaved(self, *, everything: bool) -> Iterator[SavedSpan]:
        """Yield the spans that changed since `saved`, or all that may have hits."""
        if self.since is None:
            return
        oldest = max(self.since, self._newest - KEPT_SECONDS + 1)
        spans: Iterable[int] = sorted(self._touched)
        if everything:
            spans = range(oldest // SPAN * SPAN, self._newest + 1, SPAN)
        for start in spans:
            counts = self.between(start, start + SPAN - 1)
            yield SavedSpan(start, counts.astype(_TYPE).tobytes() if counts.any() else None)

    def saved(self) -> None:
        """Note that every span is saved as it is."""
        self._touched.clear()

    def restore(self, state: SecondsState | None, spans: Iterable[SavedSpan]) -> None:
        """Continue from another run's counts, if they are of the same hits.

        If not, what was counted before is not known: the log does not begin with the next hit.
        Nor is all of a second known of which hits were read before.
        """
        if state is None or state.counter_key != self._counter_key:
            self.begun = False
            if state is not None:
                self.since, self._newest = state.newest + 1, state.newest
            self._touched.update(start for start, _ in spans)
            return
        self.since, self.begun, self._newest = state.since, state.begun, state.newest
        for start, saved in spans:
            counts = np.frombuffer(saved or bytes(SPAN_BYTES), dtype=_TYPE)
            seconds = start + np.arange(SPAN)
            known = (seconds > state.newest - KEPT_SECONDS) & (seconds <= state.newest)
            self._counts[seconds[known] % KEPT_SECONDS] = counts[known]
