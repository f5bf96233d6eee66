"""Reads a secret from a file that nobody else may read."""

import os
import stat
from pathlib import Path

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

_MAX_BYTES = 64 * 1024
"""Maximum bytes read of a file that holds a secret."""


def secret_in(file: str) -> str:
    """Return the only line of a file. Raises UsageError if others may read it."""
    path = Path(os.path.expanduser(file))  # noqa: PTH111 - cannot fail
    name = printable(os.fsencode(path))
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "is no name of a file"
        raise UsageError(f"{name}: cannot be read: {why}") from error
    try:
        _check_safe(name, os.fstat(descriptor))
        content = os.read(descriptor, _MAX_BYTES)
    finally:
        os.close(descriptor)
    try:
        value = content.decode().strip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8; write the secret anew") from error
    if not value:
        raise UsageError(f"{name} is empty; write the secret into it")
    return value


def _check_safe(name: str, found: os.stat_result) -> None:
    """Raise UsageError for a file that others may read or write, and for what is no plain file."""
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{name} is no plain file; put the secret into one")
    if found.st_uid != os.geteuid():
        raise UsageError(f"{name} belongs to another user; make it your own with chown")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(f"{name} may be read by others; close it with chmod 600")
