"""The herald: shows toasts, rings the bell, and has the terminal notify the desktop."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.app import App
from textual.notifications import Notification, Notify

from logmon_tui.config.settings import Settings
from logmon_tui.notify.target import TargetSettings
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alerts.bell_policy import BellPolicy
from logmon_tui.tui.alerts.desktop import notification
from logmon_tui.tui.alerts.toast_policy import News, Toast, ToastPolicy

DESKTOP_TITLE = "logmon"


class NotificationCenter:
    """Tells `app`'s user what is new in each Snapshot.

    `clock` is the wall clock, `monotonic` measures intervals, and `environment` tells what
    terminal it is.
    """

    def __init__(
        self,
        app: App[Any],
        calls: BellPolicy,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._app = app
        self._announcer = ToastPolicy()
        self._calls = calls
        self._clock = clock
        self._monotonic = monotonic
        self._environment = environment
        self._shown: dict[News, Notification] = {}

    def tell(self, snapshot: Snapshot) -> None:
        """Show each toast in place of the last of its kind, and call whoever is away."""
        wall, now = self._clock(), self._monotonic()
        # What comes while a window or dialog is open is told together once it is closed.
        if not any(screen.is_modal for screen in self._app.screen_stack):
            for toast in self._announcer.announce(snapshot, wall, now):
                self._show(toast)
        call = self._calls.step(snapshot, wall, now)
        if call.ring:
            self._app.bell()
        for text in call.texts:
            self._write(notification(DESKTOP_TITLE, text, self._environment))

    def _show(self, toast: Toast) -> None:
        former = self._shown.get(toast.news)
        if former is not None:
            self._app._unnotify(former)  # noqa: SLF001 - in public, only all can be cleared
        timeout = self._app.NOTIFICATION_TIMEOUT
        made = Notification(toast.message, toast.title, toast.severity, timeout)
        self._shown[toast.news] = made
        self._app.post_message(Notify(made))

    def _write(self, sequence: str) -> None:
        """Write to the terminal; on the app's own thread, so never within a frame."""
        driver = self._app._driver  # noqa: SLF001 - as Textual's own bell does
        if driver is not None and not self._app.is_headless:
            driver.write(sequence)


def calls_of(settings: Settings, targets: Sequence[TargetSettings]) -> BellPolicy:
    """Return the calls that the settings and the targets of notifications ask for."""
    renotify = {rule.name: rule.renotify for rule in settings.alert_rules()} if targets else {}
    return BellPolicy(targets, renotify, silent=settings.no_bell)
