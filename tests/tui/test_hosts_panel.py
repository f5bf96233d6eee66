"""The panel of hosts: what it says in every state, at every size, with any names and any number."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.snapshot import Fleet, Known, Moment, ServerState
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.server_columns import columns_of, fitted
from logmon_tui.tui.panels.servers import Servers
from tests.tui.fakes import NOW, FakeEngine, full_snapshot
from tests.tui.fleet_fakes import FEW, fleet_of, fleet_snapshot, hostile_fleet, live, many, server
from tests.tui.screens import (
    assert_no_overlap,
    assert_tidy,
    each_size,
    make_app,
    screen_lines,
    screen_text,
    until,
    until_shown,
    until_still,
)

ONLY = Settings(show=(Panel.SERVERS,))
SIZES = [(160, 45), (120, 36), (80, 24), (40, 12)]


def app_of(fleet: Fleet = FEW, settings: Settings = ONLY) -> tuple[LogmonApp, FakeEngine]:
    engine = FakeEngine(fleet_snapshot(fleet))
    return make_app(engine, settings, name_of_log="nats://broker:4222"), engine


def line_of(app: LogmonApp, text: str) -> str:
    """Return the only line of the screen with `text`."""
    (found,) = [each for each in screen_lines(app) if text in each]
    return found


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("panels", ["alone", "opened"])
async def test_the_panel_as_text(
    snapshot: Any, request: pytest.FixtureRequest, size: tuple[int, int], panels: str
) -> None:
    snapshot.snapshot_dir = request.path.parent / "snapshots"
    app, _ = app_of(settings=ONLY if panels == "alone" else Settings())
    async with app.run_test(size=size):
        await until_shown(app, "16 hosts, 12 live")
        if size[1] >= 24:  # below that the edge with the hint is out of sight
            await until(lambda: app.focused.hint() in screen_text(app))
        await until_still(app)
        snapshot.assert_match(screen_text(app), f"hosts-{panels}-{size[0]}x{size[1]}.txt")


@pytest.mark.parametrize("size", each_size())
@pytest.mark.parametrize(
    "fleet",
    [FEW, many(), hostile_fleet(), fleet_of(live("", 9))],
    ids=["few", "many", "hostile", "no sites"],
)
@pytest.mark.parametrize("show", [None, tuple(Panel)[:-1]], ids=["opened", "all"])
async def test_nothing_overlaps_at_any_size(
    size: tuple[int, int], fleet: Fleet, show: tuple[Panel, ...] | None
) -> None:
    app, _ = app_of(fleet, Settings(show=show))
    async with app.run_test(size=size):
        await until(lambda: app.dashboard.panels[Panel.SERVERS].display)
        await until_still(app)
        assert_tidy(app, size)
        assert_no_overlap(app)


async def test_what_is_not_known_is_a_dash_and_never_zero() -> None:
    app, _ = app_of()
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "16 hosts, 12 live")
        for name in ("us/web2", "eu/web3", "us/web4"):
            figures = line_of(app, name).split(" ")
            assert figures.count("—") >= 4, name
            assert not re.search(r"\b0(\.0)?\b", line_of(app, name).partition("1.4.0")[0][40:])
        assert "✗ eu/web3        silent 3 m" in line_of(app, "eu/web3")
        assert "◌ us/web2        stale 18 s" in line_of(app, "us/web2")
        assert "  ● web14        live" in screen_text(app)
        assert "⟳ web4         catching up" in line_of(app, "⟳ web4")
        assert "■ web6         gone" in line_of(app, "■ web6")


async def test_a_host_that_differs_is_marked_with_the_figure_that_does() -> None:
    app, engine = app_of()
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "≠ us/web5        differs")
        line = line_of(app, "≠ us/web5")
        assert "≠12.4" in line
        assert "≠1.34 s" in line
        assert "≠ 1 differs" in line_of(app, "H Hosts")
        calm = [replace(each, differs=frozenset()) for each in FEW.servers]
        engine.publish(fleet_snapshot(fleet_of(calm)))
        await until(lambda: "≠" not in screen_text(app))
        assert " 12.4  1.34 s" in line_of(app, "● web5")


async def test_those_in_trouble_are_above_all_sites() -> None:
    app, _ = app_of()
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "16 hosts, 12 live")
        lines = [each.strip("┃").split() for each in screen_lines(app)[4:]]
        assert [each[1] for each in lines[:4]] == ["us/web4", "eu/web3", "us/web5", "us/web2"]
        assert lines[4][:6] == ["▾", "us", "·", "8", "hosts,", "6"]


async def test_the_reason_stands_where_the_bar_would_and_in_full_below() -> None:
    app, _ = app_of()
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "ssh: Permission denied (publickey); add your")
        await until_shown(app, "✗ ssh: Permission denied (publickey); add your key there, or name")
        await pilot.press("j")
        await until_shown(app, "is the agent running there? · 1,204 lines lost: deleted before")
        await pilot.press("j")
        await until_shown(app, "≠ 5xx 12.4 %, its peers 0.4 % · p95 1.34 s, its peers 110 ms")
        await pilot.press("j")
        await until(lambda: "its peers" not in screen_text(app))
        panel = app.dashboard.panels[Panel.SERVERS]
        panel.move_cursor(panel.row_keys().index(b"eu/web6"))
        await until_shown(app, "■ 30,200 lines left out on purpose")
        panel.move_cursor(panel.row_keys().index(b"eu/web4"))
        await until_shown(app, "⟳ 48.0 MB still to come")


async def test_without_hosts_it_says_in_one_line_how_one_gets_them() -> None:
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(Panel.SECTIONS, Panel.SERVERS)))
    async with app.run_test(size=(80, 24)):
        await until_shown(
            app, "H Hosts ─ no hosts: watch web{1..9}:/var/log/nginx/access.log or nats"
        )
        assert app.dashboard.panels[Panel.SERVERS].region.height == 1


async def test_columns_that_no_host_has_values_for_are_left_out() -> None:
    servers = [
        server(f"web{n}", version="", lag=None, figures=replace(FEW.figures, p95=None))
        for n in range(3)
    ]
    app, _ = app_of(fleet_of(servers))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "3 hosts, 3 live")
        assert screen_lines(app)[3].strip("┃").split() == ["host", "state▲", "req/s", "5xx%"]
        assert "▾" not in screen_text(app)  # there are no sites


async def test_a_host_without_a_site_has_a_heading_of_its_own_beside_sites() -> None:
    app, _ = app_of(fleet_of([*live("eu", 2), *live("", 2)]))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "▾ (no site) · 2 hosts, 2 live")
        await until_shown(app, "▾ eu · 2 hosts, 2 live")


async def test_a_thousand_hosts_are_folded_and_only_visible_lines_are_painted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    painted: list[int] = []
    row = Servers._row

    def noted(panel: Servers, index: int, width: int) -> object:
        painted.append(index)
        return row(panel, index, width)

    monkeypatch.setattr(Servers, "_row", noted)
    app, _ = app_of(many())
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "▸ site3 · 250 hosts, 250 live")
        panel = app.dashboard.panels[Panel.SERVERS]
        assert len(panel.row_keys()) == 4
        for key in ("v", "G", "v", "G"):
            await pilot.press(key)
        await until(lambda: len(panel.row_keys()) == 504)
        await until_still(app)
        painted.clear()
        await pilot.press("G")
        panel.repaint()
        assert len(painted) <= 36 * 3
        await until_still(app)
        assert screen_lines(app)[33].startswith("┃  ● web")


async def test_scrolling_through_a_thousand_hosts_reaches_each() -> None:
    app, _ = app_of(fleet_of(live("", 1_000)))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "1,000 hosts, 1,000 live")
        panel = app.dashboard.panels[Panel.SERVERS]
        seen: set[str] = set()
        for _ in range(60):
            await until_still(app)
            seen |= set(re.findall(r"● (web\d+)", screen_text(app)))
            await pilot.press("pagedown")
        assert len(seen) == 1_000
        assert panel.cursor_index == 999


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12)])
async def test_hostile_names_and_messages_command_nothing(size: tuple[int, int]) -> None:
    app, engine = app_of(hostile_fleet())
    async with app.run_test(size=size, notifications=True) as pilot:
        await until_shown(app, "hosts, 144 live")
        seen = ""
        await pilot.press("v", "j", "j")  # a site unfolds, and what is told of a host shows
        for _ in range(8):
            await until_still(app)
            assert_tidy(app, size)
            seen += screen_text(app)
            await pilot.press("pagedown")
        assert "[@click=app.quit]/x[/]" in seen
        assert engine.stopped is False
        await pilot.press("i", "m")
        await until_shown(app, "Ingest")
        assert_tidy(app, size)


async def test_without_colours_every_state_keeps_its_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app, _ = app_of()
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "16 hosts, 12 live")
        text = screen_text(app)
        for state in ("✗ us/web4", "✗ eu/web3", "≠ us/web5", "◌ us/web2", "⟳ web4", "■ web6"):
            assert state in text
        for strip in app.screen._compositor.render_strips():
            for segment in strip.apply_filter(app._filters[-1], app.screen.styles.background):
                for colour in (segment.style.color, segment.style.bgcolor):
                    if colour is not None and colour.triplet is not None:
                        assert len(set(colour.triplet)) == 1


async def test_the_header_warns_while_hosts_that_should_be_heard_are_not() -> None:
    app, engine = app_of()
    async with app.run_test(size=(80, 24)):
        await until_shown(app, "! 16 hosts, 12 live")
        gone = replace(FEW.servers[-1], state=ServerState.GONE)
        engine.publish(fleet_snapshot(fleet_of([*live("eu", 3), gone])))
        await until(lambda: "  3 hosts, 3 live" in screen_lines(app)[0])
        assert "!" not in screen_lines(app)[0]
        engine.publish(full_snapshot())
        await until(lambda: "hosts," not in screen_lines(app)[0])


async def test_the_panel_tells_the_present_while_the_past_is_shown() -> None:
    app, engine = app_of()
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "H Hosts ─ 16 hosts")
        then = Moment(NOW - 600, 10, Known.HITS)
        engine.publish(replace(fleet_snapshot(), moment=then))
        await until_shown(app, "H Hosts ─ live · 16 hosts")


def test_room_that_a_column_leaves_is_filled_with_one_that_fits() -> None:
    columns = columns_of(live("eu", 3), 0.001)
    laid_out = fitted(columns, 13, 34)
    assert [column.id for column, _ in laid_out] == ["key", "rate", "errors"]
    assert sum(cells + 1 for _, cells in laid_out) - 1 == 34
