"""Alerting: all that a monitor knows of alerts: judge, backlog, evidence, what-if. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from logmon_tui.alerts.evaluation.backfill import Backfill
from logmon_tui.alerts.evidence.buffer import EvidenceBuffer
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.builtin import TRAFFIC
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.newest_lines import ParsedLines
from logmon_tui.metrics.aggregator import SLACK, MetricsAggregator
from logmon_tui.monitor.alert_manager import AlertManager
from logmon_tui.monitor.backtest import what_if
from logmon_tui.snapshot import AlertState, WhatIf

WHAT_IF_SECONDS = 30
"""So long after the threshold was moved it is told how often it would have fired."""


class Alerting:
    """Takes in the hits that count, judges them, and says why what fired did.

    `newest_lines` gives the newest lines of the logs, of which some are kept with an incident.
    """

    def __init__(
        self, settings: Settings, newest_lines: Callable[[], Sequence[ParsedLines]]
    ) -> None:
        self.judge = AlertManager(settings)
        self._bucket_size = settings.bucket_size
        self._configured = settings.threshold
        self._recent = EvidenceBuffer(self.judge.rules)
        self._newest_lines = newest_lines
        self._backlog: Backfill | None = None
        self._first: int | None = None  # second of a log read as a backlog
        self._nudged = False  # since the last picture
        self._what_if: WhatIf | None = None
        self._what_if_until = 0.0  # monotonic

    def take(self, hits: HitBatch, first: int) -> None:
        """Take in hits; `first` is the earliest second of them."""
        if self._backlog is None:
            self.judge.begin(first)
            self.judge.take(hits)
        else:
            self._first = first if self._first is None else min(first, self._first)
            self._backlog.take(hits)
            self.judge.take(self._backlog.recent(hits))
        self._recent.take(hits)

    def take_unparsed(self, second: int, lines: int) -> None:
        """Take in lines of a second that are no hits."""
        if self._backlog is not None:
            self._backlog.take_unparsed(second, lines)
        if self._backlog is None or self._backlog.is_recent(second):
            self.judge.take_unparsed(second, lines)

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge every whole slot up to `second`; return the incidents that changed, in order."""
        if self._backlog is None:
            return self.judge.judge_up_to(second)
        changed = self._backlog.judge_up_to(second)
        self.judge.adopt(changed)
        if self._backlog.reached(second):
            self._leave_backlog(self._backlog, self._backlog.last)
            changed += self.judge.judge_up_to(second)
        return changed

    def tick(self, second: int) -> list[Incident]:
        """Judge up to `second`, and keep with what fired just now why it did."""
        live = self._backlog is None
        changed = self.judge_up_to(second)
        told = self._recent.explained(changed, self._newest_lines) if live else {}
        return [
            self.judge.set_evidence(each, told[each.id]) if each.id in told else each
            for each in changed
        ]

    # A backlog

    @property
    def in_backlog(self) -> bool:
        """Whether hits of a backlog are being read."""
        return self._backlog is not None

    def begin_backlog(self, newest: int) -> None:
        """Make ready for a log whose newest hit is of the second `newest`."""
        self._recent.begin_at(newest)
        reach = self.judge.engine.ring.keep
        old = newest // self._bucket_size - reach - SLACK
        self._backlog = Backfill(self.judge.rules, self._bucket_size, old, reach)

    def end_backlog(self, second: int) -> list[Incident]:
        """Judge all up to `second`, and go on as ever; return the incidents changed."""
        if self._backlog is None:
            return []
        changed = self._backlog.end_at(second)
        self.judge.adopt(changed)
        slot = (second + 1) // self._bucket_size - 1
        self._leave_backlog(self._backlog, min(slot, self._backlog.last))
        return changed

    def _leave_backlog(self, backlog: Backfill, slot: int) -> None:
        first = slot + 1 if self._first is None else self._first // self._bucket_size
        self.judge.go_on_from(slot, backlog.alerts, first)
        self._backlog = None

    # The threshold

    def set_threshold(self, threshold: float | None) -> None:
        """Judge the traffic by another threshold (req/s), or the configured one, from now on."""
        self.judge.set_threshold(threshold)
        if self._backlog is not None:
            now = self._configured if threshold is None else threshold
            self._backlog.set_threshold(TRAFFIC, now)
        self._nudged = True

    def state(self, now: float, wall: float, history: MetricsAggregator, end: int) -> AlertState:
        """Return the alerts as a Snapshot shows them, at the monotonic time `now`.

        What would have fired is looked for in `history`, up to the second `end`.
        """
        alert = self.judge.engine.alerts.get(TRAFFIC)
        if self._nudged and alert is not None:
            self._nudged, self._what_if_until = False, now + WHAT_IF_SECONDS
            self._what_if = what_if(
                alert.rule, history.ring, history.tiers, history.bucket_size, end
            )
        elif now >= self._what_if_until:
            self._what_if = None
        return replace(self.judge.state(wall), what_if=self._what_if)
