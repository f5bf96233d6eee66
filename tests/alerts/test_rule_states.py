"""How a rule stands second by second: one small example for each thing that can happen.

Each column is a second. Above stands what was logged: `3` hits, or `3/4`, of which three were
errors, or `-`, nothing. Below is how the rule stands then: `.` ok, `?` no data, `p` pending,
`w` warning, `C` critical, `r` recovering.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import NoData, Rule, Scope, Severity, When
from logmon_tui.alerts.model.state import State
from tests.alerts.raw_traffic import Lines, raw_batch, raw_hit
from tests.alerts.raw_verdict import as_rows
from tests.alerts.rule_brute_force import judged
from tests.traffic import START

SIGNS = {
    ".": State.OK,
    "?": State.NO_DATA,
    "p": State.PENDING,
    "w": State.WARNING,
    "C": State.CRITICAL,
    "r": State.RECOVERING,
}


def rule_of(**given: Any) -> Rule:
    """Return a rule that counts the hits of one second, where nothing else is `given`."""
    defaults: dict[str, Any] = {"metric": Metric.HITS, "window": 1}
    return Rule(name="rule", title="Rule", **{**defaults, **given})


def errors_of(**given: Any) -> Rule:
    """Return a rule that fires when more than half of a second's hits are errors."""
    defaults: dict[str, Any] = {"metric": Metric.SHARE, "status": ("5xx",), "critical": 0.5}
    return rule_of(**{**defaults, **given})


class Played(NamedTuple):
    """The result of judging an example: states by second, and incidents, the first one first."""

    states: list[State]
    incidents: list[Incident]


def lines_of(*logged: str) -> Lines:
    """Return the lines of an example; each text is the traffic of one host: a, b or c."""
    hits = []
    for host, text in zip((b"a", b"b", b"c"), logged, strict=False):
        for second, word in enumerate(text.split(), START):
            errors, _, count = word.replace("-", "0").rpartition("/")
            bad = int(errors or 0)
            hits += [raw_hit(second, host=host, status=500)] * bad
            hits += [raw_hit(second, host=host)] * (int(count) - bad)
    return Lines(sorted(hits, key=lambda each: each.second))


def played(rule: Rule, *logged: str) -> Played:
    """Judge an example second by second, and check that brute force finds the same."""
    lines = lines_of(*logged)
    engine = RuleEvaluator([rule], 1)
    engine.begin(START)
    found: dict[str, Incident] = {}
    states = []
    last = START + len(logged[0].split()) - 1
    for second in range(START, last + 1):
        engine.take(raw_batch(lines.between(second, second)))
        found |= {each.id: each for each in engine.judge_up_to(second)}
        states.append(engine.alerts[rule.name].state)
    found |= {each.id: each for each in engine.open}
    assert as_rows(found.values()) == as_rows(judged([rule], lines, 1, last).incidents)
    return Played(states, list(found.values()))


def times(incidents: Sequence[Incident]) -> list[tuple[int, int | None]]:
    """Return the first and last second of each incident."""
    return [
        (each.triggered_at - START, each.recovered_at and each.recovered_at - START)
        for each in incidents
    ]


