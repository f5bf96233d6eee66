"""NewestLines: the newest lines of all logs as they stand there, to be parsed when one is wanted.

Nothing is parsed before somebody asks.
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from logmon_tui.formats.model.batching import batch_of_hits
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.route_columns import routed
from logmon_tui.formats.routes import Routing

MOST_LINES = 2_000


class ParsedLines(NamedTuple):
    """Lines of one format, oldest first: hit i of `hits` is `lines[i]`; `strange` ones are none."""

    hits: HitBatch | None
    lines: tuple[bytes, ...]
    strange: tuple[bytes, ...]


class NewestLines:
    """Keeps the newest `MOST_LINES` lines, in the order in which they came."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing
        self._chunks: deque[tuple[LogFormat | None, Sequence[bytes]]] = deque()
        self._count = 0
        self._parsed: list[ParsedLines] | None = None

    def note(self, log_format: LogFormat | None, lines: Sequence[bytes]) -> None:
        """Take in lines of a format, None where nobody knows it."""
        self._parsed = None
        self._chunks.append((log_format, lines))
        self._count += len(lines)
        while self._count > MOST_LINES:
            self._count -= len(self._chunks.popleft()[1])

    def parsed(self) -> list[ParsedLines]:
        """Return the lines parsed, those of each format together."""
        if self._parsed is None:
            formats: dict[int, tuple[LogFormat | None, list[bytes]]] = {}
            for log_format, lines in self._chunks:
                formats.setdefault(id(log_format), (log_format, []))[1].extend(lines)
            self._parsed = [self._parse(*each) for each in formats.values()]
        return self._parsed

    def _parse(self, log_format: LogFormat | None, lines: Sequence[bytes]) -> ParsedLines:
        if log_format is None:
            return ParsedLines(None, (), tuple(lines))
        found = self._parsed_at_once(log_format, lines)
        return self._parsed_singly(log_format, lines) if found is None else found

    def _parsed_at_once(self, log_format: LogFormat, lines: Sequence[bytes]) -> ParsedLines | None:
        """Return the lines parsed by columns, None where that does not tell which are the hits."""
        try:
            batch = log_format.columnar().parse(b"".join(line + b"\n" for line in lines))
        except Exception:  # noqa: BLE001 - whatever it is, an incident must be told
            return None
        strange = dict.fromkeys(batch.unparsed_at)
        if not len(batch) or len(batch) + len(strange) != len(lines):
            return None
        hits = (line for number, line in enumerate(lines) if number not in strange)
        every_row = np.arange(len(batch))  # without what else is told of the lines
        return ParsedLines(
            routed(batch.select(every_row), self._routing),
            tuple(hits),
            tuple(lines[number] for number in strange),
        )

    def _parsed_singly(self, log_format: LogFormat, lines: Sequence[bytes]) -> ParsedLines:
        parser = log_format.line_parser()
        found: list[tuple[bytes, Hit]] = []
        strange = []
        for line in lines:
            hit = parser.parse(line)
            if hit is not None:
                found.append((line, hit))
            elif not parser.is_other(line):
                strange.append(line)
        hits = None
        if found:
            hits = routed(batch_of_hits([hit for _, hit in found], log_format), self._routing)
        return ParsedLines(hits, tuple(line for line, _ in found), tuple(strange))
