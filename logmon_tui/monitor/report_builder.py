"""ReportBuilder: sum up whole logs, which are read once. Pure, and on log time alone.

The same file gives the same report on any machine, however its lines are cut into batches. To
that end a second is judged only when lines up to `JUMP` seconds late can no longer change it, and
what comes later waits for its turn: see `LateHits`.
Several logs are judged as one log with all of their lines in the order of time.
"""

from collections.abc import Sequence
from functools import partial
from math import inf

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.batch_evaluator import MIN_JUDGED_ROWS, BatchEvaluator
from logmon_tui.alerts.evaluation.counter_keys import RuleColumns
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.output import By
from logmon_tui.config.settings import Settings
from logmon_tui.formats.clients import Locate
from logmon_tui.formats.model.columns import local
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.future_gate import FutureGate
from logmon_tui.metrics.key_sums import KeySums
from logmon_tui.metrics.totals import LogTotals
from logmon_tui.monitor.agent_families import MAX_REPORT_AGENTS, AgentFamilies
from logmon_tui.monitor.client_groups import client_rankings
from logmon_tui.monitor.late_hits import LateHits
from logmon_tui.monitor.report_parts import ReportParts, static_paths
from logmon_tui.monitor.report_periods import period_table, timeline_of
from logmon_tui.monitor.report_routes import route_sums
from logmon_tui.monitor.selection import SelectedCounts, Selection, draws_charts
from logmon_tui.monitor.window_view import HitSums, counted, window_view
from logmon_tui.snapshot import Ingest, PeriodTable, Report

KEPT_KEYS = 50_000
"""Keys kept of a dimension. At twice as many, those with the fewest hits are dropped."""


