"""The key that makes pseudonyms: of a file that the user names, or one made for this host."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from logmon_tui.config.secret_file import path_of, secret_bytes, shown
from logmon_tui.errors import UsageError

_NAME = "pseudonyms.key"
_LEAST = 16


def key_of(file: str | None, folder: Path) -> bytes:
    """Return the key in `file`, or the one in `folder`, which is made if it is missing.

    Raises UsageError if it cannot be read or made, if others may read it, or if it is too short.
    """
    path = folder / _NAME if file is None else path_of(file)
    if file is None:
        _make(path)
    key = secret_bytes(path).strip()
    if len(key) < _LEAST:
        raise UsageError(f"{shown(path)}: a key has {_LEAST} bytes or more; openssl rand -hex 32")
    return key


def _make(path: Path) -> None:
    if path.exists():
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(f"{_NAME}.{os.getpid()}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            os.write(descriptor, secrets.token_hex(32).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with suppress(FileExistsError):  # two agents that begin at once have one key
            os.link(new, path)
        new.unlink()
    except OSError as error:
        raise UsageError(f"{shown(path)}: cannot be written: {error.strerror}") from error
