"""FormerRun: the files that the previous run was reading, until this run has found them again."""

import contextlib
from collections.abc import Iterable

from logmon_tui.sources.base import FilePosition, Identity, LogPosition, Place
from logmon_tui.sources.followed_file import FollowedFile
from logmon_tui.sources.listed import Sibling


class FormerRun:
    """The files that were open when the previous run ended.

    `missing` are the files not found again so far. Of these, `lost` are those whose contents no
    file of the same identity holds. Only a lost file may be recognised by its contents in a file of
    another identity: under a load test, two logs can be identical for a second.
    """

    def __init__(self, position: LogPosition) -> None:
        self.missing = list(position.opened)
        self._newest = position.opened[-1] if position.opened else None
        self._last_lines = position.last_lines
        self.lost: list[FilePosition] = []
        self._files = {file.identity for file in position.opened}

    def was_reading(self, identity: Identity) -> bool:
        """Tell whether a file of this identity was being read."""
        return identity in self._files

    def of(self, identity: Identity) -> list[FilePosition]:
        """Return the missing file of this identity, as a list of one or none."""
        return [missing for missing in self.missing if missing.identity == identity]

    @property
    def newest_missing(self) -> tuple[FilePosition, bytes] | None:
        """The newest file and the last lines read of it, if it is still missing."""
        newest = self._newest
        return (newest, self._last_lines) if newest and newest in self.missing else None

    def look_for(self, candidates: Iterable[Sibling]) -> None:
        """Find out which missing files are lost; `candidates` are all files present."""
        found = {each.identity: each.path for each in candidates}
        self.lost = [
            missing
            for missing in self.missing
            if missing.identity not in found or not _holds(found[missing.identity], missing.place)
        ]

    def found(self, position: FilePosition) -> None:
        """Note that reading resumes at `position`, which may be that of a missing file."""
        for positions in (self.missing, self.lost):
            if position in positions:
                positions.remove(position)

    def end(self) -> None:
        """Forget all files: the log was found, and so the search is over."""
        self.missing.clear()
        self.lost.clear()
        self._files.clear()


def _holds(path: str, place: Place) -> bool:
    with contextlib.suppress(OSError):
        file = FollowedFile(path, 0)
        try:
            return file.holds(place)
        finally:
            file.close()
    return False
