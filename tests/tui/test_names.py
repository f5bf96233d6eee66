"""The names of tables: how wide they are, what gives way to them, and which come last."""

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.formats.agent_text import product_first
from logmon_tui.snapshot import CountRow, Ranking, Snapshot
from logmon_tui.tui.paint.columns import BAR, CLASSED, COMMON, Column, fitted
from logmon_tui.tui.panels.memory import Sort
from tests.tui.fakes import FakeEngine, full_snapshot, ranking, snapshot
from tests.tui.screens import make_app, screen_lines, screen_text, until, until_shown

NAME = Column("key", "name", 12, 0, lambda r, _: "", lambda r: r.key)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36"
)
LONG_IPV6 = b"2001:db8:1234:5678:9abc:def0:1234:5678"


def widths(longest: int, width: int, whole: int = 24) -> dict[str, int]:
    shown = fitted((NAME, *COMMON), longest, whole, width)
    assert sum(cells + 1 for _, cells in shown) - 1 == width
    return {"bar" if column is BAR else column.id: cells for column, cells in shown}


def test_names_are_as_wide_as_the_longest_and_the_bar_takes_the_rest() -> None:
    assert widths(10, 100) == {
        "key": 16, "bar": 56, "hits": 7, "share": 5, "rate": 6, "bytes": 5,
    }  # fmt: skip


def test_a_few_cells_more_of_the_longest_name_move_no_column() -> None:
    assert widths(9, 100) == widths(16, 100)


def test_long_names_are_capped_where_others_would_leave_room_for_a_bar() -> None:
    assert widths(200, 100)["key"] == 48
    assert widths(200, 158)["key"] == int((158 - 27) * 0.6)


def test_without_room_for_a_bar_names_take_all() -> None:
    assert widths(30, 60) == {"key": 33, "hits": 7, "share": 5, "rate": 6, "bytes": 5}


def test_figures_give_way_to_names_up_to_a_limit() -> None:
    assert widths(15, 38) == {"key": 17, "hits": 7, "share": 5, "rate": 6}
    assert widths(40, 38, whole=24) == {"key": 24, "hits": 7, "share": 5}
    assert widths(39, 60, whole=40) == {"key": 46, "hits": 7, "share": 5}
    assert widths(39, 40, whole=40) == {"key": 32, "hits": 7}


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 160, 200])
@pytest.mark.parametrize("beside", [(), (Panel.PATHS,), (Panel.PATHS, Panel.AGENTS)])
async def test_an_ipv4_address_is_never_cut(width: int, beside: tuple[Panel, ...]) -> None:
    picture = full_snapshot()
    hosts = ranking((b"203.113.113.113", b"::1"), picture.now.hits)
    app = make_app(
        FakeEngine(replace(picture, now=replace(picture.now, hosts=hosts))),
        Settings(show=(Panel.CLIENTS, *beside)),
    )
    async with app.run_test(size=(width, 40)):
        await until_shown(app, "203.113.113.113")


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_an_ipv6_address_takes_the_room_of_figures(width: int) -> None:
    picture = full_snapshot()
    hosts = ranking((LONG_IPV6,), picture.now.hits)
    app = make_app(
        FakeEngine(replace(picture, now=replace(picture.now, hosts=hosts))),
        Settings(show=(Panel.CLIENTS,)),
    )
    async with app.run_test(size=(width, 24)):
        await until_shown(app, LONG_IPV6.decode())
        assert all(column in screen_text(app) for column in ("hits",))


def users() -> Snapshot:
    rows = (CountRow(b"-", 900, 9), CountRow(b"zoe", 60, 60), CountRow(b"alice", 40, 400))
    picture = snapshot()
    return replace(picture, now=replace(picture.now, users=Ranking(rows, 3)))


