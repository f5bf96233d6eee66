"""CSV of a report: one table for all counts, so that one `grep` or filter picks a part.

Columns: table, key, hits, bytes. If the log has times, also p50, p95, p99 and max in seconds. These
are response times, except in the row `upstream_time`.

An apostrophe is put before whatever a spreadsheet would read as a formula (OWASP, CSV injection):
`=`, `+`, `-` or `@` at the start of a cell or after a semicolon, where many spreadsheets start a
new cell. OWASP also names tabs and line ends, which `printable` escapes. A lone `-` stays, as it is
the log's word for nothing.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.escape import printable
from logmon_tui.reports.registry import Layout
from logmon_tui.reports.rows import chosen, chosen_by, tables
from logmon_tui.snapshot import QUANTILES, Report, Times

_COLUMNS = ("table", "key", "hits", "bytes")
_Row: TypeAlias = tuple[str, str, int | str, int | str, Times | None]

# Some spreadsheets accept the full-width forms, too.
_FORMULA = re.compile("(^|;)(?=[-=+@\uff1d\uff0b\uff0d\uff20])")


def written(report: Report, _names: Sequence[str], layout: Layout) -> str:
    """Return what `report --output csv` prints."""
    return report_csv(report, layout.top)


def report_csv(report: Report, top: int) -> str:
    """Return the report as CSV with `top` rows of each table (0: all)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    timed = report.hits.response_times is not None or report.hits.upstream_times is not None
    writer.writerow((*_COLUMNS, *(QUANTILES if timed else ())))
    for *cells, times in _rows(report, top):
        writer.writerow((*cells, *(_quantiles(times) if timed else ())))
    return text.getvalue()


def _rows(report: Report, top: int) -> Iterator[_Row]:
    hits = report.hits
    yield "total", "hits", hits.hits, hits.bytes, hits.response_times
    if hits.upstream_times is not None:
        yield "total", "upstream_time", "", "", hits.upstream_times
    if hits.bytes_in is not None:
        yield "total", "bytes_in", "", hits.bytes_in, None
    yield "total", "unparsed", report.ingest.unparsed, "", None
    if report.ingest.ignored:
        yield "total", "ignored", report.ingest.ignored, "", None
    for text in chosen_by(report.chosen):
        yield "filter", cell(text), "", "", None
    for code, count in hits.status:
        yield "status", f"{code:03}", count, "", None
    for table in tables(hits):
        for row in chosen(table.ranking.rows, top):
            yield table.name, cell(row.key), row.hits, row.bytes, row.times
    for incident in report.incidents:
        time = iso_time(incident.triggered_at)
        yield "alerts", cell(f"{time} {incident.message}".encode()), incident.hits, "", None


def _quantiles(times: Times | None) -> tuple[str, ...]:
    values = times.quantiles.values() if times is not None else None
    return ("",) * len(QUANTILES) if values is None else tuple(f"{each:.6f}" for each in values)


def cell(value: bytes | str) -> str:
    """Return a text that no spreadsheet reads as a formula, and no terminal as a command."""
    text = printable(value)
    return text if text == "-" else _FORMULA.sub(r"\1'", text)
