"""A machine that cannot be reached does not hold back the time between the runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.sources.base import LogPosition, ServerStatus, Source, SourceState, SourceStatus
from logmon_tui.state.checkpointer import Checkpointer
from tests.state.restarts import LOG, position_at
from tests.state.stores import GIVEN, busy
from tests.traffic import START


class Near:
    """A source of this machine in some state."""

    def __init__(self, state: SourceState = SourceState.LIVE) -> None:
        self.state = state

    def position(self) -> LogPosition:
        return position_at(5)

    def status(self) -> SourceStatus:
        return SourceStatus("log", self.state)


class Far(Near):
    """A source of another machine."""

    def servers(self) -> Sequence[ServerStatus]:
        return ()


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        (Near(SourceState.FAILED), False),
        (Near(SourceState.CATCHING_UP), False),
        (Far(SourceState.FAILED), True),
        (Far(SourceState.CATCHING_UP), False),
        (Far(SourceState.LIVE), True),
    ],
)
def test_what_the_time_between_runs_waits_for(tmp_path: Path, source: Near, counted: bool) -> None:
    file = tmp_path / "state.sqlite"
    first = Checkpointer(file, [LOG])
    first.save({LOG: cast("Source", Near())}, busy(), 5.0, START + 5)
    first.close()
    second, monitor = Checkpointer(file, [LOG]), HTTPMonitor(GIVEN, journal=True)
    second.restore(monitor, 10.0)
    second.count_downtime([cast("Source", source)], monitor, 10.0, START + 3_600)
    clock = monitor.snapshot(10.0, START + 3_600).log_time
    assert clock is not None
    assert (clock >= START + 3_000) is counted
    second.close()
