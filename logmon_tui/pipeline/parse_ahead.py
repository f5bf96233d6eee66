"""Parsing ahead: threads parse the next chunks while the caller counts the previous ones.

This pays off because numpy and the scanner release the interpreter while they cut a chunk into
columns.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import msgspec
from msgspec.structs import replace

from logmon_tui.formats.model.columnar_parser import ColumnarParser
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.vocabulary import LANES, Vocabularies
from logmon_tui.formats.parser import Parser
from logmon_tui.sources.file_part import FilePart

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")
C = TypeVar("C", bound=bytes | FilePart)

_MAX_THREADS = 4
"""Maximum parser threads. More would only wait for the thread that counts."""

MOST_AHEAD = _MAX_THREADS + 1
"""Maximum chunks that are read before the oldest of them is yielded, on any machine."""

_MAX_WORDS, _MAX_BYTES = 160_000, 8 * 1024 * 1024
"""Maximum size of a lane's vocabularies, in words and in bytes. Beyond it they are cleared."""

_MANY_WORDS = 32_000
"""Words from which on a lane checks whether its vocabularies are still of use."""

_CHUNKS_WITHOUT = 30
"""Chunks parsed without vocabularies after they proved useless; then the lane tries again."""


def threads_here() -> int:
    """Return the number of parser threads: one for each processor this process may use."""
    here = hasattr(os, "sched_getaffinity")  # not on macOS
    processors = len(os.sched_getaffinity(0)) if here else os.cpu_count() or 1
    return min(_MAX_THREADS, processors)


class AheadParser(Generic[C, T]):
    """Parses chunks in threads; `take` returns them in order, one at a time.

    Each result is `work` of the batch that `parser` would return if it parsed the chunks one after
    the other. `work` may run in any thread. With `keep_words`, batches carry vocabularies. Only
    with `tails` do batches of parts have their last lines. Each thread calls `rest` before a chunk,
    which may wait a moment for what is more urgent.
    """

    def __init__(  # noqa: PLR0913 - the last ones are choices
        self,
        parser: Parser,
        threads: int,
        work: Callable[[HitBatch], T],
        *,
        keep_words: bool = False,
        tails: bool = False,
        rest: Callable[[], object] = lambda: None,
    ) -> None:
        self._tails = tails
        self._rest = rest
        self._parser = parser
        self._threads = threads
        self._work = work
        self._waiting: deque[tuple[C, Callable[[], T]]] = deque()
        # Lanes take turns, so that a chunk rarely waits for the one before it in its lane.
        self._lanes = deque(_Lane() for _ in range(LANES)) if keep_words else None
        self._submitted = self._taken = 0
        self._words_from = 0  # number of the first chunk that may use words

    @cached_property
    def _pool(self) -> "ThreadPoolExecutor":
        """The threads, started at first use: a log of one chunk needs none."""
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(self._threads, thread_name_prefix="parser")

    def __len__(self) -> int:
        """Return the number of chunks not taken yet."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether a chunk should be taken before the next one is submitted."""
        # Until the format is recognised, threads have nothing to parse with.
        most = self._threads if self._parser.columnar is not None else 0
        return len(self._waiting) > most

    def submit(self, chunk: C) -> None:
        """Start parsing a chunk, or a part of a file, which is closed when it is no longer needed.

        Parts are for a parser that has one `ahead_of_file`.
        """
        self._submitted += 1
        if isinstance(chunk, FilePart):
            columnar = self._parser.ahead_of_file()
        else:
            columnar = self._parser.ahead(chunk)
        if columnar is None or not self._threads:
            self._waiting.append((chunk, partial(self._parsed_now, chunk)))
            return
        parse: _Parse = partial(_parsed_by, columnar)
        lane = self._next_lane()
        if lane is not None:
            parse = lane.entered(columnar)
        try:
            ahead = self._pool.submit(self._worked, parse, chunk)
        except RuntimeError:  # a thread cannot be started
            self._do_without_threads()
            self._waiting.append((chunk, partial(self._parsed_now, chunk)))
            return
        if lane is not None:
            lane.newest = ahead
        checked = partial(self._checked, chunk, columnar, ahead, has_words=lane is not None)
        self._waiting.append((chunk, checked))

    def _do_without_threads(self) -> None:
        """Let the caller parse what no thread parses yet: the machine allows no more of them."""
        self._pool.shutdown(cancel_futures=True)
        self._threads = 0

    def _parsed_now(self, chunk: bytes | FilePart) -> T:
        return self._work(self._parser.parse(text_of(chunk)))

    def _next_lane(self) -> "_Lane | None":
        """Return the lane of the chunk submitted last; None if it uses no words."""
        if self._lanes is None:
            return None
        self._lanes.rotate()
        return self._lanes[0] if self._submitted > self._words_from else None

    def _worked(self, parse: "_Parse", chunk: bytes | FilePart) -> tuple["_Parsed", T]:
        self._rest()
        found = parse(chunk)
        if self._tails and found.in_place and isinstance(chunk, FilePart):
            with suppress(OSError):  # its lines are counted; whoever reads on tells the error
                found = replace(found, batch=replace(found.batch, tail=chunk.tail()))
        return found, self._work(found.batch)

    def _checked(
        self,
        chunk: bytes | FilePart,
        columnar: ColumnarParser,
        ahead: "Future[tuple[_Parsed, T]]",
        *,
        has_words: bool,
    ) -> T:
        if ahead.cancelled() or (has_words and self._taken < self._words_from):
            return self._parsed_now(chunk)
        parsed, worked = ahead.result()
        found = parsed.batch
        if parsed.in_place and self._parser.settles(found, columnar):
            return worked
        batch = self._parser.checked(text_of(chunk), found, columnar)
        return worked if batch is found else self._work(batch)

    def take(self) -> tuple[C, Callable[[], T]]:
        """Return the oldest chunk and a function that waits for its result.

        That function raises what parsing raised.
        """
        chunk, result = self._waiting.popleft()

        def taken() -> T:
            before = self._parser.changes
            try:
                return result()
            finally:
                self._taken += 1
                # With the most threads so many chunks were begun in vain. They are parsed again,
                # without words. With fewer threads they have none either, for the same report.
                if self._parser.changes != before:
                    self._words_from = self._taken + MOST_AHEAD - 1

        return chunk, taken

    def put_back(self, chunk: C) -> None:
        """Have a chunk that was taken parsed again, before all others."""
        self._waiting.appendleft((chunk, partial(self._parsed_now, chunk)))

    def close(self) -> None:
        """Discard chunks not taken yet, and end the threads."""
        if "_pool" in vars(self):
            self._pool.shutdown(cancel_futures=True)
        for chunk, _ in self._waiting:
            _close(chunk)
        self._waiting.clear()


