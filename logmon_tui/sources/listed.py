"""Files as a folder lists them, and as they are opened later, whatever their names are by then."""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from logmon_tui.sources.identity import Identity, identity_of


class Sibling(NamedTuple):
    """A file beside the log, as it was listed; it may have been renamed since."""

    written: int  # time of the last change, ns
    identity: Identity
    path: str


def files_in(folder: Path, wanted: Callable[[str], bool]) -> Iterator[Sibling]:
    """Yield the files in a folder with a `wanted` name; none if the folder is missing."""
    # Files, and the folder itself, may be renamed or deleted at any time.
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not wanted(entry.name):
                continue
            with contextlib.suppress(OSError):
                result = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(result.st_mode):
                    yield Sibling(result.st_mtime_ns, identity_of(result), entry.path)


def file_at(path: Path) -> list[Sibling]:
    """Return the regular file at `path` as a list of one; empty if there is none."""
    with contextlib.suppress(OSError):
        result = path.stat()
        if stat.S_ISREG(result.st_mode):
            return [Sibling(result.st_mtime_ns, identity_of(result), os.fspath(path))]
    return []


def opened(sibling: Sibling) -> FileIO:
    """Open a listed file, even if it was renamed since; raise OSError if it is gone."""
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
    """Open the file at `path`; None if it is another file by now."""
    file = FileIO(path)
    if identity_of(os.fstat(file.fileno())) == sibling.identity:
        return file
    file.close()
    return None