@pytest.mark.parametrize("column", ["hits", "share", "rate", "bytes", "key"])
@pytest.mark.parametrize("reverse", [False, True])
async def test_hits_without_a_value_are_dim_and_last_in_any_order(
    column: str, *, reverse: bool
) -> None:
    app = make_app(FakeEngine(users()), Settings(show=(Panel.USERS,)))
    async with app.run_test(size=(80, 24)):
        await until_shown(app, "alice")
        table = app.dashboard.panels[Panel.USERS]
        table.set_sort(Sort(column, reverse))
        assert table.row_keys()[-1] == b"-"
        assert {*table.row_keys()[:-1]} == {b"zoe", b"alice"}
        await until(lambda: table._lines and table._lines[3].text.startswith("-"))
        none, someone = ([s for s in table._lines[y] if s.text.strip()][-1] for y in (3, 2))
        assert none.style.color == table.ink("panel--dim").color
        assert someone.style.color != none.style.color


async def test_the_bar_of_a_row_is_as_long_as_its_share() -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=(Panel.SECTIONS,)))
    async with app.run_test(size=(160, 45)):
        await until_shown(app, "412.3 req/s now")
        table = app.dashboard.panels[Panel.SECTIONS]
        bar = next(cells for column, cells in table._visible if column is BAR)
        row = next(line for line in screen_lines(app) if "/pages " in line)
        assert row.count("█") == int(1_185 / 4_117 * bar)


async def test_s_goes_through_every_column_though_there_is_a_bar() -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=(Panel.USERS,)))
    async with app.run_test(size=(160, 24)) as pilot:
        await until_shown(app, "alice")
        seen = []
        for _ in range(5):
            await pilot.press("s")
            seen.append(app.dashboard.panels[Panel.USERS].sort.column)
        assert seen == ["share", "rate", "bytes", "key", "hits"]


async def test_narrow_agents_are_families_until_the_user_chooses() -> None:
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(Panel.AGENTS,)))
    async with app.run_test(size=(60, 24)) as pilot:
        await until_shown(app, "7 User agents ─ browsers")
        await pilot.resize_terminal(120, 36)
        await until_shown(app, "7 User agents ─ last 10 s")
        await pilot.press("v", "v")
        await pilot.resize_terminal(60, 24)
        await until_shown(app, "7 User agents ─ systems")


async def test_an_order_of_narrow_agents_chooses_no_view() -> None:
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(Panel.AGENTS,)))
    async with app.run_test(size=(60, 24)) as pilot:
        await until_shown(app, "7 User agents ─ browsers")
        await pilot.press("s")
        await pilot.resize_terminal(120, 36)
        await until_shown(app, "7 User agents ─ last 10 s")


@pytest.mark.parametrize(
    ("agent", "short"),
    [
        (CHROME, "Chrome/130.0.0.0 (Windows NT 10.0; Win64; x64)"),
        (CHROME + " Edg/130.0", "Edg/130.0 Chrome/130.0.0.0 (Windows NT 10.0; Win64; x64)"),
        (
            "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148 Safari/604.1",
            "Safari/604.1 (iPhone)",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Firefox/132.0 (X11; Linux x86_64; rv:132.0)",
        ),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "bingbot/2.0"),
        ("curl/8.11 (Mozilla/5.0)", "curl/8.11 (Mozilla/5.0)"),
        ("Mozilla/5.0", "Mozilla/5.0"),
        ("Mozilla/5.0 (((", "Mozilla/5.0 ((("),
    ],
)
def test_the_product_of_an_agent_comes_first(agent: str, short: str) -> None:
    assert product_first(agent) == short


async def test_a_cut_agent_shows_its_product() -> None:
    picture = snapshot()
    agents = ranking((CHROME.encode(), b"x" * 200), 4_117)
    picture = replace(picture, now=replace(picture.now, user_agents=agents))
    app = make_app(FakeEngine(picture), Settings(show=(Panel.AGENTS,)))
    async with app.run_test(size=(80, 24)):
        await until_shown(app, "Chrome/130.0.0.0 (Windows NT")


def test_all_columns_of_clients_fit_once_there_is_room() -> None:
    assert len(fitted((NAME, *CLASSED), 15, 40, 160)) == len(CLASSED) + 2