EXAMPLES = {
    # A value that is the threshold is not beyond it; without delays there is no pending.
    "fires and recovers at once": (
        rule_of(critical=2),
        " 1  3  3  2  1",
        " .  C  C  .  .",
    ),
    # The first second beyond is the beginning, so 2 s later it is 2 s old.
    "pending for a time": (
        rule_of(critical=2, for_=2),
        " 1  3  3  3  1",
        " .  p  p  C  .",
    ),
    "pending, but not for long enough": (
        rule_of(critical=2, for_=2),
        " 3  3  1  3  3  3",
        " p  p  .  p  p  C",
    ),
    "recovering for a time": (
        rule_of(critical=2, keep_firing_for=2),
        " 3  1  1  1",
        " C  r  r  .",
    ),
    "recovering, then beyond again": (
        rule_of(critical=2, keep_firing_for=2),
        " 3  1  3  1  1  1",
        " C  r  C  r  r  .",
    ),
    # Between the two thresholds it stays what it was: off …
    "recovery threshold before": (
        rule_of(critical=4, critical_recovery=2),
        " 3  4  3  1",
        " .  .  .  .",
    ),
    # … or on.
    "recovery threshold after": (
        rule_of(critical=4, critical_recovery=2),
        " 3  5  3  3  2  3",
        " .  C  C  C  .  .",
    ),
    "recovering ends only beyond the recovery threshold": (
        rule_of(critical=4, critical_recovery=2, keep_firing_for=3),
        " 5  2  3  2  2  2  2",
        " C  r  C  r  r  r  .",
    ),
    "warning alone": (
        rule_of(warning=2),
        " 1  3  9  1",
        " .  w  w  .",
    ),
    "warning, critical and back": (
        rule_of(warning=2, critical=4),
        " 1  3  5  3  1",
        " .  w  C  w  .",
    ),
    "critical at once": (
        rule_of(warning=2, critical=4),
        " 1  5  1",
        " .  C  .",
    ),
    # Critical was beyond for a second only when warning was for two.
    "each severity waits on its own": (
        rule_of(warning=2, critical=4, for_=2),
        " 3  5  5  5  5",
        " p  p  w  C  C",
    ),
    # Critical stays in force until its recovery delay is over; then the severity is warning.
    "each severity recovers on its own": (
        rule_of(warning=2, critical=4, keep_firing_for=1),
        " 5  3  3  1  1",
        " C  C  w  r  .",
    ),
    "a severity with a recovery threshold of its own": (
        rule_of(warning=2, critical=6, critical_recovery=4),
        " 7  5  4  7  2",
        " C  C  w  C  .",
    ),
    "below": (
        rule_of(critical=2, when=When.BELOW),
        " 3  1  2  1  0  2",
        " .  C  .  C  C  .",
    ),
    "below, with a recovery threshold": (
        rule_of(critical=2, critical_recovery=4, when=When.BELOW),
        " 3  1  3  4  3",
        " .  C  C  .  .",
    ),
    # The first seconds of a log do not fill a window, so they cannot show too little traffic.
    "below, before the log tells of a whole window": (
        rule_of(critical=3, when=When.BELOW, window=3),
        " 1  1  1  0  1",
        " ?  ?  .  C  C",
    ),
    "a change, before the log tells of both windows": (
        rule_of(metric=Metric.CHANGE, critical=2, window=2),
        " 1  9  9  9  9  9  40 40",
        " ?  ?  ?  .  .  .  C  C",
    ),
    "no data is ok": (
        errors_of(),
        " 4/4  -  4/4  0/4  -",
        "  C   ?   C    .   ?",
    ),
    "no data keeps what fires": (
        errors_of(no_data=NoData.KEEP),
        " 4/4  -  -  0/4",
        "  C   C  C   .",
    ),
    "no data keeps what does not": (
        errors_of(no_data=NoData.KEEP),
        " 0/4  -  -  0/4",
        "  .   ?  ?   .",
    ),
    "no data keeps what is pending": (
        errors_of(no_data=NoData.KEEP, for_=2),
        " 4/4  -  -  0/4",
        "  p   p  C   .",
    ),
    "no data keeps what recovers": (
        errors_of(no_data=NoData.KEEP, keep_firing_for=2),
        " 4/4 0/4  -  -",
        "  C   r   r  ?",
    ),
    "no data is bad": (
        errors_of(no_data=NoData.ALERT),
        " 0/4  -  -  0/4",
        "  .   C  C   .",
    ),
    "no data is bad after a while": (
        errors_of(no_data=NoData.ALERT, for_=1, keep_firing_for=1),
        " 0/4  -  -  0/4  -  0/4  0/4",
        "  .   p  C   r   C   r    .",
    ),
    "too few hits are no data": (
        errors_of(minimum_hits=4),
        " 3/3  4/4  0/3  4/4",
        "  ?    C    ?    C",
    ),
    "what fires goes on while the few hits are as bad": (
        errors_of(minimum_hits=4),
        " 4/4  3/3  1/1  -  4/4  2/3  0/3",
        "  C    C    C   ?   C    C    ?",
    ),
    "of few hits that are bad again, what recovers fires on": (
        errors_of(minimum_hits=4, keep_firing_for=2),
        " 4/4  0/4  3/3  0/3  0/3  0/3",
        "  C    r    C    r    r    ?",
    ),
    "few hits mean what the rule says of no data": (
        errors_of(minimum_hits=4, no_data=NoData.KEEP),
        " 4/4  0/3  0/4  3/3",
        "  C    C    .    ?",
    ),
    "no data is bad only once a window was seen": (
        errors_of(window=3, minimum_hits=4, no_data=NoData.ALERT),
        " 0/1  0/1  0/1  0/2  0/1",
        "  ?    ?    C    .    .",
    ),
    # All rates and counts are 0 without a hit, and that is a value.
    "no hits are no data only where nothing can be said": (
        rule_of(critical=2),
        " 3  0  3",
        " C  .  C",
    ),
    "a delay ends while nothing comes": (
        rule_of(critical=2, window=5, for_=2, keep_firing_for=3),
        " 9  0  0  0  0  0  0  0  0",
        " p  p  C  C  C  r  r  r  .",
    ),
}


@pytest.mark.parametrize(("rule", "logged", "stands"), EXAMPLES.values(), ids=EXAMPLES)
def test_states(rule: Rule, logged: str, stands: str) -> None:
    assert played(rule, logged).states == [SIGNS[sign] for sign in stands.split()]


def test_an_incident_goes_from_the_trigger_to_the_recovery_and_knows_when_it_began() -> None:
    rule = rule_of(critical=2, for_=2, keep_firing_for=1)
    (incident,) = played(rule, "1 3 4 5 6 6 3 0 3 1 0").incidents
    assert times([incident]) == [(3, 10)]
    assert incident.pending_since == START + 1
    assert (incident.value, incident.hits, incident.threshold) == (5, 5, 2)
    assert (incident.peak, incident.peak_at) == (6, START + 4)  # when it was so first