def text_of(chunk: bytes | FilePart) -> bytes:
    """Return the lines of a chunk, or of a part of a file."""
    return chunk.read() if isinstance(chunk, FilePart) else chunk


def _close(chunk: bytes | FilePart) -> None:
    if isinstance(chunk, FilePart):
        chunk.close()


class _Parsed(msgspec.Struct, frozen=True):
    """The batch of a chunk, or of a part of a file whose lines may have been read `in_place`."""

    batch: HitBatch
    in_place: bool


_Parse: TypeAlias = Callable[[bytes | FilePart], _Parsed]


def _parsed_by(
    columnar: ColumnarParser, chunk: bytes | FilePart, words: Vocabularies | None = None
) -> _Parsed:
    """Parse a chunk, or a part of a file."""
    if isinstance(chunk, FilePart):
        batch = columnar.parse_file(chunk.lines, words)
        if batch is not None:
            return _Parsed(batch, in_place=True)
    return _Parsed(columnar.parse(text_of(chunk), words), in_place=False)


class _Lane:
    """Parses its chunks one after the other; each uses the vocabularies of the chunks before.

    The lane clears vocabularies that have grown too large. If hardly any words repeat, it parses
    the next `_CHUNKS_WITHOUT` chunks without vocabularies.
    """

    def __init__(self) -> None:
        self.newest: Future[Any] | None = None
        self._columnar: ColumnarParser | None = None
        self._words = Vocabularies(kept=True)
        self._size = 0
        self._without = 0  # chunks still to be parsed without vocabularies

    def entered(self, columnar: ColumnarParser) -> _Parse:
        """Return a function that waits for the previous chunk and then parses the next one."""
        before = self.newest

        def parse(chunk: bytes | FilePart) -> _Parsed:
            if before is not None:
                before.exception()  # only waits; the exception is raised where its result is taken
            if columnar is not self._columnar:
                self._columnar, self._without = columnar, 0
                self._begin()
            if self._without:
                self._without -= 1
                return _parsed_by(columnar, chunk)
            found = _parsed_by(columnar, chunk, self._words)
            self._look_at_size(len(found.batch))
            return found

        return parse

    def _begin(self) -> None:
        self._words, self._size = Vocabularies(kept=True), 0

    def _look_at_size(self, hits: int) -> None:
        words, length = self._words.size()
        known, new, self._size = self._size, words - self._size, words
        # At first all words are new, and each hit has several; later a few new ones are usual.
        few = hits / 2 if known else 2 * hits
        useless = words > _MANY_WORDS and new > few
        if useless or words > _MAX_WORDS or length > _MAX_BYTES:
            self._without = _CHUNKS_WITHOUT if useless else 0
            self._begin()


def parsed_ahead(
    chunks: Iterable[bytes | FilePart],
    parser: Parser,
    threads: int,
    work: Callable[[HitBatch], T],
    *,
    keep_words: bool = False,
) -> Iterator[T]:
    """Yield `work` of the batch of each chunk, in order, holding at most `threads` + 1 chunks.

    A chunk on which the parser fails is parsed line by line.
    """
    ahead = AheadParser[bytes | FilePart, T](parser, threads, work, keep_words=keep_words)

    def oldest() -> T:
        chunk, result = ahead.take()
        try:
            return result()
        except Exception:  # noqa: BLE001 - whatever went wrong, the lines must be counted
            return work(parser.parse_by_lines(text_of(chunk)))
        finally:
            _close(chunk)

    try:
        for chunk in chunks:
            ahead.submit(chunk)
            while ahead.full:
                yield oldest()
        while ahead:
            yield oldest()
    finally:
        ahead.close()
