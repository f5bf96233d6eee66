"""CommandQueue: brings commands of users from any thread to the pipeline's, which applies them."""

import queue
from typing import assert_never

from logmon_tui.monitor.commands import (
    Acknowledge,
    AddSilence,
    Ask,
    Change,
    Command,
    Compare,
    CompareMark,
    EndSilence,
    FindLine,
    ParseTail,
    Reload,
    SetFilter,
    SetNote,
    SetThreshold,
    SetWindow,
    ShowGraph,
    ShowMoment,
    ShowRequests,
    ShowTables,
)
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.pipeline.log_readers import LogReaders
from logmon_tui.recent.raw_lines import RawLines
from logmon_tui.snapshot import FoundLine


class CommandQueue:
    """Commands that wait for the thread which owns `monitor`; only `post` is for other threads.

    Public attributes: `found`, the raw line that was asked for last, and `asked`, the questions
    that wait for their answers.
    """

    def __init__(self, monitor: HTTPMonitor, readers: LogReaders, raw_lines: RawLines) -> None:
        self._monitor = monitor
        self._raw_lines = raw_lines
        self.found: FoundLine | None = None
        self.asked: list[Ask] = []
        self._readers = readers
        self._waiting: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._reload: Reload | None = None  # while it must wait

    def post(self, command: Command) -> None:
        """Have `command` applied soon; any thread may call this."""
        self._waiting.put(command)
        self._readers.wake()

    def apply(self) -> bool:
        """Apply what was posted since the last time; tell whether the screen may change by it."""
        applied = False
        while not self._waiting.empty():
            command = self._waiting.get()
            if isinstance(command, Ask):
                self.asked.append(command)
            else:
                self._apply(command)
                applied = True
        if self._reload is not None and not self._monitor.in_backlog:
            reload, self._reload = self._reload, None
            self._monitor.reload(reload.settings)
            reload.retarget()
            applied = True
        return applied

    def _apply(self, command: Change) -> None:
        alerts = self._monitor.alerts
        match command:
            case SetThreshold(threshold):
                alerts.set_threshold(threshold)
            case SetFilter() | SetWindow() | ShowRequests() | ParseTail() | CompareMark():
                self._choose(command)
            case ShowTables(names):
                self._monitor.tables.seen = names
            case ShowMoment() | ShowGraph() | Compare():
                self._look_back(command)
            case FindLine(request):
                self.found = FoundLine(request.number, self._raw_lines.line_of(request))
            case Acknowledge() | SetNote() | AddSilence() | EndSilence():
                self._say(command)
            case Reload():
                self._reload = command
            case _:
                assert_never(command)

    def _say(self, command: Acknowledge | SetNote | AddSilence | EndSilence) -> None:
        """Apply what a user says of alerts."""
        alerts = self._monitor.alerts
        match command:
            case Acknowledge(incident, wall):
                alerts.incidents.acknowledge(incident, wall)
            case SetNote(incident, note):
                alerts.incidents.set_note(incident, note)
            case AddSilence(silence):
                alerts.silences.add(silence)
            case EndSilence(silence):
                alerts.silences.end(silence)

    def _choose(
        self, command: SetFilter | SetWindow | ShowRequests | ParseTail | CompareMark
    ) -> None:
        """Apply a command about what Snapshots show."""
        shown = self._monitor.shown
        match command:
            case SetFilter(where):
                shown.set_filter(where)
            case SetWindow(seconds):
                shown.set_window(seconds)
            case ShowRequests(order):
                shown.order = order
            case ParseTail(parsed):
                shown.parsed_tail = parsed
            case CompareMark(mark):
                self._monitor.comparison.choose(mark)

    def _look_back(self, command: ShowMoment | ShowGraph | Compare) -> None:
        """Apply a command about which former traffic Snapshots show."""
        match command:
            case ShowMoment():
                self._monitor.past.moment = command
            case ShowGraph():
                self._monitor.past.graph = command
            case Compare(offset):
                self._monitor.baselines.offset = offset
