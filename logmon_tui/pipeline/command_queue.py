"""CommandQueue: brings commands of users from any thread to the pipeline's, which applies them."""

import queue
from typing import assert_never

from logmon_tui.monitor.commands import (
    Acknowledge,
    AddSilence,
    Command,
    EndSilence,
    SetNote,
    SetThreshold,
    ShowSource,
)
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.pipeline.log_readers import LogReaders


class CommandQueue:
    """Commands that wait for the thread which owns `monitor`; only `post` is for other threads."""

    def __init__(self, monitor: HTTPMonitor, readers: LogReaders) -> None:
        self._monitor = monitor
        self._readers = readers
        self._waiting: queue.SimpleQueue[Command] = queue.SimpleQueue()

    def post(self, command: Command) -> None:
        """Have `command` applied soon; any thread may call this."""
        self._waiting.put(command)
        self._readers.wake()

    def apply(self) -> bool:
        """Apply what was posted since the last time; tell whether anything was."""
        applied = False
        while not self._waiting.empty():
            self._apply(self._waiting.get())
            applied = True
        return applied

    def _apply(self, command: Command) -> None:
        alerts = self._monitor.alerts
        match command:
            case SetThreshold(threshold):
                alerts.set_threshold(threshold)
            case ShowSource(name):
                self._show_source(name)
            case Acknowledge(incident, wall):
                alerts.acknowledge(incident, wall)
            case SetNote(incident, note):
                alerts.set_note(incident, note)
            case AddSilence(silence):
                alerts.silences.add(silence)
            case EndSilence(silence):
                alerts.silences.end(silence)
            case _:
                assert_never(command)

    def _show_source(self, name: bytes | None) -> None:
        """Show one log only, or all again; nothing where there is no such log, or no other."""
        names = self._readers.names
        if name is None or (name in names and len(names) > 1):
            self._monitor.show_source(name)
