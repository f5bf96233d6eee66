"""The files of a state: creates them for their owner alone, locks them and sets them aside.

Refuses symbolic links.
"""

import contextlib
import fcntl
import os
import stat
from pathlib import Path

from logmon_tui.escape import Printable, printable
from logmon_tui.state.location import SUFFIX

_WAL = "-wal"
_COMPANIONS = (_WAL, "-shm", "-journal")
_LOCK = ".lock"
DAMAGED = ".damaged"
UNREAD = ".unread"
_SQLITE = b"SQLite format 3\0"
_PRIVATE = 0o600


class RefusedError(Exception):
    """A file that must not be touched; the message says why, and how to mend it."""


def companions(file: Path) -> list[Path]:
    """Return the companion files that SQLite keeps beside `file`."""
    return [_beside(file, ending) for ending in _COMPANIONS]


def lock_file(file: Path) -> Path:
    """Return the lock file of `file`: while it is locked, an instance saves into `file`."""
    return _beside(file, _LOCK)


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def check_kind(file: Path) -> None:
    """Raise RefusedError unless `file` and its companions are missing or plain files of the user.

    Raises OSError if they cannot be examined.
    """
    for path in (file, lock_file(file), *companions(file)):
        with contextlib.suppress(FileNotFoundError):
            found = path.lstat()
            if stat.S_ISLNK(found.st_mode):
                raise RefusedError("is a symbolic link, which is not followed; remove it")
            if not stat.S_ISREG(found.st_mode):
                raise RefusedError("is no plain file; name another with --state")
            if found.st_uid != os.geteuid():
                raise RefusedError("belongs to another user; name another with --state")

    if file.exists() and not _may_be_state(file):
        raise RefusedError("is no state of logmon-tui; remove it or name another with --state")


def _may_be_state(file: Path) -> bool:
    """Tell whether a file may be a state, perhaps a damaged one.

    Otherwise the user named another file by mistake, perhaps a log, which must stay as it is.
    """
    with file.open("rb") as opened:
        begin = opened.read(len(_SQLITE))
    # An empty file may be a log that was just rotated, but a log has no lock file beside it.
    begun = not begin and lock_file(file).exists()
    return file.suffix == SUFFIX or begin == _SQLITE or begun


def is_checkpointed(file: Path) -> bool:
    """Tell whether `file` alone, without its WAL, holds every commit, as after a clean exit."""
    wal = _beside(file, _WAL)
    return not wal.exists() or not wal.stat().st_size


def make_folder(folder: Path) -> None:
    """Create `folder` and its missing parents, for the user alone, as XDG requires.

    Raises OSError.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def make(file: Path) -> bool:
    """Create an empty `file` if it is missing; make it accessible to its owner only.

    Returns whether it was created. Raises OSError.
    """
    try:
        handle = _open(file, os.O_CREAT | os.O_EXCL)
        for path in companions(file):  # left over from a file that was removed
            path.unlink(missing_ok=True)
        made = True
    except FileExistsError:
        handle, made = _open(file), False
    os.close(handle)
    return made


def begun_at(file: Path) -> float | None:
    """Return when `file` was begun, in epoch seconds; None if it is missing.

    That is the time of its lock file: even a full disk has room for an empty file.
    """
    with contextlib.suppress(OSError):
        file.lstat()
        return lock_file(file).lstat().st_mtime
    return None


def _open(path: Path, flags: int = 0) -> int:
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | flags, _PRIVATE)
    try:
        if stat.S_IMODE(os.fstat(handle).st_mode) != _PRIVATE:
            os.fchmod(handle, _PRIVATE)
    except OSError:
        os.close(handle)
        raise
    return handle


def lock(file: Path) -> int | None:
    """Lock `file` and return the lock's descriptor; None if another instance holds the lock.

    The system releases the lock when the process ends, however it ends. Raises OSError.
    """
    path = lock_file(file)
    while True:
        handle = _open(path, os.O_CREAT)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        except OSError:
            os.close(handle)
            raise
        # Removing a state removes its lock file too; a lock on a removed file excludes nobody.
        if _same(handle, path):
            return handle
        os.close(handle)


def in_use(file: Path) -> bool:
    """Tell whether an instance saves into `file`."""
    try:
        handle = os.open(lock_file(file), os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def set_aside(file: Path, ending: str) -> Path:
    """Rename a file and its companions; return the file's new path. Raises OSError.

    `ending`, DAMAGED or UNREAD, is appended to the name; an older file of that name is replaced.
    """
    aside = _beside(file, ending)
    for path, target in zip(companions(file), companions(aside), strict=True):
        target.unlink(missing_ok=True)
        if path.exists():
            path.replace(target)
    file.replace(aside)
    return aside


def remove(file: Path) -> None:
    """Remove `file`, the files set aside from it, and all companions. Raises OSError."""
    for each in (_beside(file, DAMAGED), _beside(file, UNREAD), file):
        for path in (each, *companions(each)):
            path.unlink(missing_ok=True)
    lock_file(file).unlink(missing_ok=True)


def shown(file: Path) -> Printable:
    """Return a path as text that is safe to show."""
    return printable(os.fsencode(file))
