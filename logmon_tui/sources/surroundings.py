"""Where the files of a log may lie that its path does not name."""

import contextlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from logmon_tui.sources.base import FilePosition, Identity, LogPosition, Place
from logmon_tui.sources.compressed_file import open_rotated
from logmon_tui.sources.followed_file import MARK, FollowedFile, digest
from logmon_tui.sources.rotated_names import LogNames, is_compressed_name
from logmon_tui.sources.siblings import Sibling, Siblings, files_of, look_at

_FOLDERS = 64
"""Maximum folders below the log's own that are looked into."""

_ENTRIES = 10_000
"""Maximum entries of one folder that are looked at, so that a large one delays nothing."""

_LEFT = 16
"""Maximum targets that links left, and whose files are looked for in another run."""

_SLACK = 2_000_000_000
"""Nanoseconds by which a compressed file may be older than what was compressed: some tools keep
whole seconds only, some file systems even ones."""


class Surroundings:
    """The files beside the log at `path`, those one folder below, and those that links left.

    Rotated files are moved to a folder by logrotate's `olddir`. Where links led formerly, files
    lie that are still written for a while. `target` is what the path leads to without symbolic
    links, as of the last `resolve`, `written` when the log's file changed last, in ns, as of the
    last look at it: a file of older content holds nothing that was not read.
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
        self._mistaken: set[Identity] = set()

    def resolve(self) -> None:
        """Find out where the path leads now."""
        self.target = Path(os.path.realpath(self._path))

    def follow_links(self) -> None:
        """Look beside what the links name now."""
        if self.target != self.siblings.log and not self.siblings.move(self.target):
            left = [left for left in self.left if left != self.target]
            self.left = [*left, self.siblings.log][-_LEFT:]
            self.siblings = self._siblings_of(self.target)

    def new(self, followed: Collection[Identity], former: Collection[Identity]) -> list[Sibling]:
        """Return the files that are none of the `followed`, and were the log since the last look.

        What the `followed` and `former` ones are called by now tells how the log is rotated.
        """
        passed = (file for file in self._passed() if self._may_be_newer(file))
        return [
            *self.siblings.new(followed, former, self.target),
            *(file for file in passed if file.identity not in followed),
        ]

    def beside(self) -> list[Sibling]:
        """Return the files that are not compressed, and may hold what was read, newest first."""
        found = [*look_at(self.siblings.log), *self.siblings.all()]
        for log in (*self.left, self.target):
            if log != self.siblings.log:
                found += [*look_at(log), *files_of(log.parent, LogNames(log.name))]
        distinct = {file.identity: file for file in found if not is_compressed_name(file.path)}
        return list(distinct.values())[::-1]

    def find(
        self, lost: FilePosition, left_out: Collection[Identity], now: float, *, farther: bool
    ) -> FollowedFile | None:
        """Open the copy of a file that was truncated, or one that was moved, where it was read to.

        It is known by what it holds, and none of those `left_out`. Compressed files and other
        folders are looked through if it may lie `farther`.
        """
        beside = sorted(self.beside(), key=lambda each: each.identity != lost.identity)
        for sibling in chain(beside, self._elsewhere(lost.identity) if farther else ()):
            if sibling.identity in left_out or sibling.identity in self._mistaken:
                continue
            with contextlib.suppress(OSError):
                file = open_rotated(sibling.path, now)
                if file.is_read_up_to(lost):
                    file.resume(lost)
                    return file
                file.close()
        return None

    def leave_out(self, file: FollowedFile) -> None:
        """Note that a file is damaged, or is not the one it was found for."""
        self._mistaken.add(file.identity)

    def unseen(
        self, opened: Sequence[FollowedFile], given_up: Mapping[Identity, Place], now: float
    ) -> list[FollowedFile]:
        """Open the files that were the log, and were compressed or moved, since the last look."""
        left_out = {file.identity for file in opened} | self._mistaken
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
        """Return the compressed files and those moved to where one of the `former` was moved."""
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
        """Tell whether a file's first bytes are those of one that was read, or is old."""
        known = [(old.length, old.head) for old in self.siblings.known]
        places = [*given_up, *(file.place for file in opened)]  # of one cut short, too
        known += [(min(MARK, place.offset), place.head) for place in places]
        for file in opened:
            known += [(len(file.beginning), digest(file.beginning))]
        return not beginning or any(
            length and digest(beginning[:length]) == head for length, head in known
        )

    def _passed(self) -> Iterator[Sibling]:
        """Yield the logs in the folders that links passed by on their way, by their numbers.

        A link may go from `..1/access.log` to `..3/access.log` between two looks.
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
                yield from look_at(folder / log.name)

    def _siblings_of(self, target: Path) -> Siblings:
        linked = os.path.abspath(self._path) != os.fspath(target)  # noqa: PTH100 - links are kept
        return Siblings(target, linked=linked)

    def _may_be_newer(self, file: Sibling) -> bool:
        return file.written >= self.written - _SLACK

    def _elsewhere(self, sought: Identity) -> Iterator[Sibling]:
        """Yield the files compressed or moved that may hold what `sought` held."""
        below = (file for files in self._below() for file in files)
        for file in chain(self.siblings.compressed()[::-1], below):
            if self._may_be_newer(file) or file.identity == sought:
                yield file

    def _below(self) -> Iterator[list[Sibling]]:
        """Yield the files of the log in each folder below its own."""
        names = LogNames(self.siblings.log.name)
        for folder in _folders_in(self.siblings.log.parent)[:_FOLDERS]:
            yield list(islice(files_of(folder, names), _ENTRIES))


def _folders_in(folder: Path) -> list[Path]:
    """Return the folders in a folder, sorted; of a large one, those among its first entries."""
    found: list[Path] = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in islice(entries, _ENTRIES):
            with contextlib.suppress(OSError):
                if entry.is_dir():
                    found.append(Path(entry.path))
    return sorted(found)
