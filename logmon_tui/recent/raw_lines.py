"""RawLines: the raw bytes of the newest chunks, to show the line of a request. Pure."""

import zlib
from collections import deque

import msgspec

from logmon_tui.formats.model.batching import batch_of_hits
from logmon_tui.formats.model.hit import NONE, Hit
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.snapshot import Request

MAX_BYTES = 24 * 1024 * 1024
"""Maximum bytes of memory that all chunks take, compressed or not."""

PLAIN_BYTES = 4 * 1024 * 1024
"""Bytes of the newest chunks that are not compressed: most questions are about them."""

_PLAIN_CHUNKS = 64
"""Small chunks are joined to one of `PLAIN_BYTES` by this, 64 KiB, which compresses better."""

_OVERHEAD = 200
"""Bytes of a chunk's Python objects, about."""

COMPRESSED_AT_ONCE = 256 * 1024
"""Maximum bytes compressed when a chunk comes, which takes two milliseconds."""

_READ = frozenset(Dimension) - {
    Dimension.SECTION,
    Dimension.ROUTE,
    Dimension.SOURCE,
    Dimension.SERVER,
    Dimension.SITE,
}
"""The dimensions that a line itself tells; the others come from the settings and the source."""

_FAST = 1
"""The level of zlib: it packs log lines to an eighth, six times as fast as its default."""


class _Chunk(msgspec.Struct, eq=False):
    data: bytes
    log_format: LogFormat
    low: int  # second
    high: int  # second
    packed: bool = False


class RawLines:
    """Keeps chunks, the oldest first; older ones are compressed as long as that costs little.

    Small ones are joined. Of a log that writes more than this can compress, only the newest few
    megabytes are kept.
    """

    def __init__(self) -> None:
        self._packed: deque[_Chunk] = deque()
        self._plain: deque[_Chunk] = deque()
        self._packed_bytes = self._plain_bytes = 0

    def note(self, chunk: bytes, log_format: LogFormat | None, batch: HitBatch) -> None:
        """Keep a chunk of lines of one format, and of the hits of `batch`."""
        if log_format is None or not len(batch):
            return
        low, high = int(batch.seconds.min()), int(batch.seconds.max())
        newest = self._joined(_Chunk(chunk, log_format, low, high))
        self._plain.append(newest)
        self._plain_bytes += len(newest.data)
        budget = COMPRESSED_AT_ONCE
        while self._plain_bytes > PLAIN_BYTES and len(self._plain) > 1:
            oldest = self._plain.popleft()
            self._plain_bytes -= len(oldest.data)
            budget -= len(oldest.data)
            if budget >= 0:
                oldest.data, oldest.packed = zlib.compress(oldest.data, _FAST), True
                self._packed.append(oldest)
                self._packed_bytes += len(oldest.data)
        while self._packed and self._nbytes() > MAX_BYTES:
            self._packed_bytes -= len(self._packed.popleft().data)

    def _nbytes(self) -> int:
        chunks = len(self._packed) + len(self._plain)
        return self._packed_bytes + self._plain_bytes + _OVERHEAD * chunks

    def _joined(self, chunk: _Chunk) -> _Chunk:
        """Return `chunk` joined to the newest one of its format if both are small.

        That one is taken out, as the joined one is to become the newest of all.
        """
        room = PLAIN_BYTES // _PLAIN_CHUNKS - len(chunk.data)
        if room <= 0:
            return chunk
        formats = (each for each in reversed(self._plain) if each.log_format == chunk.log_format)
        last = next(formats, None)
        if last is None or len(last.data) > room:
            return chunk
        self._plain.remove(last)
        self._plain_bytes -= len(last.data)
        end = b"" if last.data.endswith(b"\n") else b"\n"
        data = last.data + end + chunk.data
        low, high = min(last.low, chunk.low), max(last.high, chunk.high)
        return _Chunk(data, chunk.log_format, low, high)

    def line_of(self, request: Request) -> bytes | None:
        """Return the newest line that says what `request` does; None if none is kept."""
        for chunks in (self._plain, self._packed):
            for chunk in reversed(chunks):
                if chunk.low <= request.second <= chunk.high:
                    line = _line_in(chunk, request)
                    if line is not None:
                        return line
        return None


def _line_in(chunk: _Chunk, request: Request) -> bytes | None:
    host = request.texts.get(Dimension.HOST, b"")
    parser = chunk.log_format.line_parser()
    data = zlib.decompress(chunk.data) if chunk.packed else chunk.data
    for line in reversed(data.split(b"\n")):
        if host in line:  # most lines need no more
            hit = parser.parse(line)
            if hit is not None and _is(hit, chunk.log_format, request):
                return line
    return None


def _is(hit: Hit, log_format: LogFormat, request: Request) -> bool:
    """Tell whether `hit` says all that `request` does."""
    if (hit.second, hit.status, hit.size) != (request.second, request.status, request.size):
        return False
    batch = batch_of_hits([hit], log_format)
    measures = {str(measure): int(values[0]) for measure, values in batch.measures.items()}
    texts = {each: column.at(0) for each, column in batch.columns.items() if each in _READ}
    return all(measures.get(each) == value for each, value in request.measures.items()) and all(
        request.texts.get(each, NONE) == text for each, text in texts.items()
    )
