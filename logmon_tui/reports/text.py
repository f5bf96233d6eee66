"""Plain text for people: the summary of `report`; `text_watch` writes that of a watch."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.messages import whole_line
from logmon_tui.alerts.rules.text import objective_text
from logmon_tui.escape import printable
from logmon_tui.fitting import Word, flowed, words_of
from logmon_tui.reports.registry import Layout
from logmon_tui.reports.rows import chosen_by, is_useful, report_tables
from logmon_tui.reports.text_lines import SEVERITY_SIGNS, TextLines
from logmon_tui.reports.text_not_found import not_found_lines
from logmon_tui.reports.text_periods import period_lines
from logmon_tui.reports.text_phrases import (
    client_count,
    measured_times,
    phrases,
    quantiles,
    read_counts,
    sizes,
    static_share,
)
from logmon_tui.reports.text_tables import TableText
from logmon_tui.snapshot import NotFound, PeriodTable, Report
from logmon_tui.units import date_time, duration, rate

if TYPE_CHECKING:  # no report needs one
    from logmon_tui.snapshot import Snapshot


def written(report: Report, names: Sequence[str], layout: Layout) -> str:
    """Return what `report --output text` prints."""
    text = ReportText(top=layout.top, colour=layout.colour, width=layout.width)
    return "".join(f"{line}\n" for line in text.summary(report, names))


class Live:
    """Writes `watch --output text`."""

    def __init__(self, layout: Layout) -> None:
        from logmon_tui.reports.text_watch import WatchText  # no report needs it

        self._text = WatchText(top=layout.top, show=layout.show, colour=layout.colour)

    def alerts(self, changed: Sequence[Incident], width: int | None) -> list[str]:
        """Return the lines on all changed incidents."""
        self._text.width = width
        return [line for incident in changed for line in self._text.alert(incident)]

    def interval(self, snapshot: "Snapshot", width: int | None) -> list[str]:
        """Return the lines of one stats interval."""
        self._text.width = width
        return self._text.interval(snapshot)


class ReportText(TextLines):
    """Writes the summary of whole logs."""

    def summary(self, report: Report, names: Sequence[str]) -> list[str]:
        """Return the lines of the summary of whole logs, whose names are `names`."""
        hits = report.hits
        lines = [
            *self._wrapped(" ".join(names), 2, bold=True),
            *self._chosen(report),
            *self._flow(phrases(read_counts(report))),
            *chain(
                *(self._wrapped(f"  {m}", 4, fg="yellow") for m in report.ingest.not_access_logs)
            ),
            *self._unparsed(report.ingest),
        ]
        if report.first_hit is None or report.last_hit is None:
            return lines
        span = f"{date_time(report.first_hit)} to", f"{date_time(report.last_hit)} UTC"
        spoken = f"({duration(hits.seconds)},", f"{rate(hits.rate)} req/s)"
        lines += self._flow(Word(text, text) for text in (*span, *spoken))
        lines += self._flow(phrases([*sizes(hits), client_count(hits.hosts.distinct)]))
        for name, times in measured_times(hits):
            first, *others = quantiles(times)
            lines += self._flow(phrases([f"{name} time {first}", *others]))
        if share := static_share(report):
            lines += self._flow(phrases(share))
        useful = [table for table in report_tables(report) if is_useful(table)]
        text = TableText(hits, useful, top=self._top, width=self.width, colour=self._colour)
        return [
            *lines,
            *self._periods(report.periods),
            "",
            *text.lines(),
            *self._not_found(report.not_found),
            "",
            *self._marks(report),
            *self._objectives(report),
            *self._incidents(report.incidents),
        ]

    def _periods(self, table: PeriodTable) -> list[str]:
        """Return the lines by hour or by day, and an empty one before them; none if too few."""
        lines = [*period_lines(table, top=self._top, width=self.width, colour=self._colour)]
        return ["", *lines] if lines else []

    def _not_found(self, found: NotFound) -> list[str]:
        """Return the lines of paths not found, and an empty one before them; none if none."""
        lines = [*not_found_lines(found, top=self._top, width=self.width, colour=self._colour)]
        return ["", *lines] if lines else []

    def _objectives(self, report: Report) -> Iterator[str]:
        """Yield how the objectives stand at the end of the logs, if there are any."""
        if not report.objectives:
            return
        yield self._styled("Objectives, over the last 30 days", bold=True)
        for each in report.objectives:
            yield from self._wrapped(f"  {objective_text(each)}", 4)
        yield ""

    def _chosen(self, report: Report) -> list[str]:
        """Return the lines that say by what the hits are chosen, if not all are."""
        chosen = chosen_by(report.chosen)
        of = f"{report.hits.hits:,} of {report.ingest.hits:,} hits"
        return self._wrapped(f"only {', '.join(chosen)}: {of}", 2) if chosen else []

    def _marks(self, report: Report) -> Iterator[str]:
        """Yield the marks of a report, if any were read."""
        if report.marks is None:
            return
        yield self._styled(f"Marks: {len(report.marks)}", bold=True)
        for mark in report.marks:
            yield from self._wrapped(f"  ⚑ {date_time(mark.second)} UTC  {mark.text}", 4)
        yield ""

    def _incidents(self, incidents: Sequence[Incident]) -> Iterator[str]:
        yield self._styled(f"Alerts: {len(incidents)}", bold=True)
        for incident in incidents:
            sign, colour = SEVERITY_SIGNS[incident.severity]
            state = Word(sign, self._styled(sign, fg=colour)) if incident.firing else Word("✓", "✓")
            fired_line = printable(whole_line(replace(incident, recovered_at=None)))
            yield from flowed([state, *words_of(fired_line)], self.width, start="  ", hanging=4)
            if incident.recovered_at is not None:
                lasted = duration(incident.recovered_at - incident.triggered_at)
                yield from self._wrapped(f"      {whole_line(incident)} (after {lasted})", 8)
