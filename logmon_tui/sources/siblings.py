"""Siblings: finds files that were rotated away before they were seen under the log's own name."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from logmon_tui.sources.followed_file import MARK, digest
from logmon_tui.sources.identity import Identity, KnownFile, identity_of
from logmon_tui.sources.listed import Sibling, files_in
from logmon_tui.sources.rotated_names import (
    LogNames,
    Member,
    is_compressed_name,
    uncompressed_name,
)

_LISTINGS = 5
"""Maximum listings of a directory until it stops changing."""

Heads: TypeAlias = Mapping[Identity, tuple[int, bytes]]
"""Number and digest of the first bytes of each file: the identity alone is not enough, as inodes
are reused."""


class Siblings:
    """The files in the directory of `log` whose names derive from its name.

    They are distinguished by identity and first bytes. If links lead to `log` (`linked`), files
    whose names differ from it only in numbers belong too: the links may point to them later.

    Files that are there while the log's own file is unchanged are old: they are noted and never
    read. A file that appears between two looks, while the log's file changes, was the log for a
    moment. A directory that is missing or cannot be listed counts as empty.
    """

    def __init__(self, log: Path, *, linked: bool = False) -> None:
        self.log = log
        self._linked = linked
        self._names = LogNames(log.name, series=linked)
        self._directory: Identity | None = None
        self._changed_at = 0
        self._known: Heads = {}
        # Time of the last write (ns) to each empty file: at the last look, and when it was noted.
        self._empty_now: dict[Identity, int] = {}
        self._empty: dict[Identity, int] = {}
        self.note(self.look(ahead=True) or {})

    @property
    def directory(self) -> Identity | None:
        """The identity of the directory at the last look."""
        return self._directory

    @property
    def known(self) -> tuple[KnownFile, ...]:
        """The old files."""
        return tuple(KnownFile(identity, *head) for identity, head in self._known.items())

    def look(self, *, ahead: bool = False) -> Heads | None:
        """Return the files that are there; None if the directory has not changed since.

        Files to which a link may point later are left out, unless `ahead` is set or they were noted
        before.
        """
        directory, changed_at = self._directory_now()
        if directory == self._directory and changed_at == self._changed_at:
            return None
        self._directory, self._changed_at = directory, changed_at
        heads = {
            found: _head(found)
            for found in self._settled()
            if found.path != os.fspath(self.log)
            and (ahead or found.identity in self._known or not self._is_ahead(found))
        }
        self._empty_now = {found.identity: found.written for found in heads if not heads[found]}
        return {found.identity: (len(head), digest(head)) for found, head in heads.items()}

    def note(self, seen: Heads) -> None:
        """Note the files in `seen`, and no others, as old."""
        self._known = seen
        self._empty = self._empty_now

    def restore(self, known: Iterable[KnownFile]) -> None:
        """Note as old the files that the previous run knew; the next look lists the directory.

        Without that listing, in an unchanged directory, files that are new now would never be
        noted as old.
        """
        self.note({each.identity: (each.length, each.head) for each in known})
        self._changed_at = 0

    def move(self, log: Path) -> bool:
        """Continue with `log`, the links' new target, if it is a sibling; return whether it is."""
        if not self._linked or not self._is_beside(log):
            return False
        self.log = log
        self._names = LogNames(log.name, series=True)
        self._changed_at = 0  # the file that was the log until now must be noted
        return True

    def new(
        self, followed: Collection[Identity], former: Collection[Identity], target: Path
    ) -> list[Sibling]:
        """Return the files that were the log since the last look, last written last.

        They are neither noted nor `followed`. `target` is where the links point now; logs numbered
        between the previous target and this one are included. The current names of the `followed`
        and `former` files show how this log is rotated. A directory that was made anew has no such
        files: what is in it was put there, not rotated.
        """
        if self._directory_now()[0] != self._directory:
            self.note(self.look(ahead=True) or {})
            return []
        new = self._new(self._settled(), followed, former, target)
        return [found for found in new if not is_compressed_name(found.path)]

    def new_compressed(
        self, followed: Collection[Identity], former: Collection[Identity], target: Path
    ) -> list[Sibling]:
        """Return the compressed files that were the log since the last look, as `new` does.

        A file that is being compressed right now is left out.
        """
        files = self._settled()
        names = {found.path for found in files}
        return [
            found
            for found in self._new(files, followed, former, target)
            if is_compressed_name(found.path) and uncompressed_name(found.path) not in names
        ]

    def is_rotated(self, found: Sibling) -> bool:
        """Tell whether a file, in any directory, has a name that rotation gives this log."""
        member = self._member(found)
        return member is not None and member.rotated

    def _new(
        self,
        files: Sequence[Sibling],
        followed: Collection[Identity],
        former: Collection[Identity],
        target: Path,
    ) -> Iterator[Sibling]:
        own = [found for found in files if found.identity in followed or found.identity in former]
        members = map(self._member, own)
        numbered = any(member is not None and member.inserted for member in members)
        for found in files:
            if (
                found.identity not in followed
                and self._was_log(found, target, numbered=numbered)
                and not self._is_old(found)
            ):
                yield found

    def all(self) -> list[Sibling]:
        """Return the files that are not compressed, last written last."""
        return [found for found in self._settled() if not is_compressed_name(found.path)]

    def compressed(self) -> list[Sibling]:
        """Return the compressed files, last written last."""
        return [found for found in self._settled() if is_compressed_name(found.path)]

    def _is_old(self, found: Sibling) -> bool:
        """Tell whether a file was noted, and is still the same file."""
        known = self._known.get(found.identity)
        if known is None:
            return False
        (length, expected), head = known, _head(found)
        if length:
            return digest(head[:length]) == expected
        # Only the time distinguishes an empty file from a later one with the same inode.
        return not head and self._empty.get(found.identity, found.written) == found.written

    def _settled(self) -> list[Sibling]:
        """List the files until the directory stops changing; last written last.

        A file renamed during a listing may be missing from it.
        """
        found: dict[Identity, Sibling] = {}
        for _ in range(_LISTINGS):
            before = self._directory_now()
            listed = files_of(self.log.parent, self._names)
            found |= {sibling.identity: sibling for sibling in listed}
            if self._directory_now() == before:
                break
        return sorted(each for each in found.values() if self._linked or not self._is_log(each))

    def _is_log(self, found: Sibling) -> bool:
        member = self._member(found)
        return member is not None and member.current

    def _member(self, found: Sibling) -> Member | None:
        return self._names.member(os.path.basename(found.path))  # noqa: PTH119 - as a string

    def _is_beside(self, log: Path) -> bool:
        """Tell whether the links may have pointed, or may point later, to `log` from here."""
        member = self._names.member(log.name)
        return log.parent == self.log.parent and member is not None and member.current

    def _is_ahead(self, found: Sibling) -> bool:
        """Tell whether a file has, or had, a name to which the links may point later."""
        own, member = self._names.member(self.log.name), self._member(found)
        return own is not None and member is not None and member.numbers > own.numbers

    def _was_log(self, found: Sibling, target: Path, *, numbered: bool) -> bool:
        """Tell by a file's name whether it was the log, or was rotated from it, until now.

        `numbered` says that rotation puts numbers before the ending; otherwise a number there
        means another host.
        """
        own, member = self._names.member(self.log.name), self._member(found)
        last = self._names.member(target.name) if self._is_beside(target) else own
        if own is None or last is None or member is None:
            return False
        passed = own.numbers <= member.numbers <= max(own.numbers, last.numbers)
        if member.current:
            return passed and target != self.log and found.path != os.fspath(target)
        return passed and (member.rotated or (member.inserted and numbered))

    def _directory_now(self) -> tuple[Identity | None, int]:
        """Return the directory's identity and the time of its last change (ns)."""
        try:
            result = self.log.parent.stat()
        except OSError:
            return None, 0
        return identity_of(result), result.st_mtime_ns


def files_of(folder: Path, names: LogNames) -> Iterator[Sibling]:
    """Yield the files in a folder whose names belong to a log; none if the folder is missing."""
    return files_in(folder, lambda name: names.member(name) is not None)


def _head(sibling: Sibling) -> bytes:
    """Return the first bytes of a file; empty if it cannot be read or has been renamed."""
    try:
        descriptor = os.open(sibling.path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        renamed = identity_of(os.fstat(descriptor)) != sibling.identity
        return b"" if renamed else os.pread(descriptor, MARK, 0)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
