"""AlertManager: every alert of a watch, why it fired, and what users said of it. Pure.

Hits go to the RuleEvaluator, those of a backlog to a Backfill first; what recovers goes to the
IncidentHistory. Time comes in: that of the log as seconds, that of the wall where users have a say.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from logmon_tui.alerts.evaluation.backfill import Backfill
from logmon_tui.alerts.evaluation.long_evaluator import LongHour
from logmon_tui.alerts.evaluation.novelties import KnownPage
from logmon_tui.alerts.evaluation.ring import SlotCounts
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.evaluation.second_counts import SavedSpan, SecondCounts
from logmon_tui.alerts.evaluation.silence import Silence
from logmon_tui.alerts.evidence.buffer import EvidenceBuffer
from logmon_tui.alerts.history.incident_history import IncidentHistory
from logmon_tui.alerts.history.silence import Silences
from logmon_tui.alerts.model.incident import Hosts, Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.builtin import TRAFFIC
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.newest_lines import ParsedLines
from logmon_tui.metrics.aggregator import SLACK
from logmon_tui.monitor.backtest import ThresholdTrial
from logmon_tui.monitor.incident_book import IncidentBook
from logmon_tui.monitor.rule_status import rule_status
from logmon_tui.monitor.saved import ManagerState, ThresholdByKey, UnsavedAlerts
from logmon_tui.snapshot import AlertState, WhatIf

_EVERY_HIT = Rule(name=TRAFFIC, title="Traffic", metric=Metric.RATE)
"""What is counted by second where no rule judges the traffic."""


class AlertManager:
    """Judges by every rule at each second, says why what fired did, and keeps what was found.

    `newest_lines` gives the newest lines of the logs, of which some are kept with an incident.

    Public attributes: the `rules` that are on; the `evaluator` that judges by them; `history`, the
    incidents that recovered; `incidents`, all of them, and what is said of them; `silences`, which
    of them nobody is notified of.
    """

    def __init__(
        self, settings: Settings, newest_lines: Callable[[], Sequence[ParsedLines]] = list
    ) -> None:
        self._settings = settings
        self._bucket_size = settings.bucket_size
        self.rules: tuple[Rule, ...] = settings.alert_rules()
        self.evaluator = RuleEvaluator(self.rules, settings.bucket_size)
        self.history = IncidentHistory()
        self.incidents = IncidentBook(self.evaluator, self.history)
        self.ended: list[Incident] = []
        """Incidents closed because their rule was removed; reported when next judged."""
        self._backlog: Backfill | None = None
        self._first: int | None = None  # second of a log read as a backlog
        self._evidence = EvidenceBuffer(self.rules, settings.fixed_delay or 0)
        self._newest_lines = newest_lines
        self.silences = Silences(settings.maintenance_windows().silences)
        self.applied: set[str] = set()
        """The names of requests of commands that are applied, and that may still wait."""
        self._by_key: float | None = None  # the threshold that a key set
        self._trial = ThresholdTrial()
        self._seconds = SecondCounts(_traffic_rule(self.evaluator) or _EVERY_HIT)
        self.hosts: Hosts | None = None
        """Of how many servers figures are known, if not of all."""
        self._hears = False  # whether there are servers whose silence matters

    # Hits and seconds

    def take(self, hits: HitBatch, first: int) -> None:
        """Take in hits; `first` is the earliest second of them.

        Late ones count from the next second on that is judged.
        """
        if self._backlog is None:
            self.evaluator.begin(first)
            self.evaluator.take(hits)
        else:
            self._first = first if self._first is None else min(first, self._first)
            self._backlog.take(hits)
            self.evaluator.take(self._backlog.recent(hits))
        self._evidence.take(hits)
        self._seconds.take(hits)

    def count_late(self, hits: HitBatch) -> int:
        """Return how many of the hits belong to seconds that were judged already."""
        if self._backlog is not None:
            return 0
        return int((hits.seconds < self.evaluator.judged_before).sum())

    def take_unparsed(self, second: int, lines: int) -> None:
        """Take in lines of a second that are no hits."""
        if self._backlog is not None:
            self._backlog.take_unparsed(second, lines)
        if self._backlog is None or self._backlog.is_recent(second):
            self.evaluator.take_unparsed(second, lines)

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge every whole slot up to `second`; return the incidents that changed, in order."""
        if self._backlog is None:
            return self.incidents.with_marks(self._judge_live(second))
        changed = self._backlog.judge_up_to(second)
        self.incidents.adopt(changed)
        if self._backlog.reached(second):
            self._leave_backlog(self._backlog, self._backlog.last)
            changed += self._judge_live(second)
        return self.incidents.with_marks(changed)

    def _judge_live(self, second: int) -> list[Incident]:
        changed = self.evaluator.judge_up_to(second)
        self.history.add(incident for incident in changed if not incident.firing)
        ended, self.ended = self.ended, []
        return [*ended, *changed]

    def tick(self, second: int) -> list[Incident]:
        """Judge up to `second`; return the changed incidents, with evidence if they just fired.

        In a backlog they get none: its lines are no longer the newest ones.
        """
        live = self._backlog is None
        changed = self.incidents.with_hosts(self.judge_up_to(second), self.hosts)
        explained = self._evidence.explained(changed, self._newest_lines) if live else {}
        return [
            self.incidents.set_evidence(each, explained[each.id]) if each.id in explained else each
            for each in changed
        ]

    def judge_silences(self, second: int, silences: Mapping[bytes, Silence]) -> list[Incident]:
        """Judge who is silent, at a second of the wall clock; return the incidents that changed.

        While a backlog is read nobody is listened to.
        """
        self._hears = self._hears or bool(silences)
        if self._backlog is not None or not self._hears:
            return []
        changed = self.evaluator.silence.judge(second, silences)
        self.history.add(incident for incident in changed if not incident.firing)
        return self.incidents.with_marks(changed)

    @property
    def silent(self) -> frozenset[bytes]:
        """The servers of which a rule says that they are silent."""
        return self.evaluator.silence.silent

    @property
    def open(self) -> list[Incident]:
        """The incidents that fire, of each rule in the order of their triggers."""
        return self.evaluator.open

    # A backlog

    @property
    def in_backlog(self) -> bool:
        """Whether hits of a backlog are being read."""
        return self._backlog is not None

    def begin_backlog(self, newest: int) -> None:
        """Prepare for an old log whose newest hit lies in the second `newest`."""
        self._evidence.begin_at(newest)
        reach = self.evaluator.ring.keep
        old = newest // self._bucket_size - reach - SLACK
        self._backlog = Backfill(self.rules, self._bucket_size, old, reach)

    def end_backlog(self, second: int) -> list[Incident]:
        """Judge the rest of the backlog, up to `second`; return the incidents that changed."""
        if self._backlog is None:
            return []
        changed = self._backlog.end_at(second)
        self.incidents.adopt(changed)
        slot = (second + 1) // self._bucket_size - 1
        self._leave_backlog(self._backlog, min(slot, self._backlog.last))
        return self.incidents.with_marks(changed)

    def _leave_backlog(self, backlog: Backfill, slot: int) -> None:
        first = slot + 1 if self._first is None else self._first // self._bucket_size
        slot = max(slot, first - 1)  # what was before the log is not known, and no silence
        self.evaluator.go_on_from(slot, backlog.alerts, first, backlog.long, backlog.rings)
        self._backlog = None

    # What users say

    def set_threshold(self, threshold: float | None) -> None:
        """Judge the traffic by another threshold (req/s) from the next second on.

        With None it is the configured one again. It is kept from run to run.
        """
        self._judge_by(threshold)
        self._trial.begin()

    def _judge_by(self, threshold: float | None) -> None:
        configured = self._settings.threshold
        self._by_key = None if threshold == configured else threshold
        now = configured if threshold is None else threshold
        self.evaluator.set_threshold(TRAFFIC, now)
        if self._backlog is not None:
            self._backlog.set_threshold(TRAFFIC, now)

    def reload(self, settings: Settings) -> None:
        """Judge by the rules of other settings from the next second on; nothing else is lost.

        It is as if another run went on from here. Not while a backlog is read.
        """
        by_key = self.state().by_key
        self._settings, self.rules = settings, settings.alert_rules()
        self.evaluator, orphans = self.evaluator.renewed(self.rules)
        self.incidents.evaluator = self.evaluator
        ended = [_ended(incident, self.evaluator) for incident in orphans]
        self.ended += ended
        self.history.add(ended)
        self._evidence.reload(self.rules, settings.fixed_delay or 0)
        self._seconds = self._seconds.of_rule(_traffic_rule(self.evaluator) or _EVERY_HIT)
        self.silences.recurring = settings.maintenance_windows().silences
        self._by_key = None
        if by_key is not None and by_key.configured == settings.threshold:
            self._judge_by(by_key.threshold)

    # From run to run, and to the screen

    def state(self) -> ManagerState:
        """Return what another run needs, beside counts and incidents, to go on from here."""
        by_key = self._by_key
        kept = None if by_key is None else ThresholdByKey(by_key, self._settings.threshold)
        return ManagerState(
            self.evaluator.state(),
            self.silences.all,
            kept,
            self._seconds.state(),
            tuple(sorted(self.applied)),
            self.silences.ended,
        )

    def unsaved(self, *, everything: bool) -> UnsavedAlerts:
        """Return what changed since `saved`, or all there is; incidents that fire are all there."""
        history, ring = self.history, self.evaluator.ring
        slots = ring.slots if everything else ring.touched
        return UnsavedAlerts(
            history.closed if everything else history.unsaved,
            self.evaluator.open,
            ((slot, ring.slot_counts(slot)) for slot in slots),
            self.evaluator.long.unsaved(everything=everything),
            self._seconds.unsaved(everything=everything),
            ring.novelties.unsaved(everything=everything),
        )

    def saved(self) -> None:
        """Note that everything that `unsaved` returned is saved as it is."""
        self.history.saved()
        self.evaluator.long.saved()
        self._seconds.saved()
        self.evaluator.ring.touched.clear()
        self.evaluator.ring.novelties.saved()

    def restore(  # noqa: PLR0913 - all that was saved
        self,
        state: ManagerState,
        slots: Iterable[tuple[int, SlotCounts]],
        incidents: Sequence[Incident],
        hours: Iterable[LongHour] = (),
        seconds: Iterable[SavedSpan] = (),
        *,
        known: Iterable[KnownPage] = (),
    ) -> None:
        """Go on where another run stood; `slots`, `hours` and `seconds` are what it had counted.

        `known` are the subjects that its rules had met.

        The rules may differ. An incident recovers at the next second if its rule no longer fires
        for it, and at once if there is no such rule any more. A threshold that was set by key
        stays, unless the configured one has changed since.
        """
        self.silences.all, self.silences.ended = state.silences, state.ended
        self.applied = set(state.applied)
        self._seconds.restore(state.seconds, seconds)
        past = [incident for incident in incidents if not incident.firing]
        self.history.restore(past, [rule.name for rule in self.rules])
        firing = [incident for incident in incidents if incident.firing]
        orphans = self.evaluator.restore(state.evaluator, slots, firing, hours, known)
        self.ended = [_ended(incident, self.evaluator) for incident in orphans]
        self.history.add(self.ended)
        if state.by_key is not None and state.by_key.configured == self._settings.threshold:
            self._judge_by(state.by_key.threshold)

    def picture(self, wall: float) -> AlertState:
        """Return the alerts as a Snapshot shows them; `wall` is in epoch seconds."""
        alerts = self.evaluator.alerts
        traffic = alerts.get(TRAFFIC)
        threshold = self._settings.threshold
        if traffic is not None:
            threshold = traffic.rule.critical or threshold
        return AlertState(
            window=self._settings.alert_window,
            threshold=threshold,
            hits=0 if traffic is None else self.evaluator.hits(traffic),
            incidents=self.incidents.all(),
            suppressed=sum(alert.suppressed for alert in alerts.values()),
            rules=tuple(
                rule_status(each, self.evaluator)
                for each in alerts.values()
                if self._hears or each.open or not each.rule.of_silence
            ),
            silences=self.silences.in_force(wall),
            configured=None if self._by_key is None else self._settings.threshold,
            messages_now=self.incidents.messages_now(),
            objectives=self.evaluator.long.objectives(),
            hosts=self.hosts,
        )

    def what_if(self, now: float, end: int) -> WhatIf | None:
        """Return how often a threshold just set would have fired, up to the second `end`.

        None long after that; `now` is monotonic.
        """
        rule = _traffic_rule(self.evaluator)
        return self._trial.outcome(now, rule, self._seconds, self._bucket_size, end)


def _traffic_rule(evaluator: RuleEvaluator) -> Rule | None:
    traffic = evaluator.alerts.get(TRAFFIC)
    return None if traffic is None else traffic.rule


def _ended(incident: Incident, evaluator: RuleEvaluator) -> Incident:
    """Return the incident of a rule that is no more, recovered with the last slot judged."""
    judged = incident.triggered_at
    if evaluator.judged is not None:
        judged = max(judged, (evaluator.judged + 1) * evaluator.bucket_size - 1)
    return replace(incident, recovered_at=judged, recovery="The rule is no longer there.")
