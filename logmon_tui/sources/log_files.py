"""The files that make up one log while it rotates: which they are, and in which order to read.

Reading a single file is `FollowedFile`'s work; waiting and telling the state is `FileObserver`'s.
"""

import os
from pathlib import Path

from logmon_tui.sources.base import Identity, Place
from logmon_tui.sources.followed_file import FollowedFile, identity_of
from logmon_tui.sources.siblings import Siblings

_REMEMBERED = 64  # places in files given up, for the case that one comes back


class LogFiles:
    """The open files of the log at `path`, `opened`, oldest first; no method raises OSError.

    A file that the path no longer names is read on until it has not grown for `rotate_wait`
    seconds; one that has no successor and was only moved stays open until there is one.
    `failure` is the error met last, None after a look at the path and a read without any.
    """

    def __init__(self, path: Path, rotate_wait: float) -> None:
        self.opened: list[FollowedFile] = []
        self.at_path = False  # the newest file is what the path names
        self.failure: OSError | None = None
        self.rotations = 0
        self._path = path
        self._rotate_wait = rotate_wait
        self._given_up: dict[Identity, Place] = {}
        self._truncations = self._oversize = 0  # of closed files
        self._followed_before = False
        self._siblings = Siblings(Path(os.path.realpath(path)))

    @property
    def newest(self) -> FollowedFile | None:
        """The file that the path names, or named last; None if nothing is open."""
        return self.opened[-1] if self.opened else None

    @property
    def truncations(self) -> int:
        """How many times a file was found cut short or written over."""
        return self._truncations + sum(file.truncations for file in self.opened)

    @property
    def oversize(self) -> int:
        """How many lines were dropped for their length."""
        return self._oversize + sum(file.oversize for file in self.opened)

    def update(self, now: float) -> None:
        """Look at what the path names and open new files; `now` is monotonic seconds."""
        try:
            identity = self._identity_at_path()
            newest = self.newest
            if newest is not None and identity == newest.identity:
                self.at_path = True
                self._note_siblings(identity)
            elif newest is None and identity is None:
                self._note_siblings(None)
            else:
                self._follow_change(identity, now)
        except OSError as error:
            self.failure = error
        else:
            self.failure = None

    def read(self, now: float) -> bytes:
        """Return the next whole lines of the oldest file that has any, or `b""`."""
        for file in list(self.opened):
            try:
                lines = self._read_file(file, now)
            except OSError as error:
                self.failure = error
                continue
            if lines:
                return lines
        return b""

    def close(self) -> None:
        """Close all files."""
        for file in list(self.opened):
            self._drop(file)

    def _read_file(self, file: FollowedFile, now: float) -> bytes:
        before = file.offset
        lines = file.read()
        if file.offset != before:
            file.grew_at = now
        elif self._is_done(file, now):
            lines = file.finish()
            self._given_up[file.identity] = file.place
            if len(self._given_up) > _REMEMBERED:
                del self._given_up[next(iter(self._given_up))]
            self._drop(file)
        return lines

    def _is_done(self, file: FollowedFile, now: float) -> bool:
        if now - file.grew_at < self._rotate_wait:
            return False
        if file is self.newest:
            return not self.at_path and file.deleted
        return True

    def _drop(self, file: FollowedFile) -> None:
        self.opened.remove(file)
        self._truncations += file.truncations
        self._oversize += file.oversize
        file.close()

    def _identity_at_path(self) -> Identity | None:
        try:
            return identity_of(self._path.stat())
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _note_siblings(self, identity: Identity | None) -> None:
        """Take files beside the log for old, given the log was the same before and after."""
        seen = self._siblings.look()
        if seen is not None and self._identity_at_path() == identity:
            self._siblings.note(seen)

    def _follow_change(self, identity: Identity | None, now: float) -> None:
        """Go on with what the path names now: another file than before, or none."""
        if self.at_path and self.newest is not None:
            self.newest.grew_at = now  # its writer gets the whole wait from now on
        self.at_path = False
        file = None if identity is None else self._open(os.fspath(self._path), now)
        try:
            self._take_up_siblings(file, now)
        except OSError:
            if file is not None:
                file.close()
            raise
        if file is not None:
            self._take_up(file)
            self.at_path = True
            self._move_siblings()

    def _open(self, path: str, now: float) -> FollowedFile | None:
        """Open a file, at the place where it was given up if it was read before."""
        try:
            file = FollowedFile(path, now)
        except FileNotFoundError:
            return None  # renamed meanwhile: the next look finds it
        place = self._given_up.pop(file.identity, None)
        if place is not None:
            file.resume(place)
        return file

    def _take_up(self, file: FollowedFile) -> None:
        """Make `file` the newest; if it is open already, that one."""
        for older in self.opened:
            if older.identity == file.identity:
                file.close()
                self.opened.remove(older)
                self.opened.append(older)
                return
        self.opened.append(file)
        if self._followed_before and not file.offset:
            self.rotations += 1
        self._followed_before = True

    def _take_up_siblings(self, newest: FollowedFile | None, now: float) -> None:
        """Follow files that were the log for a moment between two looks."""
        followed = {file.identity for file in self.opened}
        if newest is not None:
            followed.add(newest.identity)
        for path in self._siblings.new(followed):
            try:
                file = self._open(path, now)
            except PermissionError:
                continue
            if file is not None:
                self._take_up(file)

    def _move_siblings(self) -> None:
        """Look beside the file that a symbolic link at the path names now."""
        log = Path(os.path.realpath(self._path))
        if log != self._siblings.log:
            self._siblings = Siblings(log)
