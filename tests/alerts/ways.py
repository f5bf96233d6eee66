"""The ways in which the alerts get a log: live, as a backlog, whole, and in a report.

Each gets lines, and returns the incidents found and the last second judged.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, groupby

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.report_builder import ReportBuilder
from tests.alerts.raw_traffic import Lines, raw_batch
from tests.traffic import pieces

Way = Callable[[Lines, Settings, random.Random], tuple[list[Incident], int]]
TICKS = ((0.25, 0.5), (0.5, 1.0, 3.7), (0.5, 20.0), (1.0, 700.0))


class Ruled(Settings, frozen=True):
    """Settings with exactly these rules."""

    given: tuple[Rule, ...] = ()

    def alert_rules(self) -> tuple[Rule, ...]:
        return self.given


class Batches:
    """Makes batches of hits and unparsed lines.

    An unparsed line follows some hit of its second. In the first second it may also come before
    the first hit.
    """

    def __init__(self, lines: Lines) -> None:
        self._unparsed = Counter(lines.unparsed)
        self._first = lines.hits[0].second

    def of(
        self, hits: Sequence[Hit], chance: random.Random, largest: int, *, live: bool = False
    ) -> Iterator[HitBatch]:
        """Yield the next `hits`, which are whole seconds, in batches of random length.

        For a log that is read live, no batch begins with an unparsed line of an earlier second
        than its hits.
        """
        for piece in pieces(list(self._in_order(hits, chance)), chance, largest):
            first = next((at for at, each in enumerate(piece) if each is not None), None)
            parts = (piece[:first], piece[first:]) if live and first else (piece,)
            yield from map(_batch, parts)

    def _in_order(self, hits: Sequence[Hit], chance: random.Random) -> Iterator[Hit | None]:
        """Yield the lines in their order, None for an unparsed line."""
        for second, group in groupby(hits, key=lambda each: each.second):
            mine = list(group)
            before = 0 if second == self._first else 1
            lines = self._unparsed.pop(second, 0)
            places = Counter(chance.randint(before, len(mine)) for _ in range(lines))
            yield from [None] * places[0]
            for number, each in enumerate(mine, start=1):
                yield each
                yield from [None] * places[number]


def _batch(lines: Sequence[Hit | None]) -> HitBatch:
    hits = [each for each in lines if each is not None]
    before = accumulate(each is not None for each in lines)
    return raw_batch(hits, [at for at, each in zip(before, lines, strict=True) if each is None])


def idle_of(given: Settings) -> int:
    """Return the seconds of silence after which every incident of the rules has ended."""
    rules = given.alert_rules()
    return 5 + max(rule.reach + rule.for_ + rule.keep_firing_for for rule in rules)


class Watched:
    """A monitor, and the last state of every incident that its ticks returned."""

    def __init__(
        self, lines: Lines, given: Settings, chance: random.Random, *, live: bool = False
    ) -> None:
        self._live = live
        self.monitor = HTTPMonitor(given)
        self.told: dict[str, Incident] = {}
        self._batches, self._chance, self._idle = Batches(lines), chance, idle_of(given)

    def batches(self, hits: Sequence[Hit]) -> Iterator[HitBatch]:
        return self._batches.of(hits, self._chance, 40, live=self._live)

    def tick(self, now: float, wall: float) -> None:
        self.told.update((each.id, each) for each in self.monitor.tick(now, wall))

    def end(self, now: float, wall: float) -> tuple[list[Incident], int]:
        """Let the log be silent, then return the incidents and the last second judged."""
        self.tick(now + 3, wall + 3)
        now, wall = now + 3 + self._idle, wall + 3 + self._idle
        self.tick(now, wall)
        snapshot = self.monitor.snapshot(now, wall)
        assert snapshot.log_time is not None
        incidents = list(snapshot.alerts.incidents)
        assert {each.id for each in incidents} == set(self.told)
        over = [each for each in incidents if not each.firing]
        assert [self.told[each.id] for each in over] == over
        return incidents, int(snapshot.log_time) - 1


def watch_live(lines: Lines, given: Settings, chance: random.Random) -> tuple[list[Incident], int]:
    """Feed each line in the tick after its second, as when a log is written live."""
    watched, hits = Watched(lines, given, chance, live=True), lines.hits
    first, began = hits[0].second, chance.uniform(0, 1e6)
    now, fed = began, 0
    ticks = chance.choice(TICKS)
    while fed < len(hits):
        silence = hits[fed].second - first + began - now
        step = chance.choice(ticks) if silence < 100 else silence
        tick = now + step * chance.uniform(0.5, 1)
        due = fed
        while due < len(hits) and hits[due].second <= first + tick - began:
            due += 1
        for batch in watched.batches(hits[fed:due]):
            if len(batch):
                now = max(now, began + int(batch.seconds[-1]) - first)
            watched.monitor.feed(batch, now)
        fed, now = due, tick
        watched.tick(now, first + now - began)
    return watched.end(now, first + now - began)


def watch_backlog(
    lines: Lines, given: Settings, chance: random.Random
) -> tuple[list[Incident], int]:
    """Feed all lines at once, long after they were written, with a tick now and then."""
    watched = Watched(lines, given, chance)
    wall = lines.hits[-1].second + 1e7
    for batch in watched.batches(lines.hits):
        watched.monitor.feed(batch, 50.0)
        if chance.random() < 0.4:
            watched.tick(50.0, wall)
    return watched.end(50.0, wall)


def watch_whole_log(
    lines: Lines, given: Settings, chance: random.Random
) -> tuple[list[Incident], int]:
    """Read a log from its beginning as a fresh watch does, which knows the log's end before."""
    watched = Watched(lines, given, chance)
    watched.monitor.begin_backlog(lines.hits[-1].second)
    wall = lines.hits[-1].second + 1e7
    for batch in watched.batches(lines.hits):
        watched.monitor.feed(batch, 50.0)
        if chance.random() < 0.4:
            watched.tick(50.0, wall)
    watched.tick(50.0, wall)
    watched.told.update((each.id, each) for each in watched.monitor.end_backlog(50.0))
    assert not watched.monitor.in_backlog
    return watched.end(50.0, wall)


def reported(lines: Lines, given: Settings, chance: random.Random) -> tuple[list[Incident], int]:
    builder = ReportBuilder(given)
    for batch in Batches(lines).of(lines.hits, chance, 300):
        builder.feed(batch)
    report = builder.finish()
    assert report.ingest.future == 0
    assert report.hits.hits == len(lines.hits)
    return list(report.incidents), max(each.second for each in lines.hits)
