"""How the program ends, and how it makes way for the shell for a while."""

import asyncio
import math
import os
import select
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

from textual.app import App, SuspendNotSupported
from textual.reactive import Reactive
from textual.widgets import Input

from logmon_tui.snapshot import Snapshot

LEAVE_SECONDS = 5.0
ASKED_SECONDS = 5.0
"""For so long a question whether to quit can be read, and answered with ctrl+c."""


class Leaving(App[None]):
    """The part of the program that ends and suspends it; LogmonApp is the whole."""

    snapshot: Reactive[Snapshot]

    _newest: Snapshot | None
    _monotonic: Callable[[], float]
    _asked_at = -math.inf

    def action_interrupt(self) -> None:
        """Quit, unless ctrl+c may have meant something else: then say what quits."""
        now = self._monotonic()
        reason = "" if now - self._asked_at < ASKED_SECONDS else self._reason_to_stay()
        if not reason:
            self.exit()
            return
        self._asked_at = now
        text = f"{reason}; ctrl+c again quits."
        self.notify(text, severity="warning", timeout=ASKED_SECONDS, markup=False)
        # Windows hide toasts, but not this one.
        screen = self.screen
        screen.add_class("-asked")
        self.set_timer(ASKED_SECONDS, lambda: screen.remove_class("-asked"))

    def _reason_to_stay(self) -> str:
        """Return what ctrl+c did, or why to think twice; empty if it shall quit."""
        if isinstance(self.focused, Input) and self.focused.selected_text:
            self.copy_to_clipboard(self.focused.selected_text)
            return "Copied"
        # The picture may stand still.
        firing = (self._newest or self.snapshot).alerts.firing
        if firing:
            return "An alert is firing" if firing == 1 else f"{firing:,} alerts are firing"
        return ""

    def action_suspend_process(self) -> None:
        """Leave the terminal to the shell until it brings the program back."""
        try:
            with self.suspend():
                continued = stop_until_continued()
        except SuspendNotSupported:
            continued = False
        if not continued:
            text = "There is no shell here that could bring the program back."
            self.notify(text, severity="warning", markup=False)


def stop_until_continued() -> bool:
    """Stop as ctrl+z stops whatever a shell runs; return whether anybody continued it.

    Stops all of the shell's job, for the shell waits for those at a pipe's other end, too.
    Where no shell could continue it, the system ignores the signal.
    """
    continued: list[int] = []
    stopping = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    continuing = signal.signal(signal.SIGCONT, lambda number, _frame: continued.append(number))
    try:
        os.kill(0, signal.SIGTSTP)
    finally:
        signal.signal(signal.SIGTSTP, stopping)
        signal.signal(signal.SIGCONT, continuing)
    return bool(continued)


def obey_signals(leave: Callable[[], object], suspend: Callable[[], object]) -> None:
    """Let SIGTERM, and the end of the terminal, call `leave`, and SIGTSTP `suspend`.

    Both restore the terminal; Textual's own way with SIGTSTP does not paint the screen again.
    The process exits with 0 even where the terminal is gone and Textual waits for it for ever.
    """

    def leave_at_last() -> None:
        _exit_later()
        leave()

    loop = asyncio.get_running_loop()
    # Only the main thread may take signals; elsewhere somebody else does.
    with suppress(RuntimeError, ValueError):
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, leave_at_last)
        loop.add_signal_handler(signal.SIGTSTP, suspend)


def leave_with_terminal(leave: Callable[[], object]) -> None:
    """Call `leave` once the terminal hangs up; no SIGHUP tells what nohup or setsid started."""
    loop = asyncio.get_running_loop()

    def gone() -> None:
        _exit_later()
        with suppress(RuntimeError):  # the loop has just ended
            loop.call_soon_threadsafe(leave)

    threading.Thread(target=_await_hangup, args=(gone,), daemon=True).start()


def _exit_later() -> None:
    """Exit in a few seconds, whatever any thread waits for then."""
    last_resort = threading.Timer(LEAVE_SECONDS, os._exit, (0,))
    last_resort.daemon = True
    last_resort.start()


def _await_hangup(gone: Callable[[], object]) -> None:
    """Call `gone` once the terminal hangs up; return at once where there is none."""
    terminal = next((number for number in (2, 1, 0) if os.isatty(number)), None)
    if terminal is None:
        return
    hangup = select.poll()
    hangup.register(terminal, 0)  # a hang-up is told unasked
    if any(events & select.POLLHUP for _, events in hangup.poll()):
        gone()
