"""How the program ends when it is told to from outside."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

LEAVE_SECONDS = 5.0


def leave_on_signals(leave: Callable[[], object]) -> None:
    """Let SIGTERM, and the end of the terminal, call `leave`, which restores the terminal.

    The process exits with 0 even where the terminal is gone and Textual waits for it for ever.
    """

    def leave_at_last() -> None:
        leave()
        last_resort = threading.Timer(LEAVE_SECONDS, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Only the main thread may take signals; elsewhere somebody else does.
        with suppress(RuntimeError, ValueError):
            loop.add_signal_handler(number, leave_at_last)
