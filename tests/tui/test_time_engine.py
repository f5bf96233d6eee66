"""The screen and what really keeps the past: each shows what the other holds."""

import time

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.monitor.commands import Command, ShowGraph, ShowMoment
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceState, SourceStatus
from logmon_tui.state.archive import MemoryArchive
from logmon_tui.tui.app import LogmonApp
from logmon_tui.units import clock
from tests.traffic import START, batch_of, hit, settings_of
from tests.tui.fakes import FakeEngine
from tests.tui.screens import screen_text, until_shown, until_still

MINUTES = 120
NOW = MINUTES * 60 - 1


@pytest.fixture(scope="module")
def monitor() -> HTTPMonitor:
    """A monitor of two hours: a hit a second, each minute of its own path, one of them failing."""
    found = HTTPMonitor(settings_of(), archive=MemoryArchive())
    for minute in range(MINUTES):
        path, status = b"/minute/%d" % minute, 500 if minute == 70 else 200
        begin = START + minute * 60
        hits = [hit(begin + each, path=path, status=status) for each in range(60)]
        found.feed(batch_of(hits), minute * 60 + 59)
        found.tick(minute * 60 + 59, begin + 59)
        found.archive_past()
    return found


class MonitorEngine(FakeEngine):
    """Publishes what a monitor shows after each command."""

    def __init__(self, monitor: HTTPMonitor) -> None:
        self.monitor = monitor
        super().__init__(self.picture())

    def post(self, command: Command) -> None:
        super().post(command)
        if isinstance(command, ShowMoment):
            self.monitor.past.moment = command
        elif isinstance(command, ShowGraph):
            self.monitor.past.graph = command
        if self.publish is not None:
            self.publish(self.picture())

    def picture(self) -> Snapshot:
        log = SourceStatus("a.log", SourceState.LIVE, 900, 900)
        return replace(self.monitor.snapshot(NOW, START + NOW), sources=(log,))


def app_of(monitor: HTTPMonitor, *panels: Panel) -> LogmonApp:
    monitor.past.moment, monitor.past.graph = ShowMoment(), ShowGraph()
    return LogmonApp(
        MonitorEngine(monitor),
        Settings(show=panels),
        name_of_log="a.log",
        clock=lambda: START + NOW,
        monotonic=time.monotonic,
    )


async def test_a_typed_minute_shows_that_minute_of_the_log(monitor: HTTPMonitor) -> None:
    app = app_of(monitor, Panel.TRAFFIC, Panel.PATHS, Panel.STATUS)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_shown(app, "/minute/119")
        at = clock(START + 70 * 60)
        await pilot.press("t", *at[:5], "enter")
        await until_shown(app, f"{at}–{clock(START + 70 * 60 + 59)}")
        await until_shown(app, "/minute/70")
        text = screen_text(app)
        assert "/minute/119" not in text
        assert "✗ 5xx 100 %" in text
        await pilot.press("right")
        await until_shown(app, "/minute/71")
        await pilot.press("g")
        await until_shown(app, "share of errors")
        await until_still(app)
        assert "100%" in screen_text(app)


async def test_seconds_of_the_last_minutes_are_those_of_the_log(monitor: HTTPMonitor) -> None:
    app = app_of(monitor, Panel.TRAFFIC, Panel.PATHS)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_shown(app, "/minute/119")
        await pilot.press(*["left"] * 30)
        await until_shown(app, "/minute/118")
        await until_shown(app, "every hit is known")
        await until_shown(app, "1.0 req/s then")
        await pilot.press("end")
        await until_shown(app, "/minute/119")
