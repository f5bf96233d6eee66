"""The Prometheus page, read back by Prometheus' own parser, says what the Snapshot says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.alerts.model.state import State
from logmon_tui.escape import printable
from logmon_tui.reports.prometheus import (
    MAX_SECTIONS,
    MAX_SECTIONS_IN_A_RUN,
    OTHER,
    SnapshotCollector,
)
from logmon_tui.snapshot import (
    AlertState,
    CountRow,
    Ingest,
    Ranking,
    RuleStatus,
    Saving,
    Sizes,
    Snapshot,
    TargetStatus,
    Times,
    Window,
)
from logmon_tui.sources.base import SourceState, SourceStatus
from tests.traffic import START

Found = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def incident(severity: Severity, acknowledged_at: float | None = None, **more: Any) -> Incident:
    return Incident(
        id=f"{severity}{acknowledged_at}",
        rule="traffic",
        title="High traffic",
        severity=severity,
        unit=Unit.RATE,
        subject=None,
        triggered_at=START,
        threshold=10,
        hits=1300,
        value=10.8,
        peak=11,
        message="",
        acknowledged_at=acknowledged_at,
        **more,
    )


SNAPSHOT = Snapshot(
    log_time=START + 0.5,
    rate=12.5,
    now=Window(
        end=START,
        seconds=10,
        hits=100,
        bytes=5_000,
        sections=Ranking((CountRow(b"/api", 60, 1), CountRow(b"/pages", 30, 1)), distinct=3),
        hosts=Ranking(distinct=7),
        sizes=Sizes(50.0, 40.0, 90.0, 99),
        response_times=Times(0.1, 0.5, 0.9, 2.0),
    ),
    alerts=AlertState(
        threshold=10.0,
        incidents=(
            incident(Severity.CRITICAL),
            incident(Severity.CRITICAL, START),
            incident(Severity.WARNING, recovered_at=START + 1),
        ),
        rules=(
            RuleStatus("traffic", "High traffic", Unit.RATE, State.CRITICAL, 0, 1, 0, 12.0, 1440),
            RuleStatus("ddos", "Noisy client", Unit.RATE, State.PENDING, 3, 2, 5),
            RuleStatus("idle", "No traffic", Unit.RATE, State.NO_DATA),
        ),
        silences=(Silence(START, START + 60),),
    ),
    ingest=Ingest(
        hits=1_000,
        bytes=123_456,
        unparsed=9,
        late=3,
        late_for_alerts=6,
        evaluation_delay=4.0,
        lateness=3.25,
        future=2,
        oversize=4,
        rotations=5,
        truncations=1,
        others=8,
        status=((99, 1), (200, 900), (404, 90), (503, 8), (999, 1)),
        lag=0.25,
        targets=(TargetStatus("ops", "webhook", 7, 2, 1, "cannot be reached"),),
    ),
    sources=(SourceStatus("/var/log/a.log", SourceState.LIVE, 50, 60),),
    saving=Saving("state", saved_at=START + 0.25),
)


def families(page: bytes) -> list[Any]:
    return list(text_string_to_metric_families(page.decode()))


def samples(page: bytes) -> Found:
    """Return every sample by name and labels; none may stand there twice."""
    found: Found = {}
    for family in families(page):
        for sample in family.samples:
            key = sample.name, tuple(sorted(sample.labels.items()))
            assert key not in found, key
            found[key] = sample.value
    return found


def page_of(snapshot: Snapshot) -> bytes:
    collector = SnapshotCollector()
    collector.snapshot = snapshot
    return collector.page()


def labelled(found: Found, name: str) -> dict[tuple[str, ...], float]:
    """Return the samples of a family by the values of their labels, sorted by label."""
    return {
        tuple(value for _, value in labels): number
        for (each, labels), number in found.items()
        if each == f"logmon_{name}"
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hits_total", 1_000),
        ("response_bytes_total", 123_456),
        ("unparsed_lines_total", 9),
        ("other_lines_total", 8),
        ("oversize_lines_total", 4),
        ("late_hits_total", 3),
        ("late_for_alerts_hits_total", 6),
        ("evaluation_delay_seconds", 4),
        ("lateness_seconds", 3.25),
        ("future_hits", 2),
        ("rotations_total", 5),
        ("truncations_total", 1),
        ("hits_per_second", 12.5),
        ("lag_seconds", 0.25),
        ("parsed_ratio", 1_000 / 1_009),
        ("reading_failing", 0),
        ("state_failing", 0),
        ("state_saved_timestamp_seconds", START + 0.25),
        ("log_timestamp_seconds", START + 0.5),
        ("window_seconds", 10),
        ("window_hits", 100),
        ("window_response_bytes", 5_000),
        ("window_clients", 7),
        ("traffic_threshold_hits_per_second", 10),
        ("silences", 1),
    ],
)
def test_each_figure_is_that_of_the_snapshot(name: str, value: float) -> None:
    assert labelled(samples(page_of(SNAPSHOT)), name) == {(): value}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "hits_by_status_total",
            {("2xx", "200"): 900, ("4xx", "404"): 90, ("5xx", "503"): 8, (OTHER, OTHER): 2},
        ),
        ("window_section_hits", {("/api",): 60, ("/pages",): 30, (OTHER,): 10}),
        (
            "window_response_time_seconds",
            {("0.5",): 0.1, ("0.95",): 0.5, ("0.99",): 0.9, ("1",): 2.0},
        ),
        ("window_upstream_time_seconds", {}),
        ("window_response_size_bytes", {("0.5",): 40, ("0.95",): 90, ("1",): 99}),
        ("source_size_bytes", {("/var/log/a.log",): 60}),
        ("source_position_bytes", {("/var/log/a.log",): 50}),
        ("alert_pending", {("traffic",): 0, ("ddos",): 3, ("idle",): 0}),
        ("alert_firing", {("traffic",): 1, ("ddos",): 2, ("idle",): 0}),
        ("alert_suppressed", {("traffic",): 0, ("ddos",): 5, ("idle",): 0}),
        ("alert_value", {("traffic", "req/s"): 12}),
        (
            "incidents",
            {
                ("no", "critical"): 1,
                ("yes", "critical"): 1,
                ("no", "warning"): 0,
                ("yes", "warning"): 0,
            },
        ),
        ("notifications_sent_total", {("webhook", "ops"): 7}),
        ("notifications_dropped_total", {("webhook", "ops"): 1}),
        ("notifications_waiting", {("webhook", "ops"): 2}),
        ("notification_target_failing", {("webhook", "ops"): 1}),
    ],
)
def test_each_family_is_that_of_the_snapshot(
    name: str, values: dict[tuple[str, ...], float]
) -> None:
    assert labelled(samples(page_of(SNAPSHOT)), name) == values


def test_states_are_one_of_many() -> None:
    found = samples(page_of(SNAPSHOT))
    for name, states in (
        ("alert_state", {"traffic": "critical", "ddos": "pending", "idle": "no_data"}),
        ("source_state", {"/var/log/a.log": "live"}),
    ):
        each = labelled(found, name)
        assert {key for key, value in each.items() if value} == set(states.items())
        assert set(each.values()) == {0, 1}


def test_names_and_types_follow_the_conventions() -> None:
    page = page_of(SNAPSHOT)
    for family in families(page):
        assert family.name.startswith("logmon_")
        assert family.documentation.endswith(".")
        totals = {sample.name.endswith("_total") for sample in family.samples}
        assert totals <= {family.type == "counter"}
    for line in page.decode().splitlines():
        if line.startswith("# TYPE"):
            assert line.split()[-1] in {"counter", "gauge"}


def test_a_picture_without_anything_is_a_page_too() -> None:
    assert labelled(samples(page_of(Snapshot())), "hits_total") == {(): 0}


def with_sections(*keys: bytes) -> Snapshot:
    rows = tuple(CountRow(key, 2, 1) for key in keys)
    return replace(SNAPSHOT, now=Window(hits=2 * len(keys), sections=Ranking(rows)))


@given(st.lists(st.binary(max_size=500), max_size=30, unique=True))
def test_hostile_sections_stay_one_line_each_and_add_up(keys: list[bytes]) -> None:
    page = page_of(with_sections(*keys))
    hits = labelled(samples(page), "window_section_hits")
    assert sum(hits.values()) == 2 * len(keys)
    assert len(hits) <= MAX_SECTIONS + 1
    for (section,) in hits:
        assert section == printable(section)
        assert len(section) <= 100


def test_text_that_looks_like_the_format_is_only_text() -> None:
    key = b'/a"} 1\nlogmon_hits_total 7\\'
    found = samples(page_of(with_sections(key)))
    assert labelled(found, "window_section_hits") == {
        ('/a"} 1\\x0alogmon_hits_total 7\\',): 2,
        (OTHER,): 0,
    }
    assert labelled(found, "hits_total") == {(): 1_000}


def test_ever_new_sections_make_no_ever_new_series() -> None:
    collector = SnapshotCollector()
    seen = set()
    for number in range(50):
        collector.snapshot = with_sections(b"/api", *(b"/%d-%d" % (number, n) for n in range(30)))
        hits = labelled(samples(collector.page()), "window_section_hits")
        assert sum(hits.values()) == 62
        assert hits["/api",] == 2
        seen.update(hits)
    assert len(seen) == MAX_SECTIONS_IN_A_RUN + 1
