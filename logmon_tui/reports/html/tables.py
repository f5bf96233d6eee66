"""The tables of a page: rankings, status codes, hours or days, and what was not found."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from logmon_tui.config.output import By
from logmon_tui.reports.html.elements import Html, joined, number, shown, tag
from logmon_tui.reports.rows import Table, chosen, has_errors, is_timed
from logmon_tui.reports.text_tables import DECODED, title_of
from logmon_tui.snapshot import CountRow, NotFound, PeriodRow, PeriodTable, Window
from logmon_tui.units import count, percent, seconds, spoken_size

OUTCOMES = {2: "ok", 3: "moved", 4: "client", 5: "server"}
"""The class of the style sheet for each class of status codes."""


class Cell(NamedTuple):
    """A figure as it is read, and the value by which a script sorts it."""

    text: str
    value: float


def status_table(window: Window) -> Html:
    """Return the status codes, each with its share."""
    rows = [
        (Html(f"{code:03}"), hits, OUTCOMES.get(code // 100, "other"))
        for code, hits in window.status
    ]
    body = joined(
        tag(
            "tr",
            tag("th", name, scope="row"),
            _figure(Cell(count(hits), hits)),
            _figure(_share(hits, window.hits)),
            bar(hits / window.hits if window.hits else 0.0, outcome),
        )
        for name, hits, outcome in rows
    )
    return _table("Status codes", ("status", "hits", "%"), body, barred=True)


def ranking_table(table: Table, window: Window, top: int) -> Html:
    """Return a ranking with `top` rows (0: all)."""
    rows = list(chosen(table.ranking.rows, top))
    timed, classed = is_timed(table), has_errors(table)
    heads = ["hits", "%", "bytes", *(("4xx%", "5xx%") if classed else ()), *["p95"] * timed]
    title = title_of(table.name)
    body = joined(
        tag(
            "tr",
            tag("th", shown(row.key, decode=table.name in DECODED), scope="row"),
            *map(_figure, _figures(row, window, timed=timed, classed=classed)),
            bar(row.hits / window.hits if window.hits else 0.0, "all"),
        )
        for row in rows
    )
    more = table.ranking.distinct - len(rows)
    note = f"{count(more)} more are not shown; --top 0 shows all" if more > 0 else ""
    return _table(title, (table.key.replace("_", " "), *heads), body, barred=True, note=note)


def period_table(table: PeriodTable) -> Html:
    """Return the hours or days, the newest first."""
    timed = table.timed
    heads = (table.by.value, "hits", "bytes", "visitors", "4xx%", "5xx%", *["p95"] * timed)
    most = max((row.hits for row in table.rows), default=0)
    body = joined(
        tag(
            "tr",
            tag("th", shown(_period(row, table.by)), scope="row"),
            *map(_figure, _period_figures(row, timed=timed)),
            bar(row.hits / most if most and row.start is not None else 0.0, "all"),
        )
        for row in reversed(list(table.all()))
    )
    return _table(f"By {table.by.value} (UTC)", heads, body, barred=True)


def not_found_table(found: NotFound, top: int) -> Html:
    """Return the paths that were not found, with the pages that most often lead there."""
    rows = list(chosen(found.rows, top))
    body = joined(
        tag(
            "tr",
            tag("th", shown(row.path, decode=True), scope="row"),
            _figure(Cell(count(row.hits), row.hits)),
            tag("td", Html("–") if row.referrer is None else shown(row.referrer, decode=True)),
        )
        for row in rows
    )
    return _table("Not found", ("path", "hits", "most often from"), body)


def bar(share: float, outcome: str) -> Html:
    """Return a cell with a bar as long as a share of 1, in the colour of `outcome`."""
    drawn = tag("rect", width=number(100 * share), height=1)
    svg = tag(
        "svg",
        drawn,
        class_=f"bar {outcome}",
        viewbox="0 0 100 1",
        preserveaspectratio="none",
        aria_hidden="true",
    )
    return tag("td", svg)


def _table(
    title: str, heads: Sequence[str], body: Html, *, barred: bool = False, note: str = ""
) -> Html:
    first, *others = heads
    head = tag(
        "tr",
        tag("th", shown(first), scope="col"),
        *(tag("th", shown(each), scope="col", class_="n") for each in others),
        *([tag("td")] if barred else ()),
    )
    table = tag("table", tag("caption", shown(title)), tag("thead", head), tag("tbody", body))
    scrolled = tag(
        "div", table, class_="scroll", tabindex=0, role="region", aria_label=f"{title}, a table"
    )
    return joined((scrolled, *([tag("p", shown(note), class_="note")] if note else ())))


def _figures(row: CountRow, window: Window, *, timed: bool, classed: bool) -> Iterator[Cell]:
    yield Cell(count(row.hits), row.hits)
    yield _share(row.hits, window.hits)
    yield Cell(spoken_size(row.bytes), row.bytes)
    if classed:
        yield from (
            Cell("", -1) if row.errors is None else _share(part, row.hits)
            for part in row.errors or (0, 0)
        )
    if timed:
        yield _time(row.times and row.times.p95, row.times.resolution if row.times else 0.0)


def _period_figures(row: PeriodRow, *, timed: bool) -> Iterator[Cell]:
    yield Cell(count(row.hits), row.hits)
    yield Cell(spoken_size(row.bytes), row.bytes)
    visitors = row.visitors
    yield Cell("–", -1) if visitors is None else Cell(count(visitors), visitors)
    yield from (_share(part, row.hits) for part in row.errors)
    if timed:
        yield _time(row.p95, row.resolution)


def _time(value: float | None, resolution: float) -> Cell:
    return Cell("–", -1) if value is None else Cell(seconds(value, resolution), value)


def _share(part: int, whole: int) -> Cell:
    share = part / whole if whole else 0.0
    return Cell(percent(share) if part else "–", share)


def _figure(cell: Cell) -> Html:
    return tag("td", shown(cell.text), class_="n", data_v=f"{cell.value:.9g}")


def _period(row: PeriodRow, by: By) -> str:
    if row.start is None:
        return "all before"
    moment = datetime.fromtimestamp(row.start, UTC)
    return moment.strftime("%Y-%m-%d %H:%M" if by is By.HOUR else "%Y-%m-%d")
