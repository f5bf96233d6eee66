"""Plain text for people: the intervals of `watch --output text`, and the summary of `report`.

All log content passes through `printable`. Colour is added only on request. Lines are broken
between words to fit a width, and continuation lines are indented.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.alerts.rules.messages import iso_time, whole_line
from logmon_tui.alerts.rules.text import objective_text
from logmon_tui.config.settings import Panel
from logmon_tui.escape import printable, readable
from logmon_tui.fitting import Word, crop, distinct, flowed, words_of, wrapped_text
from logmon_tui.formats.advice import advice
from logmon_tui.reports.registry import Layout
from logmon_tui.reports.rows import chosen, chosen_by, is_useful, report_tables
from logmon_tui.reports.text_not_found import not_found_lines
from logmon_tui.reports.text_periods import period_lines
from logmon_tui.reports.text_phrases import (
    client_count,
    ignored_count,
    line_count,
    measured_times,
    odd_counts,
    phrases,
    quantiles,
    read_counts,
    sizes,
    static_share,
)
from logmon_tui.reports.text_tables import CLASS_SIGNS, DECODED, TableText
from logmon_tui.snapshot import Ingest, NotFound, PeriodTable, Ranking, Report, Window
from logmon_tui.units import count, date_time, duration, percent, rate

if TYPE_CHECKING:  # a report needs none of them
    from logmon_tui.snapshot import AlertState, Fleet, Snapshot

TEXT_SHOW = (
    Panel.TRAFFIC,
    Panel.SECTIONS,
    Panel.STATUS,
    Panel.CLIENTS,
    Panel.SIZE,
    Panel.ALERTS,
)
"""What is printed unless `--show` chooses."""

SEVERITY_SIGNS = {Severity.WARNING: ("!", "yellow"), Severity.CRITICAL: ("▲", "red")}
"""The sign of a firing incident by its severity, and the sign's colour."""

_LABEL = 12
"""Width of the label before a line of an interval, in cells."""
_MAX_NAME = 48
"""Maximum cells of a name that stands beside others."""
_MAX_LINE = 120
"""Maximum cells of a line of the log within a message."""
_MAX_VALUE = 100_000
"""Maximum bytes of a value that are escaped: a line may be huge, and escaping takes time."""


def written(report: Report, names: Sequence[str], layout: Layout) -> str:
    """Return what `report --output text` prints."""
    text = TextReport(top=layout.top, show=None, colour=layout.colour, width=layout.width)
    return "".join(f"{line}\n" for line in text.summary(report, names))


class Live:
    """Writes `watch --output text`."""

    def __init__(self, layout: Layout) -> None:
        self._text = TextReport(top=layout.top, show=layout.show, colour=layout.colour)

    def alerts(self, changed: Sequence[Incident], width: int | None) -> list[str]:
        """Return the lines on all changed incidents."""
        self._text.width = width
        return [line for incident in changed for line in self._text.alert(incident)]

    def interval(self, snapshot: "Snapshot", width: int | None) -> list[str]:
        """Return the lines of one stats interval."""
        self._text.width = width
        return self._text.interval(snapshot)


