"""Reads the files that say who one is to a broker. No message here ever shows what they hold."""

import os
import stat
from pathlib import Path

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

_MAX_BYTES = 64 * 1024
"""Maximum bytes of a file with a secret."""


def shown(file: Path) -> str:
    """Return a path as text that is safe to show."""
    return printable(os.fsencode(file))


def path_of(file: str) -> Path:
    """Return the path of a file as an option or a setting gives it; `~` is the home folder."""
    return Path(os.path.expanduser(file))  # noqa: PTH111 - cannot fail


def secret_bytes(file: Path) -> bytes:
    """Return what a file holds that only its owner may read. Raises UsageError."""
    name = shown(file)
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}; give another file") from error
    try:
        _check_safe(name, os.fstat(descriptor))
        content = os.read(descriptor, _MAX_BYTES)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    if not content.strip():
        raise UsageError(f"{name} is empty; write the secret into it")
    return content


def secret_line(file: Path) -> str:
    """Return the only line of a file that only its owner may read. Raises UsageError."""
    try:
        line = secret_bytes(file).decode().strip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown(file)} is not UTF-8; write the secret anew") from error
    if not line.isprintable():
        raise UsageError(f"{shown(file)} holds more than one line of plain text; mend it")
    return line


def _check_safe(name: str, found: os.stat_result) -> None:
    """Raise UsageError for a file that others may read or write, and for what is no plain file.

    It may belong to root: a service's manager hands such files over, readable for the service.
    """
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{name} is no plain file; put the secret into one")
    if found.st_uid not in {os.geteuid(), 0}:
        raise UsageError(f"{name} belongs to another user; make it your own with chown")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(f"{name} may be read by others; close it with chmod 600")
