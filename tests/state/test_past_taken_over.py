"""The past of a run that takes over from another one, and ends soon after."""

from collections import Counter
from pathlib import Path

import pytest

from logmon_tui.config.settings import Settings
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.sources.base import LogPosition, SourceState, SourceStatus
from logmon_tui.state.checkpointer import Checkpointer
from tests.state.restarts import LOG, position_at
from tests.traffic import START, batch_of, hit, settings_of

SECONDS = 1_200


class Source:
    """A log that was read up to a second."""

    def __init__(self, second: int) -> None:
        self._second = second

    def position(self) -> LogPosition:
        return position_at(self._second)

    def status(self) -> SourceStatus:
        return SourceStatus(LOG, SourceState.LIVE)


class Watch:
    """A run that reads one hit a second, and saves as far as it may."""

    def __init__(self, file: Path, given: Settings, second: int) -> None:
        self.second = second
        self.saver = Checkpointer(file, [LOG])
        self.monitor = HTTPMonitor(given, journal=True, archive=self.saver.archive)
        self.saver.restore(self.monitor, float(second))

    def goes_on(self, until: int) -> None:
        for second in range(self.second, until):
            now = float(second)
            self.monitor.feed(batch_of([hit(START + second)]), now)
            self.saver.count_downtime([Source(second)], self.monitor, now, START + now)  # type: ignore[list-item]
            self.monitor.tick(now, START + now)
            self.monitor.archive_past()
        self.second = until

    def saves(self) -> None:
        source = {LOG: Source(self.second)}
        self.saver.save(source, self.monitor, self.second, START + self.second)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, 60])
def test_minutes_that_the_other_run_closed_count_once(file: Path, size: int) -> None:
    given = settings_of(bucket_size=size, stats_interval=size, alert_window=size)
    first = Watch(file, given, 0)
    first.goes_on(600)
    first.saves()
    second = Watch(file, given, 600)  # a slot is added to its minute after five more
    for each in (first, second):
        each.goes_on(730)
    first.saves()
    first.saver.close()
    second.goes_on(740)
    second.saves()
    assert not second.saver.another
    second.saver.close()
    third = Watch(file, given, 740)
    third.goes_on(SECONDS)
    found = Counter(
        {start: sums.hits for start, sums in third.saver.archive.sums(60, 0, START + SECONDS)}
    )
    assert found == Counter(
        {START + minute: 60 for minute in range(0, max(found) - START + 60, 60)}
    )
    third.saver.close()
