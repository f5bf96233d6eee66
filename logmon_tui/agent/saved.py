"""The state file of an agent, one for each log: where the next run goes on, and what was sent.

It is replaced as a whole, and is on the disk before anything that depends on it is sent. While an
agent runs, it locks a file beside it, so that no other agent sends the same log.
"""

import fcntl
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec

from logmon_tui.config.folders import state_folder
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.sources.base import LogPosition

_FORMAT = 1
_SUFFIX = ".agent"
_DAMAGED = ".damaged"
_MAX_BYTES = 16 * 1024 * 1024

_Count = Annotated[int, msgspec.Meta(ge=0, lt=2**62)]


class Planned(msgspec.Struct, frozen=True, array_like=True):
    """A chunk that may have been sent: its file's id, its bytes, and a digest of its lines."""

    file: bytes
    start: _Count
    end: _Count
    digest: bytes


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What is saved of a log.

    `position` is the place before the chunks `planned`. `sent`, `lost` and `left_out` are lines,
    `lost_bytes` and `sent_bytes` their bytes, since the log was first followed. `caught_up` is when
    the agent had sent everything last (epoch seconds, 0 for never). `format` is the name of the
    log's format.
    """

    version: int = _FORMAT
    log: bytes = b""
    position: LogPosition | None = None
    planned: tuple[Planned, ...] = ()
    sent: _Count = 0
    sent_bytes: _Count = 0
    lost: _Count = 0
    lost_bytes: _Count = 0
    left_out: _Count = 0
    caught_up: float = 0.0
    header: bytes = b""


def default_folder() -> Path:
    """Return where agents keep their state."""
    return state_folder() / "agent"


def state_file(folder: Path, log: str) -> Path:
    """Return the state file of a log, by its absolute path."""
    path = os.fsencode(os.path.abspath(log))  # noqa: PTH100 - links are kept
    digest = hashlib.blake2b(path, digest_size=8).hexdigest()
    return folder / f"{Path(log).name[:100]}-{digest}{_SUFFIX}"


class SavedProgress:
    """The state file of one log, locked until `close`.

    Raises UsageError if it cannot be written, or if another agent has locked it.
    """

    def __init__(self, folder: Path, log: str) -> None:
        self.note = ""
        self._file = state_file(folder, log)
        self._log = log
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(
                self._beside(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            raise UsageError(
                f"{self._shown}: cannot be written: {error.strerror}; give --state another folder"
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise UsageError(
                f"{printable(log)}: another agent sends this log; stop it, or give --state another "
                "folder to send it twice"
            ) from error

    @property
    def _shown(self) -> str:
        return printable(os.fsencode(self._file))

    def _beside(self, ending: str) -> Path:
        return self._file.with_name(self._file.name + ending)

    def load(self) -> Progress | None:
        """Return what was saved, None if nothing was; a damaged file is set aside, with a `note`.

        Raises UsageError if the file is there and cannot be read.
        """
        try:
            with self._file.open("rb") as file:
                content = file.read(_MAX_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UsageError(f"{self._shown}: cannot be read: {error.strerror}") from error
        try:
            found = msgspec.msgpack.decode(content, type=Progress)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            found = None
        if found is not None and found.version == _FORMAT:
            return found
        with suppress(OSError):
            self._file.replace(self._beside(_DAMAGED))
        self.note = f"{self._shown} was damaged and is set aside; the log is followed anew"
        return None

    def save(self, progress: Progress) -> None:
        """Replace the file by `progress`, on the disk when this returns. Raises OSError."""
        new = self._beside(".new")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(new, flags, 0o600)
        try:
            data = memoryview(msgspec.msgpack.encode(progress))
            while data:
                data = data[os.write(descriptor, data) :]
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        new.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Release the lock."""
        os.close(self._lock)
