"""NewestLines: keeps the newest raw lines of all logs, and parses them only when asked to."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec.structs import replace

from logmon_tui.formats.model.batching import batch_of_hits
from logmon_tui.formats.model.hit import NONE, Hit
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.origin import Origin, origins_of_last
from logmon_tui.formats.route_columns import KnownRoutes, routed
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


class _Chunk(msgspec.Struct, frozen=True):
    """Lines that came together; `origins` together are all of them."""

    log_format: LogFormat | None
    source: bytes | None
    lines: Sequence[bytes]
    origins: Sequence[Origin]


class NewestLines:
    """Keeps the newest `MAX_LINES` lines in the order of their arrival."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing
        self._routes = KnownRoutes(routing)  # most lines that are parsed again were so before
        self._chunks: deque[_Chunk] = deque()
        self._count = 0
        self._parsed: list[ParsedLines] | None = None

    def note(
        self,
        log_format: LogFormat | None,
        lines: Sequence[bytes],
        source: bytes | None = None,
        origins: Sequence[Origin] = (),
    ) -> None:
        """Add the last lines of a chunk in a format, or in None if their format is unknown.

        If several logs are read, `source` is the name that their hits get. If other machines wrote
        the chunk, `origins` are those of all its lines.
        """
        self._parsed = None
        # Chunks of one log are parsed together, so that every line needs an origin.
        known = origins_of_last(origins, len(lines)) or [Origin(NONE, b"", len(lines))]
        self._chunks.append(_Chunk(log_format, source, lines, known))
        self._count += len(lines)
        while self._count > MAX_LINES:
            self._count -= len(self._chunks.popleft().lines)

    def parsed(self) -> list[ParsedLines]:
        """Return the parsed lines, grouped by format and log."""
        if self._parsed is None:
            groups: dict[tuple[int, bytes | None], list[_Chunk]] = {}
            for chunk in self._chunks:
                groups.setdefault((id(chunk.log_format), chunk.source), []).append(chunk)
            self._parsed = [
                _of_source(self._parse(chunks), source) for (_, source), chunks in groups.items()
            ]
        return self._parsed

    def _parse(self, chunks: Sequence[_Chunk]) -> ParsedLines:
        """Parse chunks of one format."""
        log_format = chunks[0].log_format
        lines = [line for chunk in chunks for line in chunk.lines]
        origins = [origin for chunk in chunks for origin in chunk.origins]
        if all(origin.server == NONE for origin in origins):
            origins = []
        if log_format is None:
            return ParsedLines(None, (), tuple(lines))
        found = self._parse_at_once(log_format, lines, origins)
        return self._parse_singly(log_format, lines, origins) if found is None else found

    def _parse_at_once(
        self, log_format: LogFormat, lines: Sequence[bytes], origins: Sequence[Origin] = ()
    ) -> ParsedLines | None:
        """Parse all lines at once; return None if the batch does not show which lines are hits."""
        try:
            batch = log_format.columnar().parse(b"".join(line + b"\n" for line in lines))
        except Exception:  # noqa: BLE001 - an incident must be reported even so
            return None
        unparsed = dict.fromkeys(batch.unparsed_at.tolist())
        if not len(batch) or len(batch) + len(unparsed) != len(lines):
            return None
        hits = (line for number, line in enumerate(lines) if number not in unparsed)
        every_row = np.arange(len(batch))  # `select` drops the unparsed lines
        return ParsedLines(
            self._routed(batch.with_origins(origins).select(every_row)),
            tuple(hits),
            tuple(lines[number] for number in unparsed),
        )

    def _parse_singly(
        self, log_format: LogFormat, lines: Sequence[bytes], origins: Sequence[Origin] = ()
    ) -> ParsedLines:
        parser = log_format.line_parser()
        found: list[tuple[int, Hit]] = []
        unparsed = []
        for number, line in enumerate(lines):
            hit = parser.parse(line)
            if hit is not None:
                found.append((number, hit))
            elif not parser.is_other(line):
                unparsed.append(line)
        hits = None
        if found:
            batch = batch_of_hits([hit for _, hit in found], log_format)
            numbers = np.array([number for number, _ in found], dtype=np.int64)
            hits = self._routed(replace(batch, lines=numbers).with_origins(origins))
        return ParsedLines(hits, tuple(lines[number] for number, _ in found), tuple(unparsed))

    def _routed(self, batch: HitBatch) -> HitBatch:
        return routed(batch, self._routing, self._routes)


def _of_source(lines: ParsedLines, source: bytes | None) -> ParsedLines:
    if lines.hits is None or source is None:
        return lines
    return lines._replace(hits=lines.hits.with_source(source))
