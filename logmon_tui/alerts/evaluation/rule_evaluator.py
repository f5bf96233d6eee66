"""RuleEvaluator: judges every rule at each second of log time. Pure: time comes in."""

from collections.abc import Iterable, Sequence
from functools import partial

from msgspec.structs import replace

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.counter_keys import CounterKey, counter_key_of
from logmon_tui.alerts.evaluation.counts import Counts
from logmon_tui.alerts.evaluation.coverage import Coverage
from logmon_tui.alerts.evaluation.evaluator_state import EvaluatorState, put_into, record_of
from logmon_tui.alerts.evaluation.long_evaluator import LongEvaluator, LongHour
from logmon_tui.alerts.evaluation.measuring import measurement_of, suspects
from logmon_tui.alerts.evaluation.novelties import KnownPage
from logmon_tui.alerts.evaluation.past_values import with_past_values
from logmon_tui.alerts.evaluation.restored_counts import restore_counts
from logmon_tui.alerts.evaluation.ring import CountRing, SlotCounts
from logmon_tui.alerts.evaluation.rule_windows import Windows
from logmon_tui.alerts.evaluation.silence import SilenceEvaluator
from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.evaluation.together import Together, layers
from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import NoData, Rule, Scope, When
from logmon_tui.filters.patterns import names_in
from logmon_tui.formats.model.hit import NO_RESOLUTION, finest
from logmon_tui.formats.model.hit_batch import HitBatch

_NOTHING = Counts()


