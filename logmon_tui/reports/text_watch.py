"""WatchText: what `watch --output text` prints of an interval, and of an incident."""

from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.messages import iso_time, whole_line
from logmon_tui.alerts.rules.text import objective_text
from logmon_tui.config.settings import Panel
from logmon_tui.escape import printable
from logmon_tui.fitting import Word, distinct, flowed, words_of
from logmon_tui.reports.rows import chosen
from logmon_tui.reports.text_lines import SEVERITY_SIGNS, TextLines, shown_value
from logmon_tui.reports.text_phrases import (
    ignored_count,
    line_count,
    measured_times,
    odd_counts,
    phrases,
    quantiles,
    sizes,
)
from logmon_tui.reports.text_tables import CLASS_SIGNS, DECODED
from logmon_tui.snapshot import AlertState, Fleet, Ingest, Ranking, Snapshot, Window
from logmon_tui.units import count, date_time, percent, rate

TEXT_SHOW = (
    Panel.TRAFFIC,
    Panel.SECTIONS,
    Panel.STATUS,
    Panel.CLIENTS,
    Panel.SIZE,
    Panel.ALERTS,
)
"""What is printed unless `--show` chooses."""

_LABEL = 12
"""Width of the label before a line of an interval, in cells."""
_MAX_NAME = 48
"""Maximum cells of a name that stands beside others."""


class WatchText(TextLines):
    """Writes a watch; `show` chooses what, None leaves `TEXT_SHOW`. See TextLines for the rest."""

    def __init__(
        self, *, top: int, show: Collection[str] | None, colour: bool, width: int | None = None
    ) -> None:
        super().__init__(top=top, colour=colour, width=width)
        self._show = TEXT_SHOW if show is None else show
        self._reported: list[str] = []  # the odd counts of the last interval

    def interval(self, snapshot: Snapshot) -> list[str]:
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

    def _panel(self, panel: Panel, snapshot: Snapshot) -> list[str]:
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

    def _servers(self, fleet: Fleet) -> list[str]:
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

    def _standing(self, alerts: AlertState) -> list[str]:
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

    def _headline(self, snapshot: Snapshot) -> list[str]:
        now = snapshot.now
        when = f"{date_time(now.end)} UTC"
        window = f"{count(now.hits)} hits in {now.seconds} s"
        figures = (window, f"{rate(now.rate)} req/s", f"{count(snapshot.ingest.hits)} in all")
        first, *others = phrases(figures)
        words = [Word(when, when), replace(first, gap=2), *others]
        return [self._styled(line, bold=True) for line in self._flow(words)]

    def _ranked(self, panel: str, ranking: Ranking, hits: int) -> Iterator[Word]:
        rows = list(chosen(ranking.rows, self._top))
        figures = [f"{count(row.hits)} ({percent(row.hits / hits)} %)" for row in rows]
        longest = max(map(len, figures), default=0)
        room = _MAX_NAME
        if self.width is not None:
            room = min(room, self.width - _LABEL - 1 - longest)
        names = distinct([shown_value(row.key, decode=panel in DECODED) for row in rows], room)
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

    def _problems(self, snapshot: Snapshot) -> Iterator[str]:
        """Yield what is wrong with the logs, and how to mend it."""
        for source in snapshot.sources:
            if source.message:
                yield from self._wrapped(f"  {source.name}: {source.message}", 4, fg="yellow")
        if snapshot.ingest.failure:
            yield from self._wrapped(f"  reading failed: {snapshot.ingest.failure}", 4, fg="red")
        yield from self._unparsed(snapshot.ingest)

    def _labelled(self, label: str, words: Iterable[Word]) -> list[str]:
        """Return lines of a label and the words, or a dash if there are no words."""
        found = list(words) or [Word("-", "-")]
        return flowed(found, self.width, start=f"  {label:<{_LABEL - 2}}", hanging=_LABEL)


def _new_severity(incident: Incident) -> str:
    """Return since when a firing incident has another severity; empty if it never changed."""
    if len(incident.changes) < 2:
        return ""
    return f"{incident.severity} since {iso_time(incident.changes[-1].second)}: "
