"""What other panels say of many hosts: the ingest panel, the alerts, requests and the tail."""

import pytest
from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Hosts
from logmon_tui.config.settings import Panel, Settings
from logmon_tui.snapshot import Fleet, ServerState
from logmon_tui.sources.base import SourceState, SourceStatus
from logmon_tui.tui.paint.ingest_text import MAX_LOGS, Words, host_rows, log_rows
from tests.tui.fakes import HOSTILE, FakeEngine, incident, snapshot
from tests.tui.fleet_fakes import FEW, fleet_of, fleet_snapshot, many, server
from tests.tui.request_fakes import ROWS, request, with_requests
from tests.tui.screens import assert_tidy, make_app, until_shown, until_still


def texts(rows: list[Words]) -> list[str]:
    return ["".join(text for text, _ in row).rstrip() for row in rows]


# The ingest panel


def test_a_thousand_hosts_take_a_few_lines_with_the_worst_problems() -> None:
    told = [
        server(f"eu/web{n}", message="no route", state=ServerState.FAILED if n == 7 else "live")
        for n in range(20)
    ]
    lines = texts(list(host_rows(fleet_of([*many().servers, *told]), 100)))
    assert len(lines) == 7
    assert lines[0].startswith("  1,020 hosts, 1,000 live")
    assert lines[1] == "  ✗ eu/web7: no route"
    assert lines[-1] == "  and 15 more hosts with a problem: H"


def test_lost_and_left_out_lines_are_summed_up() -> None:
    lines = texts(list(host_rows(FEW, 60)))
    assert "! lines lost 1,204" in "\n".join(lines)
    assert "lines left out 30,200" in "\n".join(lines)
    assert all(len(line) <= 60 for line in lines)


def test_logs_of_this_machine_have_no_line_about_hosts() -> None:
    assert list(host_rows(Fleet(), 80)) == []


def test_of_a_thousand_logs_those_with_a_problem_have_their_lines() -> None:
    sources = [SourceStatus(f"web{n}:/a.log", SourceState.LIVE, 9, 9) for n in range(1_000)]
    sources[700] = SourceStatus("web700:/a.log", SourceState.FAILED, message="no route to host")
    lines = texts(list(log_rows(sources, 80)))
    assert len(lines) == MAX_LOGS + 3  # the titles, the message, and how many more there are
    assert lines[1].startswith("✗ web700:/a.log")
    assert lines[2] == "  ! no route to host"
    assert lines[-1] == "  and 980 more logs"


def test_a_few_logs_stay_in_their_order() -> None:
    sources = [SourceStatus(f"{n}.log", SourceState.LIVE, 9, 9) for n in range(MAX_LOGS)]
    sources[3] = SourceStatus("3.log", SourceState.FAILED)
    names = [line.split()[1] for line in texts(list(log_rows(sources, 80)))[1:]]
    assert names == [f"{n}.log" for n in range(MAX_LOGS)]


# Alerts


async def test_an_alert_says_of_how_many_hosts_it_speaks() -> None:
    alert = replace(incident(), hosts=Hosts(37, 40))
    app = make_app(FakeEngine(snapshot(incidents=(alert,))), Settings(show=(Panel.ALERTS,)))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "peak 431/s · of 37 of 40 hosts")
        await pilot.resize_terminal(40, 12)
        await until_still(app)
        assert_tidy(app, (40, 12))


# Requests and the tail


@pytest.mark.parametrize("size", [(160, 45), (120, 36), (80, 24), (40, 12)], ids=str)
async def test_requests_show_which_host_wrote_them(size: tuple[int, int]) -> None:
    rows = [
        replace(row, texts={**row.texts, "server": b"eu/web%d" % (n % 3)})
        for n, row in enumerate(ROWS)
    ]
    picture = with_requests(rows, base=fleet_snapshot())
    app = make_app(FakeEngine(picture), Settings(show=(Panel.REQUESTS,)))
    async with app.run_test(size=size) as pilot:
        await until_shown(app, "/" if size[0] < 80 else "eu/web2")
        assert_tidy(app, size)
        await pilot.press("enter")
        if size[0] >= 80:
            await until_shown(app, "server")
        await until_still(app)
        assert_tidy(app, size)


async def test_hostile_names_of_hosts_command_nothing_in_requests_and_tail() -> None:
    rows = [request(n, server=name) for n, name in enumerate(HOSTILE)]
    picture = replace(with_requests(rows, base=fleet_snapshot()), tail_hits=tuple(rows))
    settings = Settings(show=(Panel.REQUESTS, Panel.TAIL))
    app = make_app(FakeEngine(replace(picture, tail=HOSTILE)), settings)
    async with app.run_test(size=(160, 45)) as pilot:
        await until_shown(app, "[@click=app.quit]/x[/]")
        await pilot.press("9", "v")
        await until_shown(app, "parsed")
        await until_still(app)
        assert_tidy(app, (160, 45))
