"""FutureGate: decide which hits are credible, and give unparsed lines a second. Pure."""

from collections import Counter, deque
from collections.abc import Collection, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit_batch import (
    Dimension,
    HitBatch,
    HitRecord,
    batch_of_records,
    record_of,
)
from logmon_tui.metrics.unparsed_times import UnparsedPlaces, UnparsedTimes

JUMP = 60
"""Maximum seconds ahead of log time at which a hit is believed without other hits like it."""

RECENT_LINES = 10
"""Newest lines that decide by majority whether hits far ahead are believed."""

PATIENCE = 2.0
"""Seconds after the last line at which a lone hit is believed, if the wall clock agrees."""

MAX_AHEAD_AT_END = 86_400
"""Maximum seconds ahead at which hits are believed because the log ends with them."""


class GateState(msgspec.Struct, frozen=True):
    """The saved state of a FutureGate. Ages are in seconds.

    `waiting` holds each waiting hit with the number of its line. Unparsed lines wait too:
    `first_unparsed` counts them by the number of first hits before them, and `waiting_unparsed`
    counts those after each waiting hit. Old states have neither.
    """

    newest: int | None
    reached: int
    first: list[list[HitRecord]]
    first_age: float
    recent: list[int]
    waiting: list[tuple[int, HitRecord]]
    line: int
    given_up: int
    last_age: float
    log_time: int | None = None
    first_unparsed: dict[int, int] = {}
    waiting_unparsed: list[int] = []

    def without(self, dimensions: Collection[Dimension]) -> "GateState":
        """Return the state with hits that lack some `dimensions`."""
        first = [[each.without(dimensions) for each in records] for records in self.first]
        waiting = [(line, each.without(dimensions)) for line, each in self.waiting]
        return msgspec.structs.replace(self, first=first, waiting=waiting)


class _WaitingHit(msgspec.Struct, eq=False):
    """A hit that waits to be believed: its second, the number of its line, its batch and row.

    `unparsed` unparsed lines follow it.
    """

    second: int
    line: int
    batch: HitBatch
    row: int
    unparsed: int = 0


class _Pieces:
    """Hits of some batches in the order in which they are believed."""

    def __init__(self) -> None:
        self._pieces: list[tuple[HitBatch, list[int]]] = []

    def append(self, batch: HitBatch, row: int) -> None:
        """Add a hit of a batch."""
        if not self._pieces or self._pieces[-1][0] is not batch:
            self._pieces.append((batch, []))
        self._pieces[-1][1].append(row)

    def batches(self) -> list[HitBatch]:
        """Return the hits as few batches."""
        return [batch.select(np.array(rows, dtype=np.intp)) for batch, rows in self._pieces]


