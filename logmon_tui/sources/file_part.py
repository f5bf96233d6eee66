"""FilePart: whole lines of a file that are not read yet, so that any thread may read them."""

import os

from logmon_tui.formats.model.batching import tail_of
from logmon_tui.native.file_lines import FileLines
from logmon_tui.sources.lines import LineSplitter
from logmon_tui.sources.source_errors import source_errors

_TAIL = 64 * 1024
"""Bytes in which the last lines are looked for."""


class FilePart:
    """Bytes of an uncompressed file, from `start` to `end`, which are whole lines.

    Whoever has the part closes it. `oversize` counts the lines that `read` dropped for their
    length, `missing` the bytes that it did not find.
    """

    def __init__(self, descriptor: int, name: str, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.oversize = self.missing = 0
        self._name = name
        self._descriptor = os.dup(descriptor)
        self._open = True

    def __len__(self) -> int:
        """Return the number of bytes."""
        return self.end - self.start

    @property
    def lines(self) -> FileLines:
        """The lines, for a scanner that reads them itself; valid until the part is closed."""
        return FileLines(self._descriptor, self.start, self.end)

    def read(self) -> bytes:
        """Return the lines, each ended by a newline. Raises SourceError if they cannot be read."""
        splitter = LineSplitter()
        with source_errors(self._name, "check its disk or network"):
            text = self._text()
        lines = splitter.feed(text) + splitter.finish()
        self.oversize = splitter.oversize
        return lines

    def _text(self) -> bytes:
        """Return the bytes, fewer if the file was truncated. Raises OSError.

        A read that meets an error returns what stands before it: the next one tells the error.
        """
        blocks, at = [], self.start
        self.missing = len(self)  # all of it, if it cannot be read
        while at < self.end and (block := os.pread(self._descriptor, self.end - at, at)):
            blocks.append(block)
            at += len(block)
        self.missing = self.end - at
        return b"".join(blocks)

    def tail(self) -> tuple[bytes, ...]:
        """Return some of the last lines. Raises OSError."""
        start = max(self.start, self.end - _TAIL)
        text = os.pread(self._descriptor, self.end - start, start)
        return tail_of(text if start == self.start else text[text.find(b"\n") + 1 :])

    def close(self) -> None:
        """Let the file go; a part may be closed twice."""
        if self._open:
            self._open = False
            os.close(self._descriptor)
