"""Traces: each second of an incident has its value, however long the incident lasts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.evaluation.trace import MAX_VALUES, Trace
from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Settings
from logmon_tui.monitor.alert_manager import AlertManager
from tests.effort import examples
from tests.traffic import START, batch_of, hit, settings_of

NOTHING = Evidence(before=0, now=0, movers=())
WINDOW = 5


def explained(alerts: AlertManager, changed: list[Incident]) -> None:
    for each in changed:
        if each.firing:
            alerts.incidents.set_evidence(each, NOTHING)


def traced_at(evidence: Evidence, second: int) -> float | None:
    return evidence.values[(second - evidence.start) // evidence.step]


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.integers(0, 9), min_size=30, max_size=60), st.booleans())
def test_each_second_has_the_value_that_was_judged(hits: list[int], restarted: bool) -> None:
    given_settings = settings_of(alert_window=WINDOW, threshold=4, ddos_threshold=1e6)
    hits = [5, *hits]
    alerts = AlertManager(given_settings)
    for at, count in enumerate(hits):
        if count:
            alerts.take(batch_of([hit(START + at)] * count), START + at)
        explained(alerts, alerts.judge_up_to(START + at))
        if restarted and at == len(hits) // 2:
            alerts = after_a_restart(alerts, given_settings)
    for each in alerts.incidents.all():
        assert each.evidence is not None
        last = (each.recovered_at or START + len(hits) - 1) - START
        first = max(0, each.triggered_at - START - WINDOW)
        for at in range(first, last + 1):
            window = hits[max(0, at - WINDOW + 1) : at + 1]
            assert traced_at(each.evidence, START + at) == sum(window) / WINDOW


def after_a_restart(alerts: AlertManager, given_settings: Settings) -> AlertManager:
    """Return another manager that goes on, of which every second is saved."""
    saved = alerts.unsaved(everything=True)
    another = AlertManager(given_settings)
    firing = [each for each in alerts.incidents.all() if each.firing]
    another.restore(alerts.state(), sorted(saved.slots), [*saved.recovered, *firing])
    return another


def test_an_incident_that_is_over_before_it_is_explained_is_explained_all_the_same() -> None:
    alerts = AlertManager(settings_of(alert_window=WINDOW, threshold=4, ddos_threshold=1e6))
    alerts.take(batch_of([hit(START + 2)] * 25), START)
    fired, recovered = alerts.judge_up_to(START + 20)
    assert alerts.incidents.set_evidence(fired, NOTHING).firing
    (kept,) = alerts.incidents.all()
    assert (kept.id, kept.recovered_at) == (recovered.id, START + 7)
    assert kept.evidence is not None
    assert kept.evidence.values


def test_seconds_that_nobody_judged_were_as_the_one_before() -> None:
    trace = Trace(100, 1, [1.0], max)
    trace.note(104, 3.0)
    assert trace.values == [1.0, 1.0, 1.0, 1.0, 3.0]


@given(st.integers(1, 20_000), st.integers(1, 60))
def test_a_long_trace_is_bounded_and_keeps_the_worst(seconds: int, step: int) -> None:
    trace = Trace(0, step, [], max)
    for place in range(seconds // 10 + 1):
        trace.note(place * step, 50.0 if place == seconds // 20 else 1.0)
    assert len(trace.values) <= MAX_VALUES
    worst = trace.values[(seconds // 20) * step // trace.step]
    assert worst == 50.0
    assert (trace.step // step).bit_count() == 1


def test_a_value_comes_back_after_none() -> None:
    trace = Trace(0, 10, [None], min)
    trace.note(3, 2.0)
    trace.note(5, 1.0)
    trace.note(7, None)
    assert trace.values == [1.0]


def test_between_two_seconds_an_incident_stays_the_same_object() -> None:
    """So whoever makes and draws pictures sees that nothing changed."""
    alerts = AlertManager(settings_of(alert_window=WINDOW, threshold=4, ddos_threshold=1e6))
    for at in range(4):
        alerts.take(batch_of([hit(START + at)] * 30), START + at)
        explained(alerts, alerts.judge_up_to(START + at))
        before = alerts.incidents.all()
        assert alerts.incidents.all() is before
    assert len(before) == 1
    assert before[0].evidence
    assert before[0].evidence.values[-1] == 4 * 30 / WINDOW
