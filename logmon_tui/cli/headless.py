"""`watch` without a screen: a line or a block each stats interval, and alerts as they happen."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Sequence

import click

from logmon_tui.alerts.incident import Incident
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


class PipelineThread(threading.Thread):
    """Runs the pipeline, and keeps what became of it.

    A thread of its own, so that a signal's handler, which interrupts the main thread anywhere,
    cannot meet a lock that the interrupted code holds.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__(name="pipeline", daemon=True)
        self._pipeline = pipeline
        self.last: Snapshot | None = None
        self.error: Exception | None = None

    def run(self) -> None:
        """Run the pipeline to its end."""
        try:
            self.last = self._pipeline.run()
        except Exception as error:  # noqa: BLE001 - raised again in the main thread
            self.error = error


def watch_in_lines(
    logs: Sequence[str], settings: Settings, log_format: LogFormat | None, output: str
) -> None:
    """Watch until SIGINT or SIGTERM, or until every log has ended; then print a last line.

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
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: pipeline.stop())
    thread = PipelineThread(pipeline)
    thread.start()
    while thread.is_alive():
        thread.join(1.0)
    if isinstance(thread.error, OSError) and not isinstance(thread.error, BrokenPipeError):
        raise OutputError(f"standard output: {thread.error.strerror}") from thread.error
    if thread.error is not None:
        raise thread.error
    if thread.last is not None:
        printer.print(thread.last)
