"""Finds files that were rotated away before they were ever seen under the log's own name."""

import contextlib
import errno
import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import NamedTuple, TypeAlias

from logmon_tui.sources.base import Identity, KnownFile
from logmon_tui.sources.followed_file import MARK, digest, identity_of

_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z", ".zip", ".br")
_LISTINGS = 5

# What programs that rotate logs append: numbers, dates and times, `old`. Others put other things
# beside a log: copies, extracts, another host's log.
_ROTATED = re.compile(r"(?:[.-](?:\d[\d.:_T-]*|old|prev))+")

# What they put before a name's ending; a mere number there may tell hosts apart.
_DATED = re.compile(r"[._-]\d{4}[._-]?\d\d[._-]?\d\d(?:[.:_T-]?\d\d){0,3}")

Heads: TypeAlias = Mapping[Identity, tuple[int, bytes]]
"""Of each file some first bytes, their number and digest: inodes are used again."""


class Sibling(NamedTuple):
    """A file beside the log, as it was listed; by now it may bear another name."""

    written: int  # time of the last change, ns
    identity: Identity
    path: str


class Siblings:
    """The files `<name>.*` and `<name>-*` beside the file `log`, told apart by identity and head.

    What lies there while the log's own file is unchanged is old: it is noted, and never read.
    What appears between two looks while the log's file changes was the log for a moment.
    A directory that is missing, or cannot be listed, is empty.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self._prefixes = (f"{log.name}.", f"{log.name}-")
        self._directory: Identity | None = None
        self._changed_at = 0
        self._known: Heads = {}
        self.note(self.look() or {})

    @property
    def directory(self) -> Identity | None:
        """The directory that was looked at last."""
        return self._directory

    @property
    def known(self) -> tuple[KnownFile, ...]:
        """The old files."""
        return tuple(KnownFile(identity, *head) for identity, head in self._known.items())

    def look(self) -> Heads | None:
        """Return what is there, or None if the directory is as it was at the last look."""
        directory, changed_at = self._directory_now()
        if directory == self._directory and changed_at == self._changed_at:
            return None
        self._directory, self._changed_at = directory, changed_at
        heads = {found.identity: _head(found) for found in self.all()}
        return {identity: (len(head), digest(head)) for identity, head in heads.items()}

    def note(self, seen: Heads) -> None:
        """Take everything in `seen` for old, and nothing else."""
        self._known = seen

    def new(self, followed: Collection[Identity]) -> list[Sibling]:
        """Return the files neither noted nor `followed`, last written last.

        A directory that was made anew holds none: what is in it was put there, not rotated.
        """
        if self._directory_now()[0] != self._directory:
            self.note(self.look() or {})
            return []
        return [
            found
            for found in self.all()
            if found.identity not in followed
            and self._is_rotated(found)
            and not self._is_old(found)
        ]

    def all(self) -> list[Sibling]:
        """List what is there until it keeps still: a file renamed meanwhile can escape a listing.

        Last written last.
        """
        found: dict[Identity, Sibling] = {}
        for _ in range(_LISTINGS):
            before = self._directory_now()
            found |= {sibling.identity: sibling for sibling in self._list_once()}
            if self._directory_now() == before:
                break
        return sorted(found.values())

    def _is_rotated(self, found: Sibling) -> bool:
        """Tell whether a file's name is one that a rotated log is given."""
        suffix = Path(found.path).name.removeprefix(self.log.name)
        return _ROTATED.fullmatch(suffix) is not None

    def _is_old(self, found: Sibling) -> bool:
        """Tell whether a file was noted, and still is the one that was noted."""
        known = self._known.get(found.identity)
        if known is None:
            return False
        (length, expected), head = known, _head(found)
        return digest(head[:length]) == expected if length else not head

    def _directory_now(self) -> tuple[Identity | None, int]:
        """Return identity and time of the last change of the directory."""
        try:
            result = self.log.parent.stat()
        except OSError:
            return None, 0
        return identity_of(result), result.st_mtime_ns

    def _list_once(self) -> Iterator[Sibling]:
        # Files, and the directory itself, may be renamed or deleted meanwhile.
        with contextlib.suppress(OSError), os.scandir(self.log.parent) as entries:
            for entry in entries:
                if not entry.name.startswith(self._prefixes) or entry.name.endswith(_COMPRESSED):
                    continue
                with contextlib.suppress(OSError):
                    result = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(result.st_mode):
                        yield Sibling(result.st_mtime_ns, identity_of(result), entry.path)


def is_rotated_name(name: str, log: str) -> bool:
    """Tell whether a file called `name` may be a former file of the one called `log`.

    That is `access.log.1`, `access.log-20261122.gz` or `access-20261122.log` for `access.log`.
    """
    plain = uncompressed_name(name)
    if plain.startswith(log):
        return _ROTATED.fullmatch(plain[len(log) :]) is not None
    stem, ending = os.path.splitext(log)  # noqa: PTH122 - as a string
    between = plain.removeprefix(stem).removesuffix(ending)
    dated = plain == f"{stem}{between}{ending}"
    return dated and _DATED.fullmatch(between) is not None


def uncompressed_name(name: str) -> str:
    """Return the name that a file had before it was compressed."""
    return next((name.removesuffix(each) for each in _COMPRESSED if name.endswith(each)), name)


def look_at(path: Path) -> list[Sibling]:
    """Return the regular file at `path`, as a list of one or none."""
    with contextlib.suppress(OSError):
        result = path.stat()
        if stat.S_ISREG(result.st_mode):
            return [Sibling(result.st_mtime_ns, identity_of(result), os.fspath(path))]
    return []


def opened(sibling: Sibling) -> FileIO:
    """Open a file that was listed, by whatever name it has now; raise OSError if it is gone."""
    with contextlib.suppress(FileNotFoundError):
        file = _opened_as(sibling, sibling.path)
        if file is not None:
            return file
    folder = Path(sibling.path).parent
    with os.scandir(folder) as entries:
        names = [entry.path for entry in entries if entry.inode() == sibling.identity.inode]
    for path in names:
        file = _opened_as(sibling, path)
        if file is not None:
            return file
    raise FileNotFoundError(errno.ENOENT, "was moved or compressed just now; try again")


def _opened_as(sibling: Sibling, path: str) -> FileIO | None:
    """Open the file at `path`; None if that is another one by now."""
    file = FileIO(path)
    if identity_of(os.fstat(file.fileno())) == sibling.identity:
        return file
    file.close()
    return None


def _head(sibling: Sibling) -> bytes:
    """Return the first bytes of a file; none if it cannot be read, or has been renamed."""
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