class TextReport:
    """Writes lines of text; `colour` adds terminal styles, `top` limits rankings (0: all rows).

    `width` is in cells and may change at any time. With None, no line is broken and no name of a
    table is cut.
    """

    def __init__(
        self,
        *,
        top: int,
        show: Collection[str] | None,
        colour: bool,
        width: int | None = None,
    ) -> None:
        self.width = width
        self._top = top
        self._show = TEXT_SHOW if show is None else show
        self._colour = colour
        self._reported: list[str] = []  # the odd counts of the last interval

    def interval(self, snapshot: "Snapshot") -> list[str]:
        """Return the lines of one stats interval."""
        now = snapshot.now
        if snapshot.log_time is None:
            return [*self._ingest(snapshot.ingest), *self._problems(snapshot)]
        lines = []
        if Panel.TRAFFIC in self._show:
            lines += self._headline(snapshot)
        if where := snapshot.scope.where:
            lines += self._labelled("only", words_of(printable(where)))
        for panel in Panel:
            if panel in self._show:
                lines += self._panel(panel, snapshot)
        for name in (each for each in now.own if each in self._show):
            lines += self._labelled(name, self._ranked(name, now.own[name], now.hits))
        if Panel.SIZE in self._show:
            lines += self._labelled("size", phrases(sizes(now)))
            for name, times in measured_times(now):
                lines += self._labelled(name, phrases(quantiles(times)))
        lines += self._standing(snapshot.alerts)
        return [*lines, *self._ingest(snapshot.ingest), *self._problems(snapshot)]

    def _panel(self, panel: Panel, snapshot: "Snapshot") -> list[str]:
        """Return the lines of an interval for the codes, the servers, or a ranking."""
        now = snapshot.now
        if panel is Panel.STATUS:
            return self._labelled(panel.value, self._status(now))
        if panel is Panel.SERVERS and snapshot.fleet.servers:
            return self._servers(snapshot.fleet)
        if panel.ranking:
            ranking = getattr(now, panel.ranking)
            return self._labelled(panel.value, self._ranked(panel, ranking, now.hits))
        return []

    def _servers(self, fleet: "Fleet") -> list[str]:
        """Return the lines of an interval on the servers: those that need a look come first."""
        # Imported late: few watches have servers, and no report has.
        from logmon_tui.reports.text_fleet import (
            SIGNS,
            fleet_phrases,
            server_phrases,
            servers_in_order,
        )

        lines = self._labelled(Panel.SERVERS, phrases(fleet_phrases(fleet)))
        rows = servers_in_order(fleet)
        for row in chosen(rows, self._top):
            sign, colour = SIGNS[row.state]
            words = [Word(sign, self._styled(sign, fg=colour)), *phrases(server_phrases(row))]
            lines += flowed(words, self.width, start=" " * _LABEL, hanging=_LABEL + 2)
        if self._top and len(rows) > self._top:
            lines.append(f"{'':{_LABEL}}… and {count(len(rows) - self._top)} more")
        return lines

    def _standing(self, alerts: "AlertState") -> list[str]:
        """Return the lines of an interval on objectives, and of how many hosts alerts speak."""
        if Panel.ALERTS not in self._show:
            return []
        lines = []
        if alerts.objectives:
            texts = [printable(objective_text(each)) for each in alerts.objectives]
            lines += self._labelled("slo", phrases(texts))
        if alerts.hosts is not None:
            lines += self._labelled(Panel.ALERTS, words_of(alerts.hosts.text))
        return lines

    def alert(self, incident: Incident) -> list[str]:
        """Return the lines on an incident that fired, changed or recovered; none if not shown."""
        if Panel.ALERTS not in self._show:
            return []
        if incident.firing:
            sign, colour = SEVERITY_SIGNS[incident.severity]
            text = f"{sign} {_new_severity(incident)}{whole_line(incident)}"
            return self._wrapped(text, 2, fg=colour, bold=True)
        return self._wrapped(f"✓ {whole_line(incident)}", 2, fg="green")

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

    def _headline(self, snapshot: "Snapshot") -> list[str]:
        now = snapshot.now
        when = f"{date_time(now.end)} UTC"
        window = f"{count(now.hits)} hits in {now.seconds} s"
        figures = (window, f"{rate(now.rate)} req/s", f"{count(snapshot.ingest.hits)} in all")
        first, *others = phrases(figures)
        words = [Word(when, when), first._replace(gap=2), *others]
        return [self._styled(line, bold=True) for line in self._flow(words)]

    def _ranked(self, panel: str, ranking: Ranking, hits: int) -> Iterator[Word]:
        rows = list(chosen(ranking.rows, self._top))
        figures = [f"{count(row.hits)} ({percent(row.hits / hits)} %)" for row in rows]
        longest = max(map(len, figures), default=0)
        room = _MAX_NAME
        if self.width is not None:
            room = min(room, self.width - _LABEL - 1 - longest)
        names = distinct([_shown(row.key, decode=panel in DECODED) for row in rows], room)
        for name, figure in zip(names, figures, strict=True):
            yield Word(f"{name} {figure}", f"{name} {figure}", 2)

    def _status(self, window: Window) -> Iterator[Word]:
        for digit, hits in enumerate(window.by_class):
            if not hits:
                continue
            sign, colour = CLASS_SIGNS.get(digit, ("·", None))
            share = f"{sign} {digit}xx {percent(hits / window.hits)} %"
            yield Word(share, self._styled(share, fg=colour), 2)
            codes = [f"{code:03}: {n:,}" for code, n in window.status if code // 100 == digit]
            codes[0] = f"({codes[0]}"
            codes[-1] += ")"
            yield from (Word(code, code, 2 if place else 1) for place, code in enumerate(codes))

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

    def _ingest(self, ingest: Ingest) -> Iterator[str]:
        """Yield the ingest line if its odd counts changed, or if the user asked for it."""
        unparsed = [f"{line_count(ingest.unparsed)} unparsed"] if ingest.unparsed else []
        odd = [*unparsed, *odd_counts(ingest)]
        changed, self._reported = odd != self._reported, odd
        if changed or Panel.INGEST in self._show:
            parsed = f"{'! ' if odd else ''}parsed {percent(ingest.parsed_share)} %"
            colour = "yellow" if odd else None
            for line in self._labelled("ingest", phrases([parsed, *ignored_count(ingest), *odd])):
                yield self._styled(line, fg=colour)

    def _problems(self, snapshot: "Snapshot") -> Iterator[str]:
        """Yield what is wrong with the logs, and how to mend it."""
        for source in snapshot.sources:
            if source.message:
                yield from self._wrapped(f"  {source.name}: {source.message}", 4, fg="yellow")
        if snapshot.ingest.failure:
            yield from self._wrapped(f"  reading failed: {snapshot.ingest.failure}", 4, fg="red")
        yield from self._unparsed(snapshot.ingest)

    def _unparsed(self, ingest: Ingest) -> Iterator[str]:
        """Yield the first unparsed line if no line was a hit; otherwise the count is enough."""
        if ingest.hits or ingest.first_unparsed is None or ingest.not_access_logs:
            return
        line, reason = ingest.first_unparsed
        text = f"  no line parses: {reason}, in {crop(_shown(line), _MAX_LINE)}"
        yield from self._wrapped(f"{text}; {advice(ingest.first_unparsed)}", 4, fg="red")

    def _labelled(self, label: str, words: Iterable[Word]) -> list[str]:
        """Return lines of a label and the words, or a dash if there are no words."""
        found = list(words) or [Word("-", "-")]
        return flowed(found, self.width, start=f"  {label:<{_LABEL - 2}}", hanging=_LABEL)

    def _flow(self, words: Iterable[Word]) -> list[str]:
        return flowed(words, self.width, start="", hanging=2)

    def _wrapped(
        self, text: str, hanging: int, fg: str | None = None, *, bold: bool = False
    ) -> list[str]:
        """Return a text of any origin, made printable, in lines of the width."""
        lines = wrapped_text(printable(text), self.width, hanging=hanging)
        return [self._styled(line, fg=fg, bold=bold) for line in lines]

    def _styled(self, text: str, fg: str | None = None, *, bold: bool = False) -> str:
        return click.style(text, fg=fg, bold=bold or None) if self._colour else text


def _new_severity(incident: Incident) -> str:
    """Return since when a firing incident has another severity; empty if it never changed."""
    if len(incident.changes) < 2:
        return ""
    return f"{incident.severity} since {iso_time(incident.changes[-1].second)}: "


def _shown(value: bytes, *, decode: bool = False) -> str:
    return (readable if decode else printable)(value[:_MAX_VALUE])
