"""OnceAhead: does a part of the last work early, in a thread of its own, while logs are read.

The end of a report is one thread's work. What it needs that early batches can tell is best done
when other processors are busy as well.
"""

from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")

CHOSEN = 4
"""The number of the thing that is worked on: the first ones do not tell much of those to come."""


class OnceAhead(Generic[T]):
    """Calls `function` for one of many things; whoever has only a few needs no thread.

    The work is done again, by someone else, if it fails.
    """

    def __init__(self, function: Callable[[T], None]) -> None:
        self._function = function
        self._taken = 0
        self._thread: Thread | None = None

    def take(self, thing: T) -> None:
        """Take the next thing; the chosen one is worked on from now on."""
        self._taken += 1
        if self._taken == CHOSEN:
            thread = Thread(target=self._work, args=(thing,), name="ahead")
            with suppress(RuntimeError):  # a thread cannot be started
                thread.start()
                self._thread = thread

    def _work(self, thing: T) -> None:
        with suppress(Exception):
            self._function(thing)

    def close(self) -> None:
        """Wait for the end of the work."""
        if self._thread is not None:
            self._thread.join()
