"""Incidents in words and signs, and what a user types about them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.history.incident_filter import parsed, unknown
from logmon_tui.alerts.history.silence import LONGEST, Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.snapshot import WhatIf
from logmon_tui.tui.alerts.incident_text import (
    covered,
    measured,
    moment,
    severities,
    sign_of,
    worst,
)
from logmon_tui.tui.alerts.rules_text import rules_line, what_if_line
from logmon_tui.tui.paint.spans import seconds_of
from tests.tui.alert_fakes import (
    CRITICAL,
    DROPPED,
    ERRORS,
    EVERYTHING,
    HIGH,
    INCIDENTS,
    NOISY,
    OF_CLIENT,
    PAST,
    RULES,
    SLOW,
    WARNING,
    changes,
)
from tests.tui.fakes import NOW


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        (Unit.RATE, 401.8, "402/s"),
        (Unit.RATE, 2.54, "2.5/s"),
        (Unit.RATE, 0.04, "0.04/s"),
        (Unit.SHARE, 0.071, "7.1 %"),
        (Unit.HITS, 12_345, "12,345 hits"),
        (Unit.BYTES_RATE, 18_200_000, "18.2 MB/s"),
        (Unit.SECONDS, 1.24, "1.24 s"),
        (Unit.SECONDS, 0.0123, "12 ms"),
        (Unit.BYTES, 2_300_000, "2.3 MB"),
        (Unit.CLIENTS, 1_204, "1,204 clients"),
        (Unit.PATHS, 1_204, "1,204 paths"),
        (Unit.RATIO, 2.5, "2.5×"),
        (Unit.RATIO, 0.03, "0.03×"),
        (Unit.DEVIATIONS, 4.08, "4.1σ"),  # noqa: RUF001 - the sign of deviations
        (Unit.RATE, math.nan, "no data"),
    ],
)
def test_a_value_shows_with_its_unit(unit: Unit, value: float, expected: str) -> None:
    assert measured(unit, value) == expected


def test_every_unit_can_be_shown() -> None:
    assert all(measured(unit, value) for unit in Unit for value in (0.0, 0.5, 1e3, 1e12, 1e300))


def test_each_state_has_a_sign_of_its_own() -> None:
    assert [sign_of(each) for each in (HIGH, NOISY, SLOW, PAST)] == ["▲", "!", "↘", "✓"]


def test_of_severities_those_are_told_that_the_sign_does_not_tell() -> None:
    assert severities(HIGH, words=True) == ""
    assert severities(ERRORS, words=True) == "warning → critical"
    assert severities(ERRORS, words=False) == "!→▲"
    assert severities(SLOW, words=False) == "!"
    assert severities(PAST, words=False) == "!→▲→!"
    assert severities(DROPPED, words=True) == ""
    assert severities(replace(DROPPED, severity=WARNING), words=True) == "warning"
    flapping = replace(ERRORS, changes=changes(NOW, *[WARNING, CRITICAL] * 9))
    assert severities(flapping, words=False) == "…→▲→!→▲"


def test_the_worst_value_below_a_threshold_is_a_low() -> None:
    assert worst(HIGH) == "peak 431/s"
    assert worst(DROPPED) == "low 0.03×"


@pytest.mark.parametrize(
    ("silence", "expected"),
    [
        (EVERYTHING, "everything"),
        (OF_CLIENT, "Noisy client 203.0.113.77"),
        (OF_CLIENT._replace(scope=None, subject=None), "Noisy client"),
        (OF_CLIENT._replace(scope=Scope.ALL, subject=None), "Noisy client"),
        (OF_CLIENT._replace(rule=None), "client 203.0.113.77"),
        (OF_CLIENT._replace(rule=None, scope=Scope.ALL, subject=None), "all traffic"),
    ],
)
def test_what_a_silence_covers_is_named(silence: Silence, expected: str) -> None:
    assert covered(silence, "Noisy client") == expected


def test_a_moment_of_another_day_has_its_day() -> None:
    assert moment(NOW + 60, NOW) == "12:05"
    assert moment(NOW + 86_400, NOW) == "11-22 12:04"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15m", 900),
        ("90m", 5_400),
        ("1h", 3_600),
        ("1h30m", 5_400),
        (" 1H 30M ", 5_400),
        ("2d", 172_800),
        ("45", 2_700),
        ("30d", LONGEST),
        ("31d", None),
        ("0m", None),
        ("", None),
        ("m", None),
        ("h1", None),
        ("-5m", None),
        ("1.5h", None),
        ("1m1h", None),
    ],
)
def test_spans_of_time_are_read(text: str, expected: int | None) -> None:
    assert seconds_of(text) == expected


@given(st.text())
def test_whatever_is_typed_is_a_span_or_none(text: str) -> None:
    seconds = seconds_of(text)
    assert seconds is None or 0 < seconds <= LONGEST


SILENCES = (OF_CLIENT,)


def found(text: str) -> list[Incident]:
    return [each for each in INCIDENTS if parsed(text).matches(each, SILENCES, NOW)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", INCIDENTS),
        ("checkout", (ERRORS,)),
        ("ANA deploy", (ERRORS,)),
        ("deploy nonsense", ()),
        ("203.0.113", (NOISY,)),
        ("rule:ddos", (NOISY,)),
        ("rule:err", (ERRORS, PAST)),
        ("rule:err api", (PAST,)),
        ("rule:ddos rule:slow", (SLOW, NOISY)),
        ("severity:critical", (HIGH, ERRORS, PAST, DROPPED)),
        ("severity:warn scope:section", (ERRORS, SLOW, PAST)),
        ("scope:client", (NOISY,)),
        ("state:firing", (HIGH, ERRORS, SLOW, NOISY)),
        ("state:recovering", (SLOW,)),
        ("state:recovered", (PAST, DROPPED)),
        ("state:ack", (ERRORS,)),
        ("state:new state:silenced", (HIGH, SLOW, NOISY, PAST, DROPPED)),
        ("state:silenced", (NOISY,)),
        ("state:", INCIDENTS),
        ("severity:nonsense", ()),
        ("nonsense:critical", ()),
        ("High traffic", (HIGH,)),
    ],
)
def test_a_filter_finds(text: str, expected: tuple[Incident, ...]) -> None:
    assert found(text) == list(expected)


def test_a_word_with_a_colon_may_be_an_address() -> None:
    address = replace(NOISY, subject=b"2001:db8::1")
    assert parsed("2001:db8::1").matches(address)
    assert not parsed("2001:db8::2").matches(address)


def test_a_scope_may_be_written_with_a_dash() -> None:
    hosts = replace(NOISY, scope=Scope.VIRTUAL_HOST)
    assert parsed("scope:virtual-host").matches(hosts)


@given(st.text())
def test_whatever_is_typed_is_a_filter(text: str) -> None:
    for each in INCIDENTS:
        assert isinstance(parsed(text).matches(each, SILENCES, NOW), bool)


def test_rules_about_to_fire_and_without_data_make_one_line() -> None:
    line = "◔ pending: Slow endpoint (3), Response size  ◌ no data: Traffic change"
    assert rules_line(RULES) == line
    assert rules_line(RULES[:1]) == ""


def test_how_many_are_held_back_is_told_first() -> None:
    held = RULES[0]._replace(title="Endpoint\x1b errors", held=1_200)
    line = rules_line([held, *RULES[1:]])
    assert line.startswith(
        "⊘ held back: Endpoint\\x1b errors (1,200)  ◔ pending: Slow endpoint (3)"
    )


@pytest.mark.parametrize(
    ("times", "seconds", "long", "short"),
    [
        (
            3,
            840,
            "with 12 req/s it would have fired 3 times, for 14 m in all, in the last 6 h",
            "at 12: would fire 3×, 14 m in 6 h",
        ),
        (
            1,
            48,
            "with 12 req/s it would have fired once, for 48 s, in the last 6 h",
            "at 12: would fire 1×, 48 s in 6 h",
        ),
        (
            0,
            0,
            "with 12 req/s it would not have fired in the last 6 h",
            "at 12: would not fire in 6 h",
        ),
    ],
)
def test_what_another_threshold_would_have_done_is_told_as_the_room_allows(
    times: int, seconds: int, long: str, short: str
) -> None:
    what_if = WhatIf(12.0, times, seconds, NOW - 6 * 3_600)
    assert what_if_line(what_if, NOW, 80) == long
    assert what_if_line(what_if, NOW, 36) == short


def test_where_the_rule_warns_too_it_is_said_that_critical_is_what_it_would_have_been() -> None:
    what_if = WhatIf(12.0, 2, 27, NOW - 180, critical_only=True)
    long = "with 12 req/s it would have been critical 2 times, for 27 s in all, in the last 3 m"
    assert what_if_line(what_if, NOW, 90) == long
    assert what_if_line(what_if, NOW, 50) == "at 12: would be critical 2×, 27 s in 3 m"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("state:fir scope:user-agent severity:crit rule:nonsense", ""),
        ("2001:db8::1 abc:8080 [::1]:80 dead:beef::1", ""),
        ("foo:bar", "foo: is no key; keys are rule:, severity:, scope:, state:"),
        (
            "state:recoverd",
            "state:recoverd is none of firing, recovering, recovered, acknowledged, new, silenced",
        ),
        ("x severity:high", "severity:high is none of warning, critical"),
    ],
)
def test_what_of_a_filter_can_never_match_is_told(text: str, expected: str) -> None:
    assert unknown(text) == expected


def test_a_severity_is_found_that_an_incident_once_had() -> None:
    assert PAST.severity is Severity.WARNING
    assert parsed("severity:critical").matches(PAST)
