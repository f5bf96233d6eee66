"""Parsing ahead: chunks are parsed in threads while the caller counts what came before.

Cutting a chunk into columns is numpy's and pyarrow's work, which lets other threads run.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.formats.parser import Parser

_MOST_THREADS = 4
"""More would wait for the one that counts."""


def threads_here() -> int:
    """Return how many threads may parse: one for each processor that this process may use."""
    here = hasattr(os, "sched_getaffinity")  # not on macOS
    processors = len(os.sched_getaffinity(0)) if here else os.cpu_count() or 1
    return min(_MOST_THREADS, processors)


class AheadParser:
    """Parses chunks in threads; `take` gives them back in order, one at a time.

    What comes back is what `parser` makes of the chunks one after the other.
    """

    def __init__(self, parser: Parser, threads: int) -> None:
        self._parser = parser
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="parser")
        self._waiting: deque[tuple[bytes, Callable[[], HitBatch]]] = deque()

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
        columnar = self._parser.columnar
        if columnar is None:
            self._waiting.append((chunk, partial(self._parser.parse, chunk)))
            return
        ahead = self._pool.submit(columnar.parse, chunk)
        checked = self._parser.checked
        self._waiting.append((chunk, lambda: checked(chunk, ahead.result(), columnar)))

    def take(self) -> tuple[bytes, Callable[[], HitBatch]]:
        """Return the oldest chunk, and what waits for its batch, or raises what parsing raised."""
        return self._waiting.popleft()

    def close(self) -> None:
        """Forget what waits, and end the threads."""
        self._waiting.clear()
        self._pool.shutdown(cancel_futures=True)


def parsed_ahead(chunks: Iterable[bytes], parser: Parser, threads: int) -> Iterator[HitBatch]:
    """Yield what `parser` makes of each chunk, in order; at most `threads` + 1 are held."""
    ahead = AheadParser(parser, threads)
    try:
        for chunk in chunks:
            ahead.submit(chunk)
            while ahead.full:
                yield ahead.take()[1]()
        while ahead:
            yield ahead.take()[1]()
    finally:
        ahead.close()
