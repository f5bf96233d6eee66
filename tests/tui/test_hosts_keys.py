"""The keys of the panel of hosts: where it opens, what narrows, sorts, folds, finds and copies."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.monitor.commands import SetFilter
from logmon_tui.snapshot import Figures, Fleet, Scope
from logmon_tui.tui.app import LogmonApp
from tests.tui.fakes import FakeEngine, full_snapshot
from tests.tui.fleet_fakes import FEW, fleet_of, fleet_snapshot, live, many, server
from tests.tui.screens import make_app, screen_lines, screen_text, until, until_shown, until_still

ONLY = Settings(show=(Panel.SERVERS,))
SMALL, USUAL, ROOMY, TINY = (80, 24), (120, 36), (160, 45), (40, 12)


def app_of(fleet: Fleet = FEW, settings: Settings = ONLY) -> tuple[LogmonApp, FakeEngine]:
    engine = FakeEngine(fleet_snapshot(fleet))
    return make_app(engine, settings), engine


def names(app: LogmonApp) -> list[str]:
    """Return the first words of the rows, of headings with their sign."""
    return [str(key) for key in app.dashboard.panels[Panel.SERVERS].row_keys()]


def filters(engine: FakeEngine) -> Sequence[str]:
    return [each.where.text for each in engine.posted if isinstance(each, SetFilter)]


# Opening


@pytest.mark.parametrize(
    ("size", "others"),
    [
        (ROOMY, {"sections", "clients", "paths"}),
        (USUAL, {"sections"}),
        (SMALL, set()),
        (TINY, {"sections"}),
    ],
    ids=["160x45", "120x36", "80x24", "40x12"],
)
async def test_it_opens_by_itself_where_hosts_are_watched(
    size: tuple[int, int], others: set[str]
) -> None:
    app, _ = app_of(settings=Settings())
    async with app.run_test(size=size):
        await until(lambda: app.dashboard.panels[Panel.SERVERS].display)
        await until_still(app)
        assert {*app.dashboard.shown} == {"traffic", "status", "alerts", "servers"} | others
        assert app.focused.id == ("servers" if size == SMALL else "sections")


async def test_it_stays_closed_while_all_logs_are_of_this_machine() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine)
    async with app.run_test(size=USUAL):
        await until_shown(app, "412.3 req/s now")
        assert Panel.SERVERS not in app.dashboard.shown
        engine.publish(fleet_snapshot())  # the first host has come
        await until_shown(app, "H Hosts ─ 16 hosts, 12 live")


async def test_it_takes_neither_focus_nor_room_from_somebody_at_work() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine)
    async with app.run_test(size=SMALL) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("j")
        engine.publish(fleet_snapshot())
        await until(lambda: Panel.SERVERS in app.dashboard.shown)
        assert app.focused.id == "sections"


async def test_it_takes_the_room_of_the_sections_though_others_had_the_focus_at_first() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine)
    async with app.run_test(size=SMALL):
        await until_shown(app, "412.3 req/s now")
        for name in (Panel.TRAFFIC, Panel.SECTIONS):  # as the terminal's first event brings it
            app.screen.set_focus(app.dashboard.panels[name])
            await until_still(app)
        engine.publish(fleet_snapshot())
        await until(lambda: Panel.SERVERS in app.dashboard.shown)
        assert app.focused.id == "servers"
        assert Panel.SECTIONS not in app.dashboard.shown


async def test_it_stays_closed_if_the_user_chose_panels(tmp_path: Path) -> None:
    chosen = tmp_path / "screen.json"
    chosen.write_text(json.dumps({"show": ["sections"]}))
    app = make_app(FakeEngine(fleet_snapshot()), state_file=chosen)
    async with app.run_test(size=USUAL) as pilot:
        await until_shown(app, "16 hosts, 12 live")
        assert app.dashboard.shown == ("sections",)
        await pilot.press("H")
        await until_shown(app, "H Hosts ─ 16 hosts")
        assert app.focused.id == "servers"
        await pilot.press("H")
        await until(lambda: "H Hosts" not in screen_text(app))


# Narrowing


@pytest.mark.parametrize(
    ("down", "term"), [(0, "server:us/web4"), (2, "server:us/web5"), (4, "site:us")], ids=str
)
async def test_enter_narrows_to_a_host_or_site_and_the_exclamation_mark_leaves_it_out(
    down: int, term: str
) -> None:
    app, engine = app_of()
    async with app.run_test(size=USUAL) as pilot:
        await until_shown(app, "H Hosts ─ 16 hosts")
        await pilot.press(*"j" * down, "enter")
        await until(lambda: filters(engine) == [term])
        await until_shown(app, f" {term} ")  # the filter bar shows it
        await pilot.press("escape")
        await until(lambda: filters(engine) == [term, ""])
        await pilot.press("exclamation_mark")
        await until(lambda: filters(engine) == [term, "", f"!{term}"])


async def test_the_panel_shows_every_host_whatever_the_filter() -> None:
    app, engine = app_of()
    async with app.run_test(size=USUAL):
        await until_shown(app, "H Hosts ─ 16 hosts")
        engine.publish(replace(fleet_snapshot(), scope=Scope("site:eu", ("site:eu",), 10)))
        await until_still(app)
        assert "H Hosts ─ 16 hosts, 12 live" in screen_text(app)


async def test_the_heading_of_hosts_without_a_site_narrows_to_them() -> None:
    app, engine = app_of(fleet_of([*live("", 2), *live("eu", 1)]))
    async with app.run_test(size=USUAL) as pilot:
        await until_shown(app, "(no site)")
        app.dashboard.panels[Panel.SERVERS].move_cursor(
            next(n for n, line in enumerate(screen_lines(app)[4:]) if "(no site)" in line)
        )
        await pilot.press("enter")
        await until(lambda: filters(engine) == ["site:-"])


# Sorting and folding


async def test_s_sorts_by_each_column_and_figures_make_one_list_of_all_sites() -> None:
    low, middle, high = (
        server("us/b", figures=Figures(10, 5.0, 0.3, 0.1), lag=9.0, version="3"),
        server("eu/c", figures=Figures(10, 7.0, 0.1, 0.3), lag=1.0, version="1"),
        server("us/a", figures=Figures(10, 90.0, 0.2, 0.2), lag=5.0, version="2"),
    )
    app, _ = app_of(fleet_of([low, middle, high]))
    async with app.run_test(size=USUAL) as pilot:
        await until_shown(app, "3 hosts, 3 live")
        panel = app.dashboard.panels[Panel.SERVERS]
        seen = {}
        for _ in range(7):
            await pilot.press("s")
            hosts = [each for each in panel.row_keys() if isinstance(each, bytes)]
            seen[panel.sorted_by.column] = hosts
            assert (len(panel.row_keys()) > 3) == (panel.sorted_by.column in {"key", "state"})
        assert seen == {
            "key": [b"eu/c", b"us/a", b"us/b"],
            "state": [b"us/a", b"us/b", b"eu/c"],
            "rate": [b"us/a", b"eu/c", b"us/b"],
            "errors": [b"us/b", b"us/a", b"eu/c"],
            "p95": [b"eu/c", b"us/a", b"us/b"],
            "lag": [b"us/b", b"us/a", b"eu/c"],
            "version": [b"eu/c", b"us/a", b"us/b"],
        }
        assert panel.sorted_by.column == "state"
        await pilot.press("r")
        hosts = [each for each in panel.row_keys() if isinstance(each, bytes)]
        assert hosts == [b"us/b", b"us/a", b"eu/c"]


async def test_hosts_whose_figures_are_not_known_are_last_in_their_order() -> None:
    app, _ = app_of()
    async with app.run_test(size=USUAL) as pilot:
        await until_shown(app, "16 hosts, 12 live")
        panel = app.dashboard.panels[Panel.SERVERS]
        await pilot.press("s")  # the busiest first
        assert panel.sorted_by.column == "rate"
        assert {*panel.row_keys()[-5:]} == {
            b"eu/web3",
            b"eu/web4",
            b"eu/web6",
            b"us/web2",
            b"us/web4",
        }


async def test_the_order_is_kept_for_the_next_start(tmp_path: Path) -> None:
    kept = tmp_path / "screen.json"
    for expected in ("state", "rate"):
        app = make_app(FakeEngine(fleet_snapshot()), ONLY, state_file=kept)
        async with app.run_test(size=USUAL) as pilot:
            await until_shown(app, "16 hosts, 12 live")
            panel = app.dashboard.panels[Panel.SERVERS]
            assert panel.sorted_by.column == expected
            if expected == "state":
                await pilot.press("s")


async def test_hosts_behind_one_balancer_keep_their_places() -> None:
    servers = [server(f"web{n}", figures=Figures(900, 100.0 + n, 0.0, 0.1)) for n in range(9)]
    app, engine = app_of(fleet_of(servers))
    async with app.run_test(size=USUAL):
        await until_shown(app, "9 hosts, 9 live")
        before = names(app)
        engine.publish(
            fleet_snapshot(
                fleet_of(
                    server(f"web{n}", figures=Figures(900, 110.0 - n, 0.0, 0.1)) for n in range(9)
                )
            )
        )
        await until_shown(app, "110.0")
        assert names(app) == before


async def test_v_folds_the_site_of_the_row_and_unfolds_it() -> None:
    app, _ = app_of()
    async with app.run_test(size=USUAL) as pilot:
        await until_shown(app, "▾ us · 8 hosts, 6 live")
        await pilot.press("j", "j", "j", "j", "j", "j", "v")
        await until_shown(app, "▸ us · 8 hosts, 6 live")
        text = screen_text(app)
        assert "web10" in text  # of the other site
        assert "≠ us/web5" in text  # those in trouble stay
        assert text.count("● web") == 6
        await until_shown(app, "v: unfold the site")
        await pilot.press("v")
        await until_shown(app, "▾ us · 8 hosts, 6 live")
        await until(lambda: screen_text(app).count("● web") == 11)


async def test_a_click_on_a_site_folds_it_and_on_a_host_does_not() -> None:
    app, engine = app_of()
    async with app.run_test(size=USUAL) as pilot:
        await until_shown(app, "▾ us · 8 hosts, 6 live")
        panel = app.dashboard.panels[Panel.SERVERS]
        await pilot.click(panel, offset=(5, 6))
        await until_shown(app, "▸ us · 8 hosts, 6 live")
        await pilot.click(panel, offset=(5, 2), times=2)
        await until(lambda: filters(engine) == ["server:us/web4"])


async def test_v_tells_where_hosts_do_not_stand_by_site() -> None:
    app, _ = app_of()
    async with app.run_test(size=USUAL, notifications=True) as pilot:
        await until_shown(app, "16 hosts, 12 live")
        await pilot.press("s", "v")
        await until_shown(app, "Hosts stand by site in the order of state or name: s")


# Finding, copying, completing


async def test_the_slash_finds_hosts_in_folded_sites_too() -> None:
    app, _ = app_of(many())
    async with app.run_test(size=USUAL) as pilot:
        await until_shown(app, "▸ site3")
        await pilot.press("slash", *"site2/web1", "1", "enter")
        await until_shown(app, "11 of 1,000 match site2/web11")
        assert "▾ site2 · 250 hosts, 250 live" in screen_text(app)
        await pilot.press("escape")
        await until_shown(app, "▸ site3")
        await pilot.press("slash", *"nothing", "enter")
        await until_shown(app, "No host matches nothing; esc shows all.")


async def test_the_cursor_stays_on_its_host_while_others_come_and_go() -> None:
    app, engine = app_of()
    async with app.run_test(size=USUAL) as pilot:
        await until_shown(app, "16 hosts, 12 live")
        await pilot.press("j", "j")
        panel = app.dashboard.panels[Panel.SERVERS]
        assert panel.cursor_key == b"us/web5"
        engine.publish(fleet_snapshot(fleet_of(each for each in FEW.servers if each.site == b"us")))
        await until_shown(app, "8 hosts, 6 live")
        assert panel.cursor_key == b"us/web5"


async def test_y_copies_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    app, _ = app_of()
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    async with app.run_test(size=USUAL) as pilot:
        await until_shown(app, "16 hosts, 12 live")
        await pilot.press("y")
        assert copied == ["us/web4"]


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("server:site3/web24", "server:site3/web240"),
        ("server:web259", "server:site3/web259"),
        ("site:", "site:site2"),
    ],
)
async def test_the_filter_prompt_knows_every_host_and_site(typed: str, proposed: str) -> None:
    app, _ = app_of(many())
    async with app.run_test(size=USUAL) as pilot:
        await until_shown(app, "▸ site3")
        await pilot.press("f", *typed)
        await until_shown(app, proposed)
        await until(lambda: f"{proposed} " in screen_text(app).split("tab takes it")[0])
