"""Background: calls functions one after the other in a thread, while the caller goes on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")


class Background:
    """Starts its thread with the first function that it gets: most watches have none.

    The thread calls `rest` before each function, which may wait a moment for what is more urgent.
    """

    def __init__(self, rest: Callable[[], object] = lambda: None) -> None:
        self._rest = rest
        self._pool: ThreadPoolExecutor | None = None

    def __call__(self, function: Callable[[], T]) -> Callable[[], T]:
        """Have a function called; return what waits for its result, and raises what it raised."""
        from concurrent.futures import ThreadPoolExecutor  # slow to import

        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="background")
        try:
            return self._pool.submit(self._rested, function).result
        except RuntimeError:  # a thread cannot be started
            result = function()
            return lambda: result

    def _rested(self, function: Callable[[], T]) -> T:
        self._rest()
        return function()

    def close(self) -> None:
        """Wait for the functions that were begun, and end the thread."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(cancel_futures=True)
