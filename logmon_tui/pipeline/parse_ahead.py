"""Parsing ahead: chunks are parsed in threads while the caller counts what came before.

Cutting a chunk into columns is numpy's and the scanner's work, which lets other threads run.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from logmon_tui.formats.model.columnar_parser import ColumnarParser
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.vocabulary import Vocabularies
from logmon_tui.formats.parser import Parser

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")

_MOST_THREADS = 4
"""More would wait for the one that counts."""


_MOST_WORDS, _MOST_BYTES = 160_000, 8 * 1024 * 1024
_MANY_WORDS = 32_000
"""A lane that has as many looks whether they are of use."""

_CHUNKS_WITHOUT = 30
"""A lane tries again to keep words after so many chunks."""

_LANES = 2
"""Lanes that keep words. How many there are must not depend on the machine: what a report leaves
out of very many keys depends on which were met together."""


def threads_here() -> int:
    """Return how many threads may parse: one for each processor that this process may use."""
    here = hasattr(os, "sched_getaffinity")  # not on macOS
    processors = len(os.sched_getaffinity(0)) if here else os.cpu_count() or 1
    return min(_MOST_THREADS, processors)


class AheadParser(Generic[T]):
    """Parses chunks in threads; `take` gives them back in order, one at a time.

    What comes back is what `parser` makes of the chunks one after the other, and then `work`
    of each batch. That runs in any thread. If words are kept, batches have vocabularies.
    """

    def __init__(
        self,
        parser: Parser,
        threads: int,
        work: Callable[[HitBatch], T],
        *,
        keep_words: bool = False,
    ) -> None:
        self._parser = parser
        self._threads = threads
        self._work = work
        self._waiting: deque[tuple[bytes, Callable[[], T]]] = deque()
        # By turns each lane gets a chunk, so that none waits long for the one before it.
        self._lanes = deque(_Lane() for _ in range(_LANES)) if keep_words else None

    @cached_property
    def _pool(self) -> "ThreadPoolExecutor":
        """The threads: a log of one chunk needs none."""
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(self._threads, thread_name_prefix="parser")

    def __len__(self) -> int:
        """Return how many chunks wait to be taken."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether a chunk should be taken before the next one is submitted."""
        # Until a format is recognised there is nothing that a thread could begin with.
        most = self._threads if self._parser.columnar is not None else 0
        return len(self._waiting) > most

    def submit(self, chunk: bytes) -> None:
        """Begin with a chunk."""
        columnar = self._parser.ahead(chunk)
        if columnar is None:
            self._waiting.append((chunk, lambda: self._work(self._parser.parse(chunk))))
            return
        parse: Callable[[bytes], HitBatch] = columnar.parse
        if self._lanes is not None:
            self._lanes.rotate()
            parse = self._lanes[0].entered(columnar)
        ahead = self._pool.submit(self._worked, parse, chunk)
        if self._lanes is not None:
            self._lanes[0].newest = ahead
        self._waiting.append((chunk, lambda: self._checked(chunk, columnar, ahead.result())))

    def _worked(self, parse: Callable[[bytes], HitBatch], chunk: bytes) -> tuple[HitBatch, T]:
        batch = parse(chunk)
        return batch, self._work(batch)

    def _checked(self, chunk: bytes, columnar: ColumnarParser, ahead: tuple[HitBatch, T]) -> T:
        batch = self._parser.checked(chunk, ahead[0], columnar)
        return ahead[1] if batch is ahead[0] else self._work(batch)

    def take(self) -> tuple[bytes, Callable[[], T]]:
        """Return the oldest chunk, and what waits for its result, or raises what parsing raised."""
        return self._waiting.popleft()

    def close(self) -> None:
        """Forget what waits, and end the threads."""
        self._waiting.clear()
        if "_pool" in vars(self):
            self._pool.shutdown(cancel_futures=True)


class _Lane:
    """Chunks that are parsed one after the other, each with the vocabularies of those before.

    Those are given up once they are large. Where hardly any of their words come again, the next
    chunks are parsed without.
    """

    def __init__(self) -> None:
        self.newest: Future[Any] | None = None
        self._columnar: ColumnarParser | None = None
        self._words = Vocabularies(kept=True)
        self._size = 0
        self._without = 0  # so many chunks come that are parsed without

    def entered(self, columnar: ColumnarParser) -> Callable[[bytes], HitBatch]:
        """Return what parses the next chunk, once the one before it is done."""
        before = self.newest

        def parse(chunk: bytes) -> HitBatch:
            if before is not None:
                before.exception()  # waits for it; who takes its result hears of this
            if columnar is not self._columnar:
                self._columnar, self._without = columnar, 0
                self._begin()
            if self._without:
                self._without -= 1
                return columnar.parse(chunk)
            batch = columnar.parse(chunk, self._words)
            self._look_at_size(len(batch))
            return batch

        return parse

    def _begin(self) -> None:
        self._words, self._size = Vocabularies(kept=True), 0

    def _look_at_size(self, hits: int) -> None:
        words, length = self._words.size()
        new, self._size = words - self._size, words
        useless = words > _MANY_WORDS and new > hits / 2
        if useless or words > _MOST_WORDS or length > _MOST_BYTES:
            self._without = _CHUNKS_WITHOUT if useless else 0
            self._begin()


def parsed_ahead(
    chunks: Iterable[bytes],
    parser: Parser,
    threads: int,
    work: Callable[[HitBatch], T],
    *,
    keep_words: bool = False,
) -> Iterator[T]:
    """Yield `work` of the batch of each chunk, in order; at most `threads` + 1 are held.

    A chunk that makes the parser fail is parsed line by line.
    """
    ahead = AheadParser(parser, threads, work, keep_words=keep_words)

    def oldest() -> T:
        chunk, result = ahead.take()
        try:
            return result()
        except Exception:  # noqa: BLE001 - whatever it is, the lines must be counted
            return work(parser.parse_by_lines(chunk))

    try:
        for chunk in chunks:
            ahead.submit(chunk)
            while ahead.full:
                yield oldest()
        while ahead:
            yield oldest()
    finally:
        ahead.close()
