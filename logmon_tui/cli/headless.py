"""`watch` without a screen: a line or a block each stats interval, and alerts as they happen."""

import os
import sys
import time
from collections.abc import Iterable, Sequence

import click

from logmon_tui.alerts.incident import Incident
from logmon_tui.cli.background import run_until_signalled
from logmon_tui.config import Settings
from logmon_tui.errors import OutputError
from logmon_tui.formats.log_format import LogFormat
from logmon_tui.pipeline import Listener, Pipeline, open_sources
from logmon_tui.reports.json import watch_json
from logmon_tui.reports.text import TextReport
from logmon_tui.snapshot import Snapshot


class Printer:
    """Prints what the pipeline tells. Called from the pipeline's thread only."""

    def __init__(self, settings: Settings, output: str) -> None:
        self._settings = settings
        self._json = output == "json"
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._text = TextReport(top=settings.top, show=settings.show, colour=colour)
        self._changed: list[Incident] = []
        self._end: int | None = None
        self._printed = time.monotonic()

    def incidents(self, changed: Sequence[Incident]) -> None:
        """Print alerts at once; JSON collects them for its next line."""
        if self._json:
            self._changed.extend(changed)
        else:
            for incident in changed:
                self._write(self._text.alert(incident))

    def picture(self, snapshot: Snapshot) -> None:
        """Print the picture if a stats interval is over."""
        if snapshot.log_time is None:
            due = time.monotonic() - self._printed >= self._settings.stats_interval
        else:
            due = snapshot.now.seconds > 0 and snapshot.now.end != self._end
        if due:
            self.print(snapshot)

    def print(self, snapshot: Snapshot) -> None:
        """Print the picture now."""
        self._end = snapshot.now.end
        self._printed = time.monotonic()
        if self._json:
            self._write([watch_json(snapshot, self._changed, self._settings.top)])
            self._changed = []
        else:
            self._write(self._text.interval(snapshot))

    def _write(self, lines: Iterable[str]) -> None:
        for line in lines:
            click.echo(line, color=True)  # colour was decided above, for NO_COLOR counts too
        sys.stdout.flush()


def watch_in_lines(
    logs: Sequence[str], settings: Settings, log_format: LogFormat | None, output: str
) -> None:
    """Watch until a signal ends it, or until every log has ended; then print a last line.

    Raises OutputError when standard output cannot be written, BrokenPipeError when it is gone.
    """
    printer = Printer(settings, output)
    pipeline = Pipeline(
        settings,
        open_sources(logs, settings, log_format),
        log_format,
        Listener(printer.picture, printer.incidents),
        headless=True,
    )
    try:
        printer.print(run_until_signalled(pipeline.run, pipeline.stop))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"standard output: {error.strerror}") from error
