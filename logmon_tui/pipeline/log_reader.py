"""LogReader: one source with its parser. Threads parse the chunks of a backlog ahead."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Protocol, cast

import numpy as np
from msgspec.structs import replace

from logmon_tui.config.remote import is_url
from logmon_tui.errors import SourceError
from logmon_tui.formats.file_type import SAMPLE, not_access_log
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.parser import Parser
from logmon_tui.pipeline.parse_ahead import AheadParser, text_of, threads_here
from logmon_tui.sources.base import (
    Chunk,
    Feed,
    HasParts,
    KnowsServers,
    Source,
    SourceState,
    SourceStatus,
)
from logmon_tui.sources.file_part import FilePart

TOGETHER = 30
"""Seconds by which servers that send as they write may be apart in a feed. Those further behind are
not waited for: they bring a backlog, or have nothing to say."""

MOST_TRIES = 5
"""Maximum attempts at a part of a backlog that cannot be read. Then its lines are missing."""

MAX_STREAMS = 1_000
"""Maximum parsers for the streams of one log; the one least recently used goes."""


class Parsed(NamedTuple):
    """The hits of one chunk, the chunk or part of a file, and its format if it is known."""

    batch: HitBatch
    chunk: bytes | FilePart
    log_format: LogFormat | None


class Arrivals(Protocol):
    """Finds logs that appear while others are already watched."""

    @property
    def full(self) -> bool:
        """Whether more logs were found than may be watched."""

    def new(self) -> Sequence[tuple[str, Source]]:
        """Return the logs found since the last call, each with its opened source."""

    def forget(self, log: str) -> None:
        """Note that a log is no longer watched; it may be found again."""

    def status(self, watching: int) -> Sequence[SourceStatus]:
        """Report problems with logs that are not watched; `watching` is how many are."""

    def close(self) -> None:
        """Stop looking for logs."""


@dataclass(slots=True, eq=False)
class LogReader:
    """Reads and parses the log `log` from its `source`.

    `name` labels its hits when several logs are watched. `reached` is the second of the last hit
    read so far. `fail` receives errors that lose no line. A reader whose log was `discovered` by a
    pattern may be dropped once that log is gone. Threads parse the chunks of a backlog ahead.

    Each batch is `work` of what was parsed; any thread may call it. Threads call `rest` before each
    chunk of a backlog, which may wait a moment for what is more urgent.

    Chunks with origins are parsed by a parser for each of their streams, which `parser_of` makes.
    Then `reached` is what all servers have reached that are not far behind most of them.
    """

    log: str
    name: bytes
    source: Source
    parser: Parser
    fail: Callable[[Exception], None]
    parser_of: Callable[[str], Parser]
    work: Callable[[HitBatch], HitBatch] = lambda batch: batch
    rest: Callable[[], object] = lambda: None
    reached: int | None = None
    hits: int = 0
    discovered: bool = False
    _begun: bool = field(default=False, init=False)
    _streams: OrderedDict[str, Parser] = field(default_factory=OrderedDict, init=False)
    _ahead: AheadParser[bytes | FilePart, HitBatch] | None = field(default=None, init=False)
    _failed: int = field(default=0, init=False)  # attempts at the oldest part
    _file_type: str | None = field(default=None, init=False)  # of the first chunk without hits
    of_servers: bool = field(init=False)
    """Whether the lines come from other machines."""

    def __post_init__(self) -> None:
        """Ask once what is slow to tell."""
        self.of_servers = isinstance(self.source, KnowsServers)

    @property
    def behind(self) -> bool:
        """Whether the log has a backlog left to read."""
        return self.source.status().state is SourceState.CATCHING_UP

    @property
    def away(self) -> bool:
        """Whether other machines cannot be reached: no lines then do not mean no traffic."""
        states = SourceState.FAILED, SourceState.WAITING
        return self.of_servers and self.source.status().state in states

    @property
    def gone(self) -> bool:
        """Whether the log was removed and everything in it has been read."""
        return self.source.status().state is SourceState.WAITING

    def read(self) -> bytes | FilePart:
        """Return the next lines, or a part of a backlog that `parse` has read by its threads."""
        source = self.source
        if isinstance(source, HasParts) and self.parser.reads_files() and self.behind:
            part = source.part()
            if part is not None:
                return part
        return source.read()

    def parse(self, chunk: bytes | FilePart) -> Iterator[Parsed]:
        """Accept the chunk just read, if any; yield the chunks parsed so far, in order."""
        if isinstance(chunk, Chunk):
            yield self._labelled(chunk)
            return
        if chunk and not self._begun:
            self._begun = True
            self.parser.begin(self.source.preamble())
        if isinstance(chunk, FilePart) or (chunk and self.behind):
            yield from self._parse_ahead(chunk)
        elif self._ahead:  # the last chunk of a backlog waits where one before it cannot be read
            if chunk:
                self._ahead.submit(chunk)
            yield from self.parsed_ahead()
        else:
            self._end_threads()
            if chunk:
                yield self._parsed(chunk, partial(self._parsed_now, chunk))

    def _parsed_now(self, chunk: bytes) -> HitBatch:
        return self.work(self.parser.parse(chunk))

    def _labelled(self, chunk: Chunk) -> Parsed:
        """Parse a chunk of several servers, and label its hits with them."""
        if chunk.stream not in self._streams:
            self._streams[chunk.stream] = self.parser_of(chunk.stream)
            self._streams[chunk.stream].begin(self.source.preamble())
        self.parser = self._streams[chunk.stream]
        self._streams.move_to_end(chunk.stream)
        if len(self._streams) > MAX_STREAMS:
            self._streams.popitem(last=False)
        parsed = self._parsed(chunk, partial(self._parsed_now, chunk))
        if len(parsed.batch):
            self.reached = int(np.median(parsed.batch.seconds)) - TOGETHER
        return parsed._replace(batch=parsed.batch.with_origins(chunk.origins))

    def _parse_ahead(self, chunk: bytes | FilePart) -> Iterator[Parsed]:
        """Submit a chunk to the threads; yield earlier chunks that are due."""
        if self._ahead is None:
            self._ahead = AheadParser(
                self.parser, threads_here(), self.work, tails=True, rest=self.rest
            )
        self._ahead.submit(chunk)
        # `reached` is unknown until the first chunk has been parsed.
        while self._ahead and (self._ahead.full or self.reached is None):
            yield self._parsed(*self._ahead.take())

    @property
    def is_ahead(self) -> bool:
        """Whether there are chunks that were read but not yielded yet."""
        return bool(self._ahead)

    def parsed_ahead(self) -> Iterator[Parsed]:
        """Yield every chunk that was read but not yielded yet."""
        while self._ahead:
            yield self._parsed(*self._ahead.take())

    def _parsed(self, chunk: bytes | FilePart, parse: Callable[[], HitBatch]) -> Parsed:
        """Parse a chunk, and let it go if it is a part of a file.

        A part that cannot be read is tried again, `MOST_TRIES` times. Raises SourceError.
        """
        again = False
        try:
            batch = self._batch_of(chunk, parse)
            if len(batch):
                self.reached = int(batch.seconds[-1])
                self.hits += len(batch)
            elif not self.hits and self._file_type is None:
                self._file_type = not_access_log(text_of(chunk)[:SAMPLE]) or ""
        except SourceError:
            self._failed += 1
            again = self._ahead is not None and self._failed < MOST_TRIES
            raise
        finally:
            if self._ahead is not None and again:
                self._ahead.put_back(chunk)
            else:
                self._let_go(chunk)
        columnar = self.parser.columnar
        return Parsed(batch, chunk, columnar.log_format if columnar else None)

    def _let_go(self, chunk: bytes | FilePart) -> None:
        """Note what was found out of a part; if it could not be read, its lines are missing."""
        self._failed = 0
        if isinstance(chunk, FilePart):
            cast("HasParts", self.source).note(chunk)
            chunk.close()

    def _batch_of(self, chunk: bytes | FilePart, parse: Callable[[], HitBatch]) -> HitBatch:
        """Parse a chunk; if the parser fails, parse it line by line."""
        try:
            return parse()
        except SourceError:
            raise
        except Exception as error:  # noqa: BLE001 - reported with the log's name
            self.fail(error)
            return self.work(self.parser.parse_by_lines(text_of(chunk)))

    @property
    def wrong_file_type(self) -> str:
        """One line that says what the log is if it is no access log; empty if it has hits."""
        return "" if self.hits else self._file_type or ""

    def feed(self) -> Feed | None:
        """Return what is known of the servers that write the log; None if this machine does."""
        if not self.of_servers:
            return None
        status = self.source.status()
        return Feed(status.name, status.state, cast("KnowsServers", self.source).servers())

    def status(self) -> SourceStatus:
        """Return the source's status, with a message if the log is empty or no access log."""
        status = self.source.status()
        message = "is empty" if self._is_empty(status) else self.wrong_file_type
        return replace(status, message=message) if message and not status.message else status

    def _is_empty(self, status: SourceStatus) -> bool:
        """Tell whether a file, or an input that has ended, held nothing.

        An address is never called empty: a run before this one may have read its lines.
        """
        if is_url(status.name):
            return False
        if self.hits or status.size or status.state not in (SourceState.LIVE, SourceState.ENDED):
            return False
        return status.state is SourceState.ENDED or self.source.position() is not None

    def _end_threads(self) -> None:
        """End the parser threads; every submitted chunk must have been taken."""
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None

    def close(self) -> None:
        """Close the source and end the threads."""
        self.source.close()
        self._end_threads()
