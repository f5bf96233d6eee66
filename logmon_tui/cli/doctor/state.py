"""Checks of the saved state: its file, its folder, and free disk space."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from logmon_tui import units
from logmon_tui.cli.doctor.findings import Asked, Finding, State, fine, from_error
from logmon_tui.cli.watch import state_file_of
from logmon_tui.errors import UsageError
from logmon_tui.state.files import RefusedError, in_use, shown

_LITTLE_ROOM = 200_000_000
"""Minimum free bytes; a state with millions of clients takes some ten million."""


def state(asked: Asked) -> Iterator[Finding]:
    """Check that positions, counts and alerts can be saved; report what is saved already."""
    try:
        file = state_file_of(asked.logs, asked.settings)
    except UsageError as error:
        yield from_error(State.FAILED, error)
        return
    if file is None:
        yield Finding(State.NOTE, "none is kept of these logs: each watch begins anew")
        return
    folder = _folder_there(file)
    mend = "give yourself the right to write there, or name another with --state"
    if why := _unwritable(folder):
        yield Finding(State.FAILED, f"{shown(folder)} cannot be written to: {why}", mend)
        return
    if not os.path.lexists(file):
        yield fine(f"{shown(file)} will be made; its folder can be written to")
        return
    try:
        version, newest, size = _looked_at(file)
    except RefusedError as error:
        yield from_error(State.FAILED, UsageError(f"{shown(file)} {error}"))
        return
    if not os.access(file, os.W_OK):
        yield Finding(State.FAILED, f"{shown(file)} cannot be written to", mend)
        return
    kept = f"version {version}, {units.spoken_size(size)}"
    older = "" if version == newest else f", which the next watch makes {newest}"
    used = ", in use by a watch" if in_use(file) else ""
    yield fine(f"{shown(file)}: {kept}{older}{used}")


def disk(asked: Asked) -> Iterator[Finding]:
    """Check the free disk space for the state."""
    try:
        file = state_file_of(asked.logs, asked.settings)
    except UsageError:
        return
    if file is None:
        return
    folder = _folder_there(file)
    free = shutil.disk_usage(folder).free
    text = f"{units.spoken_size(free)} free for {shown(folder)}"
    if free < _LITTLE_ROOM:
        mend = f"make room: {units.spoken_size(_LITTLE_ROOM)} at least, for state and log"
        yield Finding(State.WARNING, text, mend)
    else:
        yield fine(text)


def _folder_there(file: Path) -> Path:
    """Return the folder of a file, or the nearest path above it that exists."""
    folder = file.absolute().parent
    while not os.path.lexists(folder):
        folder = folder.parent
    return folder


def _unwritable(folder: Path) -> str:
    """Return why no file can be created in a folder; empty if one can."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__


def _looked_at(file: Path) -> tuple[int, int, int]:
    """Return a state's version, the newest version, and its bytes. Raises RefusedError."""
    from logmon_tui.state.database import reading
    from logmon_tui.state.files import companions
    from logmon_tui.state.schema import MIGRATIONS, version_of

    with reading(file) as connection:
        version = version_of(connection)
    size = sum(path.stat().st_size for path in (file, *companions(file)) if path.exists())
    return version, len(MIGRATIONS), size
