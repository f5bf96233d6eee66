"""The file with the user's choices for the next start: panels, order, view, theme, filters."""

import contextlib
import os
import tempfile
from collections.abc import Collection
from pathlib import Path

import msgspec

from logmon_tui.config.settings import Panel
from logmon_tui.state.files import make_folder


class Sort(msgspec.Struct, frozen=True):
    """The order of a table: its column, and whether the column's natural order is reversed."""

    column: str = "hits"
    reverse: bool = False


class Memory(msgspec.Struct):
    """One user's choices; None for what the user has not chosen."""

    show: tuple[str, ...] | None = None
    sort: dict[str, Sort] = {}  # msgspec copies the empty default for each instance
    theme: str | None = None
    view: dict[str, str] = {}
    filters: dict[str, str] = {}  # expressions by name


def recall(path: Path | None, own: Collection[str] = ()) -> Memory:
    """Return the choices in the file at `path`; no choices if it is missing or damaged.

    Panels that are neither the program's nor the user's `own` are left out: they are gone.
    """
    if path is None:
        return Memory()
    try:
        memory = msgspec.json.decode(path.read_bytes(), type=Memory)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Memory()
    if memory.show:
        known = {*Panel, *own}
        memory.show = tuple(name for name in memory.show if name in known) or None
    return memory


def remember(path: Path | None, memory: Memory) -> None:
    """Write `memory` to `path` atomically, readable only by the user.

    Raises OSError if that fails.
    """
    if path is None:
        return
    make_folder(path.parent)
    # mkstemp makes the file with mode 0600.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(memory))
        Path(name).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
