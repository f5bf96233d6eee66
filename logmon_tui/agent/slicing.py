"""PlannedSlicing: cuts a log into chunks, and cuts those that may have been sent as they were."""

import secrets
from collections.abc import Callable, Collection, Iterable

from logmon_tui.agent.saved import Planned
from logmon_tui.sources.base import LogPosition, Slice
from logmon_tui.sources.followed_file import digest

CHUNK = 64 * 1024
"""Bytes of a log read for one message at most, unless a line is longer."""


def new_id() -> bytes:
    """Return an id that was never given to a file before."""
    return secrets.token_hex(8).encode()


class PlannedSlicing:
    """A `Slicing` for batches: within one, no file is read that is not in the saved position.

    `planned` are chunks that may have been sent. They are cut again at the same ends.
    """

    def __init__(self, planned: Iterable[Planned]) -> None:
        self._planned = list(planned)
        self._files: Collection[bytes] = ()
        self.skipped = False  # whether a file was found after the batch began

    def begin(self, position: LogPosition) -> None:
        """Begin a batch that starts at `position`."""
        self._files = {file.place.id for file in position.opened}
        self._planned = [each for each in self._planned if each.file in self._files]
        self.skipped = False

    @property
    def planned(self) -> tuple[Planned, ...]:
        """The planned chunks that were not read again so far."""
        return tuple(self._planned)

    def new_id(self) -> bytes:
        """Return a name for contents that were found just now."""
        return new_id()

    def takes(self, file: bytes) -> bool:
        """Tell whether a file was there when the batch began."""
        known = file in self._files
        self.skipped = self.skipped or not known
        return known

    def limit(self, file: bytes, start: int, held: int) -> int:
        """Return how many bytes to read: up to the next planned end, else those of a chunk."""
        ends = [each.end for each in self._planned if each.file == file and each.end > start]
        return max(0, min(ends) - start - held) if ends else CHUNK

    def chunk(self, read: Slice, lines: bytes, rename: Callable[[bytes, bytes], None]) -> Planned:
        """Return the chunk that some lines are: a planned one, or a new one.

        If they are not what was planned, the file holds something else by now. Then `rename` gives
        it another name, as a dashboard would take its lines for what it has counted.
        """
        mark = digest(lines)
        for each in self._planned:
            if each.file == read.file and each.start < read.end and each.end > read.start:
                if each.end == read.end and each.digest == mark:
                    self._planned.remove(each)
                    return each
                name = new_id()
                rename(read.file, name)
                self._files = {*self._files, name}
                self._planned = [other for other in self._planned if other.file != read.file]
                return Planned(name, read.start, read.end, mark)
        return Planned(read.file, read.start, read.end, mark)
