"""A log that is followed through a shell, as one on another machine is, but without ssh."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from logmon_tui.sources.base import LogPosition
from logmon_tui.sources.seek import FROM_START, Start, Timestamp
from logmon_tui.sources.ssh_connection import SshConnection
from logmon_tui.sources.ssh_follower import RemoteFollower
from logmon_tui.sources.ssh_place import unpacked
from logmon_tui.sources.ssh_script import program
from logmon_tui.sources.ssh_shell import RemoteShell

SHELLS = ("dash", "bash", "busybox")
"""Shells that other machines may have; Alpine's is that of busybox, which has its own ls and dd."""

_APPLETS = ("ls", "dd", "head", "cat")


def shell_words(shell: str, folder: Path) -> tuple[str, ...]:
    """Return the words that run a shell; `folder` is made, if it needs one for its tools.

    Skips the test if the shell is not installed.
    """
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"needs {shell}")
    if shell != "busybox":
        return (program,)
    folder.mkdir(exist_ok=True)
    for each in _APPLETS:
        if not (folder / each).is_symlink():
            (folder / each).symlink_to(program)
    return (program, "env", f"PATH={folder}", program, "sh")


class FollowedByShell:
    """A follower with a connection; it may be cut, and then the next read makes another."""

    def __init__(
        self,
        path: Path,
        words: Sequence[str],
        clock: Callable[[], float],
        *,
        position: LogPosition | None = None,
        start: Start = FROM_START,
        timestamp: Timestamp = lambda _line: None,
    ) -> None:
        self._path = path
        self._words = words
        places = unpacked(position.feed) if position is not None and position.feed else None
        self.follower = RemoteFollower(start=start, timestamp=timestamp, places=places, clock=clock)
        self._connection: SshConnection | None = None

    def read_once(self) -> bytes:
        """Take one turn, and return the lines that came."""
        self._turn()
        return self.follower.lines()

    def read(self) -> bytes:
        """Return all lines that are there."""
        while self._turn():
            pass
        return self.follower.lines()

    def _turn(self) -> bool:
        if self._connection is None:
            self._connection = SshConnection(self._words, "a shell")
            self._connection.begin(program(str(self._path)))
            self.follower.connect(RemoteShell(self._connection.ask, str(self._path)))
        return self.follower.turn()

    def cut(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def position(self) -> LogPosition:
        """Return where another run goes on."""
        places = self.follower.places
        return LogPosition(feed=b"" if places is None else places.packed())

    def close(self) -> None:
        """End the connection for good."""
        self.cut()
