"""Searches for logs that match patterns, as long as they are watched."""

import os
import queue
import threading
import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from logmon_tui.escape import printable
from logmon_tui.sources.patterns import distinct, looked_at, matches
from logmon_tui.sources.rotated_names import is_rotated_name, uncompressed_name

if TYPE_CHECKING:
    from logmon_tui.sources.base import SourceStatus

MAX_LOGS = 200
"""Maximum logs watched at once: each is an open file that is polled all the time."""

LOOK_SECONDS = 1.0
"""Minimum seconds between two searches for new logs."""

_SHARE = 20
"""The pause after a search, in multiples of its duration: `/**` walks the whole disk."""

_MAX_FILES = 100_000
"""Maximum matches of one pattern that a search considers."""


class PatternObserver:
    """Searches repeatedly, on its own thread, for logs that `patterns` match.

    `watched` are the logs watched already. Rotated files of watched logs and compressed files do
    not count as logs. At most `max_logs` are watched in all. Only one other thread may call `new`
    and `forget`. A search never raises.
    """

    def __init__(
        self, patterns: Sequence[str], watched: Sequence[str] = (), max_logs: int = MAX_LOGS
    ) -> None:
        self._patterns = patterns
        self._watched = {os.path.abspath(log) for log in watched}  # noqa: PTH100 - as strings
        self._max_logs = max_logs
        self._found: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._forgotten: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._left_out = 0
        self._stopping = threading.Event()
        self._look()
        self._thread = threading.Thread(target=self._run, name="patterns", daemon=True)
        self._thread.start()

    @property
    def full(self) -> bool:
        """Whether more logs match than may be watched."""
        return self._left_out > 0

    def new(self) -> list[str]:
        """Return the logs found since the last call."""
        found = []
        while not self._found.empty():
            found.append(self._found.get())
        return found

    def forget(self, log: str) -> None:
        """Note that a log is no longer watched; it may be found again."""
        self._forgotten.put(log)

    def status(self, watching: int) -> "list[SourceStatus]":
        """Return what to report: too many matches, or none while no log is watched."""
        from logmon_tui.sources.base import SourceState, SourceStatus  # a report needs none

        name = printable(" ".join(self._patterns))
        if self._left_out:
            more = f"{self._left_out} more logs match than the {self._max_logs} that are watched"
            message = f"{more}; give a narrower pattern"
            return [SourceStatus(name, SourceState.LIVE, message=message)]
        if not watching:
            return [SourceStatus(name, message="waiting for a log that matches")]
        return []

    def close(self) -> None:
        """Stop searching."""
        self._stopping.set()

    def _run(self) -> None:
        pause = LOOK_SECONDS
        while not self._stopping.wait(pause):
            began = time.monotonic()
            self._look()
            pause = max(LOOK_SECONDS, _SHARE * (time.monotonic() - began))

    def _look(self) -> None:
        while not self._forgotten.empty():
            self._watched.discard(os.path.abspath(self._forgotten.get()))  # noqa: PTH100
        fresh = self._fresh()
        room = max(0, self._max_logs - len(self._watched))
        for path in fresh[:room]:
            self._watched.add(os.path.abspath(path))  # noqa: PTH100 - as a string
            self._found.put(path)
        self._left_out = len(fresh) - len(fresh[:room])

    def _fresh(self) -> list[str]:
        """Return the matching logs that are not watched yet, sorted."""
        found = {
            os.path.abspath(path): path  # noqa: PTH100 - as a string
            for pattern in self._patterns
            for path in islice(matches(pattern), _MAX_FILES)
            if uncompressed_name(path) == path
        }
        logs = _names_by_folder([*found, *self._watched])
        fresh = sorted(
            path
            for key, path in found.items()
            if key not in self._watched and not _is_former(key, logs)
        )
        return distinct(fresh, {each.identity for log in self._watched for each in looked_at(log)})


def _names_by_folder(paths: Iterable[str]) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for path in paths:
        folder, name = os.path.split(path)
        names.setdefault(folder, set()).add(name)
    return names


def _is_former(path: str, logs: dict[str, set[str]]) -> bool:
    """Tell whether the file at `path` is a rotated file of another log in its folder."""
    folder, name = os.path.split(path)
    return any(is_rotated_name(name, log) for log in logs[folder] if log != name)