def test_without_a_delay_the_threshold_is_crossed_at_the_trigger() -> None:
    (incident,) = played(rule_of(critical=2), "1 3 1").incidents
    assert incident.pending_since == incident.triggered_at == START + 1


def test_recovering_shows_in_the_incident_as_long_as_it_lasts() -> None:
    rule = rule_of(critical=2, keep_firing_for=3)
    (incident,) = played(rule, "3 1 1").incidents
    assert incident.recovering_since == START + 1
    assert incident.firing
    (incident,) = played(rule, "3 1 3").incidents
    assert incident.recovering_since is None


def test_how_long_it_was_recovering_is_known_when_it_has_recovered() -> None:
    (incident,) = played(rule_of(critical=2, keep_firing_for=3), "3 1 3 1 1 1 1").incidents
    assert times([incident]) == [(0, 6)]
    assert incident.recovering_since == START + 3
    (incident,) = played(rule_of(critical=2), "3 1").incidents
    assert incident.recovering_since is None


def test_the_worst_of_what_is_below_is_the_least() -> None:
    rule = rule_of(critical=5, when=When.BELOW)
    (incident,) = played(rule, "9 4 2 3 2 7").incidents
    assert (incident.value, incident.peak, incident.peak_at) == (4, 2, START + 2)


def test_changes_of_severity_belong_to_one_incident() -> None:
    (incident,) = played(rule_of(warning=2, critical=4), "1 3 5 5 3 5 1").incidents
    assert [(second - START, severity) for second, severity in incident.changes] == [
        (1, Severity.WARNING),
        (2, Severity.CRITICAL),
        (4, Severity.WARNING),
        (5, Severity.CRITICAL),
    ]
    assert incident.threshold == 2  # the one that was crossed at the trigger
    assert (incident.worst, times([incident])) == (Severity.CRITICAL, [(1, 6)])


def test_an_incident_at_once_critical_tells_of_that_threshold() -> None:
    (incident,) = played(rule_of(warning=2, critical=4), "1 5 3 1").incidents
    assert (incident.threshold, incident.changes[0]) == (4, (START + 1, Severity.CRITICAL))
    assert incident.severity is Severity.WARNING  # the last one


def test_what_fires_without_data_has_no_value_until_one_is_beyond_the_threshold() -> None:
    (incident,) = played(errors_of(no_data=NoData.ALERT), "0/4 - - 4/4 0/4").incidents
    assert (incident.value, incident.hits, incident.triggered_at) == (None, 0, START + 1)
    assert (incident.peak, incident.peak_at) == (1, START + 3)
    (incident,) = played(errors_of(no_data=NoData.ALERT), "0/4 - 0/4").incidents
    assert (incident.value, incident.peak, incident.peak_at) == (None, None, None)


def test_what_fires_after_values_ceased_has_the_last_one() -> None:
    rule = errors_of(no_data=NoData.KEEP, for_=2)
    (incident,) = played(rule, "0/4 4/4 3/4 - 0/4").incidents
    assert (incident.triggered_at, incident.value, incident.hits) == (START + 3, 0.75, 0)
    assert (incident.peak, incident.peak_at) == (0.75, START + 3)
    assert "75.0% (above 50.0%, 0 hits in" in incident.message


def test_each_subject_has_incidents_of_its_own() -> None:
    rule = rule_of(critical=2, scope=Scope.CLIENT)
    found = played(rule, "3 3 1 3", "1 3 3 1").incidents
    assert [each.subject for each in found] == [b"a", b"b", b"a"]
    assert times(found) == [(0, 2), (1, 3), (3, None)]


def test_who_finds_no_room_waits_and_the_largest_comes_first() -> None:
    rule = rule_of(critical=2, scope=Scope.CLIENT, max_incidents=1)
    found = played(rule, "4 4 4 1 1 1", "1 3 3 3 3 1", "1 1 5 5 1 1").incidents
    assert [each.subject for each in found] == [b"a", b"c", b"b"]
    assert times(found) == [(0, 3), (3, 4), (4, 5)]
    assert [each.pending_since for each in found] == [START, START + 2, START + 1]


def test_of_those_alike_who_wait_the_first_by_name_has_its_turn() -> None:
    rule = rule_of(critical=2, scope=Scope.CLIENT, max_incidents=2)
    found = played(rule, "3 3", "3 3", "3 3").incidents
    assert [each.subject for each in found] == [b"a", b"b"]


def test_who_is_about_to_recover_gets_no_incident_any_more() -> None:
    rule = rule_of(critical=2, keep_firing_for=2, scope=Scope.CLIENT, max_incidents=1)
    found = played(rule, "4 1 1 1 1 1", "3 3 1 1 1 1").incidents
    assert [each.subject for each in found] == [b"a"]


def test_who_is_below_without_hits_is_watched_until_it_comes_back() -> None:
    """The rule fires for a subject that vanished, not for one that was never seen."""
    rule = rule_of(critical=2, when=When.BELOW, scope=Scope.CLIENT)
    found = played(rule, "2 2 2 2 2 2 2", "2 2 0 0 0 2 0", "0 0 0 0 0 0 0").incidents
    assert {each.subject for each in found} == {b"b"}
    assert times(found) == [(2, 5), (6, None)]
