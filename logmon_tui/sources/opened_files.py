"""OpenedFiles: the open files of one log, and the positions in files that were closed."""

from logmon_tui.sources.base import FilePosition, Identity, LogPosition, Place
from logmon_tui.sources.followed_file import FollowedFile

_REMEMBERED = 64  # maximum positions kept of closed files, in case a file comes back


class OpenedFiles:
    """The files `opened`, oldest first, and how far each file was read that was `given_up`.

    `rotations` counts the files that replaced another one. `lost` are the bytes that were deleted
    before they were read, as far as they had been seen.
    """

    def __init__(self, position: LogPosition) -> None:
        self.opened: list[FollowedFile] = []
        self.given_up: dict[Identity, Place] = dict(position.given_up)
        self.rotations = position.rotations
        self.lost = 0
        self._truncations, self._oversize = position.truncations, position.oversize

    @property
    def newest(self) -> FollowedFile | None:
        """The file at the log's path, or the last one that was there; None if none is open."""
        return self.opened[-1] if self.opened else None

    @property
    def truncations(self) -> int:
        """How many times a file was found truncated or overwritten."""
        return self._truncations + sum(file.truncations for file in self.opened)

    @property
    def oversize(self) -> int:
        """How many lines were dropped for their length."""
        return self._oversize + sum(file.oversize for file in self.opened)

    def count_truncation(self) -> None:
        """Count a truncation that happened before the file was opened."""
        self._truncations += 1

    def has(self, file: FollowedFile) -> bool:
        """Tell whether one of the open files has the identity of `file`."""
        return any(file.identity == each.identity for each in self.opened)

    def remember(self, given_up: FilePosition) -> None:
        """Remember how far a file was read that is no longer followed."""
        self.given_up[given_up.identity] = given_up.place
        if len(self.given_up) > _REMEMBERED:
            del self.given_up[next(iter(self.given_up))]

    def drop(self, file: FollowedFile) -> None:
        """Close a file; keep its counts."""
        self.opened.remove(file)
        self._truncations += file.truncations
        self._oversize += file.oversize
        file.close()

    def count_lost(self, place: Place) -> None:
        """Count what was not read of a file that is gone, which was read up to `place`."""
        self.lost += max(0, place.size - place.offset + place.held)

    def let_go(self, room: int) -> None:
        """Close deleted files, the oldest first, until the rest has at most `room` unread bytes.

        As long as they are open, the disk keeps them.
        """
        deleted = [file for file in self.opened if file is not self.newest and file.deleted]
        unread = {id(file): max(0, file.size - file.position) for file in deleted}
        held = sum(unread.values())
        for file in deleted:
            if held <= room:
                break
            held -= unread[id(file)]
            self.lost += unread[id(file)]
            self.remember(FilePosition(file.identity, file.place))
            self.drop(file)

    def rename(self, file: bytes, name: bytes) -> None:
        """Give the contents another name, because they are not those that had it."""
        for each in self.opened:
            if each.id == file:
                each.id = name

    def close(self) -> None:
        """Close all files."""
        for file in list(self.opened):
            self.drop(file)
