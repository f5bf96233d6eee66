"""CSV of two reports that are compared: one table for totals, rankings and limits.

The columns `baseline`, `present` and `change` have the value of a total, and of the keys of
rankings the hits a second. Cells are guarded as those of any report.
"""

import csv
import io
from collections.abc import Iterator
from fractions import Fraction

from logmon_tui.reports.compared import ChangeTable, ComparedReports, change_tables
from logmon_tui.reports.csv import cell
from logmon_tui.reports.registry import Layout
from logmon_tui.snapshot import CountRow, Window
from logmon_tui.snapshot.comparison import Comparison, hits_a_second, most_changed
from logmon_tui.snapshot.totals import totals_of

_COLUMNS = ("table", "key", "mark", "baseline", "present", "change")
_OF_KEYS = ("hits", "5xx", "p95")

_Cell = str | int | float


def written(compared: ComparedReports, layout: Layout) -> str:
    """Return what `report --output csv` prints of a comparison, with `layout.top` rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    sides = ("baseline", "present")
    writer.writerow((*_COLUMNS, *(f"{side}_{name}" for name in _OF_KEYS for side in sides)))
    width = len(_COLUMNS) + len(_OF_KEYS) * len(sides)
    for row in _rows(compared, layout.top):
        writer.writerow((*row, *("",) * (width - len(row))))
    return text.getvalue()


def _rows(compared: ComparedReports, top: int) -> Iterator[tuple[_Cell, ...]]:
    baseline, present = compared.comparison.baseline, compared.comparison.present
    yield "total", "seconds", "", baseline.seconds, present.seconds
    for total in totals_of(baseline, present):
        numbers = (_number(each) for each in (total.baseline, total.present, total.change))
        yield "total", total.metric.name, "", *numbers
    if compared.present.chosen.where:
        yield "filter", cell(f"where {compared.present.chosen.where}")
    for table in change_tables(compared.comparison):
        yield from _of_keys(table, compared.comparison, top)
    for verdict in compared.limits:
        numbers = (_number(each) for each in (verdict.baseline, verdict.present))
        yield "limits", cell(verdict.limit), verdict.state.value, *numbers


def _of_keys(table: ChangeTable, comparison: Comparison, top: int) -> Iterator[tuple[_Cell, ...]]:
    for change in most_changed(table.changes, top):
        rows = change.baseline, change.present
        windows = comparison.baseline, comparison.present
        rates = [_rate(row, window) for row, window in zip(rows, windows, strict=True)]
        mark = change.mark.value if change.mark else ""
        figures = zip(*map(_figures, rows), strict=True)
        cells = (each for pair in figures for each in pair)
        yield table.name, cell(change.key), mark, *rates, _number(change.rate), *cells


def _rate(row: CountRow | None, window: Window) -> _Cell:
    return "" if row is None else _number(hits_a_second(row, window))


def _figures(row: CountRow | None) -> tuple[_Cell, ...]:
    """Return hits, 5xx and p95 of a key; empty cells for what is not known."""
    if row is None:
        return ("",) * len(_OF_KEYS)
    errors = "" if row.errors is None else row.errors.server
    return row.hits, errors, "" if row.times is None else _number(row.times.p95)


def _number(value: Fraction | float | None) -> _Cell:
    """Return a number with six decimals, a whole one without any."""
    if value is None:
        return ""
    return int(value) if value == int(value) else f"{float(value):.6f}"
