"""Two days of simulated traffic, with three incidents and two deploys, for pictures of the past.

The log ends now. The program's own pipeline records it, as `logmon-tui record` does.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.pipeline.source_factory import open_pipeline
from logmon_tui.simulate.scenario import PHASES, Scenario
from logmon_tui.simulate.simulator import Simulator
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceState
from logmon_tui.state.marks import add_mark

_HOUR = 3_600
SECONDS = 48 * _HOUR
SETTINGS = Settings(threshold=9.0, from_start=True)

_NIGHT, _DAY = 3.0, 10.0
"""The simulated site's threshold (req/s) at its quietest and busiest hour: traffic is a share."""
_STEPS = 10


class Story(NamedTuple):
    """What happens: a phase of the scenario, how many seconds ago it begins, how long it lasts."""

    phase: str
    ago: int
    seconds: int


STORIES = (
    Story("error storm", 33 * _HOUR, 540),
    Story("noisy client", 21 * _HOUR, 900),
    Story("burst", 8 * _HOUR, 600),
)
DEPLOYS = ((33 * _HOUR + 95, "api 4.12"), (33 * _HOUR - 500, "api 4.11 again"))
"""Seconds ago, and texts of the marks."""


def _lines(end: int) -> Iterator[bytes]:
    """Yield the lines of the two days before the second `end`."""
    simulators = [
        Simulator(seed=5, scenario=Scenario(_NIGHT + (_DAY - _NIGHT) * step / _STEPS))
        for step in range(_STEPS + 1)
    ]
    for ago in range(SECONDS, 0, -1):
        second = end - ago
        hours = second % 86_400 / _HOUR
        busy = round(_STEPS * (0.5 - 0.5 * math.cos(2 * math.pi * (hours - 4) / 24)))
        phase = next((s.phase for s in STORIES if s.ago - s.seconds < ago <= s.ago), "quiet")
        yield from simulators[busy].lines(second, _beginning(phase))


def _beginning(phase: str) -> float:
    """Return the seconds of the scenario after which a phase begins."""
    names = [each.name for each in PHASES]
    before = PHASES[: names.index(phase)]
    return sum(each.windows for each in before) * Scenario().alert_window


def record(folder: Path, end: int) -> tuple[Path, Path, Path]:
    """Write the log into `folder`, and record it; return the log, the state and the marks."""
    log, state, marks = folder / "access.log", folder / "state.sqlite", folder / "marks"
    with log.open("wb") as file:
        file.writelines(_lines(end))
    for ago, text in DEPLOYS:
        add_mark(marks, Mark(end - ago, text))

    def stop_when_read(picture: Snapshot) -> None:
        if picture.sources and all(each.state is SourceState.LIVE for each in picture.sources):
            pipeline.stop()

    pipeline = open_pipeline(
        [str(log)],
        SETTINGS,
        FormatSelector(),
        Listener(stop_when_read),
        headless=True,
        state_file=state,
        marks=marks,
    )
    pipeline.run()
    return log, state, marks
