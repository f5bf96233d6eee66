"""NotificationCenter: shows toasts, rings the bell, and has the terminal notify the desktop."""

import os
from collections.abc import Callable, Sequence
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
    """Notifies the user of `app` of what is new in each Snapshot.

    `bells` decides about bell and desktop. `clock` returns wall time and `monotonic` measures
    intervals, both in seconds.
    """

    def __init__(
        self,
        app: App[Any],
        bells: BellPolicy,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._app = app
        self._toasts = ToastPolicy()
        self._bells = bells
        self._clock = clock
        self._monotonic = monotonic
        self._shown: dict[News, Notification] = {}

    def notify(self, snapshot: Snapshot) -> None:
        """Show the Snapshot's toasts, each in place of the last of its kind; ring if it is due."""
        wall, now = self._clock(), self._monotonic()
        # News that comes while a window or dialog is open makes one toast once that is closed.
        if not any(screen.is_modal for screen in self._app.screen_stack):
            for toast in self._toasts.step(snapshot, wall, now):
                self._show(toast)
        call = self._bells.step(snapshot, wall, now)
        if call.ring:
            self._app.bell()
        for text in call.texts:
            self._write(notification(DESKTOP_TITLE, text, os.environ))

    def _show(self, toast: Toast) -> None:
        former = self._shown.get(toast.news)
        if former is not None:
            # The public method clears all toasts. The new one's layout takes the former off, too.
            self._app._unnotify(former, refresh=False)  # noqa: SLF001
        timeout = self._app.NOTIFICATION_TIMEOUT
        made = Notification(toast.message, toast.title, toast.severity, timeout)
        self._shown[toast.news] = made
        self._app.post_message(Notify(made))

    def _write(self, sequence: str) -> None:
        """Write to the terminal; on the app's own thread, so never in the middle of a frame."""
        driver = self._app._driver  # noqa: SLF001 - as Textual's own bell does
        if driver is not None and not self._app.is_headless:
            driver.write(sequence)


def bell_policy(settings: Settings, targets: Sequence[TargetSettings]) -> BellPolicy:
    """Return the BellPolicy for the settings and the notification targets."""
    renotify = {rule.name: rule.renotify for rule in settings.alert_rules()} if targets else {}
    return BellPolicy(targets, renotify, silent=settings.no_bell)
