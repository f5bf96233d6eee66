"""`watch` without a screen: prints a line or block each stats interval, and alerts at once."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import click

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.cli.background import run_until_signalled
from logmon_tui.cli.exports import Exports
from logmon_tui.cli.reloading import MakeReloader, Reloader
from logmon_tui.cli.terminal import columns, takes_colour
from logmon_tui.config.settings import Settings
from logmon_tui.errors import OutputError
from logmon_tui.escape import printable
from logmon_tui.formats.clients import Locate
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.notify.notifier import Notifier
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.pipeline.source_factory import open_pipeline
from logmon_tui.reports.registry import Layout, live_as
from logmon_tui.snapshot import Snapshot
from logmon_tui.units import plain


class Problems:
    """Prints on standard error, once each, what is not saved, read or sent, and why."""

    def __init__(self) -> None:
        self._warned: set[str] = set()

    def warn(self, snapshot: Snapshot) -> None:
        """Print what is new in a snapshot."""
        saving, ingest = snapshot.saving, snapshot.ingest
        dead = (f"notify.{each.name}: {each.problem}" for each in ingest.targets if each.problem)
        changed = _changed_threshold(snapshot)
        problems = saving.note, saving.problem, ingest.failure, ingest.marks_problem
        for message in (*problems, *changed, *dead):
            if message and message not in self._warned:
                self._warned.add(message)
                click.echo(f"logmon-tui: {printable(message)}", err=True)


class Printer:
    """Prints snapshots and alerts of the pipeline; only the pipeline's thread may call it."""

    def __init__(self, settings: Settings, output: str) -> None:
        self._settings = settings
        layout = Layout(settings.top, colour=takes_colour(), show=settings.show)
        self._live = live_as(output, layout)
        self._end: int | None = None
        self._printed = time.monotonic()
        self._problems = Problems()

    def incidents(self, changed: Sequence[Incident]) -> None:
        """Print alerts at once."""
        self._write(self._live.alerts(changed, columns()))

    def picture(self, snapshot: Snapshot) -> None:
        """Print the snapshot if a stats interval has ended; print new warnings at once."""
        self._problems.warn(snapshot)
        if snapshot.log_time is None:
            due = time.monotonic() - self._printed >= self._settings.stats_interval
        else:
            due = snapshot.now.seconds > 0 and snapshot.now.end != self._end
        if due:
            self.print(snapshot)

    def print(self, snapshot: Snapshot) -> None:
        """Print the snapshot now."""
        self._end = snapshot.now.end
        self._printed = time.monotonic()
        self._write(self._live.interval(snapshot, columns()))  # a terminal may be resized

    def _write(self, lines: Iterable[str]) -> None:
        for line in lines:
            click.echo(line, color=True)  # `takes_colour` has decided; click ignores NO_COLOR
        sys.stdout.flush()


def _changed_threshold(snapshot: Snapshot) -> Iterator[str]:
    """Yield a warning if the threshold in force is not the configured one."""
    alerts = snapshot.alerts
    if alerts.configured is not None:
        limit, configured = plain(alerts.threshold), plain(alerts.configured)
        yield (
            f"the traffic threshold is {limit} req/s, set by key on the screen; configured is "
            f"{configured}: press C there to return to it, or configure another one"
        )


def watch_in_lines(  # noqa: PLR0913 - one for each choice
    logs: Sequence[str],
    settings: Settings,
    formats: FormatSelector,
    output: str,
    *,
    state_file: Path | None,
    notifier: Notifier | None,
    exports: Exports,
    locate: Locate | None,
    marks: Path | None,
    reloader: MakeReloader,
) -> None:
    """Watch until a signal comes or every log has ended; then print a last line.

    `notifier` receives the incidents, `exports` every snapshot. `locate` tells where clients are,
    `marks` is the file of marks. SIGHUP reloads the settings.
    Raises OutputError if standard output cannot be written, BrokenPipeError if its reader has gone.
    """
    printer = Printer(settings, output)

    def show(snapshot: Snapshot) -> None:
        exports.publish(snapshot)
        printer.picture(snapshot)

    pipeline = open_pipeline(
        logs,
        settings,
        formats,
        Listener(show, printer.incidents),
        headless=True,
        state_file=state_file,
        notifier=notifier,
        locate=locate,
        marks=marks,
        answers=exports.asks,
    )
    exports.attach(pipeline.commands.post)
    try:
        reload = _reloading(reloader(pipeline.commands.post))
        printer.print(run_until_signalled(pipeline.run, pipeline.stop, reload))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"standard output: {error.strerror}") from error


RECORD_SECONDS = 10.0
"""Seconds between two looks at what goes wrong while nobody asks for figures."""


def record_quietly(  # noqa: PLR0913 - one for each choice
    logs: Sequence[str],
    settings: Settings,
    formats: FormatSelector,
    state_file: Path,
    *,
    notifier: Notifier | None,
    exports: Exports,
    marks: Path | None,
    reloader: MakeReloader,
) -> None:
    """Watch until a signal comes, and print only problems.

    `notifier` receives the incidents, `exports` every snapshot. `marks` is the file of marks.
    SIGHUP reloads the settings.
    """
    problems = Problems()

    def show(snapshot: Snapshot) -> None:
        exports.publish(snapshot)
        problems.warn(snapshot)

    pipeline = open_pipeline(
        logs,
        settings,
        formats,
        Listener(show, every=RECORD_SECONDS),
        headless=True,
        state_file=state_file,
        notifier=notifier,
        marks=marks,
        answers=exports.asks,
    )
    exports.attach(pipeline.commands.post)
    reload = _reloading(reloader(pipeline.commands.post))
    problems.warn(run_until_signalled(pipeline.run, pipeline.stop, reload))


def _reloading(reloader: Reloader) -> Callable[[], None]:
    """Return what reloads the settings, and says on standard error what came of it."""

    def reload() -> None:
        click.echo(f"logmon-tui: {reloader.reload().text}", err=True)

    return reload
