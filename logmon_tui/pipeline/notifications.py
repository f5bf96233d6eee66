"""Notifications: what the pipeline passes to the notifier, and when it holds back."""

from collections.abc import Callable, Sequence

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.notify.notifier import Notifier
from logmon_tui.notify.policy import Moment
from logmon_tui.pipeline.log_readers import LogReaders
from logmon_tui.snapshot import TargetStatus
from logmon_tui.state.checkpointer import Checkpointer


class Notifications:
    """Passes the monitor's incidents to the `notifier`; does nothing if that is None.

    It holds incidents back while a backlog is read, and while another watch saves the state of the
    same logs: that watch notifies.
    """

    def __init__(
        self,
        notifier: Notifier | None,
        monitor: HTTPMonitor,
        readers: LogReaders,
        saver: Checkpointer | None,
    ) -> None:
        self._notifier = notifier
        self._monitor = monitor
        self._readers = readers
        self._saver = saver

    def adopt(
        self, now: float, wall: float, notified: Callable[[Incident], bool] = lambda _incident: True
    ) -> None:
        """Mark firing incidents as already notified, where `notified` says so.

        The previous run, or the other watch that saves the state, has sent them.
        """
        if self._notifier is not None:
            alerts = self._monitor.alerts
            known = filter(notified, (*alerts.open, *alerts.ended))
            self._notifier.adopt(list(known), now, wall, alerts.silences.in_force(wall))

    def post(self, changed: Sequence[Incident], now: float, wall: float) -> None:
        """Pass the changed incidents and the time to the notifier."""
        if self._notifier is not None:
            alerts = self._monitor.alerts
            self._notifier.stands_back = self._saver is not None and self._saver.another
            hold = self._readers.behind or self._monitor.in_backlog or self._notifier.stands_back
            moment = Moment(
                now,
                wall,
                changed,
                alerts.open,
                alerts.silences.in_force(wall),
                hold=hold,
                messages_now=alerts.incidents.messages_now(),
            )
            self._notifier.post(moment)

    def statuses(self) -> tuple[TargetStatus, ...]:
        """Return the state of each target."""
        return () if self._notifier is None else self._notifier.statuses()
