"""Finds files that were rotated away before they were ever seen under the log's own name."""

import contextlib
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from logmon_tui.sources.base import Identity
from logmon_tui.sources.followed_file import identity_of

_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z", ".zip", ".br")
_LISTINGS = 5


class _Sibling(NamedTuple):
    written: int  # time of the last change, ns
    identity: Identity
    path: str


class Siblings:
    """The files `<name>.*` and `<name>-*` beside the file `log`, told apart by identity.

    What lies there while the log's own file is unchanged is old: it is noted, and never read.
    What appears between two looks while the log's file changes was the log for a moment.
    A directory that is missing, or cannot be listed, is empty.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self._prefixes = (f"{log.name}.", f"{log.name}-")
        self._directory: Identity | None = None
        self._changed_at = 0
        self._known: frozenset[Identity] = frozenset()
        self.note(self.look() or frozenset())

    def look(self) -> frozenset[Identity] | None:
        """Return what is there, or None if the directory is as it was at the last look."""
        directory, changed_at = self._directory_now()
        if directory == self._directory and changed_at == self._changed_at:
            return None
        self._directory, self._changed_at = directory, changed_at
        return frozenset(self._list())

    def note(self, seen: frozenset[Identity]) -> None:
        """Take everything in `seen` for old."""
        self._known = seen

    def new(self, followed: Collection[Identity]) -> list[str]:
        """Return the paths of files neither noted nor `followed`, last written last.

        A directory that was made anew holds none: what is in it was put there, not rotated.
        """
        if self._directory_now()[0] != self._directory:
            return []
        old = self._known.union(followed)
        return [path for _, identity, path in sorted(self._list().values()) if identity not in old]

    def _directory_now(self) -> tuple[Identity | None, int]:
        """Return identity and time of the last change of the directory."""
        try:
            result = self.log.parent.stat()
        except OSError:
            return None, 0
        return identity_of(result), result.st_mtime_ns

    def _list(self) -> dict[Identity, _Sibling]:
        """List until the directory keeps still: a file renamed meanwhile can escape a listing."""
        found: dict[Identity, _Sibling] = {}
        for _ in range(_LISTINGS):
            before = self._directory_now()
            found |= {sibling.identity: sibling for sibling in self._list_once()}
            if self._directory_now() == before:
                break
        return found

    def _list_once(self) -> Iterator[_Sibling]:
        # Files, and the directory itself, may be renamed or deleted meanwhile.
        with contextlib.suppress(OSError), os.scandir(self.log.parent) as entries:
            for entry in entries:
                if not entry.name.startswith(self._prefixes) or entry.name.endswith(_COMPRESSED):
                    continue
                with contextlib.suppress(OSError):
                    result = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(result.st_mode):
                        yield _Sibling(result.st_mtime_ns, identity_of(result), entry.path)
