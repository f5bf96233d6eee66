"""InTurn: calls a function for one thing after the other, in a thread of its own."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")


class InTurn(Generic[T]):
    """Calls `function` for each thing, while the caller goes on; at most one call is waited for.

    The first call is the caller's own: whoever has but one thing needs no thread. An error that a
    call raises is raised by the next one, or by `close`.
    """

    def __init__(self, function: Callable[[T], None]) -> None:
        self._function = function
        self._pool: ThreadPoolExecutor | None = None
        self._last: Future[None] | None = None
        self._begun = False

    def take(self, thing: T) -> None:
        """Call the function for a thing, after the calls for all things before."""
        if not self._begun:
            self._begun = True
            self._function(thing)
            return
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(1, thread_name_prefix="in-turn")
        self._wait()
        self._last = self._pool.submit(self._function, thing)

    def end_with(self, work: Callable[[], None]) -> None:
        """Do some last work after all calls, in the thread if there is one."""
        if self._pool is None:
            work()
        else:
            self._wait()
            self._last = self._pool.submit(work)

    def _wait(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def close(self) -> None:
        """Wait for the last call, and end the thread."""
        try:
            self._wait()
        finally:
            if self._pool is not None:
                self._pool.shutdown()
