"""The alerts of a past second: what had fired by then, and what was not over yet."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Incident, SeverityChange
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.snapshot import AlertState, Known, Moment
from logmon_tui.tui.alerts.then import alerts_at, as_of
from logmon_tui.tui.paint.time_view import Asked
from tests.effort import examples
from tests.tui.fakes import INCIDENTS, NOW, incident, snapshot
from tests.tui.incidents import AT
from tests.tui.incidents import incident as told_incident

SECONDS = range(200)
SPANS = st.tuples(st.integers(0, 199), st.none() | st.integers(0, 80))


def made(spans: list[tuple[int, int | None]]) -> tuple[Incident, ...]:
    all_of_them = [
        incident(subject=b"%d" % number, at=at, lasted=lasted)
        for number, (at, lasted) in enumerate(spans)
    ]
    return tuple(sorted(all_of_them, key=lambda each: (not each.firing, -each.triggered_at)))


@given(st.lists(SPANS, max_size=8), st.integers(-5, 300))
@settings(max_examples=examples(200))
def test_what_fires_then_is_what_had_begun_and_had_not_ended(
    spans: list[tuple[int, int | None]], second: int
) -> None:
    then = alerts_at(AlertState(incidents=made(spans)), second)
    known = {b"%d" % number for number, (at, _) in enumerate(spans) if at <= second}
    firing = {
        b"%d" % number
        for number, (at, lasted) in enumerate(spans)
        if at <= second and (lasted is None or at + lasted > second)
    }
    assert {each.subject for each in then.incidents} == known
    assert {each.subject for each in then.incidents if each.firing} == firing
    assert then.firing == len(firing)
    order = [(not each.firing, -each.triggered_at) for each in then.incidents]
    assert order == sorted(order)


def test_severity_and_peak_are_those_known_then() -> None:
    incidents = (told_incident(recovered=True),)

    def at(second: int) -> Incident:
        return alerts_at(AlertState(incidents=incidents), second).incidents[0]

    early, worse, late, over = at(AT + 5), at(AT + 80), at(AT + 120), at(AT + 140)
    assert (early.severity, early.changes) == (
        Severity.WARNING,
        (SeverityChange(AT, Severity.WARNING),),
    )
    assert (early.peak, early.peak_at) == (early.value, None)
    assert (worse.severity, worse.peak, worse.recovering_since) == (Severity.CRITICAL, 0.242, None)
    assert (late.firing, late.recovering_since) == (True, AT + 110)
    assert over == incidents[0]


def test_the_present_is_left_as_it_is() -> None:
    picture = snapshot()
    assert as_of(picture, None) is picture
    past = as_of(replace(picture, moment=Moment(NOW - 300, 60, Known.MINUTES)), None)
    assert past.log_time == NOW - 300
    assert [each.firing for each in past.alerts.incidents] == [True, False, False]
    assert past.alerts.incidents[0].id == INCIDENTS[1].id


def test_an_hour_that_goes_on_after_where_one_looks_tells_no_later_alert() -> None:
    """Whoever looks at the second in which an alert fired sees it fire, not over."""
    picture = snapshot(incidents=(incident(at=NOW - 2_000, lasted=60), incident(at=NOW - 1_500)))
    hour = replace(picture, moment=Moment(NOW - 1_000, 3_600, Known.HOURS))
    told = as_of(hour, Asked(NOW - 1_990, 60))
    assert [(each.triggered_at, each.firing) for each in told.alerts.incidents] == [
        (NOW - 2_000, True)
    ]
    assert told.log_time == NOW - 1_990
