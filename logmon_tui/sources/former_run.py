"""What a former run was reading when it ended, until it is found again."""

import contextlib
from collections.abc import Iterable

from logmon_tui.sources.base import FilePosition, Identity, LogPosition, Place
from logmon_tui.sources.followed_file import FollowedFile
from logmon_tui.sources.siblings import Sibling


class FormerRun:
    """The files that were open then.

    `missing` are those not found again so far; of these `lost` are the ones that no file of the
    same identity holds. Only such may be known by what another file holds: under a load test,
    two logs can be the same for a second.
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
        """Return where to go on in a file of this identity, if it still is the same: 0 or 1."""
        return [missing for missing in self.missing if missing.identity == identity]

    @property
    def unfound(self) -> tuple[FilePosition, bytes] | None:
        """The newest file and its last lines that were read, if it is still missing."""
        newest = self._newest
        return (newest, self._last_lines) if newest and newest in self.missing else None

    def look_for(self, candidates: Iterable[Sibling]) -> None:
        """Find out which of the missing files are lost, `candidates` being all there are."""
        found = {each.identity: each.path for each in candidates}
        self.lost = [
            missing
            for missing in self.missing
            if missing.identity not in found or not _holds(found[missing.identity], missing.place)
        ]

    def found(self, position: FilePosition) -> None:
        """Note that reading goes on at `position`, which may be a missing file's."""
        for positions in (self.missing, self.lost):
            if position in positions:
                positions.remove(position)

    def end(self) -> None:
        """Forget it: the log was found, and whatever else was to be."""
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
