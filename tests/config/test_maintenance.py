"""Maintenance windows silence at the local times that they name, and at no other."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.history.silence import Silence, Silences
from logmon_tui.config.maintenance import Maintenance, MaintenanceWindows
from logmon_tui.errors import TableError
from logmon_tui.monitor.alert_manager import AlertManager
from tests.effort import examples
from tests.traffic import settings_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def at(text: str) -> float:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def windows(when: str, wall: str, zone: str = "UTC") -> list[tuple[float, float]]:
    return list(Maintenance(when=when, timezone=zone).windows(at(wall)))


@pytest.mark.parametrize(
    ("when", "wall", "inside"),
    [
        ("daily 02:00-02:30", "2026-11-21T01:59:59", False),
        ("daily 02:00-02:30", "2026-11-21T02:00:00", True),
        ("daily 2:00 - 2:30", "2026-11-21T02:29:59", True),
        ("daily 02:00-02:30", "2026-11-21T02:30:00", False),
        ("mon-fri 22:00-06:00", "2026-11-20T23:00:00", True),  # a Friday
        ("mon-fri 22:00-06:00", "2026-11-21T05:59:00", True),
        ("mon-fri 22:00-06:00", "2026-11-21T23:00:00", False),
        ("mon-fri 22:00-06:00", "2026-11-23T05:00:00", False),  # begun on a Sunday
        ("Sat,Sun 00:00-24:00", "2026-11-22T23:59:59", True),
        ("Sat, Sun 00:00-24:00", "2026-11-23T00:00:00", False),
        ("fri-mon 10:00-11:00", "2026-11-22T10:30:00", True),
        ("fri-mon 10:00-11:00", "2026-11-24T10:30:00", False),
    ],
)
def test_it_is_at_the_times_that_it_names(when: str, wall: str, *, inside: bool) -> None:
    assert bool(windows(when, wall)) == inside


def test_it_is_by_the_clock_of_its_zone_in_summer_and_winter() -> None:
    berlin = "Europe/Berlin"
    for utc in ("2026-07-01T00:00:00", "2026-12-01T01:00:00"):
        ((begin, end),) = windows("daily 02:00-02:30", utc, berlin)
        assert (begin, end) == (at(utc), at(utc) + 1_800)
    # Clocks are put back at 03:00: the window is at the first 02:00, once.
    assert windows("daily 02:00-02:30", "2026-10-25T00:10:00", berlin)
    assert not windows("daily 02:00-02:30", "2026-10-25T01:10:00", berlin)
    # Clocks are put forward from 02:00 to 03:00: it is as long as ever.
    ((begin, end),) = windows("daily 02:00-02:30", "2026-03-29T01:10:00", berlin)
    assert end - begin == 1_800


@settings(max_examples=examples(200), deadline=None)
@given(
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 24 * 60 - 1),
    st.integers(1, 24 * 60),
    st.sampled_from(["UTC", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"]),
    st.integers(int(at("2026-01-01")), int(at("2028-01-01"))),
)
def test_a_minute_is_inside_if_a_clock_on_the_wall_says_so(
    days: set[int], start: int, length: int, zone: str, wall: int
) -> None:
    end = (start + length) % (24 * 60) if start + length != 24 * 60 else 24 * 60
    if start == end or length == 24 * 60 != end:
        return
    names = ",".join(DAYS[day] for day in sorted(days))
    when = f"{names} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    local = datetime.fromtimestamp(wall, ZoneInfo(zone))
    offsets = {(local + timedelta(hours=hours)).utcoffset() for hours in range(-50, 51)}
    if len(offsets) > 1:
        return  # clocks change nearby
    minute, today = local.hour * 60 + local.minute, local.weekday()
    inside = today in days and start <= minute < start + length
    inside = inside or ((today - 1) % 7 in days and minute < start + length - 24 * 60)
    assert bool(windows(when, local.isoformat(), zone)) == inside


def test_rules_are_chosen_by_patterns() -> None:
    table = Maintenance(when=("daily 02:00-02:30", "daily 02:10-03:00"), rules=("ddos", "api-*"))
    found = MaintenanceWindows([("b", table)], ["traffic", "ddos", "api-a", "api-b"])
    wall = at("2026-11-21T02:15")
    early = Silence(at("2026-11-21T02:00"), at("2026-11-21T02:30"), maintenance="b")
    late = Silence(at("2026-11-21T02:10"), at("2026-11-21T03:00"), maintenance="b")
    rules = ("ddos", "api-a", "api-b")
    expected = [each._replace(rule=rule) for each in (early, late) for rule in rules]
    assert found.silences(wall) == expected
    assert found.silences(at("2026-11-21T04:00")) == []


def test_alerts_are_chosen_by_labels() -> None:
    table = Maintenance(when="daily 02:00-02:30", where="label.team:web")
    (found,) = MaintenanceWindows([("b", table)], ["ddos"]).silences(at("2026-11-21T02:15"))
    assert (found.rule, found.where, found.maintenance) == (None, "label.team:web", "b")


def test_a_window_is_among_the_silences_and_can_be_ended_early() -> None:
    given_settings = settings_of(maintenance={"night": {"when": "daily 02:00-02:30"}})
    alerts = AlertManager(given_settings)
    wall = at("2026-11-21T02:10")
    (silence,) = alerts.picture(wall).silences
    assert (silence.maintenance, silence.until) == ("night", at("2026-11-21T02:30"))
    alerts.silences.end(silence)
    assert alerts.picture(wall + 60).silences == ()
    again = AlertManager(given_settings)
    again.restore(alerts.state(), [], [])
    assert again.picture(wall + 120).silences == ()
    assert len(again.picture(wall + 86_400).silences) == 1, "the next day it is there again"
    assert again.silences.ended == ()


def test_silences_of_users_stay_beside_those_of_windows() -> None:
    window = Silence(0.0, 100.0, maintenance="x")
    silences = Silences(lambda _wall: [window])
    silences.add(Silence(0.0, 50.0, "ddos"))
    assert silences.in_force(10.0) == (Silence(0.0, 50.0, "ddos"), window)
    assert silences.in_force(60.0) == (window,)
    assert silences.all == ()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"when": "sometimes"}, 'maintenance.x.when: must be such as "daily 02:00-02:30"'),
        ({"when": "mon- 02:00-03:00"}, "must be such as"),
        ({"when": "daily 02:00"}, "must be such as"),
        ({"when": "daily 24:00-03:00"}, "has no such time of day"),
        ({"when": "daily 02:00-24:30"}, "has no such time of day"),
        ({"when": "daily 02:00-02:00"}, "ends when it begins; a whole day is 00:00-24:00"),
        ({"when": []}, "names no time"),
        ({"when": "daily 02:00-03:00", "timezone": "Mars"}, "'Mars' is no time zone such as"),
        ({"when": "daily 02:00-03:00", "timezone": "../x"}, "is no time zone such as"),
        (
            {"when": "daily 02:00-03:00", "where": "severity:bad"},
            "maintenance.x.where: severity:bad is none of warning, critical",
        ),
        (
            {"when": "daily 02:00-03:00", "rules": "ddoss"},
            "'ddoss' is not known; did you mean ddos",
        ),
    ],
)
def test_mistakes_name_the_key(table: dict[str, object], message: str) -> None:
    with pytest.raises(TableError) as raised:
        settings_of(maintenance={"x": table}).check()
    assert message in str(raised.value)
