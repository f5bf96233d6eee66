"""A source with its parser: reads chunks, and what of a backlog is parsed ahead in threads."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple, Protocol

from logmon_tui.formats.file_type import SAMPLE, not_access_log
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.parser import Parser
from logmon_tui.pipeline.parse_ahead import AheadParser, threads_here
from logmon_tui.sources.base import Source, SourceState, SourceStatus


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


class Parsed(NamedTuple):
    """A chunk's hits, and how many bytes it had."""

    batch: HitBatch
    size: int


class Arrivals(Protocol):
    """Logs that come to be watched while others are."""

    @property
    def full(self) -> bool:
        """Whether there are more than may be watched."""

    def new(self) -> Sequence[tuple[str, Source]]:
        """Return the logs, opened, that have come since the last call."""

    def forget(self, log: str) -> None:
        """Note that a log is watched no more; it may come again."""

    def status(self, watching: int) -> Sequence[SourceStatus]:
        """Tell what is to be told of logs that are not watched, given how many are."""

    def close(self) -> None:
        """Look for no more."""


@dataclass(slots=True, eq=False)
class LogReader:
    """The log `log` with its `source` and its `parser`; its hits are told apart by `name`.

    `reached` is the second of its last hit that was read. Errors that cost no line are told to
    `fail`. One that `passes` may be given up once its log is gone. While there is a backlog, its
    chunks are parsed ahead in threads.
    """

    log: str
    name: bytes
    source: Source
    parser: Parser
    fail: Callable[[Exception], None]
    reached: int | None = None
    hits: int = 0
    passes: bool = False
    _begun: bool = field(default=False, init=False)
    _ahead: AheadParser[HitBatch] | None = field(default=None, init=False)
    _told: str | None = field(default=None, init=False)  # of the first chunk without hits

    @property
    def behind(self) -> bool:
        """Whether there is a backlog left to read."""
        return self.source.status().state is SourceState.CATCHING_UP

    @property
    def gone(self) -> bool:
        """Whether there is no log any more, nor anything left of it to read."""
        return self.source.status().state is SourceState.WAITING

    def parse(self, chunk: bytes) -> Iterator[Parsed]:
        """Take the chunk that was read just now, if any; yield what is parsed by now, in order."""
        if chunk and not self._begun:
            self._begun = True
            self.parser.begin(self.source.preamble())
        if chunk and self.behind:
            yield from self._parse_ahead(chunk)
        else:
            yield from self.parsed_ahead()
            self._end_threads()
            if chunk:
                yield self._parsed(chunk, partial(self.parser.parse, chunk))

    def _parse_ahead(self, chunk: bytes) -> Iterator[Parsed]:
        """Have a chunk parsed, and yield those that came before."""
        if self._ahead is None:
            self._ahead = AheadParser(self.parser, threads_here(), lambda batch: batch)
        self._ahead.submit(chunk)
        # Until something was parsed nobody knows how far this log was read (`reached`).
        while self._ahead and (self._ahead.full or self.reached is None):
            yield self._parsed(*self._ahead.take())

    def parsed_ahead(self) -> Iterator[Parsed]:
        """Yield all that was read and not yielded yet."""
        while self._ahead:
            yield self._parsed(*self._ahead.take())

    def _parsed(self, chunk: bytes, parse: Callable[[], HitBatch]) -> Parsed:
        """Parse a chunk; one that makes the parser fail is parsed line by line."""
        try:
            batch = parse()
        except Exception as error:  # noqa: BLE001 - told with the log that it concerns
            self.fail(error)
            batch = self.parser.parse_by_lines(chunk)
        if len(batch):
            self.reached = int(batch.seconds[-1])
            self.hits += len(batch)
        elif not self.hits and self._told is None:
            self._told = not_access_log(chunk[:SAMPLE]) or ""
        return Parsed(batch, len(chunk))

    @property
    def stranger(self) -> str:
        """Say in one line what the log is, as far as it has been read, if it is no access log."""
        return "" if self.hits else self._told or ""

    def status(self) -> SourceStatus:
        """Tell where the source stands, and what its log is if that is no access log."""
        status = self.source.status()
        told = "is empty" if self._is_empty(status) else self.stranger
        return replace(status, message=told) if told and not status.message else status

    def _is_empty(self, status: SourceStatus) -> bool:
        """Tell whether there is nothing in a log that is a file, or whose input has ended."""
        if self.hits or status.size or status.state not in (SourceState.LIVE, SourceState.ENDED):
            return False
        return status.state is SourceState.ENDED or self.source.position() is not None

    def _end_threads(self) -> None:
        """Let go of the threads, when nothing waits for them."""
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None

    def close(self) -> None:
        """Let go of source and threads."""
        self.source.close()
        self._end_threads()
