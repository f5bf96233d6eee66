"""AlertJudge: evaluates every alert at each second of log time. Pure: time comes in."""

from collections import deque
from collections.abc import Iterable

import msgspec

from logmon_tui.alerts.incident import Incident
from logmon_tui.alerts.registry import make_alerts
from logmon_tui.alerts.traffic import TrafficAlert
from logmon_tui.config import Settings
from logmon_tui.formats.hit_batch import Dimension
from logmon_tui.metrics.aggregator import MetricsAggregator
from logmon_tui.snapshot import AlertState

KEPT_INCIDENTS = 10_000


class JudgeState(msgspec.Struct, frozen=True):
    """Where a judge stands, beside its incidents; `judged` is the last slot judged.

    `begun` tells whether any was, `suppressed` what each rule counts as such.
    """

    judged: int | None
    begun: bool
    suppressed: dict[str, int]


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
        self._closed: deque[Incident] = deque(maxlen=KEPT_INCIDENTS)
        self._unsaved: deque[Incident] = deque(maxlen=KEPT_INCIDENTS)
        self._past: list[Incident] | None = None  # those closed, in order, once that is known
        self._told: tuple[Incident, ...] = ()

    def set_threshold(self, threshold: float) -> None:
        """Judge the traffic by another threshold (req/s) from the next second on."""
        self._traffic.threshold = threshold
        self._window.stirred = True

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
        recovered = [incident for incident in changed if not incident.firing]
        if recovered:
            self._closed.extend(recovered)
            self._unsaved.extend(recovered)
            self._past = None
        return changed

    def _next_change(self, judged: int, target: int) -> int:
        """Return the next slot in which hits enter or leave the window, `target` at most.

        In between the window stays the same, and so does every verdict, unless the window or a
        threshold was changed since the last one.
        """
        if self._window.stirred:
            self._window.stirred = False
            return judged + 1
        length = self._window.slots
        ring = self._ring
        for slot in range(judged + 1, min(judged + length + 1, target) + 1):
            if slot in ring or slot - length in ring:
                return slot
        return min((slot for slot in ring if judged < slot <= target), default=target)

    def incidents(self) -> tuple[Incident, ...]:
        """Return every incident: firing ones first, then the newest.

        While none changes this is the same tuple, so that whoever shows it can tell.
        """
        if self._past is None:
            self._past = _newest_first(self._closed)
        incidents = (*_newest_first(self.open), *self._past)
        if incidents != self._told:
            self._told = incidents
        return self._told

    def adopt(self, incidents: Iterable[Incident]) -> None:
        """Take over incidents that another judge found, in order."""
        alerts = {alert.rule: alert for alert in self._alerts}
        for incident in incidents:
            if incident.firing:
                alerts[incident.rule].open[incident.subject] = incident
            else:
                alerts[incident.rule].open.pop(incident.subject, None)
                self._closed.append(incident)
                self._unsaved.append(incident)
        self._past = None

    def go_on_from(self, slot: int) -> None:
        """Begin with the slot behind `slot`, given a window of buckets up to it."""
        self._judged = slot
        self._window.advance(slot)
        self._window.stirred = True

    @property
    def open(self) -> list[Incident]:
        """The incidents that fire, of each rule in the order of their triggers."""
        return [incident for alert in self._alerts for incident in alert.open.values()]

    @property
    def closed(self) -> list[Incident]:
        """The incidents that recovered, in that order."""
        return list(self._closed)

    @property
    def unsaved(self) -> list[Incident]:
        """Those of `closed` that recovered since `saved`."""
        return list(self._unsaved)

    def saved(self) -> None:
        """Note that every incident is saved as it is."""
        self._unsaved.clear()

    def standing(self) -> JudgeState:
        """Return what another judge needs, beside the incidents, to go on from here."""
        suppressed = {alert.rule: alert.suppressed for alert in self._alerts}
        return JudgeState(self._judged, self._window.end is not None, suppressed)

    def restore(self, state: JudgeState, bucket_size: int, incidents: Iterable[Incident]) -> None:
        """Go on where another judge stood, whose slots were `bucket_size` seconds long.

        The aggregator is restored before, so that the window is what it was. The thresholds
        stay: an incident that they would not have let happen recovers with the next second.
        """
        alerts = {alert.rule: alert for alert in self._alerts}
        for incident in incidents:
            if incident.firing and incident.rule in alerts:
                alerts[incident.rule].open[incident.subject] = incident
            elif not incident.firing:
                self._closed.append(incident)
        self._past = None
        for rule, suppressed in state.suppressed.items():
            if rule in alerts:
                alerts[rule].suppressed = suppressed
        if state.judged is not None:
            judged = (state.judged + 1) * bucket_size // self._bucket_size - 1
            if state.begun:
                self.go_on_from(judged)
            else:
                self._judged = judged

    def state(self) -> AlertState:
        """Return the alerts as a Snapshot shows them."""
        return AlertState(
            window=self._seconds,
            threshold=self._traffic.threshold,
            hits=self._window.total.hits,
            incidents=self.incidents(),
            suppressed=sum(alert.suppressed for alert in self._alerts),
        )


def _newest_first(incidents: Iterable[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda incident: incident.triggered_at, reverse=True)
