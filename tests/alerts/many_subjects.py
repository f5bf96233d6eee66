"""Traffic of a few heavy clients in a crowd of clients that come once, and rules that find them."""

import random
from collections.abc import Iterator
from typing import Any

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import NoData, Rule, Scope, When
from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.hit import UNKNOWN, Hit
from tests.alerts.raw_filters import MEANINGS, OWN
from tests.alerts.raw_traffic import Lines, raw_hit
from tests.traffic import START

LARGE = parsed("size>1kB").text
MEANINGS[LARGE] = OWN["size>1kB"]

HEAVY = tuple(b"10.0.0.%d" % number for number in range(10))
PAGES = tuple(b"/heavy/%d" % number for number in range(5))
PAIR = (Scope.CLIENT, Scope.PATH)


def heavy_hits(chance: random.Random, seconds: int) -> Iterator[Hit]:
    """Yield the hits of clients that come and go; while they are there, about one a second each."""
    for number, host in enumerate(HEAVY):
        second = chance.randrange(4)
        while second < seconds:
            bad = chance.random() < 0.5
            for at in range(second, min(seconds, second + chance.randrange(10, 50))):
                for _ in range(chance.choice((0, 1, 1, 1, 2))):
                    yield raw_hit(
                        START + at,
                        host=host,
                        path=PAGES[(number + (chance.random() < 0.2)) % len(PAGES)],
                        status=chance.choice((500, 503, 200) if bad else (200, 200, 404)),
                        size=chance.randrange(50_000 if bad else 500),
                        response_time=chance.randrange(3_000_000 if bad else 1_000),
                    )
            second += chance.randrange(10, 70)


def crowd_of(chance: random.Random, seconds: int, a_second: int) -> Iterator[Hit]:
    """Yield the hits of clients that come once, each for a page of its own."""
    for second in range(seconds):
        for number in chance.sample(range(1_000_000), a_second):
            host = b"%d.%d.%d.%d" % (11 + second, number >> 16, number >> 8 & 255, number & 255)
            path = b"/once/%d/%d" % (second, number)
            yield raw_hit(START + second, host=host, path=path, size=9, response_time=UNKNOWN)


def lines_in_a_crowd(seed: int, seconds: int, a_second: int) -> Lines:
    """Return the lines of heavy clients and of a crowd, in the order of their seconds."""
    chance = random.Random(seed)
    hits = [*heavy_hits(chance, seconds), *crowd_of(chance, seconds, a_second)]
    chance.shuffle(hits)
    return Lines(sorted(hits, key=lambda each: each.second))


def without_crowd(lines: Lines) -> Lines:
    """Return the lines of those whom a rule can fire for, and the first line of all."""
    hits = [each for each in lines.hits[1:] if each.host in HEAVY]
    return Lines([lines.hits[0], *hits], written=lines.written)


def _rule(name: str, metric: Metric, scope: Scope, **given: Any) -> Rule:
    return Rule(name=name, title=name, metric=metric, scope=scope, **given)


RULES = (
    _rule(
        "rate",
        Metric.RATE,
        Scope.CLIENT,
        window=20,
        warning=0.4,
        critical=0.8,
        critical_recovery=0.3,
        warning_recovery=0.1,
        for_=3,
        keep_firing_for=6,
    ),
    _rule("hits", Metric.HITS, Scope.CLIENT, window=10, critical=7, no_data=NoData.KEEP),
    _rule("more hits", Metric.HITS, Scope.CLIENT, window=40, critical=20, max_incidents=3),
    _rule("pages", Metric.HITS, Scope.PATH, window=15, critical=6, where=LARGE),
    _rule(
        "share", Metric.SHARE, Scope.CLIENT, window=20, status=("5xx",), minimum_hits=5, warning=0.4
    ),
    _rule("any share", Metric.SHARE, Scope.CLIENT, window=9, status=("5xx",), critical=0.4),
    _rule("bytes", Metric.BYTES_RATE, Scope.CLIENT, window=12, critical=5_000, for_=2),
    _rule("time", Metric.RESPONSE_TIME, Scope.PATH, window=20, minimum_hits=4, critical=0.5),
    _rule("size", Metric.RESPONSE_SIZE, Scope.CLIENT, window=20, minimum_hits=6, critical=9_000),
    _rule("change", Metric.CHANGE, Scope.CLIENT, window=12, minimum_hits=4, critical=1.2),
    _rule("pairs", Metric.HITS, Scope.CLIENT, by=PAIR, window=15, critical=7, for_=2),
    _rule(
        "share of pairs",
        Metric.SHARE,
        Scope.PATH,
        by=PAIR[::-1],
        window=20,
        status=("5xx",),
        minimum_hits=4,
        critical=0.4,
    ),
    _rule("clients", Metric.CLIENTS, Scope.PATH, window=15, critical=1),
    _rule("paths", Metric.PATHS, Scope.CLIENT, window=15, critical=1, for_=2),
    _rule(
        "few", Metric.RATE, Scope.CLIENT, window=20, minimum_hits=3, when=When.BELOW, critical=0.4
    ),
)
"""Rules of every metric that have subjects, none of which one who comes once can fire."""
