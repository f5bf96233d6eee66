"""LogJudge: the alerts of a log that is read from end to end. Pure, and on log time alone.

It finds what an AlertJudge finds that looks at every second, but judges only the seconds in
which a rule says that its verdict may change.
"""

import numpy as np

from logmon_tui.alerts.incident import Incident
from logmon_tui.alerts.registry import make_alerts
from logmon_tui.alerts.traffic import TrafficAlert
from logmon_tui.config import Settings
from logmon_tui.formats.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.log_window import LogWindow
from logmon_tui.metrics.window import SlidingWindow


class LogJudge:
    """Takes in hits, then judges the time up to a second."""

    def __init__(self, settings: Settings) -> None:
        self._bucket_size = settings.bucket_size
        slots = settings.alert_window // settings.bucket_size
        self._window = LogWindow(slots)
        self._judged = SlidingWindow({}, slots, (Dimension.HOST,), detail=False)
        self._alerts = make_alerts(settings)
        self._known = self._begun = False

    @property
    def open(self) -> list[Incident]:
        """The incidents that fire."""
        return [incident for alert in self._alerts for incident in alert.open.values()]

    def set_threshold(self, threshold: float) -> None:
        """Judge the traffic by another threshold (req/s) from the next second on."""
        for alert in self._alerts:
            if isinstance(alert, TrafficAlert):
                alert.threshold = threshold

    def take(self, hits: HitBatch) -> None:
        """Take in hits; judging begins with the earliest taken in before it began."""
        if not len(hits):
            return
        slots = hits.seconds // self._bucket_size
        if not self._begun:
            before = int(slots.min()) - 1
            self._window.end = min(self._window.end, before) if self._known else before
            self._known = True
        self._window.take(slots, hits.status, hits.columns.get(Dimension.HOST))

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge every whole slot up to `second`; return the incidents that changed, in order."""
        end = (second + 1) // self._bucket_size - 1
        if not self._known or end <= self._window.end:
            return []
        self._begun = True
        passage = self._window.move_to(end)
        slots = np.unique(np.concatenate([alert.turns(passage) for alert in self._alerts]))
        changed = [
            incident
            for slot, total in zip(slots.tolist(), passage.totals(slots), strict=True)
            for incident in self._judge(slot, total)
        ]
        self._window.forget_hosts()
        return changed

    def _judge(self, slot: int, total: MetricsBucket) -> list[Incident]:
        self._judged.total = total
        self._judged.risen.update(total.tallies[Dimension.HOST].hits)
        second = (slot + 1) * self._bucket_size - 1
        return [each for alert in self._alerts for each in alert.evaluate(second, self._judged)]
