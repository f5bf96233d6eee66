"""A log that its server writes in blocks, and a watch that reads it twice a second."""

import random
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import Hit
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.report_builder import ReportBuilder
from tests.traffic import HOSTS, START, batch_of, hit

RATE = 5.0
LIMITS = {
    "threshold": 1.5 * RATE,
    "alert_window": 10,
    "ddos_threshold": 0.6 * RATE,
    "error_rate": 0.1,
}
"""Limits that bursts of `served` cross."""


class Written(NamedTuple):
    """A hit, and when it was written to the log: seconds after START."""

    at: float
    hit: Hit


def served(seed: int, seconds: float, rate: float = RATE) -> list[Written]:
    """Return hits with the times at which they were served: bursts, some of errors, and quiet."""
    chance = random.Random(seed)
    found: list[Written] = []
    time, begins, ends, now, errors = 0.0, chance.uniform(15, 30), 0.0, rate, 0.0
    while time < seconds:
        if time > begins:
            now, errors = rate * chance.uniform(1.6, 5), chance.choice((0.0, 0.0, 0.3))
            ends = time + chance.uniform(3, 20)
            begins = ends + chance.uniform(15, 50)
        elif time > ends:
            now, errors = rate, 0.0
        time += chance.expovariate(now)
        status = 500 if chance.random() < errors else 200
        second = START + int(time)
        found.append(Written(time, hit(second, host=chance.choice(HOSTS), status=status)))
    return found


def flushed(
    served: Sequence[Written], every: float, workers: int, chance: random.Random
) -> list[Written]:
    """Return the hits with the times at which nginx writes them, with `flush=every`.

    Each worker writes its buffer `every` seconds after the first hit in it.
    """
    due: list[float | None] = [None] * workers
    found = []
    for time, each in served:
        worker = chance.randrange(workers)
        writes = due[worker]
        if writes is None or writes < time:
            writes = due[worker] = time + every
        found.append(Written(writes + chance.uniform(0, 0.003), each))
    return sorted(found, key=lambda each: each.at)


class Reader:
    """Reads what is written so far and lets the monitor judge, at random up to twice a second."""

    def __init__(self, settings: Settings, chance: random.Random, *, cautious: bool = True) -> None:
        self.monitor = HTTPMonitor(settings, cautious=cautious)
        self.chance = chance
        self.now = 0.0
        self.delays: list[float] = []
        self.changed: list[Incident] = []

    def read(self, written: Sequence[Written], until: float) -> None:
        """Read the log as it grows, up to the moment `until`."""
        times = [each.at for each in written]
        begin = bisect_right(times, self.now)
        while self.now < until:
            self.now += self.chance.uniform(0.1, 0.5)
            end = bisect_right(times, self.now)
            if end > begin:
                batch = batch_of([each.hit for each in written[begin:end]])
                self.monitor.feed(batch, self.now)
            begin = end
            self.changed += self.monitor.tick(self.now, START + self.now)
            self.delays.append(self.monitor.evaluation_delay)

    def incidents(self) -> list[Incident]:
        """Return all incidents as they are now."""
        return list(self.monitor.snapshot(self.now, START + self.now).alerts.incidents)


def reported(written: Sequence[Written], settings: Settings) -> list[Incident]:
    """Return the incidents of a report of the log."""
    builder = ReportBuilder(settings)
    builder.feed(batch_of([each.hit for each in written]))
    return list(builder.finish().incidents)


class Differences(NamedTuple):
    """How live incidents differ from the true ones."""

    true: int
    missed: int
    split: int
    false: int
    other: int
    """Those at other seconds."""


def differences(true: Sequence[Incident], live: Sequence[Incident]) -> Differences:
    """Compare incidents, by when they fired and recovered."""
    parts = [sum(_overlap(each, other) for other in live) for each in true]
    return Differences(
        true=len(true),
        missed=parts.count(0),
        split=sum(count > 1 for count in parts),
        false=sum(not any(_overlap(each, other) for other in true) for each in live),
        other=len({*map(times_of, live)} - {*map(times_of, true)}),
    )


def times_of(incident: Incident) -> tuple[object, ...]:
    return incident.rule, incident.subject, incident.triggered_at, incident.recovered_at


def _overlap(one: Incident, other: Incident) -> bool:
    if (one.rule, one.subject) != (other.rule, other.subject):
        return False
    ends = [each.recovered_at or float("inf") for each in (one, other)]
    return one.triggered_at <= ends[1] and other.triggered_at <= ends[0]
