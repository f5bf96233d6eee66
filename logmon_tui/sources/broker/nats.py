"""NatsStream: the lines that agents sent to a broker, as one log of many servers.

A thread reads the stream ahead and unpacks it (`stream_reader`), as far as a bounded number of
bytes. The pipeline's thread takes from there (`feed`). A LOG is written `nats://broker:4222`, or
`tls://…`; a path narrows it to a site, `/eu`, or to one server, `/eu/web1`.
"""

import time
from collections.abc import Callable, Sequence

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.fleet.access import Access, access
from logmon_tui.sources.base import LogPosition, ServerStatus, SourceState, SourceStatus
from logmon_tui.sources.broker.feed import Feed
from logmon_tui.sources.broker.feed_place import DamagedPlaceError, FeedPlace
from logmon_tui.sources.broker.inbox import Begun, Received
from logmon_tui.sources.broker.read_ahead import AHEAD_BYTES, ReadAhead
from logmon_tui.sources.broker.stream_reader import StreamReader
from logmon_tui.sources.broker.url import watched
from logmon_tui.sources.lines import CHUNK
from logmon_tui.sources.seek import Start

GATHER_SECONDS = 0.2
"""Seconds that lines are gathered for: a parser called for each message would cost far more."""

NEARLY = 64
"""Messages that follow in the stream while a watch is called live: some always come meanwhile."""

BEHIND = 4_096
"""Messages that follow in the stream when a live watch is said to catch up again."""

_NOTE_SECONDS = 60.0
"""Seconds for which a note about the stream is shown."""


def open_stream(
    log: str, start: Start, position: LogPosition | None, settings: FleetSettings
) -> "NatsStream":
    """Return the source of a LOG. Raises UsageError for files of credentials that are no use."""
    which = watched(log)

    def reached() -> Access:
        return access(settings, which.url)

    return NatsStream(log, reached, settings.stream, which.subject, start=start, position=position)


class NatsStream:
    """A `Source` that reads the messages of a broker's `stream` that match `subject`.

    `reached` tells how the broker is reached. `start` is where to begin without a `position`,
    counted back from now.
    """

    def __init__(  # noqa: PLR0913 - one for each choice
        self,
        name: str,
        reached: Callable[[], Access],
        stream: str,
        subject: str,
        *,
        start: Start,
        position: LogPosition | None,
    ) -> None:
        self._name = name
        self._note, self._noted = "", 0.0
        place = self._place(start, position)
        self._feed = Feed(place)
        self._feed.remember(time.monotonic(), time.time())
        self._ahead = ReadAhead()
        self._begun: Begun | None = None  # was read, and is to be taken in
        self._closed = False
        self._caught_up = False  # as far as messages were taken
        self._live = False  # as far as their lines were handed over
        self._missing = 0  # messages of the backlog that were not taken yet
        self._taken = 0  # bytes
        self._messages = 0
        self._read = 0.0  # when this last looked for lines (monotonic)
        self._address = reached().address
        setup = f"logmon-tui fleet setup --to {self._address}"
        self._ahead.start(StreamReader(reached, stream, subject, place, self._ahead, setup))

    def _place(self, start: Start, position: LogPosition | None) -> FeedPlace:
        """Return the saved place, or one for `start`."""
        back = start.seconds_back
        fresh = FeedPlace(since=None if back is None else time.time() - back)
        if position is None:
            return fresh
        try:
            return FeedPlace.decoded(position.feed)
        except DamagedPlaceError as error:
            self._tell(f"{error}; reading goes on with what comes now")
            return FeedPlace(since=time.time())  # nothing must count twice

    def _tell(self, note: str) -> None:
        self._note, self._noted = note, time.monotonic()

    def read(self) -> bytes:
        """Return the lines of one format that have arrived, or b""."""
        if self._closed:
            return b""
        chunk = b""
        while not chunk and (self._feed.waits or self._take()):
            chunk = self._feed.chunk()
            self._live = self._caught_up and (self._live or not self._feed.waits)
        self._read = time.monotonic()
        self._taken += len(chunk)
        return chunk

    def _take(self) -> bool:
        """Take in what has arrived, up to some megabytes; tell whether there was anything."""
        some = False
        while not self._feed.full and (item := self._next_item()) is not None:
            if isinstance(item, Begun) and self._feed.waits:
                self._begun = item  # what waits has its place in the stream before
                break
            some = True
            if isinstance(item, Begun):
                self._begin(item)
            else:
                self._receive(item)
        return some

    def _next_item(self) -> Begun | Received | None:
        begun, self._begun = self._begun, None
        return begun or self._ahead.take()

    def _begin(self, begun: Begun) -> None:
        self._feed.begin(begun.place)
        self._missing = begun.missing
        if begun.note:
            self._tell(begun.note)
        # A live watch whose connection was lost for a moment stays live.
        self._caught_up = begun.missing <= (NEARLY if self._caught_up else 0)

    def _receive(self, item: Received) -> None:
        self._feed.take(item.message)
        self._messages += 1
        self._missing = max(self._missing - 1, 0)
        if self._missing == 0 and item.missing <= NEARLY:
            self._caught_up = True
        elif item.missing > BEHIND:
            self._caught_up = False
            self._missing = max(self._missing, item.missing)

    def preamble(self) -> bytes:
        """Return nothing: lines of many servers have no common beginning."""
        return b""

    def wait(self, seconds: float) -> None:
        """Sleep until lines have been gathered, for at most `seconds`."""
        if self._feed.waits or self._ahead.bytes > CHUNK:
            return
        if self._ahead.hint.wait(seconds):
            rest = self._read + GATHER_SECONDS - time.monotonic()
            self._ahead.closing.wait(max(0.0, min(seconds, rest)))
        self._ahead.hint.clear()

    def wake(self) -> None:
        """End a `wait` early; any thread may call this."""
        self._ahead.hint.set()

    def status(self) -> SourceStatus:
        """Return the status; sizes are bytes of lines, and a guess for what is at the broker."""
        problem, no_stream = self._ahead.problem
        if problem:
            state = SourceState.WAITING if no_stream else SourceState.FAILED
        else:
            live = self._live and self._ahead.bytes < AHEAD_BYTES // 2
            state = SourceState.LIVE if live else SourceState.CATCHING_UP
        each = self._taken // self._messages if self._messages else 0
        size = self._taken + self._ahead.bytes + self._missing * each
        message = self._message(problem)
        return SourceStatus(self._name, state, self._taken, size, message=message)

    def _message(self, problem: str) -> str:
        if problem:
            return problem.removeprefix(f"{self._address}: ")  # the log has a name already
        if self._note and time.monotonic() - self._noted < _NOTE_SECONDS:
            return self._note
        if self._caught_up and not self._feed.servers():
            return "no server has sent anything yet; start: logmon-tui agent --to URL LOG"
        return self._feed.broken

    def servers(self) -> Sequence[ServerStatus]:
        """Return what is known of each server."""
        return self._feed.servers()

    def position(self) -> LogPosition:
        """Return where the next run resumes: after everything `read` has returned so far."""
        return LogPosition(feed=self._feed.state().encoded())

    def close(self) -> None:
        """Stop reading, and end the thread."""
        self._closed = True
        self._ahead.close()
