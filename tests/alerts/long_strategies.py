"""Random objectives and rules of what is usual, with traffic that they fire on."""

import random
from typing import NamedTuple

import msgspec
from hypothesis import strategies as st

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Burn, Compare, Direction, Rule
from logmon_tui.formats.model.hit import Hit
from tests.alerts.raw_filters import MEANINGS, wheres
from tests.alerts.raw_traffic import Lines, raw_hit
from tests.alerts.rule_strategies import Case, lines_of, stretches, thresholds, values_of
from tests.traffic import START

DAY = 86_400
BADS = {
    "status:5xx": lambda hit: hit.status // 100 == 5,
    "status:5xx,time>1s": lambda hit: hit.status // 100 == 5 or hit.response_time > 1_000_000,
    "status:404 section:/api": lambda hit: hit.status == 404 and b"GET /api/" in hit.request,
}
MEANINGS.update(BADS)
_PAUSES = (0, 0, 0, 1, 7)


@st.composite
def burn_shapes(draw: st.DrawFn, name: str) -> Rule:
    """Draw a rule of an objective with windows of a few minutes, still without thresholds."""
    long = draw(st.integers(1, 5))
    burn = Burn(
        objective=name,
        title=name,
        target=draw(st.sampled_from((0.5, 0.9, 0.999))),
        bad=draw(st.sampled_from(sorted(BADS))),
        short=60 * draw(st.integers(1, long)),
        minimum_bad=draw(st.sampled_from((1, 2, 5))),
    )
    return Rule(
        name=name,
        title=name,
        metric=Metric.SHARE,
        where=draw(wheres),
        window=60 * long,
        for_=draw(st.sampled_from(_PAUSES)),
        keep_firing_for=draw(st.sampled_from(_PAUSES)),
        burn=burn,
    )


@st.composite
def burn_cases(draw: st.DrawFn, head: int = 0) -> Case:
    """Draw lines of some minutes, and objectives whose limits the lines cross."""
    size = draw(st.sampled_from((1, 1, 1, 7, 60)))
    lines = lines_of(draw(stretches((0, 1, 7, 20, 45, 60))), draw(st.integers(0, 2**32)), head=head)
    shapes = [draw(burn_shapes(f"o{number}")) for number in range(draw(st.integers(1, 3)))]
    rules = [draw(thresholds(each, values_of(each, lines, size))) for each in shapes]
    return Case(lines, tuple(rules), size)


@st.composite
def usual_shapes(draw: st.DrawFn, name: str, most_days: int) -> Rule:
    """Draw a rule of what is usual, still without thresholds."""
    metric = draw(st.sampled_from((Metric.RATE, Metric.SHARE, Metric.BYTES_RATE)))
    days = draw(st.integers(1, most_days))
    return Rule(
        name=name,
        title=name,
        metric=metric,
        status=("5xx",) if metric is Metric.SHARE else draw(st.sampled_from(((), ("200",)))),
        window=60 * draw(st.sampled_from((1, 2, 15, 60))),
        compare=Compare.USUAL,
        direction=draw(st.sampled_from(list(Direction))),
        days=days,
        minimum_days=draw(st.integers(1, days)),
        floor=draw(st.sampled_from((None, 1e-6, 1e-3))),
        for_=60 * draw(st.sampled_from(_PAUSES)),
        keep_firing_for=60 * draw(st.sampled_from(_PAUSES)),
        minimum_hits=draw(st.sampled_from((0, 0, 2))),
    )


class Days(NamedTuple):
    """Some days of traffic, never silent for longer than `gap` seconds, and rules to judge it by.

    Each hour of the day has a rate of its own, the same on most days.
    """

    days: int
    seed: int
    gap: int
    head: int
    rules: tuple[Rule, ...]

    def case(self) -> Case:
        """Return the lines with the rules; it takes too long to draw them, or to print them."""
        return Case(days_of(self.days, self.seed, self.gap, self.head), self.rules, 60)


@st.composite
def usual_cases(draw: st.DrawFn, *, gap: int = 900, head: int = 0) -> Days:
    """Draw days of traffic, and rules of what is usual in them."""
    days = draw(st.sampled_from((2, 2, 3)))
    rules = []
    for number in range(draw(st.integers(1, 2))):
        shape = draw(usual_shapes(f"u{number}", days))
        mild = draw(st.sampled_from((0.3, 1.0, 2.5, 6.0)))
        eased = mild * draw(st.sampled_from((1.0, 0.7)))
        more = {"warning": mild, "warning_recovery": eased}
        if draw(st.booleans()):
            more |= {"critical": 2 * mild, "critical_recovery": mild}
        rules.append(msgspec.structs.replace(shape, **more))
    return Days(days, draw(st.integers(0, 2**32)), gap, head, tuple(rules))


def days_of(days: int, seed: int, gap: int, head: int) -> Lines:
    """Return the lines of some days, with a dozen hits in the last second."""
    chance = random.Random(seed)
    hours = [chance.choice((1, 1, 1, 2)) for _ in range(24)]
    second = START + chance.randrange(3_600)
    end = second + days * DAY + chance.randrange(7_200)
    hits = [_hit(second, chance, 0.1) for _ in range(head)]
    while second < end:
        odd = chance.random() < 0.02
        rate = hours[second // 3_600 % 24] * (chance.choice((3, 10)) if odd else 1)
        stop = min(end, second + chance.randrange(1, 3_600))
        bad = chance.choice((0.0, 0.1, 0.1, 0.9 if odd else 0.2))
        while second < stop:
            hits.append(_hit(second, chance, bad))
            second += chance.randint(0, max(1, gap // rate))
    return Lines([*hits, *(_hit(hits[-1].second, chance, 0.1) for _ in range(12))])


def _hit(second: int, chance: random.Random, bad: float) -> Hit:
    status = 503 if chance.random() < bad else 200
    return raw_hit(second, status=status, size=chance.choice((100, chance.randrange(90_000))))
