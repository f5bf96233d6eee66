"""Writes what a key of the screen saves: beside the user, under a name that nothing has yet."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

_MOST = 99
"""Maximum things of one name in a folder: `name`, `name-2` and so on."""


def saved(name: str, suffix: str, write: Callable[[Path], object]) -> Path:
    """Have `write` make the file or folder `name` + `suffix`, and return its path.

    It goes into the current folder, into the user's own where that cannot be written. If something
    is there already, the name gets a number. `write` raises FileExistsError for a path that is
    taken, as this does when all are, and any OSError for one that it cannot write.
    """
    problem: OSError = FileNotFoundError("no folder to write to")
    for folder in _folders():
        try:
            return _numbered(folder, name, suffix, write)
        except OSError as error:
            problem = error
    raise problem


def write_new(path: Path, content: bytes) -> None:
    """Write a new file that only the user may read; leave nothing if that fails. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _folders() -> Iterator[Path]:
    with suppress(OSError):  # the current folder may be gone
        yield Path.cwd()
    with suppress(RuntimeError):  # a user may have none
        yield Path.home()


def _numbered(folder: Path, name: str, suffix: str, write: Callable[[Path], object]) -> Path:
    for number in range(1, _MOST + 1):
        path = folder / f"{name}{'' if number == 1 else f'-{number}'}{suffix}"
        try:
            write(path)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(0, "all its names are taken; move some away")
