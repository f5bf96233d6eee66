"""The files of a log that were rotated away, to be read as a whole, oldest first."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from logmon_tui.sources.followed_file import identity_of
from logmon_tui.sources.siblings import Sibling, is_rotated_name, look_at, uncompressed_name


def rotated_files(log: Path, first_second: Callable[[Sibling], float]) -> list[Sibling]:
    """Return the former files of the log at `log`, compressed ones too, oldest first.

    `first_second` tells the time of a file's first hit, by which they are put in order. A file
    that is there compressed and uncompressed, as while it is being compressed, comes once.
    """
    files = list(_former_files(Path(os.path.realpath(log))))
    own = {found.identity for found in look_at(log)}
    names = {found.path for found in files}
    distinct = {
        found.identity: found
        for found in files
        if found.identity not in own
        and (
            uncompressed_name(found.path) == found.path
            or uncompressed_name(found.path) not in names
        )
    }
    return sorted(distinct.values(), key=lambda found: (first_second(found), found.written))


def _former_files(log: Path) -> Iterator[Sibling]:
    with contextlib.suppress(OSError), os.scandir(log.parent) as entries:
        for entry in entries:
            if is_rotated_name(entry.name, log.name):
                with contextlib.suppress(OSError):
                    result = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(result.st_mode):
                        yield Sibling(result.st_mtime_ns, identity_of(result), entry.path)
