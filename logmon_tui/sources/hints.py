"""ChangeHints: file events say that a log may have changed. Only a read shows whether it did.

Only this module imports watchdog, which is slow to import; so import it late.
"""

import contextlib
import errno
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from watchdog.events import (
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

_EVENTS: Final[list[type[FileSystemEvent]]] = [
    FileModifiedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileDeletedEvent,
]
_CHECK = 1.0  # seconds between two checks that the watch still works
_QUIET = 1.5  # seconds a log must be idle before it is watched again

# Without a handler, watchdog's warnings (about stopping a watch, say) would go to the terminal.
logging.getLogger("watchdog").addHandler(logging.NullHandler())

_Directory = tuple[str, int, int]  # path, device, inode


class _Handler(FileSystemEventHandler):
    """Sets `hint` when one of the files `names` changes; never raises, which would end events."""

    def __init__(self, names: set[str], hint: threading.Event) -> None:
        self._names = names
        self._hint = hint

    def on_any_event(self, event: FileSystemEvent) -> None:
        paths = (os.fsdecode(event.src_path), os.fsdecode(event.dest_path))
        if any(os.path.basename(path) in self._names for path in paths):  # noqa: PTH119 - hot
            self._hint.set()


class ChangeHints:
    """Sets the event `hint` when the log at `path`, or the file it links to, may have changed.

    Under thousands of writes a second the events would cost more than reading does, so a busy log
    is not watched: call `pause` after a read that found bytes, `refresh` after one that found none.
    Nothing here raises: where events do not work, `working` is false, and `refresh` tries again.
    """

    def __init__(
        self, path: Path, hint: threading.Event, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.working = True
        self._path = path
        self._hint = hint
        self._clock = clock
        self._observer: BaseObserver | None = None
        self._started = False
        self._watched: dict[_Directory, set[str]] = {}
        self._quiet_at = self._check_at = float("-inf")

    def pause(self) -> None:
        """Stop watching: the log is busy."""
        self._quiet_at = self._clock() + _QUIET
        if self._watched:
            self._unwatch()

    def refresh(self) -> None:
        """Watch, unless the log was busy a moment ago; renew a watch that no longer works."""
        now = self._clock()
        if now < self._quiet_at or (now < self._check_at and (self._watched or not self.working)):
            return
        self._check_at = now + _CHECK
        try:
            wanted = self._directories()
            if wanted != self._watched or not self._alive():
                self._unwatch()
                self._watch(wanted)
        except (OSError, RuntimeError):  # no such directory, no watches or no threads left
            self._unwatch()
            self.working = False
        else:
            self.working = True

    def close(self) -> None:
        """Stop watching for good."""
        if self._observer is not None and self._started:
            self._observer.stop()
            self._observer.join(_CHECK)

    def _directories(self) -> dict[_Directory, set[str]]:
        """Return the directories to watch, each with the file names of interest."""
        wanted: dict[_Directory, set[str]] = {}
        link = self._path.parent.resolve() / self._path.name
        for file in (link, self._path.resolve()):
            directory = file.parent
            result = directory.stat()
            if not os.access(directory, os.R_OK):  # watchdog ignores this one error
                raise PermissionError(errno.EACCES, "cannot be watched")
            key = (str(directory), result.st_dev, result.st_ino)
            wanted.setdefault(key, set()).add(file.name)
        return wanted

    def _alive(self) -> bool:
        """Whether all emitters run; one ends when its directory is deleted.

        A directory made again often has the very inode of the deleted one.
        """
        emitters = self._observer.emitters if self._observer is not None else ()
        return all(emitter.is_alive() for emitter in emitters)

    def _watch(self, wanted: dict[_Directory, set[str]]) -> None:
        if self._observer is None:
            self._observer = Observer()  # takes an inotify instance: there may be none left
        if not self._started:
            self._observer.start()
            self._started = True
        for directory, names in wanted.items():
            handler = _Handler(names, self._hint)
            self._observer.schedule(handler, directory[0], event_filter=_EVENTS)
        self._watched = wanted
        self._hint.set()  # changes before the watch began gave no hint

    def _unwatch(self) -> None:
        self._watched = {}
        if self._observer is not None:
            with contextlib.suppress(OSError, KeyError):
                self._observer.unschedule_all()
