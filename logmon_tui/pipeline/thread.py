"""PipelineThread: runs the pipeline on a thread of its own.

Importing this module is cheap, so that the screen can paint before numpy is loaded.
"""

import gc
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from logmon_tui.config.settings import Settings
from logmon_tui.errors import line_of
from logmon_tui.formats.clients import Locate
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.monitor.commands import Command, Reload, ViewCommand
from logmon_tui.notify.notifier import Notifier
from logmon_tui.snapshot import Ingest, Snapshot

if TYPE_CHECKING:
    from logmon_tui.pipeline.pipeline import Pipeline

RETRY_SECONDS = 1.0
"""Seconds until a pipeline that failed is opened again."""

YOUNG_OBJECTS = 10_000
"""New objects after which Python looks for garbage. A snapshot has thousands, none of them in
cycles, so Python's lower default would search in vain."""

REST_SECONDS = 0.1
"""Maximum seconds for which reading rests before a step, however busy the screen is."""


class PipelineThread:
    """Watches `logs` on its own thread and publishes snapshots of them.

    With a `state_file`, the state is kept there between runs. `notifier` receives the incidents,
    `export` every snapshot. `locate` tells where clients are, `marks` is the file of marks.
    """

    def __init__(  # noqa: PLR0913 - the last ones are choices
        self,
        logs: Sequence[str],
        settings: Settings,
        formats: FormatSelector,
        *,
        standard_input: int = 0,
        state_file: Path | None = None,
        notifier: Notifier | None = None,
        export: Callable[[Snapshot], None] = lambda _snapshot: None,
        locate: Locate | None = None,
        marks: Path | None = None,
    ) -> None:
        self._logs = logs
        self._settings = settings
        self._formats = formats
        self._standard_input = standard_input
        self._state_file = state_file
        self._notifier = notifier
        self._export = export
        self._locate = locate
        self._marks = marks
        self._view: dict[type[Command], Command] = {}  # the last one of each kind
        self._waiting: list[Command] = []
        self._pipeline: Pipeline | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._rest: Callable[[], object] = lambda: None

    def start(
        self, publish: Callable[[Snapshot], None], idle: threading.Event | None = None
    ) -> None:
        """Start the thread; it calls `publish` at most twice a second.

        While `idle` is not set, all threads that read rest for a moment between two steps.
        """
        if idle is not None:
            self._rest = partial(idle.wait, REST_SECONDS)
        self._thread = threading.Thread(
            target=self._run, args=(self._to_both(publish),), name="pipeline", daemon=True
        )
        self._thread.start()

    def _to_both(self, publish: Callable[[Snapshot], None]) -> Callable[[Snapshot], None]:
        def publish_both(snapshot: Snapshot) -> None:
            self._export(snapshot)
            publish(snapshot)

        return publish_both

    def post(self, command: Command) -> None:
        """Have the pipeline apply `command`, or the next one if there is none; from any thread."""
        with self._lock:
            if isinstance(command, Reload):
                self._settings = command.settings  # of the next pipeline, too
            if isinstance(command, ViewCommand):
                self._view[type(command)] = command
            elif self._pipeline is None:
                self._waiting.append(command)
            if self._pipeline is not None:
                self._pipeline.commands.post(command)

    def stop(self) -> None:
        """Stop the pipeline, and wait until the thread has ended."""
        with self._lock:
            self._stopping.set()
            if self._pipeline is not None:
                self._pipeline.stop()
        if self._thread is not None:
            self._thread.join()

    def _run(self, publish: Callable[[Snapshot], None]) -> None:
        while not self._stopping.is_set():
            try:
                self._watch(publish)
            except Exception as error:  # noqa: BLE001 - shown on the screen, and tried again
                publish(Snapshot(ingest=Ingest(failure=f"{line_of(error)}; trying again")))
                self._stopping.wait(RETRY_SECONDS)

    def _watch(self, publish: Callable[[Snapshot], None]) -> None:
        # Importing numpy is slow; by now the first screen is painted.
        from logmon_tui.pipeline.publisher import Listener
        from logmon_tui.pipeline.source_factory import open_pipeline

        # Modules and widgets live on: searching them for garbage would delay keys by 0.1 s.
        if not gc.get_freeze_count():
            gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS, 10, 10)
        gc.enable()
        pipeline = open_pipeline(
            self._logs,
            self._settings,
            self._formats,
            Listener(publish, rest=self._rest),
            standard_input=self._standard_input,
            state_file=self._state_file,
            notifier=self._notifier,
            locate=self._locate,
            marks=self._marks,
        )
        with self._lock:
            self._pipeline = pipeline
            for command in (*self._view.values(), *self._waiting):
                pipeline.commands.post(command)
            self._waiting.clear()
            if self._stopping.is_set():
                pipeline.stop()
        try:
            pipeline.run()
        finally:
            with self._lock:
                self._pipeline = None
