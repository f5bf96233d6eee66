"""PipelineThread: runs the pipeline on a thread of its own.

Importing this module is cheap, so that the screen can paint before numpy is loaded.
"""

import gc
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.notify.notifier import Notifier
from logmon_tui.snapshot import Ingest, Snapshot

if TYPE_CHECKING:
    from logmon_tui.pipeline.commands import CommandQueue
    from logmon_tui.pipeline.pipeline import Pipeline

RETRY_SECONDS = 1.0
"""Seconds until a pipeline that failed is opened again."""

YOUNG_OBJECTS = 10_000
"""New objects after which Python looks for garbage. A snapshot has thousands, none of them in
cycles, so Python's lower default would search in vain."""


class PipelineThread:
    """Watches `logs` on its own thread and publishes snapshots of them.

    With a `state_file`, the state is kept there between runs. `notifier` receives the incidents,
    `export` every snapshot.
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
    ) -> None:
        self._logs = logs
        self._settings = settings
        self._formats = formats
        self._standard_input = standard_input
        self._state_file = state_file
        self._notifier = notifier
        self._export = export
        self._threshold: float | None = None
        self._threshold_set = False
        self._source: bytes | None = None
        self._waiting: list[Callable[[CommandQueue], None]] = []
        self._pipeline: Pipeline | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Start the thread; it calls `publish` at most twice a second."""
        self._thread = threading.Thread(
            target=self._run, args=(self._to_both(publish),), name="pipeline", daemon=True
        )
        self._thread.start()

    def _to_both(self, publish: Callable[[Snapshot], None]) -> Callable[[Snapshot], None]:
        def publish_both(snapshot: Snapshot) -> None:
            self._export(snapshot)
            publish(snapshot)

        return publish_both

    def set_threshold(self, requests_per_second: float | None) -> None:
        """Judge the traffic by another threshold from now on; any thread may call this.

        With None it is the configured one again.
        """
        with self._lock:
            self._threshold, self._threshold_set = requests_per_second, True
            if self._pipeline is not None:
                self._pipeline.wishes.set_threshold(requests_per_second)

    def set_source(self, name: bytes | None) -> None:
        """Show the hits of the log `name` only, of all logs if None; any thread may call this."""
        with self._lock:
            self._source = name
            if self._pipeline is not None:
                self._pipeline.wishes.set_source(name)

    def acknowledge(self, incident: str, *, acknowledged: bool) -> None:
        """Note that a user has, or has not, seen to an incident; any thread may call this."""
        self._ask(lambda wishes: wishes.acknowledge(incident, acknowledged=acknowledged))

    def set_note(self, incident: str, note: str) -> None:
        """Keep what a user wrote about an incident; any thread may call this."""
        self._ask(lambda wishes: wishes.set_note(incident, note))

    def silence(self, silence: Silence) -> None:
        """Notify nobody of what `silence` covers; any thread may call this."""
        self._ask(lambda wishes: wishes.silence(silence))

    def end_silence(self, silence: Silence) -> None:
        """End a silence before its time; any thread may call this."""
        self._ask(lambda wishes: wishes.end_silence(silence))

    def _ask(self, wish: "Callable[[CommandQueue], None]") -> None:
        """Ask the pipeline for something, or the next one if there is none now."""
        with self._lock:
            if self._pipeline is None:
                self._waiting.append(wish)
            else:
                wish(self._pipeline.wishes)

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
                failure = f"{type(error).__name__}: {error}; trying again"
                publish(Snapshot(ingest=Ingest(failure=failure)))
                self._stopping.wait(RETRY_SECONDS)

    def _watch(self, publish: Callable[[Snapshot], None]) -> None:
        # Importing numpy is slow; by now the first screen is painted.
        from logmon_tui.pipeline.pipeline import Listener
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
            Listener(publish),
            standard_input=self._standard_input,
            state_file=self._state_file,
            notifier=self._notifier,
        )
        with self._lock:
            self._pipeline = pipeline
            if self._threshold_set:
                pipeline.wishes.set_threshold(self._threshold)
            if self._source is not None:
                pipeline.wishes.set_source(self._source)
            for wish in self._waiting:
                wish(pipeline.wishes)
            self._waiting.clear()
            if self._stopping.is_set():
                pipeline.stop()
        try:
            pipeline.run()
        finally:
            with self._lock:
                self._pipeline = None
