"""Many servers in text, JSON and for Prometheus."""

import json

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from logmon_tui.alerts.model.incident import Hosts
from logmon_tui.reports import prometheus_fleet
from logmon_tui.reports.json import watch_json
from logmon_tui.reports.prometheus import SnapshotCollector
from logmon_tui.reports.text_watch import WatchText
from logmon_tui.snapshot import (
    Differs,
    Figures,
    Fleet,
    ServerRow,
    ServerState,
    SiteRow,
    Snapshot,
    Window,
)

S = ServerState
LIVE = ServerRow(
    b"eu/web1",
    b"eu",
    S.LIVE,
    0.4,
    Figures(402, 40.2, 0.0121, 0.123),
    lag=0.31,
    version="1.9",
    differs=frozenset({Differs.ERRORS}),
)
OTHERS = (
    ServerRow(b"eu/web2", b"eu", S.STALE, 42.0, Figures(7, None, 0.0, None), lost=12),
    ServerRow(b"eu/web3", b"eu", S.LIVE, 0.1, Figures(0, 0.0)),
    ServerRow(b"us/a\x1b[2J", b"us", S.FAILED, message="connection refused; start sshd"),
    ServerRow(b"us/b", b"us", S.CATCHING_UP, 0.2, lag=125.0, backlog=1_500_000, left_out=3),
    ServerRow(b"us/c", b"us", S.GONE, 300.0),
    ServerRow(b"us/d", b"us", S.SILENT, 70.0),
)
SITES = (SiteRow(b"eu", 3, 2, Figures(402, 40.2, 0.0121, 0.123)), SiteRow(b"us", 4, 0))
FLEET = Fleet((LIVE, *OTHERS), SITES, Figures(402, 40.2, 0.0121, 0.123))
PICTURE = Snapshot(log_time=1_795_262_400.0, now=Window(end=1_795_262_399, seconds=10), fleet=FLEET)


def test_text_shows_first_the_servers_that_need_a_look() -> None:
    text = WatchText(top=0, show=["servers"], colour=False)
    assert (
        text.interval(PICTURE)
        == [
            "  servers   2 of 6 live, 40.2 req/s, 5xx 1.2 %, p95 123 ms",
            "            ✗ us/a\\x1b[2J failed, connection refused; start sshd",
            "            ✗ us/d silent for 1 m 10 s",
            "            ! eu/web2 stale for 42 s, 5xx 0.0 %, 12 lines lost",
            "            → us/b catching up, lag 125 s, 1.5MB to come, 3 left out",
            "            ✓ eu/web1 live, 40.2 req/s, 5xx 1.2 %!, p95 123 ms, lag 310 ms",
            "            ✓ eu/web3 live, 0.0 req/s",
            "            · us/c gone for 5 m 00 s",
            "  ingest    parsed 100 %",
        ][:8]
        + text.interval(PICTURE)[8:]
    )


def test_text_shows_as_many_servers_as_were_asked_for() -> None:
    lines = WatchText(top=2, show=["servers"], colour=False).interval(PICTURE)
    assert lines[3] == "            … and 5 more"


def test_text_without_servers_shows_the_ranking() -> None:
    lines = WatchText(top=2, show=["servers"], colour=False).interval(
        replace(PICTURE, fleet=Fleet())
    )
    assert lines[0] == "  servers   -"


def test_text_says_of_how_many_hosts_alerts_speak() -> None:
    alerts = replace(PICTURE.alerts, hosts=Hosts(37, 40))
    text = WatchText(top=2, show=["alerts"], colour=False)
    assert "  alerts    of 37 of 40 hosts" in text.interval(replace(PICTURE, alerts=alerts))
    assert not [line for line in text.interval(PICTURE) if "hosts" in line]


def test_json_has_the_fleet_only_where_there_are_servers() -> None:
    assert "fleet" not in json.loads(watch_json(replace(PICTURE, fleet=Fleet()), [], 5))
    fleet = json.loads(watch_json(PICTURE, [], 2))["fleet"]
    assert {key: fleet[key] for key in ("known", "live", "hits", "rate", "error_share", "p95")} == {
        "known": 6,
        "live": 2,
        "hits": 402,
        "rate": 40.2,
        "error_share": 0.0121,
        "p95": 0.123,
    }
    assert fleet["servers"][0] == {
        "server": "eu/web1",
        "site": "eu",
        "state": "live",
        "quiet": 0.4,
        "hits": 402,
        "rate": 40.2,
        "error_share": 0.0121,
        "p95": 0.123,
        "differs": ["errors"],
        "lag": 0.31,
        "backlog": 0,
        "lost": 0,
        "left_out": 0,
        "version": "1.9",
        "message": "",
    }
    assert len(fleet["servers"]) == 7
    assert fleet["servers"][1]["rate"] is None  # not known, and not zero
    assert fleet["sites"] == [
        {
            "site": "eu",
            "servers": 3,
            "live": 2,
            "hits": 402,
            "rate": 40.2,
            "error_share": 0.0121,
            "p95": 0.123,
        },
        {
            "site": "us",
            "servers": 4,
            "live": 0,
            "hits": 0,
            "rate": None,
            "error_share": None,
            "p95": None,
        },
    ]


def samples(picture: Snapshot) -> dict[tuple[str, str], float]:
    """Return the values of the page by family and by the last label."""
    collector = SnapshotCollector()
    collector.snapshot = picture
    return {
        (sample.name, next(iter(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(collector.page().decode())
        if family.name.startswith("logmon_server")
        for sample in family.samples
    }


def test_prometheus_gets_what_is_known_and_no_zeros_for_what_is_not() -> None:
    found = samples(PICTURE)
    assert found["logmon_servers", "live"] == 2
    assert found["logmon_servers", "catching_up"] == 1
    ups = {name: found["logmon_server_up", name] for name in ("eu/web1", "eu/web2", "us/b", "us/c")}
    assert ups == {"eu/web1": 1, "eu/web2": 0, "us/b": 1, "us/c": 0}
    assert found["logmon_server_hits_per_second", "eu/web1"] == 40.2
    assert ("logmon_server_hits_per_second", "eu/web2") not in found
    assert found["logmon_server_error_ratio", "eu/web1"] == 0.0121
    assert found["logmon_server_response_time_p95_seconds", "eu/web1"] == 0.123
    assert found["logmon_server_quiet_seconds", "us/d"] == 70
    assert found["logmon_server_lag_seconds", "us/b"] == 125
    assert found["logmon_server_backlog_bytes", "us/b"] == 1_500_000
    assert found["logmon_server_differs", "eu/web1"] == 1
    assert found["logmon_server_lost_lines_total", "eu/web2"] == 12
    assert found["logmon_server_left_out_lines_total", "us/b"] == 3


def test_a_page_has_a_bounded_number_of_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus_fleet, "MAX_SERVERS", 3)
    found = samples(PICTURE)
    assert [key for name, key in found if name == "logmon_server_up"] == [
        "eu/web1",
        "eu/web2",
        "eu/web3",
    ]
    assert sum(value for (name, _), value in found.items() if name == "logmon_servers") == 7


def test_without_servers_a_page_has_no_such_families() -> None:
    assert not samples(replace(PICTURE, fleet=Fleet()))
