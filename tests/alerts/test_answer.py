"""The line that answers why an alert fired says what raw hits say."""

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.evidence.answer import answer, value_before
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Scope
from logmon_tui.escape import printable
from logmon_tui.monitor.monitor import HTTPMonitor
from tests.alerts.evidence_cases import WINDOW, incident_of, rule_of
from tests.effort import examples
from tests.traffic import HOSTS, START, batch_of, hit, settings_of

AT = 1_795_336_020  # 08:27:00


def explained(
    *movers: tuple[Kind, tuple[Mover, ...]], scope: Scope = Scope.ALL, **changed: Any
) -> Incident:
    rule = rule_of(Metric.SHARE, scope, status=("5xx",))
    incident = replace(incident_of(rule, AT), title="High error rate", value=0.67, threshold=0.05)
    values = (0.002, *(0.1,) * (WINDOW - 2), 0.67)
    evidence = Evidence(2, 102, movers, start=AT - WINDOW + 1, values=values)
    return replace(incident, **{"evidence": evidence, **changed})


STATUS = (Kind.STATUS, (Mover(b"503", 0, 81, 0.81), Mover(b"500", 2, 21, 0.19)))
PATHS = (Kind.PATH, (Mover(b"/api/caf%C3%A9", 0, 58, 0.58),))
SECTIONS = (Kind.SECTION, (Mover(b"/api", 0, 90, 0.9),))
MANY = (Kind.CLIENT, tuple(Mover(b"10.0.0.%d" % n, 0, 5, 0.05) for n in range(5)))


def test_it_says_what_rose_what_it_is_made_of_and_after_what() -> None:
    incident = explained(STATUS, PATHS, SECTIONS, MANY, mark=Mark(AT - 12, "api 4.12"))
    assert answer(incident) == (
        "High error rate rose from 0.2% to 67.0% at 08:27:00; 81.0 % of the rise is status 503, "
        "58.0 % is /api/café, from many clients; 12 s after mark api 4.12"
    )


@pytest.mark.parametrize(
    ("movers", "said"),
    [
        ((SECTIONS,), "90.0 % of the rise is /api"),
        (((Kind.PATH, (Mover(b"/a", 0, 4, 0.4),)), SECTIONS), "90.0 % of the rise is /api"),
        (((Kind.CLIENT, (Mover(b"10.0.0.1", 0, 100, 1.0),)),), "all from 10.0.0.1"),
        (((Kind.CLIENT, (Mover(b"10.0.0.1", 0, 30, 0.3),)),), ""),
        (((Kind.USER_AGENT, (Mover(b"curl", 0, 99, 0.99),)),), "99.0 % of the rise is by curl"),
        (((Kind.USER_AGENT, (Mover(b"(none)", 0, 99, 0.99),)),), ""),
        (((Kind.STATUS, (Mover(b"503", 0, 49, 0.49),)),), ""),
        (((Kind.STATUS, (Mover(b"200", 0, 99, 0.99),)),), ""),
        (((Kind.STATUS, (Mover(b"503", 0, 150, 1.5),)),), "all of the rise is status 503"),
        (((Kind.SERVER, (Mover(b"eu/web1", 0, 58, 0.58),)),), "58.0 % on eu/web1"),
        (((Kind.SERVER, (Mover(b"eu/web1", 0, 40, 0.4),)),), ""),
    ],
)
def test_only_what_explains_most_is_named(
    movers: tuple[tuple[Kind, tuple[Mover, ...]], ...], said: str
) -> None:
    begin = "High error rate rose from 0.2% to 67.0% at 08:27:00"
    assert answer(explained(*movers)) == (f"{begin}; {said}" if said else begin)


def test_what_the_alert_is_about_is_said_once() -> None:
    incident = explained(SECTIONS, STATUS, scope=Scope.SECTION, subject=b"/api")
    assert answer(incident) == (
        "High error rate /api rose from 0.2% to 67.0% at 08:27:00; 81.0 % of the rise is status 503"
    )


def test_without_the_value_before_the_threshold_is_told() -> None:
    incident = explained(STATUS)
    assert incident.evidence is not None
    later = replace(incident, evidence=replace(incident.evidence, start=AT))
    assert answer(later).startswith("High error rate: 67.0% at 08:27:00, threshold 5.0%; 81.0 %")


def test_without_evidence_there_is_no_answer() -> None:
    assert not answer(explained(evidence=None))


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(min_size=1, max_size=300), st.text(min_size=1, max_size=20))
def test_hostile_keys_are_spelt_out(key: bytes, title: str) -> None:
    movers = tuple((kind, (Mover(key, 0, 9, 0.9),)) for kind in Kind)
    line = answer(explained(*movers, title=title, subject=key))
    assert printable(line) == line
    assert "\n" not in line
    assert len(line) < 10_000


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.sampled_from(["/a", "/b"]), min_size=4, max_size=30),
    st.lists(st.sampled_from([500, 503]), min_size=4, max_size=30),
    st.lists(st.integers(0, 2), min_size=4, max_size=30),
)
def test_its_parts_are_those_of_the_raw_hits(
    paths: list[str], statuses: list[int], hosts: list[int]
) -> None:
    """Forty quiet seconds, then one of errors: each part is of all hits that came."""
    count = min(len(paths), len(statuses), len(hosts))
    storm = [
        hit(START + 40, path=path.encode(), status=status, host=HOSTS[host])
        for path, status, host in zip(paths, statuses, hosts, strict=False)
    ]
    monitor = HTTPMonitor(
        settings_of(threshold=count / 10 - 0.05, alert_window=10, error_rate=0.99)
    )
    for second in range(20):
        monitor.feed(batch_of([hit(START + second)]), float(second))
    monitor.feed(batch_of(storm), 40.0)
    changed = monitor.tick(42.5, START + 42.5)
    fired = [each for each in changed if (each.rule, each.triggered_at) == ("traffic", START + 40)]
    assert fired
    line = answer(fired[0])
    assert value_before(fired[0], fired[0].evidence or Evidence(0, 0, ())) == 0
    for counts, name in (
        (Counter(str(each) for each in statuses[:count]), "status {}"),
        (Counter(paths[:count]), "{}"),
        (Counter(HOSTS[each].decode() for each in hosts[:count]), "from {}"),
    ):
        key, most = counts.most_common(1)[0]
        part = "all" if most == count else f"{100 * most / count:.1f} %"
        said = re.search(
            rf"(all|[\d.]+ %)(?: of the rise)?(?: is)? {re.escape(name.format(key))}(?:[,;]|$)",
            line,
        )
        if most * 2 > count:
            assert said is not None
            assert said[1] == part
        elif most * 2 < count:
            assert said is None
