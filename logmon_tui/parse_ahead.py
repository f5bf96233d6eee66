"""Parsing ahead: chunks are parsed in threads while the caller counts what came before.

The tokenising of a chunk is numpy's and pyarrow's work, which lets other threads run.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from logmon_tui.formats.columnar_parser import ColumnarParser
from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.formats.parser import Parser

_MOST_THREADS = 4
"""More would wait for the one that counts."""

_Ahead = tuple[bytes, ColumnarParser, Future[HitBatch]]


def threads_here() -> int:
    """Return how many threads may parse: one for each processor that this process may use."""
    here = hasattr(os, "sched_getaffinity")  # not on macOS
    processors = len(os.sched_getaffinity(0)) if here else os.cpu_count() or 1
    return min(_MOST_THREADS, processors)


def parsed_ahead(chunks: Iterable[bytes], parser: Parser, threads: int) -> Iterator[HitBatch]:
    """Yield what `parser` makes of each chunk, in order; at most `threads` + 1 are held."""
    waiting: deque[_Ahead] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for chunk in chunks:
            columnar = parser.columnar
            if columnar is None:  # it is the first, or those before showed no format either
                yield parser.parse(chunk)
                continue
            waiting.append((chunk, columnar, pool.submit(columnar.parse, chunk)))
            if len(waiting) > threads:
                yield _next(waiting, parser)
        while waiting:
            yield _next(waiting, parser)


def _next(waiting: deque[_Ahead], parser: Parser) -> HitBatch:
    chunk, columnar, batch = waiting.popleft()
    return parser.checked(chunk, batch.result(), columnar)
