"""The graph of an incident: columns, threshold, states and times."""

import pytest
from msgspec.structs import replace

from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Incident, SeverityChange
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Limit, Severity
from logmon_tui.alerts.model.state import State
from logmon_tui.tui.alerts import why_chart
from logmon_tui.tui.paint.cells import width_of
from tests.tui.incidents import AT, incident


def measured(*values: float | None, step: int = 1, threshold: float = 10.0) -> Incident:
    """Return an incident of a rate that was measured from ten seconds before its trigger on."""
    return replace(
        incident(),
        unit=Unit.RATE,
        threshold=threshold,
        value=threshold + 1,
        pending_since=None,
        changes=(SeverityChange(AT, Severity.CRITICAL),),
        evidence=Evidence(0, 0, (), start=AT - 10, step=step, values=values),
    )


def text_of(rows: list[why_chart.Row]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def test_columns_stand_as_high_as_what_was_measured() -> None:
    shown = measured(0.0, 2.5, 5.0, 7.5, 12.0, 18.0, None)
    assert text_of(why_chart.graph(shown, 13, 4)) == [
        "20/s ┤     ▅ ",
        "10/s ┤╌╌╌╌╌╌╌",
        "     │   ▄██ ",
        "     │ ▄████·",
        "   0 └───────",
        "             ",
    ]


def test_the_thresholds_of_both_severities_are_drawn() -> None:
    limits = (Limit(Severity.WARNING, 5.0, 5.0), Limit(Severity.CRITICAL, 10.0, 10.0))
    shown = replace(measured(0.0, 7.5, 12.0, 18.0, threshold=5.0), limits=limits)
    assert text_of(why_chart.graph(shown, 10, 4))[:4] == [
        "20/s ┤   ▅",
        "10/s ┤╌╌╌╌",
        " 5/s ┤╌▄╌╌",
        "     │ ███",
    ]


@pytest.mark.parametrize("count", [1, 3, 7, 50, 51, 99, 100, 101, 599, 600])
def test_every_value_is_in_a_column_and_the_width_is_kept(count: int) -> None:
    values = tuple(float(n) for n in range(count))
    plot = why_chart.plot_of(Evidence(0, 0, (), start=AT, values=values), 50, max)
    assert len(plot.values) == min(50, 6 * count)
    assert plot.values[-1] == count - 1
    assert list(plot.values) == sorted(plot.values, key=lambda value: value or 0.0)
    assert plot.second_of(len(plot.values)) == pytest.approx(AT + count)


def test_of_several_values_the_worst_shows() -> None:
    evidence = Evidence(0, 0, (), start=AT, values=(1.0, 9.0, None, 2.0, None, None))
    assert why_chart.plot_of(evidence, 3, max).values == (9.0, 2.0, None)
    assert why_chart.plot_of(evidence, 3, min).values == (1.0, 2.0, None)


def test_states_follow_the_incident() -> None:
    whole = incident(recovered=True)
    expected = {
        AT - 16: State.OK,
        AT - 15: State.PENDING,
        AT: State.WARNING,
        AT + 37: State.WARNING,
        AT + 38: State.CRITICAL,
        AT + 110: State.RECOVERING,
        AT + 140: State.OK,
    }
    assert {second: why_chart.state_at(whole, second) for second in expected} == expected


def test_an_incident_of_old_has_the_state_of_its_severity() -> None:
    old = replace(incident(), changes=(), pending_since=None)
    assert why_chart.state_at(old, AT - 1) is State.OK
    assert why_chart.state_at(old, AT) is State.CRITICAL


def test_the_axis_has_a_sign_where_a_state_begins() -> None:
    rows = text_of(why_chart.graph(incident(recovered=True), 100, 6))
    axis = rows[6]
    places = [axis.index(sign) for sign in "◔!▲↘✓"]
    assert places == sorted(places)
    for line, begin, end in zip("┄━═╌", places, places[1:], strict=False):
        assert set(axis[begin + 1 : end]) == {line}


def test_times_stand_below_their_columns() -> None:
    rows = text_of(why_chart.graph(incident(), 100, 6))
    times = rows[-1].split()
    assert times
    assert all(time.startswith("12:0") for time in times)
    assert times == sorted(times)


def test_the_threshold_crosses_the_graph_with_its_value() -> None:
    rows = text_of(why_chart.graph(measured(*[1.0] * 40), 60, 6))
    (crossing,) = [row for row in rows if "╌" in row]
    assert crossing.startswith("10/s ┤")


def test_low_values_show_in_the_row_of_the_threshold() -> None:
    rows = text_of(why_chart.graph(measured(*[1.0] * 20, *[100.0] * 20), 60, 4))
    row = next(row for row in rows if row.startswith(" 10/s"))
    assert "╌▁╌▁" in row or "▁╌▁╌" in row


def test_without_colour_states_can_be_told_apart() -> None:
    rows = "".join(text_of(why_chart.graph(incident(), 100, 8, no_colour=True)))
    assert "▓" in rows
    assert "█" in rows
    coloured = "".join(text_of(why_chart.graph(incident(), 100, 8)))
    assert "▓" not in coloured


def test_without_values_there_is_no_graph() -> None:
    assert why_chart.graph(replace(incident(), evidence=None), 80, 6) == []
    assert why_chart.graph(measured(None, None), 80, 6) == []


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("width", [1, 8, 20, 30, 300])
@pytest.mark.parametrize("values", [(0.0,), (0.0, 1e-12), (1e15, None), (0.3,) * 700])
def test_any_values_fit_any_width(unit: Unit, width: int, values: tuple[float | None, ...]) -> None:
    for threshold in (0.0, 5.0, 1e14):
        rows = text_of(
            why_chart.graph(replace(measured(*values, threshold=threshold), unit=unit), width, 3)
        )
        assert len(rows) == 5
        gutter = max(width_of(row) for row in rows) - width
        assert gutter <= 16 if width < 16 else gutter <= 0


def test_the_legend_tells_how_long_each_state_lasted() -> None:
    told = [text for text, _ in why_chart.legend(incident(recovered=True), AT + 900.0)]
    assert told == [
        "◔ pending 15 s",
        "! warning 38 s",
        "▲ critical 1 m 12 s",
        "↘ recovering 30 s",
        "✓ 12:05:30",
    ]
    lasting = [text for text, _ in why_chart.legend(incident(), AT + 100.0)]
    assert lasting == ["◔ pending 15 s", "! warning 38 s", "▲ critical 1 m 02 s"]


def test_the_legend_tells_a_state_once_though_the_severity_changes_meanwhile() -> None:
    given = incident(recovered=True)
    milder = SeverityChange(AT + 125, Severity.WARNING)
    told = why_chart.legend(replace(given, changes=(*given.changes, milder)), AT + 900.0)
    assert told == why_chart.legend(given, AT + 900.0)
