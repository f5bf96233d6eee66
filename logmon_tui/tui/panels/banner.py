"""Banner: what is wrong right now, and how to mend it; hidden while nothing is wrong."""

from textual.geometry import Size
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.formats.advice import advice
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceStatus
from logmon_tui.tui.paint.cells import crop, line, shown
from logmon_tui.tui.paint.painted import Painted

MAX_MESSAGES = 3
"""Maximum logs whose messages are shown."""
MAX_LINE = 500
"""Maximum bytes of a line of the log."""

_VERBS = ("is ", "holds ")
"""The first words of messages whose subject is the log."""


def messages(snapshot: Snapshot) -> list[str]:
    """Return the lines to show, the worst first; they are safe to paint."""
    ingest = snapshot.ingest
    lines = [f"✗ {shown(ingest.failure)}"] if ingest.failure else []
    several = len(snapshot.sources) > 1
    problems = [
        f"! {_source_message(source, several=several)}"
        for source in snapshot.sources
        if source.message
    ]
    lines += problems[:MAX_MESSAGES]
    if len(problems) > MAX_MESSAGES:
        lines.append(f"! and {len(problems) - MAX_MESSAGES} more logs")
    if snapshot.saving.problem:
        lines.append(f"! {shown(snapshot.saving.problem)}")
    if ingest.unparsed and not ingest.hits and not ingest.not_access_logs:
        lines += _nothing_parses(snapshot)
    return [*lines, *_all_silenced(snapshot)]


def _all_silenced(snapshot: Snapshot) -> list[str]:
    """Return until when a silence covers all alerts; no line if none does."""
    everything = (None, None, None, "")
    ends = [each.until for each in snapshot.alerts.silences if each.about == everything]
    if not ends:
        return []
    until = units.date_time(max(ends))
    return [f"⊘ All alerts are silenced until {until} UTC; S, then x ends that"]


def _source_message(source: SourceStatus, *, several: bool) -> str:
    """Return a log's message, after its name if that is the subject or if there are several."""
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
        """Show the problems that `snapshot` reports."""
        self.snapshot = snapshot
        newest = messages(snapshot)
        if newest == self._messages:
            return
        self._messages = newest
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
