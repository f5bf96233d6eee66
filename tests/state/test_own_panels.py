"""A restart keeps what own panels counted, unless they count another field now."""

from pathlib import Path

import pytest

from logmon_tui.config.own_panels import OwnPanel
from logmon_tui.config.settings import Settings
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.servers.nginx import nginx_format
from tests.state.restarts import Run

FORMAT = nginx_format("own", '$remote_addr [$time_iso8601] "$request" $status $cache $zone')

MINUTE = 1795335960
"""2026-11-22T08:26:00Z."""

MANY = 100


def settings(**fields: str) -> Settings:
    panels = {name: OwnPanel(field) for name, field in fields.items()}
    return Settings(panels=panels, stats_interval=60)


def feed(run: Run, first: int, cache: str = "HIT", hits: int = 1) -> None:
    lines = [
        f'10.0.0.1 [2026-11-22T08:26:{second:02}+00:00] "GET /a HTTP/1.1" 200 {cache} eu\n'
        for second in range(first, first + 5)
        for _ in range(hits)
    ]
    parser = Parser(FORMAT, own=run.given.own_fields)
    run.feed(parser.parse("".join(lines).encode()), first + 5)
    run.tick(first + 5, MINUTE + first + 5)


def counted(run: Run, now: float) -> dict[str, dict[bytes, int]]:
    """Hits by key of each own panel, as the screen shows them."""
    run.tick(now, MINUTE + now)
    rankings = run.snapshot(now, MINUTE + now).now.own
    return {name: {row.key: row.hits for row in each.rows} for name, each in rankings.items()}


@pytest.fixture(params=[1, MANY], ids=["waiting", "counted"])
def saved(tmp_path: Path, request: pytest.FixtureRequest) -> Run:
    """A run that has saved hits: few, which wait for others to confirm their time, or many."""
    run = Run(tmp_path / "a.sqlite", settings(cache="cache"))
    feed(run, 10, hits=request.param)
    assert bool(list(run.monitor.counts.bucket_keys())) == (request.param == MANY)
    run.save(15, MINUTE + 15)
    return run


def test_the_same_panel_goes_on(saved: Run) -> None:
    run = saved
    before = 5 * MANY if list(run.monitor.counts.bucket_keys()) else 5
    run.restart(15)
    run.monitor.count_downtime(15, MINUTE + 15)
    feed(run, 15, "MISS")
    assert counted(run, 20) == {"cache": {b"HIT": before, b"MISS": 5}}


def test_a_panel_of_another_field_begins_anew_and_so_it_stays(saved: Run) -> None:
    run = saved
    run.given = settings(cache="zone")
    run.restart(15)
    run.monitor.count_downtime(15, MINUTE + 15)
    feed(run, 15)
    assert counted(run, 20) == {"cache": {b"eu": 5}}
    run.save(20, MINUTE + 20)
    run.restart(20)
    run.monitor.count_downtime(20, MINUTE + 20)
    feed(run, 20)
    assert counted(run, 25) == {"cache": {b"eu": 10}}


def test_a_panel_that_goes_takes_its_keys_with_it(saved: Run) -> None:
    run = saved
    before = 5 * MANY if list(run.monitor.counts.bucket_keys()) else 5
    run.given = settings()
    run.restart(15)
    run.monitor.count_downtime(15, MINUTE + 15)
    run.save(16, MINUTE + 16)
    run.given = settings(cache="cache")
    run.restart(16)
    run.monitor.count_downtime(16, MINUTE + 16)
    feed(run, 16, "MISS")
    assert counted(run, 21) == {"cache": {b"MISS": 5}}
    assert run.snapshot(21, MINUTE + 21).now.hits == before + 5
