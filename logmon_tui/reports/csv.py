"""CSV of a report: one table for all counts, so that one `grep` or filter picks a part.

Columns: table, key, hits, bytes. An apostrophe goes before whatever a spreadsheet would take for
a formula (OWASP, CSV injection): a cell that begins with `=`, `+`, `-` or `@`, and, as many
spreadsheets begin a new cell at a semicolon, one of these behind it. The rest of what OWASP names,
tab and line ends, `printable` has spelt out before. A lone `-`, the log's word for nothing, stays.
"""

import csv
import io
import re
from collections.abc import Iterator

from logmon_tui.alerts.base import iso_time
from logmon_tui.escape import printable
from logmon_tui.reports.rows import chosen, tables
from logmon_tui.snapshot import Report

# The full-width forms count for some spreadsheets.
_FORMULA = re.compile("(^|;)(?=[-=+@\uff1d\uff0b\uff0d\uff20])")


def report_csv(report: Report, top: int) -> str:
    """Return the report as CSV with `top` rows of each table (0: all)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("table", "key", "hits", "bytes"))
    writer.writerows(_rows(report, top))
    return text.getvalue()


def _rows(report: Report, top: int) -> Iterator[tuple[str, str, int, int | str]]:
    hits = report.hits
    yield "total", "hits", hits.hits, hits.bytes
    yield "total", "unparsed", report.ingest.unparsed, ""
    for code, count in hits.status:
        yield "status", f"{code:03}", count, ""
    for table in tables(hits):
        for row in chosen(table.ranking.rows, top):
            yield table.name, _cell(row.key), row.hits, row.bytes
    for incident in report.incidents:
        time = iso_time(incident.triggered_at)
        yield "alerts", _cell(f"{time} {incident.message}".encode()), incident.hits, ""


def _cell(value: bytes) -> str:
    text = printable(value)
    return text if text == "-" else _FORMULA.sub(r"\1'", text)
