"""Plain text for people: what `watch --output text` prints each interval, and `report`.

All log content passes through `printable`. Colour is put on only when asked for.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

import click

from logmon_tui.advice import advice
from logmon_tui.alerts.incident import Incident
from logmon_tui.alerts.messages import iso_time, whole_line
from logmon_tui.alerts.rule import Severity
from logmon_tui.config import Panel
from logmon_tui.escape import printable, readable
from logmon_tui.numbers import count, date_time, duration, percent, rate, seconds, spoken_size
from logmon_tui.reports.rows import Table, chosen, is_timed, tables
from logmon_tui.snapshot import Ingest, Ranking, Report, Snapshot, Times, Window

TEXT_SHOW = (
    Panel.TRAFFIC,
    Panel.SECTIONS,
    Panel.STATUS,
    Panel.CLIENTS,
    Panel.SIZE,
    Panel.ALERTS,
)
"""What is printed when `--show` chooses nothing: all that the seeds print."""

_DECODED = ("sections", "paths", "routes", "referrers")
"""What people read without its percent-encoding, by the names of tables and panels."""

_SIGNS = {2: ("✓", "green"), 3: ("→", "cyan"), 4: ("!", "yellow"), 5: ("✗", "red")}
SEVERITY_SIGNS = {Severity.WARNING: ("!", "yellow"), Severity.CRITICAL: ("▲", "red")}
"""The sign of an incident that fires, and its colour."""

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_BAR_WIDTH = 20
_KEY_WIDTH = 48

_RANKINGS: dict[Panel, Callable[[Window], Ranking]] = {
    Panel.SECTIONS: lambda window: window.sections,
    Panel.CLIENTS: lambda window: window.hosts,
    Panel.PATHS: lambda window: window.paths,
    Panel.AGENTS: lambda window: window.user_agents,
    Panel.USERS: lambda window: window.users,
    Panel.METHODS: lambda window: window.methods,
    Panel.VHOSTS: lambda window: window.virtual_hosts,
    Panel.REFERRERS: lambda window: window.referrers,
    Panel.TLS: lambda window: window.tls,
    Panel.LOGS: lambda window: window.sources,
}


class TextReport:
    """Writes lines of text; `colour` puts on terminal styles, `top` bounds rankings (0: all)."""

    def __init__(self, *, top: int, show: Collection[Panel] | None, colour: bool) -> None:
        self._top = top
        self._show = TEXT_SHOW if show is None else show
        self._colour = colour
        self._told: list[str] = []  # of what is odd

    def interval(self, snapshot: Snapshot) -> list[str]:
        """Return what is printed for one stats interval."""
        now = snapshot.now
        if snapshot.log_time is None:
            return [*self._ingest(snapshot.ingest), *self._wrong(snapshot)]
        lines = []
        if Panel.TRAFFIC in self._show:
            lines.append(self._styled(self._headline(snapshot), bold=True))
        for panel, ranking in _RANKINGS.items():
            if panel in self._show:
                lines.append(self._ranked(panel.value, ranking(now), now.hits))
            if panel is Panel.SECTIONS and Panel.STATUS in self._show:
                lines.append(self._status(now))
        if Panel.SIZE in self._show:
            lines.append(f"  {'size':<9} {_sizes(now)}")
            lines += [f"  {name:<9} {_times(times)}" for name, times in _measured_times(now)]
        return [*lines, *self._ingest(snapshot.ingest), *self._wrong(snapshot)]

    def alert(self, incident: Incident) -> list[str]:
        """Return the line for an incident that fired, changed or recovered, if alerts are shown."""
        if Panel.ALERTS not in self._show:
            return []
        if incident.firing:
            sign, colour = SEVERITY_SIGNS[incident.severity]
            told = f"{sign} {_changed(incident)}{whole_line(incident)}"
            return [self._styled(printable(told), fg=colour, bold=True)]
        return [self._styled(printable(f"✓ {whole_line(incident)}"), fg="green")]

    def summary(self, report: Report, names: Sequence[str]) -> list[str]:
        """Return the readable summary of whole logs called `names`."""
        hits = report.hits
        lines = [
            self._styled(printable(" ".join(names)), bold=True),
            f"{hits.hits:,} hits, {_lines(report.ingest.unparsed)} unparsed"
            + (f", {_lines(report.ingest.others)} of messages" if report.ingest.others else "")
            + "".join(
                f", {printable(each)}" for each in (*_odd(report.ingest), *report.ingest.formats)
            ),
            *(
                self._styled(printable(f"  {told}"), fg="yellow")
                for told in report.ingest.not_access_logs
            ),
            *self._unparsed(report.ingest),
        ]
        if report.first_hit is None or report.last_hit is None:
            return lines
        span = f"{date_time(report.first_hit)} to {date_time(report.last_hit)} UTC"
        lines += [
            f"{span} ({duration(hits.seconds)}, {rate(hits.rate)} req/s)",
            f"{_sizes(hits)}, {_clients(hits.hosts.distinct)}",
            *(f"{name} time {_times(times)}" for name, times in _measured_times(hits)),
            "",
            *self._status_bars(hits),
        ]
        for table in tables(hits):
            if _tells(table):
                lines += ["", *self._table(table, hits.hits)]
        return [*lines, "", *self._incidents(report.incidents)]

    def _headline(self, snapshot: Snapshot) -> str:
        now = snapshot.now
        window = f"{count(now.hits)} hits in {now.seconds} s, {rate(now.rate)} req/s"
        return f"{date_time(now.end)} UTC  {window}, {count(snapshot.ingest.hits)} in all"

    def _ranked(self, name: str, ranking: Ranking, hits: int) -> str:
        decode = name in _DECODED
        rows = [
            f"{_cropped(row.key, decode=decode)} {count(row.hits)} ({percent(row.hits / hits)} %)"
            for row in chosen(ranking.rows, self._top)
        ]
        return f"  {name:<9} {'  '.join(rows) or '-'}"

    def _status(self, window: Window) -> str:
        parts = []
        for digit, hits in enumerate(window.by_class):
            if hits:
                sign, colour = _SIGNS.get(digit, ("·", None))
                codes = "  ".join(f"{c:03}: {n:,}" for c, n in window.status if c // 100 == digit)
                share = percent(hits / window.hits)
                parts.append(self._styled(f"{sign} {digit}xx {share} %", fg=colour) + f" ({codes})")
        return f"  {'status':<9} {'  '.join(parts) or '-'}"

    def _status_bars(self, window: Window) -> Iterator[str]:
        yield self._styled("Status", bold=True)
        for digit, hits in enumerate(window.by_class):
            if not hits:
                continue
            sign, colour = _SIGNS.get(digit, ("·", None))
            share = hits / window.hits
            bar = self._styled(_bar(share), fg=colour)
            yield f"  {sign} {digit}xx  {bar} {percent(share):>5} %  {count(hits):>11}"
            for code, number in window.status:
                if code // 100 == digit:
                    yield f"      {code:03}  {'':{_BAR_WIDTH}}          {count(number):>11}"

    def _table(self, table: Table, hits: int) -> Iterator[str]:
        title = "TLS" if table.name == "tls" else table.name.replace("_", " ").capitalize()
        ranking, timed = table.ranking, is_timed(table)
        yield self._styled(f"{title:<{_KEY_WIDTH + 2}} {'':{_BAR_WIDTH}}", bold=True) + (
            f"      %        hits      bytes{'      p95' if timed else ''}"
        )
        for row in chosen(ranking.rows, self._top):
            share = row.hits / hits
            key = _cropped(row.key, decode=table.name in _DECODED)
            bar = self._styled(_bar(share), fg="blue")
            numbers = f"{percent(share):>5}  {count(row.hits):>10}  {spoken_size(row.bytes):>9}"
            slow = f"  {_p95(row.times):>7}" if timed else ""
            yield f"  {key:<{_KEY_WIDTH}} {bar}  {numbers}{slow}"
        left = ranking.distinct - len(list(chosen(ranking.rows, self._top)))
        if left > 0:
            yield f"  … and {count(left)} more"

    def _incidents(self, incidents: Sequence[Incident]) -> Iterator[str]:
        yield self._styled(f"Alerts: {len(incidents)}", bold=True)
        for incident in incidents:
            sign, colour = SEVERITY_SIGNS[incident.severity]
            state = self._styled(sign, fg=colour) if incident.firing else "✓"
            fired = replace(incident, recovered_at=None)
            yield f"  {state} {printable(whole_line(fired))}"
            if incident.recovered_at is not None:
                lasted = duration(incident.recovered_at - incident.triggered_at)
                yield f"      {printable(whole_line(incident))} (after {lasted})"

    def _ingest(self, ingest: Ingest) -> Iterator[str]:
        """Say how the reading goes if something odd has happened, or if it was asked for."""
        unparsed = [f"{_lines(ingest.unparsed)} unparsed"] if ingest.unparsed else []
        told = [*unparsed, *_odd(ingest)]
        news, self._told = told != self._told, told
        if news or Panel.INGEST in self._show:
            text = ", ".join([f"parsed {percent(ingest.parsed_share)} %", *told])
            colour = "yellow" if told else None
            yield self._styled(f"  {'ingest':<9} {'! ' if told else ''}{text}", fg=colour)

    def _wrong(self, snapshot: Snapshot) -> Iterator[str]:
        """Say what is wrong with the logs, and how to mend it."""
        for source in snapshot.sources:
            if source.message:
                yield self._styled(printable(f"  {source.name}: {source.message}"), fg="yellow")
        if snapshot.ingest.failure:
            yield self._styled(printable(f"  reading failed: {snapshot.ingest.failure}"), fg="red")
        yield from self._unparsed(snapshot.ingest)

    def _unparsed(self, ingest: Ingest) -> Iterator[str]:
        """Say so when no line at all was a hit; elsewhere a count is enough."""
        if ingest.hits or ingest.first_unparsed is None or ingest.not_access_logs:
            return
        line, reason = ingest.first_unparsed
        text = f"  no line parses: {reason}, in {_cropped(line, 120)}"
        yield self._styled(f"{text}; {advice(ingest.first_unparsed)}", fg="red")

    def _styled(self, text: str, fg: str | None = None, *, bold: bool = False) -> str:
        return click.style(text, fg=fg, bold=bold or None) if self._colour else text


def _changed(incident: Incident) -> str:
    """Say that it fires with another severity than before, if it does."""
    if len(incident.changes) < 2:
        return ""
    return f"{incident.severity} since {iso_time(incident.changes[-1].second)}: "


def _tells(table: Table) -> bool:
    """Tell whether a table says more than that there is nothing to be told apart."""
    keys = [row.key for row in table.ranking.rows]
    return len(keys) > 1 or any(not key.startswith((b"-", b"(")) for key in keys)


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number:,} lines"


def _clients(number: int) -> str:
    return "1 client" if number == 1 else f"{count(number)} clients"


def _odd(ingest: Ingest) -> list[str]:
    """Return the counts of what should not happen besides unparsed lines, without zeros."""
    counts = (
        (ingest.oversize, "oversize"),
        (ingest.late, "late"),
        (ingest.future, "future"),
        (ingest.truncations, "truncation" if ingest.truncations == 1 else "truncations"),
    )
    return [f"{number:,} {name}" for number, name in counts if number]


def _sizes(window: Window) -> str:
    mean, largest = spoken_size(window.sizes.mean), spoken_size(window.sizes.max)
    received = "" if window.bytes_in is None else f", {spoken_size(window.bytes_in)} received"
    return f"{spoken_size(window.bytes)} sent, {mean} mean, {largest} largest response{received}"


def _measured_times(window: Window) -> Iterator[tuple[str, Times]]:
    """Yield what times the log tells, by name."""
    if window.response_times is not None:
        yield "response", window.response_times
    if window.upstream_times is not None:
        yield "upstream", window.upstream_times


def _p95(times: Times | None) -> str:
    return "-" if times is None else seconds(times.p95, times.resolution)


def _times(times: Times) -> str:
    told = {name: seconds(value, times.resolution) for name, value in times.quantiles.items()}
    longest = told.pop("max")
    return f"{', '.join(f'{value} {name}' for name, value in told.items())}, {longest} longest"


def _bar(share: float) -> str:
    eighths = round(share * _BAR_WIDTH * 8)
    bar = "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
    return f"{bar:<{_BAR_WIDTH}}"


def _cropped(value: bytes, width: int = _KEY_WIDTH, *, decode: bool = False) -> str:
    # A character takes up to 4 bytes, 12 encoded; a line may be huge, and escaping takes time.
    text = (readable if decode else printable)(value[: 12 * width + 12])
    return text if len(text) <= width else f"{text[: width - 1]}…"
