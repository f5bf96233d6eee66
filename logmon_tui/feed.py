"""A source with its parser, and how its backlog is read."""

from dataclasses import dataclass

from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.formats.parser import Parser
from logmon_tui.parse_ahead import AheadParser
from logmon_tui.sources.base import Source, SourceState


@dataclass(slots=True)
class CatchUp:
    """How fast the backlog is read: since when, and how many lines."""

    started: float
    lines: int = 0
    bytes: int = 0

    def speed(self, now: float) -> float:
        """Return lines per second."""
        return self.lines / max(now - self.started, 0.001)

    def seconds_left(self, now: float, missing: int) -> float | None:
        """Return how long `missing` bytes will take; None before anything was read."""
        if not self.bytes:
            return None
        return missing * (now - self.started) / self.bytes


@dataclass(slots=True, eq=False)
class Feed:
    """A source with its parser; `reached` is the second of the last hit that was counted.

    While there is a backlog, its chunks are parsed ahead in threads.
    """

    source: Source
    parser: Parser
    reached: int | None = None
    ahead: AheadParser[HitBatch] | None = None

    @property
    def behind(self) -> bool:
        """Whether there is a backlog left to read."""
        return self.source.status().state is SourceState.CATCHING_UP

    def end_threads(self) -> None:
        """Let go of the threads, when nothing waits for them."""
        if self.ahead is not None:
            self.ahead.close()
            self.ahead = None

    def close(self) -> None:
        """Let go of source and threads."""
        self.source.close()
        self.end_threads()
