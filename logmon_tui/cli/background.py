"""Runs work on its own thread until a signal ends it, while the main thread waits."""

import signal
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Worker(threading.Thread, Generic[Result]):
    """Runs `work` and keeps its result or its exception."""

    def __init__(self, work: Callable[[], Result]) -> None:
        super().__init__(name="worker", daemon=True)
        self._work = work
        self.results: list[Result] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        """Do the work."""
        try:
            self.results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            self.error = error


def run_until_signalled(work: Callable[[], Result], stop: Callable[[], None]) -> Result:
    """Run `work`; SIGINT, SIGTERM and SIGHUP call `stop`. Return or raise what `work` does.

    A signal handler interrupts the main thread anywhere. Here that thread only waits, so the
    handler cannot deadlock on a lock that the interrupted code holds.
    """
    worker = _Worker(work)
    for number in ENDING_SIGNALS:
        signal.signal(number, lambda _number, _frame: stop())
    worker.start()
    while worker.is_alive():
        worker.join(1.0)
    if worker.error is not None:
        raise worker.error
    return worker.results[0]
