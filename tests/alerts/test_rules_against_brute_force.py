"""Rules find exactly what a slot-by-slot look at the raw lines finds."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.engine import RuleEngine
from logmon_tui.alerts.incident import Incident
from logmon_tui.alerts.latch import Step
from logmon_tui.alerts.rule import Metric, Scope, Severity, When
from tests.alerts.raw_traffic import raw_batch
from tests.alerts.rule_brute_force import Verdict, as_rows, judged, slot_ends
from tests.alerts.rule_strategies import Case, cases
from tests.traffic import pieces

UNSHRUNK = settings(max_examples=100, deadline=None, phases=(Phase.reuse, Phase.generate))
"""To make a failing case smaller would take minutes."""


class Fed:
    """An engine that is fed the lines of a case second by second, and what it told of."""

    def __init__(self, case: Case, chance: random.Random) -> None:
        self.case, self.chance = case, chance
        self.engine = RuleEngine(case.rules, case.size)
        self.engine.begin(case.lines.hits[0].second)
        self.known: dict[str, Incident] = {}
        self._fed = case.lines.hits[0].second - 1

    def feed_up_to(self, second: int) -> None:
        """Take in the lines up to `second`, in random pieces."""
        lines = self.case.lines
        for piece in pieces(lines.between(self._fed + 1, second), self.chance):
            self.engine.take(raw_batch(piece))
        for each in range(self._fed + 1, second + 1):
            count = lines.unparsed_between(each, each)
            if count:
                self.engine.take_unparsed(each, count)
        self._fed = max(second, self._fed)

    def judge_up_to(self, second: int) -> None:
        self.known.update((each.id, each) for each in self.engine.judge_up_to(second))

    @property
    def incidents(self) -> list[Incident]:
        """Every incident as it is now."""
        return list((self.known | {each.id: each for each in self.engine.open}).values())


def assert_stands(engine: RuleEngine, verdict: Verdict, second: int) -> None:
    """Check every rule's latches and who waits for room."""
    for name, alert in engine.alerts.items():
        found = {
            subject: [
                (
                    latch.step.name.lower(),
                    latch.since if latch.step in {Step.PENDING, Step.RECOVERING} else None,
                )
                for latch in standing.latches
            ]
            for subject, standing in alert.standings.items()
        }
        assert found == verdict.latches.get((name, second), {}), (name, second)
        assert alert.suppressed == verdict.suppressed.get((name, second), 0), (name, second)


@pytest.mark.parametrize("metric", Metric)
@UNSHRUNK
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_every_state_in_every_second(metric: Metric, data: st.DataObject, seed: int) -> None:
    case = data.draw(cases((metric,)))
    verdict = judged(case.rules, case.lines, case.size, case.last)
    fed = Fed(case, random.Random(seed))
    for second in slot_ends(case.lines.hits[0].second, case.last, case.size):
        fed.feed_up_to(second)
        fed.judge_up_to(second)
        assert_stands(fed.engine, verdict, second)
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)


@UNSHRUNK
@given(case=cases(), seed=st.integers(0, 2**32))
def test_incidents_however_often_is_judged(case: Case, seed: int) -> None:
    """Fed ahead of what is judged, in order, and judged now and then."""
    verdict = judged(case.rules, case.lines, case.size, case.last)
    chance = random.Random(seed)
    fed, second = Fed(case, chance), case.lines.hits[0].second
    while second < case.last:
        second += chance.choice((0, 1, 1, 3, 20))
        fed.feed_up_to(second + chance.choice((0, 0, 1, 5)))
        fed.judge_up_to(second)
    fed.judge_up_to(case.last)
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)


def happenings(case: Case) -> Iterator[str]:
    """Yield in words what rules have and do in a case."""
    verdict = judged(case.rules, case.lines, case.size, case.last)
    yield from verdict.seen
    metrics = {rule.name: rule for rule in case.rules}
    for found in verdict.incidents:
        rule = metrics[found.rule]
        yield from (f"{rule.metric} fired", f"{rule.scope} fired", f"{rule.when} fired")
        yield from (f"{now[1]} after {before[1]}" for before, now in pairwise(found.changes))
        if found.triggered_at > (found.pending_since or 0) + rule.for_ + case.size:
            yield "fired after it had waited"
        if found.peak_at > found.triggered_at:
            yield "grew worse"
        if found.value == found.threshold:
            yield "fired without data"


LATCH = ("off to pending", "off to on", "pending to on", "pending to off", "on to recovering")
LATCH += ("on to off", "recovering to on", "recovering to off")
HAPPENINGS = {
    *(f"{each} fired" for kind in (Metric, Scope, When) for each in kind),
    *(f"{severity}: {move}" for severity in Severity for move in LATCH),
    *("critical after warning", "warning after critical", "fired after it had waited"),
    *("grew worse", "fired without data"),
}


def test_the_cases_have_all_that_rules_can_have_and_do() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(data=st.data())
    def look(data: st.DataObject) -> None:
        for metric in Metric:
            seen.update(set(happenings(data.draw(cases((metric,), rules=2)))))

    look()
    assert set(seen) == HAPPENINGS, seen
