"""An error storm on one section, simulated: the same story each time, over in a moment.

What watches it is the program's own pipeline; only the log does not wait for the clock.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.builtin import ERROR_RATE
from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.monitor.commands import Command, SetNote
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.simulate.scenario import PHASES, Scenario
from logmon_tui.simulate.simulator import Simulator
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceState, SourceStatus

START = int(datetime(2026, 11, 22, 11, 57, tzinfo=UTC).timestamp())
SECONDS = 690
NOTE = "Deployed 4.12 at 12:01; rolled back at 12:04."

SETTINGS = Settings(
    threshold=40,
    rules={
        "endpoint_errors": {"enabled": True, "labels": {"team": "camelot"}},
        ERROR_RATE: {"enabled": False},
    },
)
SCENARIO = Scenario(
    threshold=SETTINGS.threshold,
    ddos_threshold=SETTINGS.ddos_threshold,
    alert_window=SETTINGS.alert_window,
)
"""The log begins with the quiet phase before the storm."""

_STORM = [phase.name for phase in PHASES].index("error storm")
_QUIET = sum(phase.windows for phase in PHASES[: _STORM - 1]) * SCENARIO.alert_window


class SimulatedLog:
    """A source that hands over the lines of one second at each read, then calls `ended`."""

    def __init__(self) -> None:
        self._simulator = Simulator(scenario=SCENARIO, seed=5)
        self._seconds = iter(range(SECONDS))
        self.ended: Callable[[], None] = lambda: None

    def read(self) -> bytes:
        """Return the lines of the next second."""
        second = next(self._seconds, None)
        if second is None:
            self.ended()
            return b""
        return b"".join(self._simulator.lines(START + second, _QUIET + second))

    def preamble(self) -> bytes:
        """Return nothing: the log begins with the story."""
        return b""

    def wait(self, seconds: float) -> None:
        """Wait for nothing."""

    def wake(self) -> None:
        """Nobody sleeps."""

    def status(self) -> SourceStatus:
        """Tell that it is a log like others."""
        return SourceStatus("access.log", SourceState.LIVE)

    def position(self) -> None:
        """Return None: it is read once."""

    def close(self) -> None:
        """Nothing is open."""


def picture_of_storm() -> Snapshot:
    """Return what the screen is to show once the story is told; its incident has a note."""
    log = SimulatedLog()
    found: dict[str, Incident] = {}

    def note(changed: Sequence[Incident]) -> None:
        found.update((incident.id, incident) for incident in changed)

    listener = Listener(lambda _picture: None, note)
    pipeline = Pipeline(SETTINGS, [log], FormatSelector(), listener, headless=True)

    def end() -> None:
        for incident in found:
            pipeline.commands.post(SetNote(incident, NOTE))
        pipeline.stop()

    log.ended = end
    return pipeline.run()


class ToldAlready:
    """An engine for which nothing happens any more."""

    def __init__(self, picture: Snapshot) -> None:
        self._picture = picture

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Publish the one picture there is."""
        publish(self._picture)

    def post(self, command: Command) -> None:
        """Leave everything as it is."""

    def stop(self) -> None:
        """Nothing runs."""
