"""CommandQueue: what users ask of a running watch, from any thread; the pipeline's applies it."""

import queue
import time
from collections.abc import Callable
from functools import partial

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.pipeline.log_readers import LogReaders


class CommandQueue:
    """Passes on to `monitor` what users wish for. All but `grant` may be called by any thread."""

    def __init__(self, monitor: HTTPMonitor, feeds: LogReaders) -> None:
        self._monitor = monitor
        self._feeds = feeds
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def set_threshold(self, threshold: float | None) -> None:
        """Judge the traffic by another threshold (req/s), by the configured one if None."""
        self._add(partial(self._monitor.set_threshold, threshold))

    def set_source(self, name: bytes | None) -> None:
        """Show the log of that short name only, or all of them again.

        Where there is no such log, or no other, nothing happens.
        """
        self._add(partial(self._show_source, name))

    def _show_source(self, name: bytes | None) -> None:
        names = self._feeds.names
        if name is None or (name in names and len(names) > 1):
            self._monitor.set_source(name)

    def acknowledge(self, incident: str, *, acknowledged: bool) -> None:
        """Note that a user has, or has not, seen to the incident with this id."""
        wall = time.time() if acknowledged else None
        self._add(partial(self._monitor.judge.acknowledge, incident, wall))

    def set_note(self, incident: str, note: str) -> None:
        """Keep what a user wrote about the incident with this id."""
        self._add(partial(self._monitor.judge.set_note, incident, note))

    def silence(self, silence: Silence) -> None:
        """Notify nobody of what `silence` covers."""
        self._add(partial(self._monitor.judge.silence, silence))

    def end_silence(self, silence: Silence) -> None:
        """End a silence before its time."""
        self._add(partial(self._monitor.judge.end_silence, silence))

    def _add(self, wish: Callable[[], None]) -> None:
        self._waiting.put(wish)
        self._feeds.wake()

    def grant(self) -> bool:
        """Do what was wished for since the last time; tell whether anything was."""
        granted = False
        while not self._waiting.empty():
            self._waiting.get()()
            granted = True
        return granted
