"""The folder of requests: what commands ask of the watch that keeps a state, a file each.

`ack`, `silence` and `unsilence` know no running watch. They leave a file beside the state, under a
name that no other has, and never touch the state itself. The watch that saves the state applies the
files in the order of their names, saves, and only then removes them. What it applied is saved with
the state. So a request is applied once, wherever either process is killed, and one that no watch
has seen waits for the next one.
"""

import contextlib
import os
import stat
import time
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.escape import Printable, printable
from logmon_tui.monitor.commands import Acknowledge, AddSilence, EndSilence, SetNote
from logmon_tui.state.files import RefusedError, make_folder, shown

ENDING = ".requests"
MAX_REQUESTS = 1_000
"""Maximum requests that wait; a command refuses to leave more."""

MAX_BYTES = 16 * 1024
_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700
_SUFFIX = ".json"
_BEGUN = "."
"""How the name of a file begins that is not written to its end."""


class _Silence(msgspec.Struct, frozen=True, tag="silence", forbid_unknown_fields=True):
    silence: Silence


class _Unsilence(msgspec.Struct, frozen=True, tag="unsilence", forbid_unknown_fields=True):
    silence: Silence


class _Ack(msgspec.Struct, frozen=True, tag="ack", forbid_unknown_fields=True):
    incident: str
    at: float | None


class _Note(msgspec.Struct, frozen=True, tag="note", forbid_unknown_fields=True):
    incident: str
    note: str


_Record = _Silence | _Unsilence | _Ack | _Note
_DECODER = msgspec.json.Decoder(_Record)

Request: TypeAlias = AddSilence | EndSilence | Acknowledge | SetNote
"""What can be asked; the screen posts the same commands."""


class Waiting(NamedTuple):
    """A request and the name of its file; `request` is None if the file holds none."""

    name: str
    request: Request | None


def requests_folder(state: Path) -> Path:
    """Return the folder of requests of a state file."""
    return state.with_name(state.name + ENDING)


def leave_request(state: Path, request: Request) -> None:
    """Leave a request for the watch that keeps `state`.

    Raises RefusedError if the folder is none of the user's, or full; OSError if it cannot be
    written.
    """
    folder = requests_folder(state)
    made = not folder.exists()
    with contextlib.suppress(FileExistsError):
        make_folder(folder.parent)
        folder.mkdir(mode=_PRIVATE_FOLDER)
    _check_folder(folder)
    if len(_names(folder)) >= MAX_REQUESTS:
        raise RefusedError(f"holds {MAX_REQUESTS:,} requests that no watch has taken; start one")
    # Names in the order of time; two of the same moment are told apart by chance.
    name = f"{time.time_ns():020}-{uuid.uuid4().hex}{_SUFFIX}"
    begun = folder / f"{_BEGUN}{name}"
    descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(_record(request)))
            file.flush()
            os.fsync(file.fileno())
            if os.geteuid() == 0:  # root asks, a user watches
                _give(folder if made else None, file.fileno(), folder.parent)
        begun.rename(folder / name)
    except BaseException:
        begun.unlink(missing_ok=True)
        raise


def _give(folder: Path | None, file: int, parent: Path) -> None:
    """Give a file, and a new folder, to the owner of the state's folder."""
    owner = parent.stat()
    os.fchown(file, owner.st_uid, owner.st_gid)
    if folder is not None:
        os.chown(folder, owner.st_uid, owner.st_gid)


def request_names(state: Path) -> list[str]:
    """Return the names of the files that wait, in the order in which they were left.

    Raises RefusedError and OSError if the folder cannot be read; one that is missing has none.
    """
    folder = requests_folder(state)
    try:
        _check_folder(folder)
        return sorted(_names(folder))
    except FileNotFoundError:
        return []


def waiting_requests(state: Path, known: Collection[str] = ()) -> Iterator[Waiting]:
    """Yield the requests that wait in their order, but those `known`.

    Nothing in the folder is trusted. Raises RefusedError and OSError if it cannot be read.
    """
    names = [name for name in request_names(state) if name not in known]
    for name in names[:MAX_REQUESTS]:
        with contextlib.suppress(FileNotFoundError):  # the watch that saves has just removed it
            yield Waiting(name, _read(requests_folder(state) / name))


def remove_requests(state: Path, names: Collection[str]) -> None:
    """Remove files of requests. Raises OSError."""
    folder = requests_folder(state)
    for name in names:
        (folder / Path(name).name).unlink(missing_ok=True)


def remove_folder(state: Path) -> None:
    """Remove the folder of requests with all that is in it. Raises OSError."""
    folder = requests_folder(state)
    with contextlib.suppress(FileNotFoundError):
        _check_folder(folder)
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def _names(folder: Path) -> list[str]:
    return [
        name
        for name in os.listdir(folder)  # noqa: PTH208 - only names are needed
        if name.endswith(_SUFFIX) and not name.startswith(_BEGUN)
    ]


def _read(path: Path) -> Request | None:
    """Return the request in a file; None if there is none, or if it is no plain file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        content = os.read(descriptor, MAX_BYTES)
    finally:
        os.close(descriptor)
    try:
        return _request(_DECODER.decode(content))
    except (msgspec.DecodeError, RecursionError):
        return None


def _check_folder(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise RefusedError("is no folder; remove it")
    if found.st_uid not in {os.geteuid(), folder.parent.stat().st_uid} and os.geteuid() != 0:
        raise RefusedError("belongs to another user; remove it")


def _record(request: Request) -> _Record:
    match request:
        case AddSilence(silence):
            return _Silence(silence)
        case EndSilence(silence):
            return _Unsilence(silence)
        case Acknowledge(incident, wall):
            return _Ack(incident, wall)
        case SetNote(incident, note):
            return _Note(incident, note)


def _request(record: _Record) -> Request:
    match record:
        case _Silence(silence):
            return AddSilence(silence)
        case _Unsilence(silence):
            return EndSilence(silence)
        case _Ack(incident, at):
            return Acknowledge(incident, at)
        case _Note(incident, note):
            return SetNote(incident, note)


class RequestsReader:
    """Finds new requests for a watch that keeps `state`. Only one thread may use it.

    Its owner keeps `applied`: the names of the files whose requests it applied and that may still
    be there. They are saved with the state. `problem` is one line on what is wrong with the folder
    or a file; empty if nothing is.
    """

    def __init__(self, state: Path) -> None:
        self._state = state
        self.problem = ""

    @property
    def _where(self) -> Printable:
        return shown(requests_folder(self._state))

    def new(self, applied: set[str]) -> list[Request]:
        """Return the requests that are not yet `applied`, in order, and note there that they are.

        Names of files that are gone are forgotten.
        """
        try:
            names = request_names(self._state)
            applied.intersection_update(names)
            found = list(waiting_requests(self._state, applied))
        except RefusedError as error:
            self.problem = f"{self._where} {error}"
            return []
        except OSError as error:
            self.problem = f"{self._where}: cannot be read: {error.strerror}"
            return []
        self.problem = "" if not names else self.problem
        applied.update(each.name for each in found)
        for each in found:
            if each.request is None:
                self.problem = f"{self._where}: {printable(each.name)} is no request; passed over"
        return [each.request for each in found if each.request is not None]

    def saved(self, applied: set[str]) -> None:
        """Remove the files of `applied` requests: they are saved with the state."""
        try:
            remove_requests(self._state, applied)
        except OSError as error:
            self.problem = f"{self._where}: cannot be emptied: {error.strerror}"
        else:
            applied.clear()
