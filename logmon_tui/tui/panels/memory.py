"""What the screen remembers for its next start: panels, their order and view, theme."""

import contextlib
import os
import tempfile
from pathlib import Path

import msgspec

from logmon_tui.config.settings import Panel
from logmon_tui.state.files import make_folder


class Sort(msgspec.Struct, frozen=True):
    """How a table is sorted: by which column, and whether against its natural order."""

    column: str = "hits"
    reverse: bool = False


class Memory(msgspec.Struct):
    """One user's choices; None where the user has not chosen."""

    show: tuple[Panel, ...] | None = None
    sort: dict[str, Sort] = {}  # msgspec copies the empty default for each instance
    theme: str | None = None
    view: dict[str, str] = {}


def recall(path: Path | None) -> Memory:
    """Return what the file at `path` remembers; nothing if it is missing or damaged."""
    if path is None:
        return Memory()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Memory)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Memory()


def remember(path: Path | None, memory: Memory) -> None:
    """Write `memory` to `path`, whole or not at all, readable by the user alone.

    Raises OSError if it cannot be written.
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
