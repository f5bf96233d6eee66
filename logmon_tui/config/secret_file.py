"""Reads secrets from files that others may not read. No message here shows what they hold."""

import os
import stat
from pathlib import Path

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

_MAX_BYTES = 64 * 1024
"""Maximum bytes of a file with a secret."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""The rights in a file's mode of all but its owner."""

_ROOT = 0


def shown(file: Path) -> str:
    """Return a path as text that is safe to show."""
    return printable(os.fsencode(file))


def path_of(file: str) -> Path:
    """Return the path of a file as an option or a setting gives it; `~` is the home folder."""
    return Path(os.path.expanduser(file))  # noqa: PTH111 - cannot fail


def secret_bytes(file: Path) -> bytes:
    """Return what a file holds that others may not read. Raises UsageError."""
    name = shown(file)
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}; give another file") from error
    except ValueError as error:
        raise UsageError(f"{name}: cannot be read: is no name of a file") from error
    try:
        _check_safe(name, os.fstat(descriptor))
        content = os.read(descriptor, _MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    if not content.strip():
        raise UsageError(f"{name} is empty; write the secret into it")
    if len(content) > _MAX_BYTES:
        raise UsageError(f"{name} is too large for a secret; give another file")
    return content


def secret_line(file: Path) -> str:
    """Return the only line of a file that others may not read. Raises UsageError."""
    try:
        line = secret_bytes(file).decode().strip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown(file)} is not UTF-8; write the secret anew") from error
    if not line.isprintable():
        raise UsageError(f"{shown(file)} holds more than one line of plain text; mend it")
    return line


def _check_safe(name: str, found: os.stat_result) -> None:
    """Raise UsageError for a file that others may read or write, and for what is no plain file.

    It may belong to root, and then to a group of this process: so Kubernetes hands secrets over to
    a process without root's rights, which it lets only read them.
    """
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{name} is no plain file; put the secret into one")
    own = os.geteuid()
    if found.st_uid not in {own, _ROOT}:
        raise UsageError(f"{name} belongs to another user; make it your own with chown")
    allowed = 0
    if own != _ROOT == found.st_uid and found.st_gid in {os.getegid(), *os.getgroups()}:
        allowed = stat.S_IRGRP
    if found.st_mode & _OTHERS & ~allowed:
        raise UsageError(f"{name} may be read by others; close it with chmod 600")
