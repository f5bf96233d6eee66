"""Surroundings: searches for files of a log that are no longer at its path."""

import contextlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from logmon_tui.sources.base import FilePosition, Identity, LogPosition, Place
from logmon_tui.sources.compressed_file import open_rotated
from logmon_tui.sources.followed_file import MARK, FollowedFile, digest
from logmon_tui.sources.listed import Sibling, file_at
from logmon_tui.sources.rotated_names import LogNames, is_compressed_name
from logmon_tui.sources.siblings import Siblings, files_of

_FOLDERS = 64
"""Maximum folders below the log's own that are searched."""

_ENTRIES = 10_000
"""Maximum entries of one folder that are examined, so that a large folder causes no delay."""

_LEFT = 16
"""Maximum earlier targets of links that are remembered; the next run searches their folders too."""

_SLACK = 2_000_000_000
"""Nanoseconds by which a compressed file may be older than its original: some tools keep only whole
seconds, some file systems only even ones."""


class Surroundings:
    """Where the files of the log at `path` may be.

    They may be beside the log; one folder below, where logrotate's `olddir` moves them; or at
    earlier targets of its links, to which servers still write for a while.

    `target` is the path with symbolic links resolved, as of the last `resolve`. `written` is when
    the log's file changed last (ns), as of the last update: older files hold nothing unread.
    """

    def __init__(self, path: Path, position: LogPosition) -> None:
        self._path = path
        self.resolve()
        self.siblings = self._siblings_of(
            Path(os.fsdecode(position.target)) if position.target else self.target
        )
        self.left = [Path(os.fsdecode(left)) for left in position.left]
        self.written = position.written
        if position.directory is not None and position.directory == self.siblings.directory:
            opened = {file.identity for file in position.opened}
            self.siblings.restore(known for known in position.known if known.identity not in opened)
        self._rejected: set[Identity] = set()

    def resolve(self) -> None:
        """Resolve the links of the path anew."""
        self.target = Path(os.path.realpath(self._path))

    def follow_links(self) -> None:
        """Search beside the links' present target from now on."""
        if self.target != self.siblings.log and not self.siblings.move(self.target):
            left = [left for left in self.left if left != self.target]
            self.left = [*left, self.siblings.log][-_LEFT:]
            self.siblings = self._siblings_of(self.target)

    def new(self, followed: Collection[Identity], former: Collection[Identity]) -> list[Sibling]:
        """Return files that were the log since the last look, except those `followed`.

        The current names of the `followed` and `former` files show how the log is rotated.
        """
        passed = (file for file in self._passed() if self._may_be_newer(file))
        return [
            *self.siblings.new(followed, former, self.target),
            *(file for file in passed if file.identity not in followed),
        ]

    def beside(self) -> list[Sibling]:
        """Return the uncompressed files that may hold what was read, newest first."""
        found = [*file_at(self.siblings.log), *self.siblings.all()]
        for log in (*self.left, self.target):
            if log != self.siblings.log:
                found += [*file_at(log), *files_of(log.parent, LogNames(log.name))]
        distinct = {file.identity: file for file in found if not is_compressed_name(file.path)}
        return list(distinct.values())[::-1]

    def find(
        self, lost: FilePosition, left_out: Collection[Identity], now: float, *, everywhere: bool
    ) -> FollowedFile | None:
        """Find a copy of the `lost` file, or where it was moved; open it where reading stopped.

        The file is recognised by its contents. Files in `left_out` are not considered. Compressed
        files and other folders are searched only if `everywhere` is set.
        """
        beside = sorted(self.beside(), key=lambda each: each.identity != lost.identity)
        for sibling in chain(beside, self._elsewhere(lost.identity) if everywhere else ()):
            if sibling.identity in left_out or sibling.identity in self._rejected:
                continue
            with contextlib.suppress(OSError):
                file = open_rotated(sibling.path, now)
                if file.is_read_up_to(lost):
                    file.resume(lost)
                    return file
                file.close()
        return None

    def reject(self, file: FollowedFile) -> None:
        """Never return this file again: it is damaged, or not the one searched for."""
        self._rejected.add(file.identity)

    def unseen(
        self, opened: Sequence[FollowedFile], given_up: Mapping[Identity, Place], now: float
    ) -> list[FollowedFile]:
        """Open files that were the log and were compressed or moved since the last look."""
        left_out = {file.identity for file in opened} | self._rejected
        found: list[FollowedFile] = []
        for sibling in self._unseen(left_out, left_out.union(given_up)):
            with contextlib.suppress(OSError):
                file = open_rotated(sibling.path, now)
                if self._is_known(file.beginning, [*opened, *found], given_up.values()):
                    file.close()
                else:
                    found.append(file)
        return found

    def _unseen(
        self, left_out: Collection[Identity], former: Collection[Identity]
    ) -> list[Sibling]:
        """Return new compressed files, and files moved to a folder that holds a `former` one."""
        if not self.written:
            return []
        found = self.siblings.new_compressed(left_out, former, self.target)
        for files in self._below():
            if any(file.identity in former for file in files):
                found += [file for file in files if self.siblings.is_rotated(file)]
        return sorted(
            file for file in found if file.identity not in left_out and self._may_be_newer(file)
        )

    def _is_known(
        self, beginning: bytes, opened: Iterable[FollowedFile], given_up: Iterable[Place]
    ) -> bool:
        """Tell by a file's first bytes whether it was read before or is old."""
        known = [(old.length, old.head) for old in self.siblings.known]
        places = [*given_up, *(file.place for file in opened)]  # truncated files too
        known += [(min(MARK, place.offset), place.head) for place in places]
        for file in opened:
            known += [(len(file.beginning), digest(file.beginning))]
        return not beginning or any(
            length and digest(beginning[:length]) == head for length, head in known
        )

    def _passed(self) -> Iterator[Sibling]:
        """Yield the logs in folders whose numbers the links have skipped.

        Between two looks, a link may move from `..1/access.log` to `..3/access.log`.
        """
        log, target = self.siblings.log, self.target
        if log.name != target.name or log.parent.parent != target.parent.parent:
            return
        names = LogNames(log.parent.name, series=True)
        first, last = names.member(log.parent.name), names.member(target.parent.name)
        if first is None or last is None or not last.current:
            return
        numbered = [
            (member.numbers, folder)
            for folder in _folders_in(log.parent.parent)
            if (member := names.member(folder.name)) and member.current
        ]
        for numbers, folder in sorted(numbered):
            if first.numbers < numbers < last.numbers:
                yield from file_at(folder / log.name)

    def _siblings_of(self, target: Path) -> Siblings:
        linked = os.path.abspath(self._path) != os.fspath(target)  # noqa: PTH100 - links are kept
        return Siblings(target, linked=linked)

    def _may_be_newer(self, file: Sibling) -> bool:
        return file.written >= self.written - _SLACK

    def _elsewhere(self, sought: Identity) -> Iterator[Sibling]:
        """Yield compressed or moved files that may hold the contents of `sought`."""
        below = (file for files in self._below() for file in files)
        for file in chain(self.siblings.compressed()[::-1], below):
            if self._may_be_newer(file) or file.identity == sought:
                yield file

    def _below(self) -> Iterator[list[Sibling]]:
        """Yield a list of the log's files for each folder below its own."""
        names = LogNames(self.siblings.log.name)
        for folder in _folders_in(self.siblings.log.parent)[:_FOLDERS]:
            yield list(islice(files_of(folder, names), _ENTRIES))


def _folders_in(folder: Path) -> list[Path]:
    """Return the folders in a folder, sorted; of a large one, only those among `_ENTRIES`."""
    found: list[Path] = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in islice(entries, _ENTRIES):
            with contextlib.suppress(OSError):
                if entry.is_dir():
                    found.append(Path(entry.path))
    return sorted(found)
