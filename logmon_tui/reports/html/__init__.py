"""One page of HTML that holds a whole report: readable without scripts, and all in one file.

Style, script and pictures are in the page. Its policy lets a browser run this script and this style
alone, known by their digests, and load nothing. Text of a log gets in through `elements.shown`.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files

from logmon_tui import __version__
from logmon_tui.reports.html.charts import heat_map, time_chart, traffic_chart
from logmon_tui.reports.html.elements import Html, joined, shown, tag
from logmon_tui.reports.html.incidents import incident_list, limit_list, mark_list, objective_list
from logmon_tui.reports.html.tables import (
    not_found_table,
    period_table,
    ranking_table,
    status_table,
)
from logmon_tui.reports.registry import Layout
from logmon_tui.reports.rows import chosen_by, is_useful, report_tables
from logmon_tui.reports.text_phrases import (
    measured_times,
    quantiles,
    read_counts,
    sizes,
    static_share,
)
from logmon_tui.snapshot import PeriodTable, Report, Timeline, Window
from logmon_tui.units import count, date_time, duration, percent, rate, seconds, spoken_size

FOLDED = 3 * 24
"""Periods beyond which their table is folded, as the charts tell the same."""

_SHOWN_LINE = 400
"""Maximum bytes of an unparsed line on the page."""


def written(report: Report, names: Sequence[str], layout: Layout) -> str:
    """Return what `report --output html` prints."""
    style, script = _file("page.css"), _file("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    title = shown(f"{' '.join(names)} · logmon-tui")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", Html(style)),
    )
    parts = list(_sections(report, layout.top))
    body = tag(
        "body",
        tag("a", shown("Skip to the figures"), href="#main", class_="skip"),
        _header(report, names, [(name, anchor) for name, anchor, _ in parts]),
        tag("main", _tiles(report), *(part for _, _, part in parts), id="main"),
        tag("footer", tag("p", shown(f"Made by logmon-tui {__version__} from access logs alone."))),
        tag("script", Html(script)),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def lead(report: Report) -> str:
    """Return the sentence that says how things stand: traffic, errors, alerts."""
    hits = report.hits
    if not hits.hits:
        return "No hit was found."
    errors = percent(hits.class_share(5)) if hits.by_class[5] else "0"
    fired = len(report.incidents)
    firing = sum(incident.firing for incident in report.incidents)
    alerts = "no alert fired" if not fired else f"{fired:,} alert{'s' * (fired > 1)} fired"
    alerts += f", {firing:,} of them still at the end" if firing else ""
    return (
        f"{count(hits.hits)} hits in {duration(hits.seconds)}, {rate(hits.rate)} a second; "
        f"{errors} % were server errors; {alerts}."
    )


def _header(report: Report, names: Sequence[str], sections: Sequence[tuple[str, str]]) -> Html:
    facts = [*read_counts(report)]
    if report.first_hit is not None and report.last_hit is not None:
        facts.insert(0, f"{date_time(report.first_hit)} to {date_time(report.last_hit)} UTC")
    only = chosen_by(report.chosen)
    links = (tag("li", tag("a", shown(name), href=f"#{anchor}")) for name, anchor in sections)
    return tag(
        "header",
        tag("h1", shown(" ".join(names))),
        tag("p", shown(" · ".join(facts)), class_="sub"),
        *(tag("p", shown(f"only {', '.join(only)}"), class_="sub") for _ in only[:1]),
        tag("p", shown(lead(report)), class_="lead"),
        tag("nav", tag("ul", *links), aria_label="Sections of this page"),
    )


def _tiles(report: Report) -> Html:
    window = report.hits
    return tag(
        "ul",
        *(
            tag("li", tag("b", shown(figure)), shown(name), class_=outcome or None)
            for figure, name, outcome in _figures(window)
        ),
        class_="tiles",
    )


def _figures(window: Window) -> Iterator[tuple[str, str, str]]:
    """Yield the figures at the top: each as text, with its name and the class of its colour."""
    yield count(window.hits), "hits", ""
    yield rate(window.rate), "hits a second", ""
    server, client = window.class_share(5), window.class_share(4)
    yield f"{percent(server)} %", "5xx", "server" if server else "ok"
    yield f"{percent(client)} %", "4xx", "client" if client else "ok"
    times = window.response_times
    if times is not None:
        yield seconds(times.p95, times.resolution), "p95", ""
    yield spoken_size(window.bytes), "sent", ""
    yield count(window.hosts.distinct), "clients", ""


def _sections(report: Report, top: int) -> Iterator[tuple[str, str, Html]]:
    """Yield the parts of the page: name, anchor, content."""
    if not report.hits.hits:
        yield _section("What was read", "read", _unparsed(report))
        return
    yield from _over_time(report)
    yield _section("Alerts", "alerts", incident_list(report.incidents))
    if report.limits:
        yield _section("Limits", "limits", limit_list(report.limits))
    if report.objectives:
        name = "Objectives, over the last 30 days"
        yield _section(name, "objectives", objective_list(report.objectives))
    if report.marks:
        yield _section("Marks", "marks", mark_list(report.marks))
    yield "Rankings", "rankings", _rankings(report, top)
    yield _section("Sizes and times", "sizes", _sizes(report))
    if report.periods.rows:
        yield _section(f"By {report.periods.by.value}", "periods", _periods(report.periods))
    if report.ingest.unparsed:
        yield _section("Unparsed lines", "read", _unparsed(report))


def _over_time(report: Report) -> Iterator[tuple[str, str, Html]]:
    series = _series(report)
    chart = traffic_chart(series, report.incidents, report.marks or (), report.last_hit or 0)
    yield _section("Traffic", "traffic", chart)
    if any(row.p95 is not None for row in series.rows):
        yield _section("Response times", "times", time_chart(series))
    if len(report.hours.rows) > 1:
        yield _section("Hours of the day", "hours", heat_map(report.hours.rows))


def _series(report: Report) -> Timeline:
    """Return the finest series that the report has of its whole time."""
    if report.timeline.rows:
        return report.timeline
    table = report.periods if report.hours.earlier is not None else report.hours
    return Timeline(table.by.seconds, table.rows)


def _rankings(report: Report, top: int) -> Html:
    useful = [table for table in report_tables(report) if is_useful(table)]
    tables = [status_table(report.hits)]
    tables += [ranking_table(table, report.hits, top) for table in useful]
    if report.not_found.rows:
        tables.append(not_found_table(report.not_found, top))
    return tag("div", *(tag("section", table) for table in tables), id="rankings", class_="grid")


def _sizes(report: Report) -> Html:
    lines = [sizes(report.hits)]
    lines += [[f"{name} time", *quantiles(times)] for name, times in measured_times(report.hits)]
    lines += [share] if (share := static_share(report)) else []
    return joined(tag("p", shown(", ".join(line))) for line in lines)


def _periods(table: PeriodTable) -> Html:
    found = period_table(table)
    if len(table.rows) <= FOLDED:
        return found
    text = f"{len(table.rows):,} {table.by.value}s"
    return tag("details", tag("summary", shown(text)), found)


def _unparsed(report: Report) -> Html:
    ingest = report.ingest
    first = ingest.first_unparsed
    said = [*ingest.not_access_logs, f"{ingest.unparsed:,} lines are no hits."]
    parts = [tag("p", shown(each)) for each in said]
    if first is not None:
        parts.append(tag("p", shown(f"The first one: {first.reason}")))
        parts.append(tag("p", shown(first.line[:_SHOWN_LINE]), class_="raw"))
    return joined(parts)


def _section(name: str, anchor: str, content: Html) -> tuple[str, str, Html]:
    head = tag("h2", shown(name), id=f"{anchor}-title")
    return name, anchor, tag("section", head, content, id=anchor, aria_labelledby=f"{anchor}-title")


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """Return the source expression of a text for the page's policy (CSP 3, section 2.3.1)."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"sha256-{digest}"
