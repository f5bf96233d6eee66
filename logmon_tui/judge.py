"""AlertJudge: evaluates every alert at each second of log time. Pure: time comes in."""

from collections import deque

from logmon_tui.alerts.incident import Incident
from logmon_tui.alerts.registry import make_alerts
from logmon_tui.alerts.traffic import TrafficAlert
from logmon_tui.config import Settings
from logmon_tui.formats.hit_batch import Dimension
from logmon_tui.metrics.aggregator import MetricsAggregator
from logmon_tui.snapshot import AlertState

KEPT_INCIDENTS = 10_000


class AlertJudge:
    """Evaluates every alert at each second, and keeps what they have found."""

    def __init__(self, settings: Settings, aggregator: MetricsAggregator) -> None:
        self._bucket_size = settings.bucket_size
        self._ring = aggregator.ring
        self._window = aggregator.window(
            settings.alert_window, (Dimension.HOST,), detail=False, track_hosts=True
        )
        self._seconds = settings.alert_window
        self._alerts = make_alerts(settings)
        self._traffic = next(alert for alert in self._alerts if isinstance(alert, TrafficAlert))
        self._judged: int | None = None  # the last slot judged
        self._stirred = False  # the next verdict may differ though the window does not
        self._closed: deque[Incident] = deque(maxlen=KEPT_INCIDENTS)

    def set_threshold(self, threshold: float) -> None:
        """Judge the traffic by another threshold (req/s) from the next second on."""
        self._traffic.threshold = threshold
        self._stirred = True

    def begin(self, second: int) -> None:
        """Note a second with hits; judging begins with the earliest one noted before it began."""
        before = second // self._bucket_size - 1
        if self._judged is None:
            self._judged = before
        elif self._window.end is None:
            self._judged = min(self._judged, before)

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge every whole slot up to `second`; return the incidents that changed, in order."""
        target = (second + 1) // self._bucket_size - 1
        changed: list[Incident] = []
        while self._judged is not None and self._judged < target:
            slot = self._judged = self._next_change(self._judged, target)
            self._window.advance(slot)
            time = (slot + 1) * self._bucket_size - 1
            for alert in self._alerts:
                changed.extend(alert.evaluate(time, self._window))
        self._closed.extend(incident for incident in changed if not incident.firing)
        return changed

    def _next_change(self, judged: int, target: int) -> int:
        """Return the next slot in which hits enter or leave the window, `target` at most.

        In between the window stays the same, and so does every verdict.
        """
        if self._stirred:
            self._stirred = False
            return judged + 1
        length = self._window.slots
        ring = self._ring
        for slot in range(judged + 1, min(judged + length + 1, target) + 1):
            if slot in ring or slot - length in ring:
                return slot
        return min((slot for slot in ring if judged < slot <= target), default=target)

    def incidents(self) -> list[Incident]:
        """Return every incident: firing ones first, then the newest."""
        firing = [incident for alert in self._alerts for incident in alert.open.values()]
        firing.sort(key=lambda incident: incident.triggered_at, reverse=True)
        closed = sorted(self._closed, key=lambda incident: incident.triggered_at, reverse=True)
        return firing + closed

    def state(self) -> AlertState:
        """Return the alerts as a Snapshot shows them."""
        return AlertState(
            window=self._seconds,
            threshold=self._traffic.threshold,
            hits=self._window.total.hits,
            incidents=tuple(self.incidents()),
            suppressed=sum(alert.suppressed for alert in self._alerts),
        )