class ReportBuilder:
    """Counts and judges the batches of each log in their order, then makes the report.

    `reached` holds for each log the second up to which it was read. It starts with a second
    before which the log has no hits, `-inf` if none is known, and becomes `inf` at the log's end.
    Seconds are judged once all logs have reached them. So feed the log next that has reached the
    least: then few hits wait in memory. `locate` tells where clients are. In each ranking, so many
    `extra_rows` with the most errors and the longest times join those with the most hits. With
    `seen`, the report tells what each rule saw.

    Alerts judge all hits, except those that the settings hide from them. All else is about the
    hits of the `selection`, by default all that the settings choose.
    """

    def __init__(  # noqa: PLR0913 - the last ones are choices
        self,
        settings: Settings,
        reached: Sequence[float] = (-inf,),
        selection: Selection | None = None,
        locate: Locate | None = None,
        extra_rows: int = 0,
        *,
        seen: bool = False,
    ) -> None:
        self._extra_rows = extra_rows
        self._selection = selection or Selection(settings)
        self._locate = locate
        self._rows = settings.top or None
        self._own = settings.own_dimensions
        static = settings.static
        self._parts = ReportParts(static)
        self._by = None if settings.by is None else By(settings.by)
        self._charts = draws_charts(settings)
        self._routing = settings.routing(routes=True)
        self._totals = LogTotals(
            max(KEPT_KEYS, settings.top) if settings.top else None,
            partial(static_paths, static) if static.only_paths else None,
        )
        self._evaluator = BatchEvaluator(settings.alert_rules(), settings.bucket_size, seen=seen)
        self.reached = list(reached)
        self._gates = [FutureGate() for _ in reached]  # the clock of one log may be wrong
        self._late = LateHits(len(reached))
        self._incidents: dict[str, Incident] = {}
        self._ingest = Ingest()
        self._ignored = 0
        self._seconds: tuple[int, int] | None = None  # those chosen, and those of any time
        self._extent: tuple[int, int] | None = None

    def feed(self, batch: HitBatch, log: int = 0) -> None:
        """Add the next batch of the log with the number `log`."""
        counts = self._selection.counts_of(batch)
        if len(batch):
            self.count(counts)
        self.judge(batch, counts.all, log)

    def count(self, counts: SelectedCounts) -> None:
        """Add the counts of the next batch.

        It touches nothing that `judge` touches, so another thread may call it meanwhile.
        """
        self._totals.add(counts.sums)
        self._parts.add(counts.parts)
        self._ignored += counts.ignored

    def settle(self) -> None:
        """Settle what was counted, once all is, so that `finish` need not.

        Like `count`, it touches nothing that `judge` and `judge_rest` touch.
        """
        self._totals.settle()

    def judge(self, batch: HitBatch, sums: HitSums, log: int = 0) -> None:
        """Let the rules judge the next batch of the log `log`, of whose hits these are the sums."""
        self._ingest = counted(self._ingest, batch, sums)
        gate = self._gates[log]
        self._take(log, gate.sift(batch, 0.0))
        if gate.newest is not None:
            self.reached[log] = max(gate.newest, self._late.newest[log])
            self._judge_reached()

    def end(self, log: int) -> None:
        """Note that the log with the number `log` has no more hits."""
        self._take(log, self._gates[log].finish())
        self.reached[log] = inf
        self._judge_reached()

    def judge_rest(self) -> None:
        """Judge what is left, once all batches were judged."""
        for log, reached in enumerate(self.reached):
            if reached < inf:
                self.end(log)
        self._late.reach(inf)
        self._judge_turns()
        newest = [gate.newest for gate in self._gates if gate.newest is not None]
        if newest:
            self._note(self._evaluator.judge_up_to(max(newest)))
        self._note(self._evaluator.open)  # those that still fire, with their peaks

    def finish(self, oversize: int = 0) -> Report:
        """Judge the rest and return the report; `oversize` lines were too long to be parsed."""
        self.judge_rest()
        first, last = self._seconds or (None, None)
        totals = self._totals.bucket(self._rows, self._extra_rows, whole=False)
        sums = {dimension: self._totals.by_key(dimension) for dimension in totals.tallies}
        self._sum_routes(totals, sums)
        hits = window_view(
            totals,
            totals.largest,
            lambda dimension: sums[dimension].distinct,
            end=last or 0,
            seconds=0 if first is None or last is None else last - first + 1,
            rows=self._rows,
            extra_rows=self._extra_rows,
            resolution=self._ingest.resolution,
            own=self._own,
        )
        totals.tallies[Dimension.USER_AGENT] = sums[Dimension.USER_AGENT].tally()  # of all agents
        hits = AgentFamilies().with_rankings(
            hits, totals, self._rows, loudest=MAX_REPORT_AGENTS, new=MAX_REPORT_AGENTS
        )
        periods = partial(
            period_table,
            self._totals.periods,
            seconds=hits.seconds,
            longest=totals.largest.response_time,
            resolution=self._ingest.resolution,
        )
        return Report(
            hits=client_rankings(hits, sums[Dimension.HOST], self._rows, self._locate),
            first_hit=first,
            last_hit=last,
            extent=self._extent,
            ingest=replace(
                self._ingest,
                unparsed=self._ingest.unparsed + oversize,
                oversize=oversize,
                future=sum(gate.future for gate in self._gates),
                ignored=self._ignored,
            ),
            incidents=self._chosen_incidents(),
            chosen=self._selection.chosen,
            objectives=() if self._evaluator.long is None else self._evaluator.long.objectives(),
            periods=periods(self._by),
            hours=periods(By.HOUR) if self._charts else PeriodTable(),
            timeline=timeline_of(
                self._parts.timeline, totals.largest.response_time, self._ingest.resolution
            ),
            static=self._parts.static_files(
                self._totals.static_dropped, sums[Dimension.PATH], self._rows
            ),
            not_found=self._parts.not_found(self._rows),
            seen=self._evaluator.seen,
        )

    def _chosen_incidents(self) -> tuple[Incident, ...]:
        """Return the incidents that fired within the chosen time, in their order."""
        within = self._selection.chosen.has
        fired = (each for each in self._incidents.values() if within(each.triggered_at))
        return tuple(sorted(fired, key=lambda each: (each.triggered_at, each.id)))

    def _sum_routes(self, totals: MetricsBucket, sums: dict[Dimension, KeySums]) -> None:
        """Fill in the totals by route, in both."""
        routes = route_sums(sums[Dimension.PATH], self._routing)
        sums[Dimension.ROUTE] = routes.sums
        shown = routes.sums.tally(self._rows, self._extra_rows)
        totals.tallies[Dimension.ROUTE] = shown
        if totals.measured is not None:
            chosen = np.flatnonzero([name in shown.hits for name in routes.names])
            times = self._totals.path_times_by(routes.of_path, chosen)
            totals.measured.by_key[Dimension.ROUTE] = {
                routes.names[at]: each for at, each in times.items()
            }

    def _take(self, log: int, credible: list[HitBatch]) -> None:
        for hits in credible:
            if len(hits):
                self._note_seconds(hits)
                self._evaluate(self._late.on_time(log, hits))
        for second, lines in self._gates[log].unparsed():
            self._evaluator.take_unparsed(second, lines)

    def _evaluate(self, hits: HitBatch) -> None:
        judged = self._selection.ignoring.judged(hits) if len(hits) else hits
        if len(judged):
            self._evaluator.take(judged)

    def _note_seconds(self, hits: HitBatch) -> None:
        seconds = hits.seconds
        self._extent = _widened(self._extent, seconds)
        if self._selection.chosen.of_all_time:
            self._seconds = self._extent
        else:
            self._seconds = _widened(self._seconds, seconds[self._selection.in_time(seconds)])

    def _judge_reached(self) -> None:
        reached = min(self.reached)
        if -inf < reached < inf:
            self._late.reach(reached)
            if self._evaluator.waiting_rows + self._late.waiting >= MIN_JUDGED_ROWS:
                self._judge_turns()

    def _judge_turns(self) -> None:
        for turn in self._late.turns():
            self._note(self._evaluator.judge_up_to(turn.second))
            for hits in turn.late:
                self._evaluate(hits)

    def _note(self, incidents: list[Incident]) -> None:
        self._incidents.update((incident.id, incident) for incident in incidents)


def _widened(known: tuple[int, int] | None, seconds: NDArray[np.int64]) -> tuple[int, int] | None:
    """Return the first and the last second of those known and of `seconds`."""
    if not len(seconds):
        return known
    first, last = int(seconds.min()), int(seconds.max())
    known = known or (first, last)
    return min(first, known[0]), max(last, known[1])


def counted_batch(
    batch: HitBatch, rule_columns: RuleColumns, selection: Selection
) -> tuple[HitBatch, SelectedCounts]:
    """Return a batch and its counts for a ReportBuilder; any thread may call this.

    The batch keeps only the columns that rules need, and those by which hits are hidden from them.
    It is no longer told where in the chunk its hits are.
    """
    hiding = selection.ignoring.judged_dimensions
    columns = {
        dimension: local(column) if dimension in rule_columns.read | hiding else column
        for dimension, column in batch.columns.items()
        if dimension in rule_columns.used | hiding
    }
    return replace(batch, columns=columns, lines=None), selection.counts_of(batch)
