"""Finds the rotated files of a log; RotatedFirst reads them whole, oldest first."""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from logmon_tui.errors import SourceError
from logmon_tui.sources.base import Identity, LogPosition, Source, SourceState, SourceStatus
from logmon_tui.sources.chunks import read_sibling
from logmon_tui.sources.lines import CHUNK, LineSplitter
from logmon_tui.sources.listed import Sibling, file_at, files_in
from logmon_tui.sources.rotated_names import is_rotated_name, uncompressed_name


def rotated_files(
    log: Path, first_second: Callable[[Sibling], float], others: Collection[Identity] = ()
) -> list[Sibling]:
    """Return the rotated files of `log`, compressed ones too, oldest first, except `others`.

    `first_second` returns the time of a file's first hit, which gives the order. A file present
    both compressed and uncompressed, because it is being compressed now, is returned once.
    """
    path = Path(os.path.realpath(log))
    files = list(files_in(path.parent, lambda name: is_rotated_name(name, path.name)))
    excluded = {*others, *(found.identity for found in file_at(log))}
    names = {found.path for found in files}
    distinct = {
        found.identity: found
        for found in files
        if found.identity not in excluded
        and (
            uncompressed_name(found.path) == found.path
            or uncompressed_name(found.path) not in names
        )
    }
    return sorted(distinct.values(), key=lambda found: (first_second(found), found.written))


def _size(found: Sibling) -> int:
    try:
        return os.stat(found.path).st_size  # noqa: PTH116 - as a string
    except OSError:
        return 0


class RotatedFirst:
    """A `Source` that reads the rotated files `former`, oldest first, and then follows `log`.

    It reports a file that cannot be read, and skips it.
    """

    def __init__(self, former: Sequence[Sibling], log: Source) -> None:
        self._left = list(former)
        self._log = log
        self._chunks: Iterator[bytes] = iter(())
        self._splitter = LineSplitter()
        self._problem = ""
        self._reading = bool(former)
        self._sizes = {found: _size(found) for found in former}

    def read(self) -> bytes:
        """Return the next whole lines, a few megabytes at most, or `b""`."""
        while self._reading:
            try:
                lines = next(self._chunks, b"")
            except SourceError as error:
                self._problem, lines = str(error), b""
            if lines:
                return lines
            if not self._left:
                self._reading = False
            else:
                self._chunks = read_sibling(self._left.pop(0), CHUNK, self._splitter)
        return self._log.read()

    def preamble(self) -> bytes:
        """Return the log's preamble; empty if rotated files are read, from their beginning."""
        return self._log.preamble()

    def wait(self, seconds: float) -> None:
        """Sleep until the log may have changed, for at most `seconds`."""
        if not self._reading:
            self._log.wait(seconds)

    def wake(self) -> None:
        """End a `wait` early; any thread may call this."""
        self._log.wake()

    def status(self) -> SourceStatus:
        """Return the log's status; while rotated files are read, it includes their bytes."""
        status = self._log.status()
        status = replace(
            status,
            oversize=status.oversize + self._splitter.oversize,
            message=status.message or self._problem,
        )
        if not self._reading:
            return status
        size = sum(self._sizes.values())
        left = sum(self._sizes[found] for found in self._left)
        return replace(
            status,
            state=SourceState.CATCHING_UP,
            position=status.position + size - left,
            size=status.size + size,
        )

    def position(self) -> LogPosition | None:
        """Return where the next run resumes; None while rotated files are read."""
        return None if self._reading else self._log.position()

    def close(self) -> None:
        """Close files and stop watching; further reads return `b""`."""
        self._reading = False
        self._log.close()