class FutureGate:
    """Holds back hits from the far future until most lines of the log agree with them.

    A hit more than `JUMP` seconds ahead of log time waits. Once more than half of the last
    `RECENT_LINES` lines are that far ahead, the earliest waiting hit is believed. With it all hits
    within `JUMP` of it are, and so on. So one wrong line cannot move log time, and a log with a
    gap still goes on. The first lines of a log wait for each other, `PATIENCE` seconds at most,
    since the very first one may be wrong. How lines are cut into batches does not matter.
    `newest` is the newest credible second, None before there is one.

    `UnparsedTimes` gives unparsed lines their seconds. Those after a waiting hit wait with it.
    """

    def __init__(self) -> None:
        self.newest: int | None = None
        self._reached = 0
        self._first: list[HitBatch] = []
        self._first_arrived = 0.0
        self._recent: deque[int] = deque(maxlen=RECENT_LINES)
        self._waiting: list[_WaitingHit] = []
        self._line = 0
        self._given_up = 0
        self._last_arrived = 0.0
        self._first_unparsed: Counter[int] = Counter()  # lines, by the number of hits before them
        self._unparsed = UnparsedTimes()

    @property
    def future(self) -> int:
        """How many hits are not believed, be it so far or for good."""
        return self._given_up + len(self._waiting)

    def sift(self, batch: HitBatch, arrived: float, log_time: float = 0.0) -> list[HitBatch]:
        """Return the hits that are credible now, those of former batches first.

        `arrived` is the monotonic time. `log_time` is what the log clock shows, which idle time
        may have moved; 0 if only lines move it.
        """
        clock = int(log_time)
        self._reached = max(self._reached, clock)
        if len(batch):
            self._last_arrived = arrived
        if self.newest is None:
            return self._wait_for_first_lines(batch, arrived)
        if len(batch):
            return self._sift(batch, UnparsedPlaces.of(batch), clock)
        if batch.unparsed:
            self._place_after_last(batch.unparsed, clock)
        return []

    def unparsed(self) -> list[tuple[int, int]]:
        """Return (second, lines) of the unparsed lines placed since the last call."""
        return self._unparsed.taken()

    def _wait_for_first_lines(self, batch: HitBatch, arrived: float) -> list[HitBatch]:
        hits = sum(map(len, self._first))
        for place, lines in UnparsedPlaces.of(batch).items():
            self._first_unparsed[hits + place] += lines
        if not len(batch):
            return []
        if not self._first:
            self._first_arrived = arrived
        self._first.append(batch)
        return self._begin() if hits + len(batch) >= RECENT_LINES else []

    def _begin(self) -> list[HitBatch]:
        """Start with the median of the first lines, which a single wrong line cannot move far."""
        if not self._first:
            return []
        seconds = np.concatenate([batch.seconds for batch in self._first])
        first = np.sort(seconds[:RECENT_LINES])
        self.newest = int(first[(len(first) - 1) // 2])
        self._unparsed.observe(int(seconds[np.argmax(seconds <= self._horizon)]))
        batches, self._first = self._first, []
        unparsed, self._first_unparsed = self._first_unparsed, Counter()
        credible: list[HitBatch] = []
        begin = 0
        for batch in batches:
            end = begin + len(batch)
            mine = {place - begin: unparsed.pop(place) for place in sorted(unparsed) if place < end}
            credible += self._sift(batch, UnparsedPlaces.at(mine))
            begin = end
        if unparsed:
            self._place_after_last(unparsed.total())
        return credible

    def _sift(self, batch: HitBatch, unparsed: UnparsedPlaces, clock: int = 0) -> list[HitBatch]:
        log_time = max(self.newest or 0, self._reached)
        if self._waiting or _jumps(batch.seconds, log_time):
            return self._sift_line_by_line(batch, dict(unparsed.items()), clock)
        self._unparsed.add_among(unparsed, batch.seconds, clock)
        self.newest = max(self.newest or 0, int(batch.seconds.max()))
        self._recent.extend(batch.seconds[-RECENT_LINES:].tolist())
        self._line += len(batch)
        return [batch]

    def _place_after_last(self, lines: int, clock: int = 0) -> None:
        """Give unparsed lines after the last hit a second; if that hit waits, they wait with it.

        If the log clock runs, `clock` is their second, as no hit may come for long.
        """
        last = next((hit for hit in self._waiting if hit.line == self._line), None)
        if last is None or clock:
            self._unparsed.add(lines, clock)
        else:
            last.unparsed += lines

    def state(self, now: float) -> GateState:
        """Return the state to save, at the monotonic time `now`."""
        first = [[record_of(batch, row) for row in range(len(batch))] for batch in self._first]
        waiting = [(hit.line, record_of(hit.batch, hit.row)) for hit in self._waiting]
        return GateState(
            newest=self.newest,
            reached=self._reached,
            first=first,
            first_age=now - self._first_arrived,
            recent=list(self._recent),
            waiting=waiting,
            line=self._line,
            given_up=self._given_up,
            last_age=now - self._last_arrived,
            log_time=self._unparsed.log_time,
            first_unparsed=dict(self._first_unparsed),
            waiting_unparsed=[hit.unparsed for hit in self._waiting],
        )

    def restore(self, state: GateState, now: float) -> None:
        """Continue from a saved state; hits wait only for the rest of their time."""
        self.newest, self._reached = state.newest, state.reached
        self._first = [batch_of_records(records) for records in state.first]
        self._first_arrived, self._last_arrived = now - state.first_age, now - state.last_age
        self._recent.extend(state.recent)
        unparsed = state.waiting_unparsed or [0] * len(state.waiting)
        self._waiting = [
            _WaitingHit(record.second, line, batch_of_records([record]), 0, lines)
            for (line, record), lines in zip(state.waiting, unparsed, strict=True)
        ]
        self._unparsed.observe((state.newest or 0) if state.log_time is None else state.log_time)
        self._first_unparsed = Counter(state.first_unparsed)
        self._line, self._given_up = state.line, state.given_up

    def release(self, now: float, wall: float) -> list[HitBatch]:
        """Return waiting hits that the wall clock confirms, after no line came for a while.

        `now` is monotonic, `wall` in epoch seconds.
        """
        begun = self._begin() if now - self._first_arrived >= PATIENCE else []
        if not self._waiting or now - self._last_arrived < PATIENCE:
            return begun
        return begun + self._release_up_to(int(wall) + JUMP)

    def finish(self, *, for_good: bool = True) -> list[HitBatch]:
        """Return waiting hits that are believed because the log ends with them.

        They may be a day ahead at most; in a log of at most `RECENT_LINES` lines, any time ahead.
        If the log does not end `for_good`, they keep waiting for lines to come.
        """
        begun = self._begin()
        if not for_good or not self._waiting:
            return begun
        if self._recent[-1] > self._horizon:
            furthest = max(hit.second for hit in self._waiting)
            few = self._line <= RECENT_LINES
            begun += self._release_up_to(furthest if few else (self.newest or 0) + MAX_AHEAD_AT_END)
        for hit in self._waiting:
            self._stop_waiting(hit)
        return begun

    def _sift_line_by_line(
        self, batch: HitBatch, unparsed: Mapping[int, int], clock: int
    ) -> list[HitBatch]:
        passed = _Pieces()
        if 0 in unparsed:
            self._place_after_last(unparsed[0], min(clock, int(batch.seconds[0])))
        for row, second in enumerate(batch.seconds.tolist()):
            self._line += 1
            self._recent.append(second)
            if second > self._horizon:
                self._waiting.append(_WaitingHit(second, self._line, batch, row))
            else:
                passed.append(batch, row)
                self.newest = max(second, self.newest or second)
                self._unparsed.observe(second)
            for hit in self._believed():
                self._stop_waiting(hit, hit.second)
                passed.append(hit.batch, hit.row)
            self._give_up()
            if row + 1 in unparsed:
                self._place_after_last(unparsed[row + 1])
        return passed.batches()

    @property
    def _horizon(self) -> int:
        return max(self.newest or 0, self._reached) + JUMP

    def _believed(self) -> list[_WaitingHit]:
        """Return hits that log time has reached, or that most lines now agree with."""
        if not self._waiting:
            return []
        self._waiting.sort(key=lambda hit: hit.second)
        ahead = sum(second > self._horizon for second in self._recent)
        if 2 * ahead > RECENT_LINES:
            self.newest = self._waiting[0].second
        count = 0
        while count < len(self._waiting) and self._waiting[count].second <= self._horizon:
            self.newest = max(self.newest or 0, self._waiting[count].second)
            count += 1
        believed, self._waiting = self._waiting[:count], self._waiting[count:]
        return believed

    def _release_up_to(self, limit: int) -> list[HitBatch]:
        released = [hit for hit in self._waiting if hit.second <= limit]
        self._waiting = [hit for hit in self._waiting if hit.second > limit]
        self.newest = max([self.newest or 0, *(hit.second for hit in released)])
        for hit in sorted(released, key=lambda each: each.second):
            self._stop_waiting(hit, hit.second)
        return [hit.batch.select(np.array([hit.row])) for hit in released]

    def _give_up(self) -> None:
        """Give up the waiting hits that the next `RECENT_LINES` lines have not confirmed."""
        if self._waiting:
            kept = [hit for hit in self._waiting if hit.line > self._line - RECENT_LINES]
            self._given_up += len(self._waiting) - len(kept)
            for hit in self._waiting:
                if hit not in kept:
                    self._stop_waiting(hit)
            self._waiting = kept

    def _stop_waiting(self, hit: _WaitingHit, believed: int = 0) -> None:
        """Stop waiting for a hit, and give the unparsed lines after it a second.

        `believed` is the hit's second if it is believed. After a hit that is given up (0), the
        lines get the present log time.
        """
        self._unparsed.observe(believed)
        self._unparsed.add(hit.unparsed)
        hit.unparsed = 0


def _jumps(seconds: NDArray[np.int64], log_time: int) -> bool:
    """Tell whether any of the `seconds` is more than `JUMP` ahead of log time, which they move."""
    if seconds[0] <= log_time + JUMP and np.diff(seconds).max(initial=0) <= JUMP:
        return False  # as nearly always; the running maximum takes far more time
    before = np.maximum.accumulate(np.concatenate(([log_time], seconds[:-1])))
    return bool((seconds > before + JUMP).any())
