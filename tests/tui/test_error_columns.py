"""The tables tell who causes the errors and where the time goes."""

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.snapshot import CountRow, Errors, Ranking, Snapshot, Times
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.cells import EIGHTHS_WIDE
from tests.tui.fakes import FakeEngine, snapshot
from tests.tui.screens import make_app, screen_text, until, until_shown

FAST, SLOW = Times(0.01, 0.02, 0.03, 0.04), Times(1, 2, 3, 4)
ROWS = (
    CountRow(b"10.0.0.1", 900, 10, errors=Errors(9, 0), total_time=30.0, times=FAST),
    CountRow(b"10.0.0.2", 90, 10, errors=Errors(45, 9), total_time=60.0, times=SLOW),
    CountRow(b"10.0.0.3", 10, 10, errors=Errors(10, 0), total_time=0.0, times=FAST),
    CountRow(b"10.0.0.4", 1, 10),
)
OTHER = {"other_hits": 20, "other_errors": Errors(0, 5), "other_time": 10.0}


def with_rows(*, timed: bool) -> Snapshot:
    base = snapshot()
    ranking = replace(Ranking(ROWS, 99), **OTHER)
    now = replace(base.now, hits=1_021, hosts=ranking, paths=ranking, sections=ranking)
    times = (SLOW, 100.0) if timed else (None, None)
    return replace(base, now=replace(now, response_times=times[0], total_time=times[1]))


def cells(app: LogmonApp, panel: Panel) -> dict[str, list[str]]:
    """Return the cells of each line of a table but for the bar, by the first cell."""
    region = app.dashboard.panels[panel].content_region
    lines = screen_text(app).splitlines()[region.y : region.bottom]
    no_bar = str.maketrans("", "", EIGHTHS_WIDE.strip())
    words = [line[region.x : region.right].translate(no_bar).split() for line in lines]
    return {first: rest for first, *rest in filter(None, words)}


def app_of(panel: Panel, *, timed: bool) -> LogmonApp:
    return make_app(FakeEngine(with_rows(timed=timed)), Settings(show=(panel,)))


async def test_clients_show_the_shares_and_the_number_of_their_errors() -> None:
    app = app_of(Panel.CLIENTS, timed=False)
    async with app.run_test(size=(100, 30)):
        await until_shown(app, "(other)")
        shown = cells(app, Panel.CLIENTS)
        assert shown["client"] == ["▼hits", "%", "req/s", "4xx%", "5xx%", "errors", "B/s"]
        assert shown["10.0.0.1"][3:6] == ["1.0", "·", "9"]
        assert shown["10.0.0.2"][3:6] == ["50.0", "10.0", "54"]
        assert shown["10.0.0.4"][3:] == ["1"], "what is not known is blank, not 0"
        assert shown["(other)"][3:6] == ["·", "25.0", "5"]


@pytest.mark.parametrize(
    ("presses", "header", "first"),
    [(3, "▼4xx%", "10.0.0.3"), (4, "▼5xx%", "10.0.0.2"), (5, "▼errors", "10.0.0.2")],
)
async def test_clients_are_sorted_by_their_errors(presses: int, header: str, first: str) -> None:
    app = app_of(Panel.CLIENTS, timed=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(app, "(other)")
        await pilot.press(*("s",) * presses)
        await until_shown(app, header)
        names = [name for name in cells(app, Panel.CLIENTS) if name.startswith("10.")]
        assert (names[0], names[-1]) == (first, "10.0.0.4"), "what is not known comes last"


@pytest.mark.parametrize("panel", [Panel.SECTIONS, Panel.PATHS, Panel.CLIENTS])
async def test_time_is_a_share_of_all_response_time(panel: Panel) -> None:
    app = app_of(panel, timed=True)
    async with app.run_test(size=(120, 30)) as pilot:
        await until_shown(app, "(other)")
        shown = cells(app, panel)
        key = next(name for name in shown if name in {"section", "path", "client"})
        place = shown[key].index("time%")
        shares = [shown[f"10.0.0.{number}"][place] for number in (1, 2, 3)]
        assert shares == ["30.0", "60.0", "·"]
        for _ in range(place):
            await pilot.press("s")
        await until_shown(app, "▼time%")
        await until(lambda: list(cells(app, panel))[1:2] == ["10.0.0.2"])


@pytest.mark.parametrize("panel", [Panel.SECTIONS, Panel.PATHS, Panel.CLIENTS])
async def test_a_log_without_times_has_no_column_of_times(panel: Panel) -> None:
    app = app_of(panel, timed=False)
    async with app.run_test(size=(120, 30)):
        await until_shown(app, "(other)")
        assert "time%" not in screen_text(app)


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (60, ["▼hits", "%", "req/s", "4xx%", "5xx%", "time%", "B/s"]),
        (48, ["▼hits", "%", "4xx%", "5xx%", "time%"]),
        (42, ["▼hits", "%", "5xx%", "time%"]),
    ],
)
async def test_columns_go_by_rank_when_room_is_short(width: int, titles: list[str]) -> None:
    app = app_of(Panel.CLIENTS, timed=True)
    async with app.run_test(size=(width, 30)):
        await until_shown(app, "(other)")
        assert cells(app, Panel.CLIENTS)["client"] == titles
