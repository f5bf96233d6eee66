"""NewestLines: the newest lines of all logs as they stand there, to be parsed when one is wanted.

Which hit a line is, its own format's line parser tells; nothing is parsed before somebody asks.
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from logmon_tui.formats.batching import batch_of_hits
from logmon_tui.formats.hit import Hit
from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.formats.log_format import LogFormat
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
