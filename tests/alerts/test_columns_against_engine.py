"""Judging by columns finds the same incidents, in every field, as judging every second."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from unittest import mock

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.evaluation import alert as alert_module
from logmon_tui.alerts.evaluation import verdicts
from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.evaluation.column_evaluator import is_columnar
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.evaluation.subject_state import SubjectState
from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.metric import RATIOS, Metric
from logmon_tui.alerts.model.rule import Rule, Scope, When
from logmon_tui.alerts.rules.builtin import builtin_rules
from logmon_tui.alerts.rules.shipped import shipped_rules
from logmon_tui.formats.model.hit import UNKNOWN, Hit
from logmon_tui.formats.model.hit_batch import HitBatch
from tests.alerts.fed_engine import UNSHRUNK
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.alerts.rule_strategies import COUNTING, SIZES, rule_shapes
from tests.traffic import START

DAYS = 3 * 86_400
PATHS = (b"/api/a", b"/api/b", b"/pages/x", b"/static/y", b"/")
TIMES = (UNKNOWN, 0, 400, 90_000, 850_000, 1_400_000, 2_600_000, 9_000_000)
SIZES_SENT = (0, 1, 700, 850_000, 1_200_000, 9_000_000, 30_000_000)


class Part(NamedTuple):
    """Hits fed at once, the second to judge up to afterwards, and a new threshold for a rule."""

    batch: HitBatch
    unparsed: list[int]
    until: int
    threshold: tuple[str, float] | None = None


class Log(NamedTuple):
    """A log in parts. A silence outlasts all that rules remember, so it may be skipped."""

    parts: list[Part]
    size: int


@st.composite
def logs(draw: st.DrawFn, rules: Sequence[Rule], size: int) -> Log:
    """Draw bursts and silences with late and unordered hits, cut at random."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    longest = max(rule.window for rule in rules)
    pauses = (0, 1, 5, longest // 2, longest, 2 * longest, DAYS)
    lines: list[tuple[int, Hit | int]] = []  # by the second in which each is written
    second = START + chance.randrange(7)
    for _ in range(draw(st.integers(1, 5))):
        second += draw(st.sampled_from(pauses))
        rate = draw(st.sampled_from((0.1, 1, 4)))
        mood = _Mood(chance)
        for _ in range(draw(st.integers(1, 60))):
            for _ in range(int(rate + chance.random())):
                late = chance.choice((1, 3, 2 * longest)) if chance.random() < 0.07 else 0
                lines.append((second, mood.hit(second - late)))
            if chance.random() < 0.1:
                lines.append((second, second))
            second += 1
    return Log(list(_parts(lines, rules, chance)), size)


class _Mood:
    """The kind of hits in one part of a log."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._status = chance.choice(((200,), (200, 404), (200, 503), (404, 500)))
        self._sizes = chance.sample(SIZES_SENT, 2)
        self._times = chance.sample(TIMES, 2)
        self._paths = chance.sample(PATHS, 2)
        self._hosts = chance.choice((1, 3, 12))

    def hit(self, second: int) -> Hit:
        pick = self._chance.choice
        return raw_hit(
            second,
            status=pick(self._status),
            size=pick(self._sizes),
            response_time=pick(self._times),
            path=pick(self._paths),
            host=b"10.0.0.%d" % self._chance.randrange(self._hosts),
            agent=pick((b"curl/8.5", b"Wget/1.21")),
        )


def _parts(
    lines: Sequence[tuple[int, Hit | int]], rules: Sequence[Rule], chance: random.Random
) -> Iterator[Part]:
    start = 0
    while start < len(lines):
        end = start + chance.choice((1, 2, 30, 200))
        piece = lines[start:end]
        hits = [each for _, each in piece if isinstance(each, Hit)]
        unparsed = [each for _, each in piece if isinstance(each, int)]
        judged = piece[-1][0] - chance.choice((0, 1, 20))
        if end >= len(lines):
            judged += 2 * max(rule.reach + rule.for_ + rule.keep_firing_for for rule in rules)
        moved = None
        if chance.random() < 0.1:
            rule = chance.choice(rules)
            # Below its first threshold, only a rule of the whole traffic is judged at once.
            factors = (0.4, 0.9, 1.5) if rule.scope is Scope.ALL else (1.0, 1.5, 2.5)
            moved = rule.name, rule.limits[-1].threshold * chance.choice(factors)
        batch = raw_batch(hits)
        yield Part(replace(batch, resolution=1_000), unparsed, judged, moved)
        start = end


class EverySecond:
    """An evaluator that judges every second, except the silences in which nothing changes."""

    def __init__(self, rules: Sequence[Rule], size: int) -> None:
        self.engine = RuleEvaluator(rules, size)
        self._rules = rules
        self._order = {rule.name: place for place, rule in enumerate(rules)}

    def take(self, part: Part) -> None:
        if len(part.batch):
            self.engine.begin(int(part.batch.seconds.min()))
            self.engine.take(part.batch)
        for second in part.unparsed:
            self.engine.take_unparsed(second, 1)

    def judge_up_to(self, second: int) -> list[Incident]:
        changed: list[Incident] = []
        judged = self.engine.judged
        if judged is None:
            return []
        for each in range((judged + 1) * self.engine.bucket_size, second + 1):
            if each > second - 1_000 or each < (judged + 1) * self.engine.bucket_size + 9_000:
                changed += self.engine.judge_up_to(each)
        changed += self.engine.judge_up_to(second)
        return sorted(changed, key=lambda each: (each.changed_at, self._order[each.rule]))


def stands(alerts: Sequence[Alert]) -> list[tuple[str, int, dict[Subject, SubjectState], Any]]:
    return [
        (
            each.rule.name,
            each.suppressed,
            each.subject_states,
            dict(sorted(each.open.items(), key=repr)),
        )
        for each in alerts
    ]


def assert_same(rules: Sequence[Rule], log: Log) -> int:
    """Check that both find the same in each part of a log; return the number of incidents."""
    judge, engine = BatchEvaluator(rules, log.size), EverySecond(rules, log.size)
    found = set()
    for part in log.parts:
        judge.take(part.batch)
        for second in part.unparsed:
            judge.take_unparsed(second, 1)
        engine.take(part)
        if part.threshold is not None:
            judge.set_threshold(*part.threshold)
            engine.engine.set_threshold(*part.threshold)
        changed = judge.judge_up_to(part.until)
        assert changed == engine.judge_up_to(part.until)
        assert stands(judge.alerts) == stands(list(engine.engine.alerts.values()))
        found |= {each.id for each in changed}
    return len(found)


def scaled(rule: Rule, window: int) -> Rule:
    """Return a shipped rule with shorter times, for which fewer hits are enough."""
    part = window / rule.window
    return msgspec.structs.replace(
        rule,
        window=window,
        baseline=3 * window,
        for_=int(rule.for_ * part),
        keep_firing_for=int(rule.keep_firing_for * part),
        minimum_hits=min(rule.minimum_hits, 5),
        **(
            {}
            if rule.metric is not Metric.RATE
            else {"warning": 0.5, "warning_recovery": 0.3, "critical": 1, "critical_recovery": 0.6}
        ),
    )


SHIPPED = {rule.name: rule for rule in shipped_rules(120)}
BUILT_IN = {rule.name: rule for rule in builtin_rules(10, 0.05, 2.5, 120)}


@pytest.mark.parametrize("name", [*SHIPPED, *BUILT_IN])
@UNSHRUNK
@given(data=st.data())
def test_a_shipped_rule(name: str, data: st.DataObject) -> None:
    rule = (SHIPPED | BUILT_IN)[name]
    assert is_columnar(rule)
    size = data.draw(st.sampled_from(SIZES))
    short = scaled(rule, size * data.draw(st.sampled_from((2, 6, 20))))
    rules = [msgspec.structs.replace(short, max_incidents=data.draw(st.sampled_from((1, 2, 100))))]
    assert_same(rules, data.draw(logs(rules, size)))


@st.composite
def random_rules(draw: st.DrawFn, metric: Metric, size: int, number: int) -> Rule:
    shape = draw(rule_shapes(f"r{number}", size, [metric]))
    values = {
        Metric.RATE: (0, 0.2, 0.5, 1, 3),
        Metric.HITS: (0, 1, 3, 10),
        Metric.BYTES_RATE: (0, 1_000, 500_000, 10_000_000),
        Metric.RESPONSE_TIME: (0, 0.0004, 0.5, 1, 2.6, 5),
        Metric.RESPONSE_SIZE: (0, 1, 100_000, 1_000_000, 9_000_000),
        Metric.CLIENTS: (0, 1, 2, 5),
        Metric.PATHS: (0, 1, 2, 5),
        Metric.FIRST_SEEN: (0, 1, 2, 5),
        Metric.CHANGE: (0, 0.5, 1, 1.5, 4),
    }.get(metric, (0, 0.1, 0.3, 0.5, 0.9))
    bounds = sorted(draw(st.lists(st.sampled_from(values), min_size=4, max_size=4)))
    if shape.when is When.BELOW:
        bounds.reverse()
    ends, warns, mild, worse = bounds
    if draw(st.booleans()):
        given: dict[str, Any] = {"warning": mild, "critical": worse}
        given |= {"warning_recovery": ends, "critical_recovery": warns}
    else:
        given = {"critical": mild, "critical_recovery": ends}
    return msgspec.structs.replace(shape, **given)


@pytest.mark.parametrize("most", [1, 3])
@UNSHRUNK
@given(data=st.data())
def test_so_many_clients_that_some_are_forgotten(most: int, data: st.DataObject) -> None:
    window = data.draw(st.sampled_from((3, 9)))
    rule = Rule(
        name="crowd",
        title="Crowd",
        metric=Metric.RATE,
        scope=Scope.CLIENT,
        window=window,
        for_=data.draw(st.sampled_from((0, 2))),
        keep_firing_for=data.draw(st.sampled_from((0, 3))),
        critical=1.5 / window,
        critical_recovery=0.5 / window,
        max_incidents=data.draw(st.sampled_from((1, 2))),
    )
    with (
        mock.patch.object(alert_module, "MAX_SUBJECT_STATES", most),
        mock.patch.object(verdicts, "MAX_SUBJECT_STATES", most),
    ):
        assert_same([rule], data.draw(logs([rule], 1)))


@pytest.mark.parametrize("metric", COUNTING)
@UNSHRUNK
@given(data=st.data())
def test_random_rules_of_every_scope(metric: Metric, data: st.DataObject) -> None:
    size = data.draw(st.sampled_from(SIZES))
    rules = [data.draw(random_rules(metric, size, number)) for number in range(2)]
    assert_same(rules, data.draw(logs(rules, size)))


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize("scope", [Scope.ALL, Scope.CLIENT])
@pytest.mark.parametrize("metric", [metric for metric in COUNTING if metric not in RATIOS])
@pytest.mark.parametrize("threshold", [1e18, 1e300])
def test_a_threshold_may_be_any_number(
    metric: Metric, scope: Scope, when: When, threshold: float
) -> None:
    rule = Rule(
        name="far",
        title="Far",
        metric=metric,
        scope=scope,
        when=when,
        window=60,
        critical=threshold,
        minimum_hits=1,
    )
    hits = [raw_hit(START + at, size=SIZES_SENT[-1], response_time=TIMES[-1]) for at in range(9)]
    found = assert_same([rule], Log([Part(raw_batch(hits), [], START + 300)], 1))
    # The rule fires below, so it is judged only once a whole window was seen. No hit is left then.
    assert found == 0 if when is When.ABOVE else found <= 1
