"""NewestLines: keeps the newest raw lines of all logs, and parses them only when asked to."""

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

MAX_LINES = 2_000
"""Maximum lines kept over all logs."""


class ParsedLines(NamedTuple):
    """Lines of one format and log, oldest first.

    Hit i of `hits` is `lines[i]`; `unparsed` are the lines that are no hits.
    """

    hits: HitBatch | None
    lines: tuple[bytes, ...]
    unparsed: tuple[bytes, ...]


class NewestLines:
    """Keeps the newest `MAX_LINES` lines in the order of their arrival."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing
        self._chunks: deque[tuple[LogFormat | None, bytes | None, Sequence[bytes]]] = deque()
        self._count = 0
        self._parsed: list[ParsedLines] | None = None

    def note(
        self, log_format: LogFormat | None, lines: Sequence[bytes], source: bytes | None = None
    ) -> None:
        """Add lines of a format, or of None if their format is unknown.

        If several logs are read, `source` is the name that their hits get.
        """
        self._parsed = None
        self._chunks.append((log_format, source, lines))
        self._count += len(lines)
        while self._count > MAX_LINES:
            self._count -= len(self._chunks.popleft()[2])

    def parsed(self) -> list[ParsedLines]:
        """Return the parsed lines, grouped by format and log."""
        if self._parsed is None:
            groups: dict[tuple[int, bytes | None], tuple[LogFormat | None, list[bytes]]] = {}
            for log_format, source, lines in self._chunks:
                groups.setdefault((id(log_format), source), (log_format, []))[1].extend(lines)
            self._parsed = [
                _of_source(self._parse(*each), source) for (_, source), each in groups.items()
            ]
        return self._parsed

    def _parse(self, log_format: LogFormat | None, lines: Sequence[bytes]) -> ParsedLines:
        if log_format is None:
            return ParsedLines(None, (), tuple(lines))
        found = self._parse_at_once(log_format, lines)
        return self._parse_singly(log_format, lines) if found is None else found

    def _parse_at_once(self, log_format: LogFormat, lines: Sequence[bytes]) -> ParsedLines | None:
        """Parse all lines at once; return None if the batch does not show which lines are hits."""
        try:
            batch = log_format.columnar().parse(b"".join(line + b"\n" for line in lines))
        except Exception:  # noqa: BLE001 - an incident must be reported even so
            return None
        unparsed = dict.fromkeys(batch.unparsed_at)
        if not len(batch) or len(batch) + len(unparsed) != len(lines):
            return None
        hits = (line for number, line in enumerate(lines) if number not in unparsed)
        every_row = np.arange(len(batch))  # `select` drops the unparsed lines
        return ParsedLines(
            routed(batch.select(every_row), self._routing),
            tuple(hits),
            tuple(lines[number] for number in unparsed),
        )

    def _parse_singly(self, log_format: LogFormat, lines: Sequence[bytes]) -> ParsedLines:
        parser = log_format.line_parser()
        found: list[tuple[bytes, Hit]] = []
        unparsed = []
        for line in lines:
            hit = parser.parse(line)
            if hit is not None:
                found.append((line, hit))
            elif not parser.is_other(line):
                unparsed.append(line)
        hits = None
        if found:
            hits = routed(batch_of_hits([hit for _, hit in found], log_format), self._routing)
        return ParsedLines(hits, tuple(line for line, _ in found), tuple(unparsed))


def _of_source(lines: ParsedLines, source: bytes | None) -> ParsedLines:
    if lines.hits is None or source is None:
        return lines
    return lines._replace(hits=lines.hits.with_source(source))
