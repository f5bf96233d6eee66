"""The steps at which a limit's state may change: judging only these gives the same states."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.evaluation.crossings import crossings
from logmon_tui.alerts.evaluation.limit_state import LimitState, advanced
from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import NoData, Rule, When
from tests.effort import examples

THRESHOLDS = st.lists(st.integers(1, 9).map(float), min_size=4, max_size=4, unique=True)
VALUES = st.none() | st.integers(0, 10).map(float)
NOISY = Rule(name="n", title="N", metric=Metric.RATE, critical=5.0, critical_recovery=4.0)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    when = draw(st.sampled_from(When))
    mild, milder, harsh, harsher = sorted(draw(THRESHOLDS), reverse=when is When.BELOW)
    return Rule(
        name="r",
        title="R",
        metric=Metric.RATE,
        when=when,
        warning=milder,
        warning_recovery=draw(st.sampled_from([mild, milder])),
        critical=harsher,
        critical_recovery=draw(st.sampled_from([mild, milder, harsh, harsher])),
        for_=draw(st.sampled_from([0, 2])),
        keep_firing_for=draw(st.sampled_from([0, 3])),
        no_data=draw(st.sampled_from([NoData.OK, NoData.KEEP])),
    )


def found(rule: Rule, subjects: list[list[float | None]], *, known: bool = True) -> list[bool]:
    thresholds = sorted(
        {each for limit in rule.limits for each in (limit.threshold, limit.recovery)}
    )
    levels = [
        -1 if value is None else sum(rule.beyond(value, each) for each in thresholds)
        for values in subjects
        for value in values
    ]
    starts = np.cumsum([0, *map(len, subjects)])
    numbers = np.array(levels, dtype=np.int8)
    return crossings(rule, thresholds, numbers, starts, known=known).tolist()


@settings(max_examples=examples(1_000))
@given(
    rule=rules(),
    subjects=st.lists(st.lists(VALUES, min_size=1, max_size=12), min_size=1, max_size=3),
    known=st.booleans(),
)
def test_a_state_changes_only_at_crossings_and_when_a_delay_ends(
    rule: Rule, subjects: list[list[float | None]], known: bool
) -> None:
    chosen = iter(found(rule, subjects, known=known))
    for values in subjects:
        states = tuple(LimitState() for _ in rule.limits)
        seconds = range(len(values))
        for second, value, crosses in zip(seconds, values, chosen, strict=False):
            pairs = zip(states, rule.limits, strict=True)
            measured = Measurement(value, 9)
            after = tuple(advanced(each, rule, limit, measured, second) for each, limit in pairs)
            due = any(each.due(rule) == second for each in states)
            assert after == states or crosses or due or second == 0
            states = after


def test_a_noisy_value_is_judged_only_where_it_fires_and_recovers() -> None:
    between = [4.5, 5.5, 4.5, 5.5, 4.2]
    noisy: list[float | None] = [1.0, *between, 3.0, 4.5, 3.5, 6.0]
    crossed = [place for place, crosses in enumerate(found(NOISY, [noisy])) if crosses]
    assert crossed == [1, 2, 6, 9]
    unknown = found(NOISY, [noisy], known=False)
    assert [place for place, crosses in enumerate(unknown) if crosses] == list(range(1, 10))


def test_a_rule_that_may_be_held_back_is_judged_at_each_threshold() -> None:
    noisy: list[float | None] = [1.0, 6.0, 4.5, 6.0, 4.5]
    held_back = replace(NOISY, unless=("other",))
    assert found(held_back, [noisy]) == [False, True, True, True, True]
    assert found(NOISY, [noisy]) == [False, True, False, False, False]
