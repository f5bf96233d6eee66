"""Parsing ahead: chunks are parsed in threads while the caller counts what came before.

Cutting a chunk into columns is numpy's and the scanner's work, which lets other threads run.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from logmon_tui.formats.columnar_parser import ColumnarParser
from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.formats.parser import Parser

T = TypeVar("T")

_MOST_THREADS = 4
"""More would wait for the one that counts."""

_CHUNKS_A_THREAD = 2
"""So many chunks are submitted for each: none is idle while the caller counts and judges."""


def threads_here() -> int:
    """Return how many threads may parse: one for each processor that this process may use."""
    here = hasattr(os, "sched_getaffinity")  # not on macOS
    processors = len(os.sched_getaffinity(0)) if here else os.cpu_count() or 1
    return min(_MOST_THREADS, processors)


class AheadParser(Generic[T]):
    """Parses chunks in threads; `take` gives them back in order, one at a time.

    What comes back is what `parser` makes of the chunks one after the other, and then `work`
    of each batch. That runs in any thread.
    """

    def __init__(self, parser: Parser, threads: int, work: Callable[[HitBatch], T]) -> None:
        self._parser = parser
        self._threads = threads
        self._work = work
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="parser")
        self._waiting: deque[tuple[bytes, Callable[[], T]]] = deque()

    def __len__(self) -> int:
        """Return how many chunks wait to be taken."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether a chunk should be taken before the next one is submitted."""
        # Until a format is recognised there is nothing that a thread could begin with.
        most = _CHUNKS_A_THREAD * self._threads if self._parser.columnar is not None else 0
        return len(self._waiting) > most

    def submit(self, chunk: bytes) -> None:
        """Begin with a chunk."""
        columnar = self._parser.ahead(chunk)
        if columnar is None:
            self._waiting.append((chunk, lambda: self._work(self._parser.parse(chunk))))
            return
        ahead = self._pool.submit(self._worked, columnar, chunk)
        self._waiting.append((chunk, lambda: self._checked(chunk, columnar, ahead.result())))

    def _worked(self, columnar: ColumnarParser, chunk: bytes) -> tuple[HitBatch, T]:
        batch = columnar.parse(chunk)
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
        self._pool.shutdown(cancel_futures=True)


def parsed_ahead(
    chunks: Iterable[bytes], parser: Parser, threads: int, work: Callable[[HitBatch], T]
) -> Iterator[T]:
    """Yield `work` of the batch of each chunk, in order; at most twice `threads` + 1 are held.

    A chunk that makes the parser fail is parsed line by line.
    """
    ahead = AheadParser(parser, threads, work)

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
