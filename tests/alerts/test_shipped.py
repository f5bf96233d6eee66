"""Shipped rules, all switched on: silent on common traffic, and quick to fire on their case."""

import random
from collections.abc import Iterator

import numpy as np
import pytest
from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.shipped import shipped_rules
from logmon_tui.formats.model.hit import UNKNOWN, Hit, Measure
from logmon_tui.monitor.report_builder import ReportBuilder
from tests.traffic import START, batch_of, hit, settings_of

HOUR = 3_600
ON = {rule.name: {"enabled": True} for rule in shipped_rules(120)}


def common(first: int, last: int, rate: int = 3) -> Iterator[Hit]:
    """Yield traffic that has its odd failures, scanners and large files, as all traffic has."""
    chance = random.Random(first)
    for second in range(first, last):
        for _ in range(chance.choice((0, rate, 2 * rate))):
            yield hit(
                START + second,
                host=b"10.0.%d.%d" % (chance.randrange(4), chance.randrange(250)),
                status=chance.choices((200, 304, 404, 500), (90, 5, 4, 1))[0],
                size=chance.choices((500, 20_000, 3_000_000), (60, 39, 1))[0],
                path=chance.choice((b"/", b"/api/a", b"/api/b", b"/static/x.js", b"/login")),
            )


def incidents(hits: list[Hit]) -> tuple[Incident, ...]:
    """Return the incidents found; a hit without a response time gets one of 50 ms."""
    settings = settings_of(rules=ON, threshold=1_000, error_rate=0.99, ddos_threshold=1_000)
    builder = ReportBuilder(settings)
    hits = sorted(hits, key=lambda each: each.second)
    times = [50_000 if each.response_time == UNKNOWN else each.response_time for each in hits]
    measures = {Measure.RESPONSE_TIME: np.array(times, dtype=np.int64)}
    builder.feed(replace(batch_of(hits), measures=measures))
    return builder.finish().incidents


def found(hits: list[Hit]) -> Incident:
    """Return the only incident; times are since START."""
    (incident,) = incidents(hits)
    recovered = incident.recovered_at
    return replace(
        incident,
        triggered_at=incident.triggered_at - START,
        recovered_at=None if recovered is None else recovered - START,
    )


def at(each: Hit) -> int:
    return each.second - START


@pytest.mark.parametrize("rate", [1, 3, 8])
def test_they_are_silent_on_common_traffic(rate: int) -> None:
    assert incidents(list(common(0, 2 * HOUR, rate))) == ()


def test_an_error_storm_in_one_section_is_told_once() -> None:
    """The trouble begins at 600 and lasts four minutes."""
    storm = [
        each._replace(status=503) if b"/api" in each.request and 600 <= at(each) < 840 else each
        for each in common(0, 1_800)
    ]
    incident = found(storm)
    assert (incident.rule, incident.subject, incident.worst) == (
        "endpoint_errors",
        b"/api",
        "critical",
    )
    assert 660 <= incident.triggered_at <= 690
    assert incident.recovered_at is not None
    assert 840 < incident.recovered_at < 840 + 120 + 120 + 30


def test_one_clients_storm_of_4xx_is_told_at_once() -> None:
    storm = [hit(START + 600 + n // 4, host=b"9.9.9.9", status=404) for n in range(4 * 90)]
    incident = found([*common(0, 1_800), *storm])
    assert (incident.rule, incident.subject, incident.worst) == (
        "client_4xx",
        b"9.9.9.9",
        "warning",
    )
    assert incident.triggered_at == 600 + 30


def test_a_section_that_is_asked_too_much_is_told() -> None:
    rush = [
        hit(START + 600 + n // 30, host=b"10.1.0.%d" % (n % 250), path=b"/shop/x")
        for n in range(30 * 200)
    ]
    incident = found([*common(0, 1_800), *rush])
    assert (incident.rule, incident.subject) == ("endpoint_traffic", b"/shop")
    assert incident.triggered_at == 600 + 40 + 60


def test_responses_that_grow_are_told() -> None:
    grown = [
        each._replace(size=2_000_000) if b"login" in each.request and at(each) >= 600 else each
        for each in common(0, 1_800, 6)
    ]
    incident = found(grown)
    assert (incident.rule, incident.subject, incident.worst) == (
        "response_size",
        b"/login",
        "warning",
    )
    assert incident.recovered_at is None


def test_a_slow_section_is_told() -> None:
    slow = [
        each._replace(response_time=4_000_000)
        if b"login" in each.request and at(each) >= 600
        else each
        for each in common(0, 1_800, 6)
    ]
    incident = found(slow)
    assert (incident.rule, incident.subject) == ("slow_endpoint", b"/login")
    assert incident.worst == "critical"
    assert 660 <= incident.triggered_at < 700


@pytest.mark.parametrize("outage", [600, 2 * HOUR])
def test_traffic_that_drops_to_nothing_is_told_until_it_is_back(outage: int) -> None:
    """It holds even if the outage lasts until there is nothing left to compare with."""
    back = 2 * HOUR + outage
    incident = found([*common(0, 2 * HOUR), *common(back, back + HOUR)])
    assert (incident.rule, incident.subject) == ("traffic_drop", None)
    assert 2 * HOUR + 150 < incident.triggered_at < 2 * HOUR + 190
    assert incident.recovered_at is not None
    assert back < incident.recovered_at < back + 600


def test_traffic_that_ebbs_away_slowly_is_not_told() -> None:
    rates = (12, 9, 7, 5, 4, 3, 2)
    ebb = [
        each
        for place, rate in enumerate(rates)
        for each in common(place * HOUR // 2, (place + 1) * HOUR // 2, rate)
    ]
    assert [each for each in incidents(ebb) if each.rule == "traffic_drop"] == []
