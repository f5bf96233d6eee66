"""Archive: a source that reads a compressed log once, from its beginning to its end."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from logmon_tui.errors import SourceError
from logmon_tui.escape import printable
from logmon_tui.sources.base import SourceState, SourceStatus
from logmon_tui.sources.chunks import read_chunks
from logmon_tui.sources.lines import CHUNK, LineSplitter


class Archive:
    """A `Source` that reads the compressed log at `path`; it ends at the file's end or an error."""

    def __init__(self, path: Path) -> None:
        self._splitter = LineSplitter()
        self._chunks: Iterator[bytes] = read_chunks(path, CHUNK, self._splitter)
        self._status = SourceStatus(printable(str(path)), SourceState.CATCHING_UP)

    def read(self) -> bytes:
        """Return the next whole lines, a few megabytes at most, or `b""`."""
        message = self._status.message
        try:
            lines = next(self._chunks, b"")
        except SourceError as error:
            message, lines = str(error).removeprefix(f"{self._status.name}: "), b""
        size = self._status.size + len(lines)
        state = SourceState.CATCHING_UP if lines else SourceState.ENDED
        self._status = replace(
            self._status,
            state=state,
            position=size,
            size=size,
            message=message,
            oversize=self._splitter.oversize,
        )
        return lines

    def preamble(self) -> bytes:
        """Return nothing: the file is read from its beginning."""
        return b""

    def wait(self, seconds: float) -> None:
        """Return at once: the whole file is there to be read."""

    def wake(self) -> None:
        """Do nothing: `wait` never sleeps."""

    def status(self) -> SourceStatus:
        """Return the status; position and size count the bytes of the lines read so far."""
        return self._status

    def position(self) -> None:
        """Return None: a compressed log is read once and never resumed."""

    def close(self) -> None:
        """Close the file."""
        self._chunks = iter(())
