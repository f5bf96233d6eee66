"""Inbox: the bounded queue between the thread that receives lines and the pipeline."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from logmon_tui.formats.model.origin import Origin
from logmon_tui.sources.base import Chunk, ServerStatus
from logmon_tui.sources.lines import CHUNK
from logmon_tui.sources.receivers.senders import Sender, Senders

MAX_BYTES = 64 * 1024 * 1024
"""Maximum bytes that wait for the pipeline, with what it costs to keep them."""

_OVERHEAD = 150
"""Bytes that a run of lines costs beside the lines."""


class Run(NamedTuple):
    """Successive whole lines of one server, each ended by a newline; `number` says how many.

    `stream` is the preset of their format where that is known.
    """

    server: bytes
    site: bytes
    lines: bytes
    number: int
    stream: str = ""


class _Segment:
    """Lines of one stream that the pipeline takes together."""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.pieces: list[bytes] = []
        self.origins: list[tuple[Sender, int]] = []
        self.size = 0
        self.cost = 0

    def add(self, sender: Sender, run: Run) -> None:
        self.pieces.append(run.lines)
        self.size += len(run.lines)
        self.cost += _cost(run)
        if self.origins and self.origins[-1][0] is sender:
            self.origins[-1] = (sender, self.origins[-1][1] + run.number)
        else:
            self.origins.append((sender, run.number))

    def chunk(self) -> Chunk:
        origins = [Origin(sender.label, sender.site, count) for sender, count in self.origins]
        return Chunk.of(b"".join(self.pieces), origins, self.stream)


class Inbox:
    """Takes runs of lines from one thread, and gives them as chunks to another, in order.

    `filling` is called once the inbox is a quarter full, and should make the reader hurry.
    """

    def __init__(
        self,
        filling: Callable[[], None],
        most: int = MAX_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._filling = filling
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._senders = Senders()
        self._segments: deque[_Segment] = deque()
        self._open: dict[str, _Segment] = {}  # by stream: those that still grow
        self._held = 0
        self._due = 0  # segments to take before the reader waits again
        self.arrived = 0
        self.taken = 0

    def offer(self, runs: Sequence[Run]) -> bool:
        """Take all of `runs`; return False, and take none, if there is no room."""
        cost = sum(map(_cost, runs))
        now = self._clock()
        with self._lock:
            if self._held and self._held + cost > self._most:
                return False
            self._held += cost
            for run in runs:
                self.arrived += len(run.lines)
                sender, stream = self._senders.hear(run.server, run.site, run.lines, now)
                self._segment(run.stream or stream).add(sender, run)
            filling = self._held > self._most // 4
        if filling:
            self._filling()
        return True

    def _segment(self, stream: str) -> _Segment:
        found = self._open.get(stream)
        if found is None or found.size >= CHUNK:
            found = self._open[stream] = _Segment(stream)
            self._segments.append(found)
        return found

    def take(self) -> bytes:
        """Return the next lines of one stream, or `b""`."""
        with self._lock:
            if not self._segments:
                self._due = 0
                return b""
            self._due = (self._due or len(self._segments)) - 1
            segment = self._segments.popleft()
            if self._open.get(segment.stream) is segment:
                del self._open[segment.stream]
            self._held -= segment.cost
            self.taken += segment.size
        return segment.chunk()

    @property
    def due(self) -> bool:
        """Whether other streams have lines as old as those that were taken last."""
        return self._due > 0

    def servers(self) -> Sequence[ServerStatus]:
        """Return what is known of the servers that sent lines."""
        with self._lock:
            return self._senders.statuses()


def _cost(run: Run) -> int:
    return len(run.lines) + _OVERHEAD
