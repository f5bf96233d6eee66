"""What is wrong right now and how to mend it; takes no room while nothing is."""

from textual.geometry import Size
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.formats.advice import advice
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceStatus
from logmon_tui.tui.paint.cells import crop, line, shown
from logmon_tui.tui.paint.painted import Painted

MAX_MESSAGES = 3
MAX_LINE = 500  # bytes

_VERBS = ("is ", "holds ")
"""How messages begin whose subject is the log."""


def messages(snapshot: Snapshot) -> list[str]:
    """Return the lines to show, the worst first; safe to paint."""
    ingest = snapshot.ingest
    lines = [f"✗ {shown(ingest.failure)}"] if ingest.failure else []
    several = len(snapshot.sources) > 1
    told = [f"! {_told(source, several=several)}" for source in snapshot.sources if source.message]
    lines += told[:MAX_MESSAGES]
    if len(told) > MAX_MESSAGES:
        lines.append(f"! and {len(told) - MAX_MESSAGES} more logs")
    if snapshot.saving.problem:
        lines.append(f"! {shown(snapshot.saving.problem)}")
    if ingest.unparsed and not ingest.hits and not ingest.not_access_logs:
        lines += _nothing_parses(snapshot)
    return [*lines, *_all_silenced(snapshot)]


def _all_silenced(snapshot: Snapshot) -> list[str]:
    """Tell for how long nobody is notified of anything."""
    ends = [
        each.until for each in snapshot.alerts.silences if (each.rule, each.scope) == (None, None)
    ]
    if not ends:
        return []
    until = units.date_time(max(ends))
    return [f"⊘ All alerts are silenced until {until} UTC; S, then x ends that"]


def _told(source: SourceStatus, *, several: bool) -> str:
    """Return a log's message; one that says what the log is begins with its name."""
    name, message = shown(source.name), shown(source.message)
    if message.startswith(_VERBS):
        return f"{name} {message}"
    return f"{name}: {message}" if several else message


def _nothing_parses(snapshot: Snapshot) -> list[str]:
    ingest = snapshot.ingest
    lines = f"{units.count(ingest.unparsed)} line{'s' if ingest.unparsed > 1 else ''}"
    first = ingest.first_unparsed
    if first is None:
        return [f"✗ None of {lines} parses"]
    return [
        f"✗ None of {lines} parses: {shown(first.reason)}",
        f"  first: {shown(first.line[:MAX_LINE])}",
        f"  {advice(first)}",
    ]


class Banner(Painted):
    """The message lines under the header."""

    def __init__(self) -> None:
        super().__init__(id="banner")
        self._messages: list[str] = []
        self.display = False

    def show(self, snapshot: Snapshot) -> None:
        """Show what `snapshot` has to complain about."""
        self.snapshot = snapshot
        told = messages(snapshot)
        if told == self._messages:
            return
        self._messages = told
        self.display = bool(self._messages)
        self.styles.height = len(self._messages)
        self.repaint()

    def paint(self, size: Size) -> list[Strip]:
        """Draw a line for each message."""
        ink = self.ink("")
        width = size.width
        return [line([(" " + crop(text, width - 2), ink)], width, ink) for text in self._messages][
            : size.height
        ]
