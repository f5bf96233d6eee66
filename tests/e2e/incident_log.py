"""What must have happened, worked out from the lines of nginx's log in the plainest way.

Nothing of the program is used here.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tests.e2e.incident import BASELINE, LOAD_TEST, NOISY, WINDOW

Key = tuple[str, str | None]
"""A rule and its subject."""

LINE = re.compile(r'([\d.]+) - - \[(.+?)\] "GET (\S+) HTTP/1\.1" (\d+) \d+ "-" "-"')


class Hit(NamedTuple):
    """A line of the log."""

    line: str
    client: str
    second: int
    path: str
    status: int

    @property
    def section(self) -> str:
        return re.match(r"/[^/?]*", self.path)[0]


def hits_of(log: Path) -> list[Hit]:
    found = []
    for line in log.read_text().splitlines():
        client, time, path, status = LINE.fullmatch(line).groups()
        second = datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z").timestamp()
        found.append(Hit(line, client, int(second), path, int(status)))
    return found


def within(hits: Sequence[Hit], end: int, seconds: int = WINDOW) -> list[Hit]:
    return [hit for hit in hits if end - seconds < hit.second <= end]


class Course(NamedTuple):
    """When a rule fires for whom, and what it measures then."""

    triggered: int
    recovered: int
    value: float
    hits: int
    peak: float


class Judged(NamedTuple):
    """Value and hits by second, the thresholds of firing and recovery, and the two delays."""

    measure: Callable[[int], tuple[float, int]]
    threshold: float
    recovery: float
    delays: tuple[int, int] = (0, 0)
    sign: int = 1

    def course(self, hits: Sequence[Hit]) -> Course:
        """Follow a rule that fires once, from the first of the hits to the last."""
        since, crossings = None, []
        seconds = range(hits[0].second, hits[-1].second + 1)
        values = {second: self.sign * self.measure(second)[0] for second in seconds}
        for second, value in values.items():
            firing = len(crossings) % 2
            limit = self.sign * (self.recovery if firing else self.threshold)
            since = (since or second) if (value > limit) != firing else None
            if since is not None and second - since >= self.delays[firing]:
                crossings.append(second)
                since = None
        triggered, recovered = crossings
        peak = self.sign * max(values[second] for second in range(triggered, recovered))
        return Course(triggered, recovered, *self.measure(triggered), peak)


def rules(hits: Sequence[Hit]) -> dict[Key, Judged]:
    """Return what the settings of the watch say, once more and by hand."""

    def rate(chosen: Sequence[Hit]) -> Callable[[int], tuple[float, int]]:
        return lambda end: (len(within(chosen, end)) / WINDOW, len(within(chosen, end)))

    def errors(chosen: Sequence[Hit], at_least: int) -> Callable[[int], tuple[float, int]]:
        def measure(end: int) -> tuple[float, int]:
            found = within(chosen, end)
            failed = sum(hit.status >= 500 for hit in found)
            return (failed / len(found) if len(found) >= at_least else 0.0), len(found)

        return measure

    def change(end: int) -> tuple[float, int]:
        before = len(within(hits, end - WINDOW, BASELINE))
        whole = end - WINDOW - BASELINE >= hits[0].second - 1
        value = len(within(hits, end)) / WINDOW / (before / BASELINE) if whole else 1.0
        return value, before

    def of(client: str) -> list[Hit]:
        return [hit for hit in hits if hit.client == client]

    api = [hit for hit in hits if hit.section == "/api"]
    return {
        ("traffic", None): Judged(rate(hits), 30, 30),
        ("error_rate", None): Judged(errors(hits, 20), 0.2, 0.16, (0, WINDOW)),
        ("ddos", LOAD_TEST): Judged(rate(of(LOAD_TEST)), 5, 4),
        ("ddos", NOISY): Judged(rate(of(NOISY)), 5, 4),
        ("endpoint_errors", "/api"): Judged(errors(api, 10), 0.1, 0.05, (2, 2)),
        ("traffic_drop", None): Judged(change, 0.1, 0.3, (2, 0), sign=-1),
    }


def second_of(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp())
