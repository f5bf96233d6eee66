"""LogFiles: decides which files make up one log while it rotates, and in which order to read them.

`FollowedFile` reads a single file; `FileObserver` waits for changes and reports the state.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from logmon_tui.sources.base import (
    FilePosition,
    Identity,
    LogPosition,
    Place,
    Slice,
    Slicing,
)
from logmon_tui.sources.edited import is_saved_copy, place_after
from logmon_tui.sources.followed_file import GONE, FollowedFile
from logmon_tui.sources.former_run import FormerRun
from logmon_tui.sources.identity import identity_of
from logmon_tui.sources.listed import Sibling
from logmon_tui.sources.opened_files import OpenedFiles
from logmon_tui.sources.seek import Timestamp
from logmon_tui.sources.surroundings import Surroundings

if TYPE_CHECKING:
    from logmon_tui.sources.file_part import FilePart

_EDITED = (
    "the log was edited or cut; reading goes on after what was read before, "
    "and lines cut off unread are missing"
)
_LOOKS = 5  # maximum looks at siblings while they are being renamed


class LogFiles(OpenedFiles):
    """The open files of the log at `path`, oldest first (`opened`). No method raises OSError.

    A file that was rotated away is read until it has not grown for `rotate_wait` seconds. A file
    that was moved stays open until a new one is at `path`. Lines lost by a truncation are searched
    in a copy beside the log, as copytruncate leaves it. Given a `position`, reading resumes there.

    `failure` is the last error; None after an update and a read without one. `notice` is a line
    about the log, such as a file that was not found, set at `notice_at` (monotonic seconds).
    With `slicing`, `last` tells which bytes the last read returned.
    """

    def __init__(
        self,
        path: Path,
        rotate_wait: float,
        position: LogPosition | None,
        timestamp: Timestamp,
        slicing: Slicing | None,
    ) -> None:
        position = LogPosition() if position is None else position
        super().__init__(position)
        self.at_path = False  # whether the newest file is at `path` now
        self.failure: OSError | None = None
        self.notice = ""
        self.notice_at = 0.0
        self.last = Slice(b"", 0, 0)
        self._slicing = slicing
        self._path = path
        self._rotate_wait = rotate_wait
        self._timestamp = timestamp
        self._followed_before = bool(position.opened or position.given_up)
        self._where = Surroundings(path, position)
        self._former = FormerRun(position)

    @property
    def position(self) -> LogPosition:
        """Where the next run resumes."""
        return LogPosition(
            opened=(
                *self._former.missing,
                *(FilePosition(file.identity, file.place) for file in self.opened),
            ),
            given_up=tuple(FilePosition(*given_up) for given_up in self.given_up.items()),
            known=self._where.siblings.known,
            target=os.fsencode(self._where.siblings.log),
            written=self._where.written,
            last_lines=self.newest.last_lines if self.newest is not None else b"",
            left=tuple(map(os.fsencode, self._where.left)),
            directory=self._where.siblings.directory,
            rotations=self.rotations,
            truncations=self.truncations,
            oversize=self.oversize,
        )

    def update(self, now: float) -> None:
        """Check which file is at `path` and open new files; `now` is monotonic seconds."""
        try:
            identity = self._identity_at_path()
            newest = self.newest
            if newest is not None and identity == newest.identity and not newest.cut:
                self.at_path = True
                self._where.written = newest.written
                self._note_siblings(identity)
            elif newest is None and identity is None and not self._former.missing:
                self._note_siblings(None)
            else:
                self._follow_change(identity, now)
        except OSError as error:
            self.failure = error
        else:
            self.failure = None
        if self._slicing is not None:
            for file in self.opened:
                file.id = file.id or self._slicing.new_id()

    def read(self, now: float) -> bytes:
        """Return the next whole lines of the oldest file that has any, or `b""`."""
        for file in list(self.opened):
            try:
                lines = self._read_file(file, now)
            except OSError as error:
                self.failure = error
                continue
            if lines or file.seeking:
                return lines
        return b""

    def part(self, now: float) -> "FilePart | None":
        """Return the next lines of a long backlog, unread; None if they are to be read."""
        if self._slicing is not None or not self.opened:
            return None
        file = self.opened[0]
        try:
            part = file.part()
        except OSError as error:
            self.failure = error
            return None
        if part is not None:
            file.grew_at = now
        return part

    def note(self, part: "FilePart", now: float) -> None:
        """Note what was found out while a part was read."""
        self._oversize += part.oversize
        if part.missing:
            what = "the log was cut while it was read, or could not be read"
            self._report_missing(what, part.end - part.missing, now)

    def _read_file(self, file: FollowedFile, now: float) -> bytes:
        if self._slicing is not None and not self._slicing.takes(file.id):
            return b""
        before = file.offset
        lines = self._take(file)
        if file.truncated_at is not None:
            lines = self._read_truncated(file, file.truncated_at, now)
        if file.offset != before:
            file.grew_at = now
        elif file.problem:
            self._replace_problem_file(file, now)
        elif self._is_done(file, now):
            lines = self._finish(file)
            self.remember(FilePosition(file.identity, file.place))
            self.drop(file)
        return lines

    def _replace_problem_file(self, file: FollowedFile, now: float) -> None:
        """Drop a file that is damaged, or not the expected one; search for another copy."""
        self._where.reject(file)
        number, sought = self.opened.index(file), FilePosition(file.identity, file.place)
        self.drop(file)
        if not self._follow_copy(sought, number, now):
            self.count_lost(sought.place)
            self._report_missing(file.problem, sought.place.offset, now)

    def _read_truncated(self, file: FollowedFile, place: Place, now: float) -> bytes:
        """Resume in the copy that was made of a file before it was truncated.

        Without a copy, somebody may have cut lines out of the file; then resume after those read.
        """
        file.truncated_at = None
        number = self.opened.index(file)
        if self._follow_copy(FilePosition(file.identity, place), number, now):
            return self._take(self.opened[number]) or self._take(file)
        offset = place_after(file, file.truncated_lines, place, self._timestamp)
        if offset is not None:
            file.go_to(offset)
            self._set_notice(_EDITED, now)
        else:
            self.count_lost(place)
        return self._take(file)

    def _take(self, file: FollowedFile) -> bytes:
        """Return the next whole lines of a file; note which bytes they were."""
        if self._slicing is None:
            return file.read()
        if not self._slicing.takes(file.id):  # after a truncation it has no name yet
            return b""
        start = file.position
        limit = self._slicing.limit(file.id, start, max(0, file.offset - start))
        lines = file.read(limit) if limit else file.finish()
        if lines:
            self.last = Slice(file.id, start, file.position)
        return lines

    def _finish(self, file: FollowedFile) -> bytes:
        start = file.position
        lines = file.finish()
        self.last = Slice(file.id, start, file.position)
        return lines

    def _is_done(self, file: FollowedFile, now: float) -> bool:
        if now - file.grew_at < self._rotate_wait:
            return False
        if file is self.newest:
            return not self.at_path and file.deleted
        return True

    def _identity_at_path(self) -> Identity | None:
        try:
            return identity_of(self._path.stat())
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _note_siblings(self, identity: Identity | None) -> None:
        """Note the files beside the log as old, if the log's file did not change meanwhile."""
        seen = self._where.siblings.look()
        if seen is not None and self._identity_at_path() == identity:
            self._where.siblings.note(seen)
        if self.newest is not None and len(self.opened) == 1:
            self._where.left = []

    def _follow_change(self, identity: Identity | None, now: float) -> None:
        """Follow what the path names now: another file than before, or none."""
        self._where.resolve()
        if self.at_path and self.newest is not None:
            self.newest.grew_at = now  # the full `rotate_wait` begins now
        self.at_path = False
        if self._former.missing:
            self._former.look_for(self._where.beside())
        file = None if identity is None else self._open(os.fspath(self._path), now)
        try:
            self._follow_siblings(file, now)
            self._find_missing(file, now)
            if file is not None:
                self._resume_in_edited(file, now)
        except OSError:
            if file is not None:
                file.close()
            raise
        if file is not None:
            self._add_newest(file)
            self.at_path = True
            self._give_up_missing(now)
            self._follow_unseen(now)
            self._where.written = self.opened[-1].written
            self._where.follow_links()

    def _find_missing(self, newest: FollowedFile | None, now: float) -> None:
        """Search for the files of the previous run; everywhere once the log is there."""
        if newest is not None and newest.resumed is not None:
            self._former.found(newest.resumed)
        for lost in list(self._former.missing):
            if self._follow_copy(lost, 0, now, newest, everywhere=newest is not None):
                self._former.found(lost)

    def _give_up_missing(self, now: float) -> None:
        """Report files that were not found although the log is there; end the search."""
        for lost in self._former.missing:
            self.remember(lost)
            self.count_lost(lost.place)
            if lost.place.offset:
                self._report_missing(GONE, lost.place.offset, now)
        self._former.end()

    def _resume_in_edited(self, file: FollowedFile, now: float) -> None:
        """Skip what was read before, if somebody edited the log and saved it as a new file."""
        if file.resumed is not None or self.has(file):
            return
        for original in self.opened:
            if is_saved_copy(file, original):
                file.resume(FilePosition(original.identity, original.place))
                self.drop(original)
                return
        replaced = self._former.newest_missing
        if replaced is None and self.newest is not None and self.newest.deleted:
            replaced = FilePosition(self.newest.identity, self.newest.place), self.newest.last_lines
        if replaced is not None:
            former, last_lines = replaced
            offset = place_after(file, last_lines, former.place, self._timestamp)
            if offset is not None:
                file.go_to(offset)
                file.resumed = former
                self._former.found(former)
                self._set_notice(_EDITED, now)

    def _set_notice(self, text: str, now: float) -> None:
        self.notice, self.notice_at = text, now

    def _report_missing(self, what: str, offset: int, now: float) -> None:
        text = f"{what}; lines written into it after its byte {offset:,} are missing"
        self._set_notice(text, now)

    def _open(self, path: str, now: float) -> FollowedFile | None:
        """Open a file at the place up to which it was read before; None if it was renamed."""
        try:
            file = FollowedFile(path, now)
        except FileNotFoundError:
            return None  # renamed meanwhile: the next update finds it
        given_up = self.given_up.get(file.identity, Place())
        known = [FilePosition(file.identity, given_up)] if given_up.offset else []
        own = self._former.of(file.identity)
        cut = [FilePosition(each.identity, each.place) for each in self.opened if each.cut]
        for position in own + known + self._former.lost + cut:
            if file.is_read_up_to(position):
                file.resume(position)
                break
        return file

    def _add_newest(self, file: FollowedFile) -> None:
        """Make `file` the newest open file; if it is open already, move it to that place."""
        for older in self.opened:
            if older.identity == file.identity:
                file.close()
                self.opened.remove(older)
                self.opened.append(older)
                return
        self.opened.append(file)
        self.given_up.pop(file.identity, None)
        if file.resumed is not None:
            self._former.found(file.resumed)
        elif self._former.was_reading(file.identity):
            self.count_truncation()
        elif self._followed_before:
            self.rotations += 1
        self._followed_before = True

    def _follow_siblings(self, newest: FollowedFile | None, now: float) -> None:
        """Follow files that were the log for a moment between two updates."""
        followed = {file.identity for file in self.opened}
        if newest is not None:
            followed.add(newest.identity)
        former = {missing.identity for missing in self._former.missing}
        for _ in range(_LOOKS):  # while they are being renamed
            new = self._where.new(followed, former)
            for sibling in new:
                try:
                    file = self._open_sibling(sibling, now)
                except PermissionError:
                    followed.add(sibling.identity)
                    continue
                if file is not None:
                    followed.add(sibling.identity)
                    self._add_newest(file)
            if not new:
                break

    def _open_sibling(self, sibling: Sibling, now: float) -> FollowedFile | None:
        """Open a file beside the log; None if it has been renamed since."""
        file = self._open(sibling.path, now)
        if file is not None and file.identity != sibling.identity:
            file.close()
            return None
        return file

    def _follow_copy(
        self,
        lost: FilePosition,
        number: int,
        now: float,
        other: FollowedFile | None = None,
        *,
        everywhere: bool = True,
    ) -> bool:
        """Search for a copy of the `lost` file, or where it was moved; return whether it was found.

        The file found is inserted among the open ones at index `number`. It is none of those, nor
        is it `other`.
        """
        left_out = {each.identity for each in (*self.opened, *([other] if other else []))}
        file = self._where.find(lost, left_out, now, everywhere=everywhere)
        if file is not None:
            self.opened.insert(number, file)
        return file is not None

    def _follow_unseen(self, now: float) -> None:
        """Follow files that were the log and were compressed or moved between two updates."""
        unseen = self._where.unseen(self.opened, self.given_up, now)
        self.opened[-1:-1] = unseen
        self.rotations += len(unseen)
