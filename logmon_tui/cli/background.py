"""Runs work on its own thread until a signal ends it, while the main thread waits."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that end the work; SIGHUP only if the terminal is gone, where it asks for a reload."""


_LOOK_SECONDS = 0.5
"""Seconds between two looks at what a signal asked."""


_early: list[int] = []
"""SIGHUPs that came before anything could reload."""


def remember_hangups() -> None:
    """From now on remember SIGHUP, which else ends the program, until `run_until_signalled`.

    It ends the program if the terminal is gone. Under nohup it stays ignored. Only the main thread
    may call this.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        return
    began_with_terminal = has_terminal()

    def hang_up(number: int, _frame: object) -> None:
        if began_with_terminal and not has_terminal():
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        else:
            _early.append(number)

    signal.signal(signal.SIGHUP, hang_up)


def hung_up_early() -> bool:
    """Tell whether SIGHUP was remembered, and forget it."""
    came = bool(_early)
    _early.clear()
    return came


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


def has_terminal() -> bool:
    """Tell whether the process has a terminal that controls it, and that is not gone."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def run_until_signalled(
    work: Callable[[], Result],
    stop: Callable[[], None],
    reload: Callable[[], None] | None = None,
) -> Result:
    """Run `work`; SIGINT, SIGTERM and SIGHUP call `stop`. Return or raise what `work` does.

    SIGHUP calls `reload` instead, if there is one, soon and in this thread; but not if it comes
    because the terminal is gone.

    A signal handler interrupts the main thread anywhere. Here that thread only waits, so the
    handler cannot deadlock on a lock that the interrupted code holds.
    """
    worker, began_with_terminal = _Worker(work), has_terminal()
    asked: list[int] = []  # a lock could be held by the very code that a signal interrupts

    def hang_up() -> None:
        if reload is None or (began_with_terminal and not has_terminal()):
            stop()
        else:
            asked.append(signal.SIGHUP)

    for number in ENDING_SIGNALS:
        signal.signal(number, lambda _number, _frame: stop())
    signal.signal(signal.SIGHUP, lambda _number, _frame: hang_up())
    if hung_up_early():
        hang_up()
    worker.start()
    while worker.is_alive():
        worker.join(_LOOK_SECONDS)
        if reload is not None and asked:
            asked.clear()
            reload()
    if worker.error is not None:
        raise worker.error
    return worker.results[0]