class RuleEvaluator:
    """Counts hits, and judges every rule slot by slot up to a given second.

    Judging a slot costs time for each subject, not for each hit, and subjects are bounded.
    """

    def __init__(
        self, rules: Sequence[Rule], bucket_size: int, together: Together | None = None
    ) -> None:
        """Judge `rules`; if `together` is given, others judge some of the rules that they name."""
        self.bucket_size = bucket_size
        self.alerts = {rule.name: Alert(rule) for rule in rules}
        alerts = self.alerts.values()
        self._owns_together = together is None
        self._together = Together(rules) if together is None else together
        in_turn = [self.alerts[rule.name] for layer in layers(rules) for rule in layer]
        self._short = [each for each in in_turn if not (each.rule.long or each.rule.of_silence)]
        self._depending = [each.rule for each in self._short if each.rule.depends_on]
        self._named = {alert.rule.name: _named(alert.rule) for alert in self._short}
        self._order = {name: place for place, name in enumerate(self.alerts)}
        self.ring = CountRing(
            [alert.rule for alert in self._short if not alert.rule.combines], bucket_size
        )
        for alert in self._short:
            if alert.rule.of_novelty:
                alert.basis_of = partial(self.ring.novelties.first_seen, alert.rule)
        self.long = LongEvaluator((alert for alert in alerts if alert.rule.long), bucket_size)
        self.silence = SilenceEvaluator(alert for alert in alerts if alert.rule.of_silence)
        self.judged: int | None = None  # the last slot judged
        self._resolution = NO_RESOLUTION  # of response times, in microseconds
        self._begun = False
        self._rejudge = False
        self._coverage = Coverage(bucket_size)

    def set_threshold(self, rule: str, threshold: float) -> None:
        """Judge by another critical threshold from the next second on."""
        if rule in self.alerts:
            self.alerts[rule].set_threshold(threshold)
            self.ring.admissions.set_rules(alert.rule for alert in self._short)
            self._rejudge = True

    def begin(self, second: int) -> None:
        """Note a second with hits. Judging begins with the earliest one noted before it."""
        before = second // self.bucket_size - 1
        if self.judged is None:
            self.judged = before
        elif not self._begun:
            self.judged = min(self.judged, before)

    @property
    def judged_before(self) -> int:
        """The first second that is not judged yet; 0 if none is."""
        return 0 if self.judged is None or not self._begun else (self.judged + 1) * self.bucket_size

    def take(self, batch: HitBatch) -> None:
        """Count hits; late ones count from the next judged slot on."""
        self._note_resolution(finest(self._resolution, batch.resolution))
        self.ring.take(batch, self._pinned())
        self.long.take(batch)

    def _note_resolution(self, resolution: int) -> None:
        """Round response times to `resolution` from the next judged slot on."""
        if resolution != self._resolution:
            self._resolution = resolution
            for alert in self._short:
                if alert.rule.metric is Metric.RESPONSE_TIME:
                    alert.judge_everybody()

    def _pinned(self) -> dict[CounterKey, set[Subject]]:
        """Return for each counter the subjects that must be counted by name, however few hits."""
        pinned: dict[CounterKey, set[Subject]] = {}
        for alert in self._short:
            subjects = {*alert.subject_states, *self._named[alert.rule.name]}
            if subjects and alert.rule.scopes:
                pinned.setdefault(counter_key_of(alert.rule), set()).update(subjects)
        return pinned

    def _name_pinned(self) -> None:
        """Count by name whom the rules must know, with all hits that are kept."""
        for counter_key, subjects in self._pinned().items():
            self.ring.name(counter_key, subjects)

    def take_unparsed(self, second: int, lines: int) -> None:
        """Count unparsed lines of a second."""
        self.ring.take_unparsed(second, lines)

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge every whole slot up to `second`; return the incidents that changed, in order."""
        target = (second + 1) // self.bucket_size - 1
        begin = self.judged
        if self._owns_together:
            self._together.begin(self.alerts.values())
        changed: list[Incident] = []
        if self.long and begin is not None and begin < target:  # others may depend on these
            changed += self.long.judge(begin, target)
            for incident in changed if self._together else ():
                self._together.take(self.alerts[incident.rule].rule, [incident])
        changed += self._judge_short(target)
        if self.long or self._depending:
            changed.sort(key=lambda each: (each.changed_at, self._order[each.rule]))
        return changed

    def _judge_short(self, target: int) -> list[Incident]:
        """Judge every slot up to `target` by the rules that do not look back over days."""
        changed: list[Incident] = []
        released: int | None = None
        while self.judged is not None and self.judged < target:
            if released is None or self.judged == released:
                self._note_begin(self.judged + 1)
                released = self.ring.release(self.judged, target)
                self.ring.enter(self.judged, self._pinned)
            slot = self._next_slot(self.judged, released)
            self._begun, self.judged = True, slot
            self.ring.enter(slot, self._pinned)
            self.ring.advance(slot)
            for alert in self._short:
                found = self._judge(alert, slot)
                self._together.take(alert.rule, found)
                changed += found
            self.ring.windows.forget_touched()
        return changed

    def _note_begin(self, slot: int) -> None:
        """Note the first counted slot of each counter that has none yet."""
        if not self._begun or not self._coverage.has_all(self.ring.counter_keys()):
            self._coverage.begin(self.ring.counter_keys(), slot)
            self.ring.novelties.begin(slot * self.bucket_size)

    def _next_slot(self, judged: int, target: int) -> int:
        """Return the next slot in which a verdict may change, `target` at most.

        In the slots skipped, no hits enter or leave a window and no delay ends.
        """
        if self._rejudge or self.ring.late:
            self._rejudge = self.ring.late = False
            return judged + 1
        slot = self.ring.windows.next_change(self.ring.slots, judged, target)
        if slot == judged + 1:
            return slot
        first, last = (judged + 1) * self.bucket_size, (slot + 1) * self.bucket_size
        for turn in self._together.turns(self._depending, first, last)[:1]:
            slot = min(slot, turn // self.bucket_size)
        for alert in self._short:
            due = alert.due()
            if due is not None:  # the first slot that ends at this second or later
                slot = min(slot, max(judged + 1, -(-(due + 1) // self.bucket_size) - 1))
            if not alert.rule.combines:
                first_judged = self._coverage.first_judged(alert.rule, judged)
                first_full = self._coverage.first_full(alert.rule, judged)
                slot = min([slot, *(each for each in (first_judged, first_full) if judged < each)])
        return min(slot, target)

    def _judge(self, alert: Alert, slot: int) -> list[Incident]:
        second = (slot + 1) * self.bucket_size - 1
        if alert.rule.combines:
            return self._together.judge(alert, second)
        first = self._coverage.first_judged(alert.rule, self.judged)
        if slot < first:
            return []
        full = self._coverage.first_full(alert.rule, self.judged)
        windows, begins = self.ring.windows.of(alert.rule), slot in {first, full}
        held_back = self._together.held_back(alert.rule, second)
        if begins or held_back is not alert.held_back:
            alert.judge_everybody()
        alert.held_back = held_back
        subjects: set[Subject] = {*alert.unsettled(second), *self._named[alert.rule.name]}
        for window in windows.all():
            touched = window.total.hits.keys() if begins else window.touched
            subjects |= suspects(alert.rule, touched, windows.now.total)
            subjects |= alert.subject_states.keys() & touched
        if alert.rule.scope is Scope.ALL:
            subjects.add(None)
        measurements = {each: self._measurement(alert.rule, windows, each) for each in subjects}
        return alert.judge(second, measurements, young=slot < full)

    def _measurement(self, rule: Rule, windows: Windows, subject: Subject) -> Measurement:
        before = _NOTHING if windows.before is None else windows.before.total
        return measurement_of(rule, subject, windows.now.total, before, self._resolution)

    def hits(self, alert: Alert) -> int:
        """Return the hits of all subjects in the window of an alert."""
        return sum(self.ring.windows.of(alert.rule).now.total.hits.values())

    def learns_until(self, rule: Rule) -> int | None:
        """Return until when a rule takes all subjects for known; None if it does so no more."""
        novelty = self.ring.novelties.of(counter_key_of(rule))
        until = None if novelty is None else novelty.learns_until
        return None if until is None or until <= self.judged_before else until

    def traced(self, incident: Incident, evidence: Evidence) -> Evidence:
        """Return `evidence` with the values that the rule measured of the subject up to now."""
        rule = self.alerts[incident.rule].rule
        if self.judged is None:
            return evidence
        if not rule.long:
            return with_past_values(
                evidence,
                self.ring,
                rule,
                incident.subject,
                self.judged,
                resolution=self._resolution,
            )
        values = self.long.past(rule.name)
        start = (self.judged - len(values) + 2) * self.bucket_size - 1
        return replace(evidence, start=start, step=self.bucket_size, values=values)

    def go_on_from(
        self,
        slot: int,
        alerts: Iterable[Alert],
        first: int,
        long: LongEvaluator | None,
        rings: Sequence[CountRing] = (),
    ) -> None:
        """Continue after `slot`, up to which another evaluator has judged `alerts`.

        `first` is the first slot of the log. `long` has judged the rules that look back over days,
        and `rings` have counted the hits of new subjects.
        """
        self.ring.take_over_new(rings, slot)
        if long is not None:
            self.long.take_over(long, (slot + 1) * self.bucket_size - 1)
        for alert in alerts:
            self.alerts[alert.rule.name].take_over(alert)
        self._name_pinned()
        self._note_begin(first)
        self.judged, self._begun, self._rejudge = slot, True, True
        self.ring.advance(slot)

    @property
    def open(self) -> list[Incident]:
        """The firing incidents, rule by rule, each in the order of their triggers."""
        return [incident for alert in self.alerts.values() for incident in alert.open.values()]

    def state(self) -> EvaluatorState:
        """Return what another evaluator needs beside counts and incidents to go on from here."""
        return EvaluatorState(
            self.bucket_size,
            self.judged,
            self._begun,
            {name: record_of(alert) for name, alert in self.alerts.items()},
            self._coverage.state(self.judged, self.ring.kept),
            self._resolution,
            self.long.state(),
            self.ring.admissions.losses(),
            self.ring.admissions.refused(),
            self.ring.novelties.state(),
        )

    def restore(
        self,
        state: EvaluatorState,
        slots: Iterable[tuple[int, SlotCounts]],
        incidents: Iterable[Incident],
        hours: Iterable[LongHour] = (),
        known: Iterable[KnownPage] = (),
    ) -> list[Incident]:
        """Go on where another evaluator stood; `incidents` fire. Return those of no rule any more.

        Rules and thresholds may have changed since. An incident that they no longer justify
        recovers with the next second. A rule that now measures something else counts as a new
        rule. If the bucket size has grown by a whole factor, slots are merged; after any other
        change their counts are dropped. Where counts of a window are missing, its incidents
        cannot recover until the window is fully counted again.
        """
        self._note_resolution(state.resolution)
        self.long.restore(state.long, hours)
        self.ring.novelties.restore(state.novelty, known)
        orphans = put_into(self.alerts, state.alerts, incidents)
        if state.judged is not None:
            self.judged = (state.judged + 1) * state.bucket_size // self.bucket_size - 1
            self._begun = state.begun
            self._coverage.restore(restore_counts(self.ring, state, slots))
            self._name_pinned()
            if state.begun:
                self._rejudge = True
                self.ring.advance(self.judged)
        rules = {name: alert.rule for name, alert in self.alerts.items()}
        self._coverage.note_open(self.open, rules, self.judged)
        return orphans

    def renewed(self, rules: Sequence[Rule]) -> tuple["RuleEvaluator", list[Incident]]:
        """Return an evaluator of other rules that goes on from here, as after a restart.

        Returned with it are the firing incidents of no rule any more. Everything that it counts is
        to be saved again.
        """
        made = RuleEvaluator(rules, self.bucket_size)
        slots = [(slot, self.ring.slot_counts(slot)) for slot in self.ring.slots]
        firing = [each for alert in self.alerts.values() for each in alert.shown()]
        hours = list(self.long.unsaved(everything=True))
        known = self.ring.novelties.unsaved(everything=True)
        orphans = made.restore(self.state(), slots, firing, hours, known)
        made.ring.touched.update(self.ring.touched, self.ring.slots)
        made.long.touch_all()
        made.ring.novelties.touch_all()
        return made, orphans


def _named(rule: Rule) -> tuple[Subject, ...]:
    """Return the subjects that a rule must judge even if they were never seen."""
    if rule.when is When.BELOW or rule.no_data is NoData.ALERT:
        return names_in(rule.match)
    return ()
