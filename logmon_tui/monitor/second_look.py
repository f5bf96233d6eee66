"""SecondLook: why incidents of a report fired, from the hits around them, which come again. Pure.

A report judges whole stretches of a log at once, and keeps no hits. So some of its incidents are
looked at afterwards, as a watch looks at them when they fire: the hits of their windows come once
more, and the same EvidenceBuffer compares them.
"""

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from logmon_tui.alerts.evaluation.counter_keys import columns_of
from logmon_tui.alerts.evaluation.counting import subjects_of
from logmon_tui.alerts.evaluation.past_values import with_past_values
from logmon_tui.alerts.evaluation.ring import CountRing
from logmon_tui.alerts.evaluation.rule_windows import TRACE_SECONDS
from logmon_tui.alerts.evidence.buffer import EvidenceBuffer
from logmon_tui.alerts.evidence.why import explained
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Rule, Severity
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.newest_lines import ParsedLines
from logmon_tui.snapshot import Report

NEWEST, WORST = 10, 10
"""Maximum incidents looked at: the newest ones, and of the others the worst ones."""


def most_telling(incidents: Sequence[Incident]) -> list[Incident]:
    """Return the incidents to look at: the newest ones, then of the others the worst ones.

    `incidents` are in the order of their triggers. Of two incidents the one that reached a worse
    severity is worse; then the one whose peak is further beyond its threshold.
    """
    newest = list(incidents[: -NEWEST - 1 : -1])
    others = incidents[: max(0, len(incidents) - NEWEST)]
    return newest + sorted(others, key=_badness, reverse=True)[:WORST]


def _badness(incident: Incident) -> tuple[bool, float]:
    """Return the sort key by which the worst incident comes last."""
    times = 0.0
    if incident.peak is not None and incident.threshold:
        times = incident.peak / incident.threshold
    fell = incident.peak is not None and incident.peak < incident.threshold
    return incident.worst is Severity.CRITICAL, 1 / times if fell and times else times


class Look:
    """An incident, and what its rule counts of its subject from the second `begin` on."""

    def __init__(self, incident: Incident, rule: Rule, settings: Settings) -> None:
        self.incident = incident
        self.rule = rule
        self._slot = (incident.triggered_at + 1) // settings.bucket_size - 1
        self._ring = None if rule.long else CountRing([rule], settings.bucket_size)
        compared = 2 * explained(rule).window
        measured = 0 if rule.long else rule.reach + min(rule.window, TRACE_SECONDS)
        self.begin = incident.triggered_at - max(compared, measured) + 1

    @property
    def end(self) -> int:
        """The last second that matters."""
        return self.incident.triggered_at

    def take(self, hits: HitBatch) -> None:
        """Count those of `hits` that matter."""
        if self._ring is None:
            return
        rows = (hits.seconds >= self.begin) & (hits.seconds <= self.end)
        subjects = subjects_of(hits, self.rule.scope, self.rule.by)
        if subjects is None or self.incident.subject not in subjects.names:
            return
        rows &= subjects.codes == list(subjects.names).index(self.incident.subject)
        if rows.any():
            self._ring.take(hits.select(np.flatnonzero(rows)))

    def take_unparsed(self, second: int, lines: int) -> None:
        """Count unparsed lines of a second."""
        if self._ring is not None and self.begin <= second <= self.end:
            self._ring.take_unparsed(second, lines)

    def explained(
        self, buffer: EvidenceBuffer, lines: Sequence[ParsedLines], resolution: int
    ) -> Incident:
        """Return the incident with its evidence, if there is any."""
        fired = replace(self.incident, recovered_at=None, changes=self.incident.changes[:1])
        evidence = buffer.explained([fired], lambda: lines).get(fired.id)
        if evidence is not None and self._ring is not None:
            subject = self.incident.subject
            evidence = with_past_values(
                evidence, self._ring, self.rule, subject, self._slot, resolution=resolution
            )
        return replace(self.incident, evidence=evidence)


def looks_of(report: Report, settings: Settings) -> list[Look]:
    """Return the incidents of a report to look at, the most telling ones first."""
    rules = {rule.name: rule for rule in settings.alert_rules() if not rule.combines}
    chosen = most_telling(report.incidents)
    return [Look(each, rules[each.rule], settings) for each in chosen if each.rule in rules]


class SecondLook:
    """Explains incidents one after the other, in the order of their triggers.

    `looks` are those incidents. Before one is explained, all hits from its `begin` to its `end`
    must have come, and none later than that.
    """

    def __init__(self, report: Report, looks: Sequence[Look], settings: Settings) -> None:
        self.looks = sorted(looks, key=lambda each: (each.end, each.incident.id))
        self._waiting = list(self.looks)
        self._resolution = report.ingest.resolution
        self._buffer = EvidenceBuffer(settings.alert_rules())
        needed = columns_of(settings.alert_rules()).used
        self.dimensions = self._buffer.dimensions | needed
        """The dimensions of hits that matter."""
        if report.extent is not None:
            self._buffer.know_since(report.extent[0])

    def take(self, hits: HitBatch) -> None:
        """Take in hits that alerts judge."""
        if len(hits):
            self._buffer.take(hits)
            for look in self._waiting:
                look.take(hits)

    def take_unparsed(self, second: int, lines: int) -> None:
        """Take in unparsed lines of a second."""
        for look in self._waiting:
            look.take_unparsed(second, lines)

    def explained(self, lines: Sequence[ParsedLines]) -> Incident:
        """Return the next incident with why it fired; `lines` are the newest ones before it."""
        look = self._waiting.pop(0)
        return look.explained(self._buffer, lines, self._resolution)

    def give_up(self) -> None:
        """Leave out the next incident, whose hits cannot all come again."""
        self._waiting.pop(0)
