"""CSV of a report: one table for all counts, so that one `grep` or filter picks a part.

Columns: table, key, hits, bytes. If the log has times, also p50, p95, p99 and max in seconds. These
are response times, except in the row `upstream_time`. Then 4xx and 5xx, the hits that were errors,
and if the log has response times, total_time, their sum in seconds. At last, visitors:
how many there were in an hour or a day; referrer: which most often led to a path not found; and of
an alert its rule, its last and its worst severity, and when it recovered.

The row `total,unique_hosts` counts clients. Those of `response_size` hold bytes, and those of
`section_status` hits by class.

An apostrophe is put before whatever a spreadsheet would read as a formula (OWASP, CSV injection):
`=`, `+`, `-` or `@` at the start of a cell or after a semicolon, where many spreadsheets start a
new cell. OWASP also names tabs and line ends, which `printable` escapes. A lone `-` stays, as it is
the log's word for nothing.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.escape import printable
from logmon_tui.reports.registry import Layout
from logmon_tui.reports.rows import chosen, chosen_by, classes, report_tables
from logmon_tui.snapshot import QUANTILES, Errors, PeriodRow, PeriodTable, Report, Times

_COLUMNS = ("table", "key", "hits", "bytes")
_LAST_COLUMNS = ("visitors", "referrer", "rule", "severity", "worst", "recovered_at")


class _Row(NamedTuple):
    """One row; what is None becomes an empty cell."""

    table: str
    key: str
    hits: int | str
    bytes: int | str
    times: Times | PeriodRow | None = None
    errors: Errors | None = None
    total_time: float | None = None
    visitors: int | str = ""
    referrer: str = ""
    incident: Incident | None = None


# Some spreadsheets accept the full-width forms, too.
_FORMULA = re.compile("(^|;)(?=[-=+@\uff1d\uff0b\uff0d\uff20])")


def written(report: Report, _names: Sequence[str], layout: Layout) -> str:
    """Return what `report --output csv` prints."""
    return report_csv(report, layout.top)


def report_csv(report: Report, top: int) -> str:
    """Return the report as CSV with `top` rows of each table (0: all)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    hits = report.hits
    timed = hits.response_times is not None or hits.upstream_times is not None
    spent = ("total_time",) if hits.total_time is not None else ()
    writer.writerow(
        (*_COLUMNS, *(QUANTILES if timed else ()), "4xx", "5xx", *spent, *_LAST_COLUMNS)
    )
    for row in _rows(report, top):
        times = _quantiles(row.times) if timed else ()
        time = (_seconds(row.total_time),) if spent else ()
        writer.writerow(
            (
                *(*row[:4], *times, *(row.errors or ("", "")), *time, row.visitors, row.referrer),
                *_alert(row.incident),
            )
        )
    return text.getvalue()


def _rows(report: Report, top: int) -> Iterator[_Row]:
    yield from _totals(report)
    for text in chosen_by(report.chosen):
        yield _Row("filter", cell(text), "", "")
    yield from _periods(report.periods)
    for code, count in report.hits.status:
        yield _Row("status", f"{code:03}", count, "")
    for table in report_tables(report, routes=True):
        for row in chosen(table.ranking.rows, top):
            counts = cell(row.key), row.hits, row.bytes
            yield _Row(table.name, *counts, row.times, row.errors, row.total_time)
    for row in chosen(report.hits.sections.rows, top):
        for name, count in classes(row.status).items():
            yield _Row("section_status", cell(b"%b %b" % (name.encode(), row.key)), count, "")
    for path in chosen(report.not_found.rows, top):
        key, referrer = cell(path.path), "" if path.referrer is None else cell(path.referrer)
        yield _Row("not_found", key, path.hits, "", referrer=referrer)
    for mark in report.marks or ():
        yield _Row("marks", cell(f"{iso_time(mark.second)} {mark.text}"), "", "")
    for incident in report.incidents:
        time = iso_time(incident.triggered_at)
        key = cell(f"{time} {incident.message}".encode())
        yield _Row("alerts", key, incident.hits, "", incident=incident)


def _alert(incident: Incident | None) -> tuple[str, ...]:
    """Return the cells of an incident: its rule, last and worst severity, and when it recovered."""
    if incident is None:
        return ("",) * 4
    ended = incident.recovered_at
    severities = incident.severity.value, incident.worst.value
    return cell(incident.rule), *severities, "" if ended is None else iso_time(ended)


def _totals(report: Report) -> Iterator[_Row]:
    hits = report.hits
    errors = Errors(hits.by_class[4], hits.by_class[5])
    yield _Row("total", "hits", hits.hits, hits.bytes, hits.response_times, errors, hits.total_time)
    if hits.upstream_times is not None:
        yield _Row("total", "upstream_time", "", "", hits.upstream_times)
    if hits.bytes_in is not None:
        yield _Row("total", "bytes_in", "", hits.bytes_in)
    yield _Row("total", "unparsed", report.ingest.unparsed, "")
    if report.static.hits:
        yield _Row("total", "static", report.static.hits, report.static.bytes)
    if report.ingest.ignored:
        yield _Row("total", "ignored", report.ingest.ignored, "")
    yield _Row("total", "unique_hosts", hits.hosts.distinct, "")
    for name, size in (("p50", hits.sizes.p50), ("p95", hits.sizes.p95), ("max", hits.sizes.max)):
        yield _Row("response_size", name, "", round(size))


def _periods(table: PeriodTable) -> Iterator[_Row]:
    """Yield the rows by hour or by day; the sum of earlier ones is called `earlier`."""
    for row in table.all():
        key = "earlier" if row.start is None else iso_time(row.start)
        visitors = "" if row.visitors is None else row.visitors
        yield _Row(f"{table.by}s", key, row.hits, row.bytes, row, row.errors, visitors=visitors)


def _quantiles(times: Times | PeriodRow | None) -> tuple[str, ...]:
    if times is None:
        return ("",) * len(QUANTILES)
    if isinstance(times, PeriodRow):  # it has only one
        return tuple(_seconds(times.p95 if name == "p95" else None) for name in QUANTILES)
    return tuple(map(_seconds, times.quantiles.values()))


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"


def cell(value: bytes | str) -> str:
    """Return a text that no spreadsheet reads as a formula, and no terminal as a command."""
    text = printable(value)
    return text if text == "-" else _FORMULA.sub(r"\1'", text)
