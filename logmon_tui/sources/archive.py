"""A compressed log as a source: it is read once, from its beginning to its end."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from logmon_tui.errors import SourceError
from logmon_tui.escape import printable
from logmon_tui.sources.base import SourceState, SourceStatus
from logmon_tui.sources.chunks import read_chunks
from logmon_tui.sources.lines import CHUNK, LineSplitter


class Archive:
    """A `Source` over the compressed log at `path`; it ends when all is read, or cannot be."""

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
        """Return at once, for whatever there is can be read."""

    def wake(self) -> None:
        """Do nothing: nobody waits."""

    def status(self) -> SourceStatus:
        """Tell whether all is read; position and size are so far, of the lines."""
        return self._status

    def position(self) -> None:
        """Tell that nothing is kept of what is read once."""

    def close(self) -> None:
        """Give up the file."""
        self._chunks = iter(())
