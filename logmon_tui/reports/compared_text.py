"""Plain text of two reports that are compared: what changed most, then tables.

All log content passes through `printable`. Numbers come first and names last, as in the tables of
any report.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import click

from logmon_tui import units
from logmon_tui.escape import printable
from logmon_tui.fitting import distinct, right, width_of, wrapped_text
from logmon_tui.reports.change_words import change_text, growth_text, value_text
from logmon_tui.reports.changed_most import changed_most, shown_key
from logmon_tui.reports.compared import ChangeTable, ComparedReports, change_tables
from logmon_tui.reports.registry import Layout
from logmon_tui.reports.text_phrases import read_counts
from logmon_tui.reports.text_tables import title_of
from logmon_tui.snapshot import CountRow, Report, Window
from logmon_tui.snapshot.comparison import Change, Comparison, Mark, most_changed
from logmon_tui.snapshot.totals import Quantity, Total, totals_of

_GAP = "  "
_WAS, _NOW, _CHANGE, _ERRORS, _P95 = 7, 7, 8, 10, 15
"""Widths of the columns in cells."""
_LEAST_NAME = 16
"""Minimum cells of names; to keep them, other columns go: first p95, then 5xx, then what was."""
_COLOURS = {Mark.NEW: "cyan", Mark.GONE: "yellow"}
_UNITS = ((1, "/s"), (60, "/min"), (3_600, "/h"), (86_400, "/d"))
_READABLE = 100
"""Hits that the whole traffic has in the unit of its rates, so that those of keys are readable."""


def written(compared: ComparedReports, layout: Layout) -> str:
    """Return what `report --output text` prints of a comparison."""
    return "".join(f"{line}\n" for line in _Writer(compared, layout).lines())


class _Scale(NamedTuple):
    """How hits are shown: as they are if the windows are of one length, else per unit of time."""

    title: str
    seconds: int

    def text(self, hits: float, window: Window) -> str:
        if not self.seconds:
            return units.count(hits)
        return units.rate(hits * self.seconds / window.seconds) if window.seconds else "-"


def _scale_of(comparison: Comparison) -> _Scale:
    if comparison.equally_long:
        return _Scale("hits", 0)
    rate = max(comparison.baseline.rate, comparison.present.rate)
    fitting = (unit for unit in _UNITS if rate * unit[0] >= _READABLE)
    seconds, title = next(fitting, _UNITS[-1])
    return _Scale(title, seconds)


class _Column(NamedTuple):
    """A column before the names: its title, its width, and the text of a change in it."""

    title: str
    width: int
    text: Callable[[Change], str]


class _Writer:
    """Writes one comparison."""

    def __init__(self, compared: ComparedReports, layout: Layout) -> None:
        self._compared = compared
        self._comparison = compared.comparison
        self._layout = layout
        self._scale = _scale_of(compared.comparison)
        self._tables = [
            (table, rows)
            for table in change_tables(compared.comparison)
            if _is_useful(table)
            and (rows := [each for each in most_changed(table.changes, layout.top) if _moved(each)])
        ]
        self._columns = self._fitting_columns()

    def lines(self) -> Iterator[str]:
        """Yield the lines."""
        compared = self._compared
        yield from self._side("now", compared.present, compared.present_names)
        yield from self._side("was", compared.baseline, compared.baseline_names)
        if where := compared.present.chosen.where:
            yield from self._wrapped(f"only where {where}", 2)
        for note in compared.notes:
            yield from self._wrapped(f"! {note}", 2, fg="yellow")
        yield ""
        yield from self._wrapped(changed_most(self._comparison), 2, bold=True)
        yield ""
        yield from self._totals()
        for table, rows in self._tables:
            yield ""
            yield from self._table(table, rows)

    def _side(self, label: str, report: Report, names: Sequence[str]) -> Iterator[str]:
        """Yield the lines on the logs of one side, their time and what was read of them."""
        window = report.hits
        yield from self._wrapped(f"{label}  {' '.join(names)}", 5, bold=True)
        if window.seconds:
            first, last = window.end - window.seconds + 1, window.end
            span = f"{units.date_time(first)} to {units.date_time(last)} UTC"
            yield from self._wrapped(f"     {span} ({units.duration(window.seconds)})", 5)
        yield from self._wrapped(f"     {', '.join(read_counts(report))}", 5)

    def _totals(self) -> Iterator[str]:
        totals = totals_of(self._comparison.baseline, self._comparison.present)
        rows = [
            (
                _short(total, total.baseline, self._comparison.baseline),
                _short(total, total.present, self._comparison.present),
                change_text(total),
            )
            for total in totals
        ]
        titles = ("was", "now", "change")
        widths = [max(map(width_of, each)) for each in zip(titles, *rows, strict=True)]
        names = [self._styled("Totals", bold=True), *(total.metric.title for total in totals)]
        for cells, name in zip([titles, *rows], names, strict=True):
            yield _joined(cells, widths, name)

    def _table(self, table: ChangeTable, rows: Sequence[Change]) -> Iterator[str]:
        widths = [column.width for column in self._columns]
        title = f"{title_of(table.name)} ({self._scale.title})"
        heads = [column.title for column in self._columns]
        yield _joined(heads, widths, self._styled(title, bold=True))
        names = [shown_key(table.name, change.key) for change in rows]
        room = self._room(widths)
        names = names if room is None else distinct(names, room)
        for change, name in zip(rows, names, strict=True):
            line = _joined([column.text(change) for column in self._columns], widths, name)
            yield self._styled(line, fg=_COLOURS[change.mark]) if change.mark else line
        left_out = sum(map(_moved, table.changes.rows)) - len(rows)
        if left_out > 0:
            indent = sum(width + len(_GAP) for width in widths)
            yield f"{'':{indent}}… and {units.count(left_out)} more"

    def _room(self, widths: Sequence[int]) -> int | None:
        """Return the cells that are left for names; None for any number."""
        width = self._layout.width
        return None if width is None else width - sum(each + len(_GAP) for each in widths)

    def _fitting_columns(self) -> list[_Column]:
        """Return the columns that leave room for names, without those that no row has."""
        rows = [row for _, rows in self._tables for row in rows]
        columns = [
            _Column("was", _WAS, lambda each: self._hits(each, each.baseline, former=True)),
            _Column("now", _NOW, lambda each: self._hits(each, each.present, former=False)),
            _Column("change", _CHANGE, self._change),
        ]
        spared = [columns[0]]
        if any(_of_both(row, _server_share) for row in rows):
            columns.append(_Column("5xx%", _ERRORS, lambda each: _of_both(each, _server_share)))
            spared.insert(0, columns[-1])
        if any(_of_both(row, _p95) for row in rows):
            columns.append(_Column("p95", _P95, lambda each: _of_both(each, _p95)))
            spared.insert(0, columns[-1])
        for column in spared:
            room = self._room([each.width for each in columns])
            if room is None or room >= _LEAST_NAME:
                break
            columns.remove(column)
        return columns

    def _hits(self, change: Change, row: CountRow | None, *, former: bool) -> str:
        window = self._comparison.baseline if former else self._comparison.present
        if row is not None:
            return self._scale.text(row.hits, window)
        if change.hidden is None:
            return "?"
        return f"≤{self._scale.text(change.hidden, window)}" if change.hidden else "-"

    def _change(self, change: Change) -> str:
        if change.mark is not None:
            return change.mark.value
        if change.baseline is None or change.present is None:
            return "?"
        if not change.rate:
            return "0.0 %"
        before = change.baseline.hits / self._comparison.baseline.seconds
        return growth_text(change.rate / before)

    def _wrapped(
        self, text: str, hanging: int, fg: str | None = None, *, bold: bool = False
    ) -> list[str]:
        lines = wrapped_text(printable(text), self._layout.width, hanging=hanging)
        return [self._styled(line, fg=fg, bold=bold) for line in lines]

    def _styled(self, text: str, fg: str | None = None, *, bold: bool = False) -> str:
        return click.style(text, fg=fg, bold=bold or None) if self._layout.colour else text


def _moved(change: Change) -> bool:
    """Tell whether anything is known to have changed."""
    return bool(change.rate or change.errors or change.time)


def _joined(cells: Sequence[str], widths: Sequence[int], name: str) -> str:
    fitted = (right(cell, width) for cell, width in zip(cells, widths, strict=True))
    return _GAP.join([*fitted, name])


def _short(total: Total, value: Fraction | None, window: Window) -> str:
    """Return a total whose title tells the unit; a time is no finer than the log tells it."""
    if value is None:
        return "-"
    if total.metric.quantity is Quantity.TIME and window.response_times is not None:
        return units.seconds(float(value), window.response_times.resolution)
    if total.metric.quantity is Quantity.RATE:
        return units.rate(float(value))
    if total.metric.quantity is Quantity.BYTES_RATE:
        return units.spoken_size(float(value))
    return value_text(total.metric, value)


def _of_both(change: Change, figure: Callable[[CountRow], str | None]) -> str:
    """Return a figure of the baseline and of the present: `0.1→3.2`; one text if they are equal.

    A figure is "-" for nothing, and None if it is not known; then the text is empty.
    """
    texts = [figure(row) for row in (change.baseline, change.present) if row is not None]
    if None in texts or set(texts) == {"-"}:
        return ""
    was, now = ("-" if row is None else figure(row) for row in (change.baseline, change.present))
    return f"{now}" if was == now else f"{was}→{now}"


def _server_share(row: CountRow) -> str | None:
    if row.errors is None:
        return None
    return units.percent(row.errors.server / row.hits) if row.errors.server else "-"


def _p95(row: CountRow) -> str | None:
    return None if row.times is None else units.seconds(row.times.p95, row.times.resolution)


def _is_useful(table: ChangeTable) -> bool:
    """Tell whether a table has several keys, or one that is a real value."""
    keys = [change.key for change in table.changes.rows]
    return len(keys) > 1 or any(not key.startswith((b"-", b"(")) for key in keys)
