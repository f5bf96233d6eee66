"""Leaving: the part of the program that quits and suspends it, and its signal handlers."""

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
"""Seconds until the process exits at the latest, once a signal asked it to."""
ASKED_SECONDS = 5.0
"""Seconds until the question whether to quit goes; until then, ctrl+c answers yes."""


class Leaving(App[None]):
    """The part of LogmonApp that quits and suspends the program."""

    snapshot: Reactive[Snapshot]

    _newest: Snapshot | None
    _monotonic: Callable[[], float]
    _asked_at = -math.inf

    def action_interrupt(self) -> None:
        """Quit on ctrl+c; if the user may have meant something else, say what quits instead."""
        now = self._monotonic()
        reason = "" if now - self._asked_at < ASKED_SECONDS else self._reason_to_stay()
        if not reason:
            self.exit()
            return
        self._asked_at = now
        text = f"{reason}; ctrl+c again quits."
        self.notify(text, severity="warning", timeout=ASKED_SECONDS, markup=False)
        # A window hides toasts, but must not hide this one.
        screen = self.screen
        screen.add_class("-asked")
        self.set_timer(ASKED_SECONDS, lambda: screen.remove_class("-asked"))

    def _reason_to_stay(self) -> str:
        """Return what ctrl+c did instead, or why not to quit yet; empty if it should quit."""
        if isinstance(self.focused, Input) and self.focused.selected_text:
            self.copy_to_clipboard(self.focused.selected_text)
            return "Copied"
        # While the display is paused, `snapshot` is older than `_newest`.
        firing = (self._newest or self.snapshot).alerts.firing
        if firing:
            return "An alert is firing" if firing == 1 else f"{firing:,} alerts are firing"
        return ""

    def action_suspend_process(self) -> None:
        """Give the terminal to the shell until the user continues the program."""
        try:
            with self.suspend():
                continued = stop_until_continued()
        except SuspendNotSupported:
            continued = False
        if not continued:
            text = "There is no shell here that could bring the program back."
            self.notify(text, severity="warning", markup=False)


def stop_until_continued() -> bool:
    """Stop the process as a shell's ctrl+z does; return whether anybody continued it.

    The whole process group is stopped, because the shell also waits for the other programs of a
    pipe. If no shell could continue the process, the system ignores the signal.
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


def obey_signals(
    leave: Callable[[], object], suspend: Callable[[], object], reload: Callable[[], object]
) -> None:
    """Call `leave` on SIGTERM, and `suspend` on SIGTSTP.

    SIGHUP calls `reload` while the terminal is there, and `leave` once it is gone. `leave` and
    `suspend` restore the terminal; Textual's own handler of SIGTSTP does not repaint the screen.
    The process exits with 0 even if the terminal is gone and Textual waits for it forever.
    """

    def leave_in_time() -> None:
        _exit_later()
        leave()

    def hang_up() -> None:
        (reload if _has_terminal() else leave_in_time)()

    loop = asyncio.get_running_loop()
    # Only the main thread may handle signals; in any other, the embedding program does.
    with suppress(RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGTERM, leave_in_time)
        loop.add_signal_handler(signal.SIGHUP, hang_up)
        loop.add_signal_handler(signal.SIGTSTP, suspend)


def _has_terminal() -> bool:
    """Tell whether the terminal that the program paints on is still there."""
    return os.isatty(2)  # Textual paints on standard error


def leave_with_terminal(leave: Callable[[], object]) -> None:
    """Call `leave` once the terminal hangs up; under nohup or setsid, no SIGHUP comes."""
    loop = asyncio.get_running_loop()

    def gone() -> None:
        _exit_later()
        with suppress(RuntimeError):  # the loop has just ended
            loop.call_soon_threadsafe(leave)

    threading.Thread(target=_await_hangup, args=(gone,), daemon=True).start()


def _exit_later() -> None:
    """Exit after LEAVE_SECONDS, even if threads are still waiting."""
    last_resort = threading.Timer(LEAVE_SECONDS, os._exit, (0,))
    last_resort.daemon = True
    last_resort.start()


def _await_hangup(gone: Callable[[], object]) -> None:
    """Wait until the terminal hangs up, then call `gone`; return at once without a terminal."""
    terminal = next((number for number in (2, 1, 0) if os.isatty(number)), None)
    if terminal is None:
        return
    hangup = select.poll()
    hangup.register(terminal, 0)  # poll reports POLLHUP without asking for it
    if any(events & select.POLLHUP for _, events in hangup.poll()):
        gone()
