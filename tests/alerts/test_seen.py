"""What a rule saw of a log is what a brute force over its lines tells."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope, When
from logmon_tui.alerts.model.seen import Nearest, RuleSeen
from logmon_tui.monitor import report_builder
from logmon_tui.monitor.report_builder import ReportBuilder
from tests.alerts.fed_engine import UNSHRUNK
from tests.alerts.long_strategies import burn_cases
from tests.alerts.raw_measurements import counted, subject_of
from tests.alerts.raw_traffic import Lines, raw_batch, raw_hit
from tests.alerts.rule_brute_force import judged
from tests.alerts.rule_strategies import Case, cases
from tests.alerts.ways import Batches, Ruled
from tests.effort import examples
from tests.traffic import START


def expected(case: Case, rule: Rule) -> RuleSeen:
    """Return what `rule` must see, from the list of all lines."""
    lines = case.lines
    last = (lines.hits[-1].second + 1) // case.size * case.size - 1
    measurements = judged([rule], lines, case.size, last).measurements
    nearest: Nearest | None = None
    most = 0
    for (_, second), found in sorted(measurements.items()):
        for subject, measurement in found.items():
            most = max(most, measurement.hits)
            value = measurement.value
            if rule.of_novelty and not measurement.hits:
                value = None  # of a subject that is not new
            one = None if value is None else Nearest(value, measurement.hits, subject, second)
            if one is not None and (nearest is None or is_nearer(rule, one, nearest)):
                nearest = one
    hits = counted(rule, lines.hits)
    unparsed = len(lines.unparsed) if rule.metric is Metric.UNPARSED_SHARE else 0
    subjects = {subject_of(rule, hit) for hit in hits}
    return RuleSeen(len(hits) + unparsed, len(subjects), most, nearest)


def is_nearer(rule: Rule, one: Nearest, other: Nearest) -> bool:
    if one.value != other.value:
        return rule.beyond(one.value, other.value)
    return (one.second, one.subject or b"") < (other.second, other.subject or b"")


@settings(UNSHRUNK, max_examples=examples(300))
@given(
    st.one_of(cases(), cases(), burn_cases()),
    st.integers(0, 2**32),
    st.sampled_from([1, 30, 10**9]),
)
def test_it_is_what_the_lines_tell(case: Case, seed: int, judged_rows: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report_builder, "MIN_JUDGED_ROWS", judged_rows)
        given_settings = Ruled(given=case.rules, bucket_size=case.size)
        builder = ReportBuilder(given_settings, seen=True)
        chance = random.Random(seed)
        for batch in Batches(case.lines).of(case.lines.hits, chance, 40):
            builder.feed(batch)
        found = builder.finish().seen
    assert found.keys() == {rule.name for rule in case.rules}
    for rule in case.rules:
        assert found[rule.name] == expected(case, rule), rule


def seen_of(rule: Rule, lines: Lines) -> RuleSeen:
    builder = ReportBuilder(Ruled(given=(rule,)), seen=True)
    builder.feed(raw_batch(lines.hits, []))
    return builder.finish().seen[rule.name]


def test_the_quiet_ones_of_many_subjects_are_seen() -> None:
    """No verdict needs them: they have too few hits to fire."""
    hits = [raw_hit(START + at, host=b"10.0.0.%d" % at) for at in range(200)]
    hits += [raw_hit(START + 200, host=b"10.0.0.7")]
    rule = Rule(name="r", title="r", metric=Metric.HITS, scope=Scope.CLIENT, critical=1_000)
    seen = seen_of(rule, Lines(hits, []))
    assert seen == RuleSeen(201, 200, 1, Nearest(1.0, 1, b"10.0.0.0", START))
    hits[-1] = raw_hit(START + 199, host=b"10.0.0.190")
    seen = seen_of(rule, Lines(hits, []))
    assert seen == RuleSeen(201, 200, 2, Nearest(2.0, 2, b"10.0.0.190", START + 199))


def test_of_distinct_things_too_those_are_measured_who_came_seldom() -> None:
    hits = [raw_hit(START + at, path=b"/%d" % (at % 3), host=b"10.0.0.7") for at in range(20)]
    hits += [raw_hit(START + 20 + at, host=b"10.0.0.%d" % (at % 50)) for at in range(200)]
    rule = Rule(name="r", title="r", metric=Metric.PATHS, scope=Scope.CLIENT, critical=1_000)
    seen = seen_of(rule, Lines(hits, []))
    assert seen == RuleSeen(220, 50, 22, Nearest(4.0, 21, b"10.0.0.7", START + 27))


def test_matching_nothing_differs_from_too_few_hits_and_from_never_beyond() -> None:
    lines = Lines([raw_hit(START + at, path=b"/a") for at in range(50)], [])
    share = Rule(name="r", title="r", metric=Metric.SHARE, status=("5xx",), window=10, critical=0.5)
    assert seen_of(share, lines) == RuleSeen(50, 1, 10, Nearest(0.0, 1, None, START))
    few = Rule(
        name="r",
        title="r",
        metric=Metric.SHARE,
        status=("5xx",),
        window=10,
        critical=0.5,
        minimum_hits=20,
    )
    assert seen_of(few, lines) == RuleSeen(50, 1, 10, None)
    nothing = Rule(
        name="r",
        title="r",
        metric=Metric.SHARE,
        status=("5xx",),
        window=10,
        critical=0.5,
        paths=("/b",),
        when=When.ABOVE,
    )
    assert seen_of(nothing, lines) == RuleSeen(0, 0, 0, None)
