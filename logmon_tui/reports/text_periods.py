"""The table by hour or by day of a text report, in columns that fit a width."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import click
import msgspec

from logmon_tui.config.output import By
from logmon_tui.fitting import bar, left, right
from logmon_tui.snapshot import PeriodRow, PeriodTable
from logmon_tui.units import count, percent, seconds, spoken_size

MOST_ROWS = 48
"""Maximum rows unless more are asked for."""

_GAP = 2
_BAR = 20
_HEADS = {"hits": 7, "bytes": 7, "visitors": 8, "4xx%": 5, "5xx%": 5, "p95": 7}
"""Widths of the columns of figures in cells."""
_SPARED = ("bar", "bytes", "4xx%", "p95", "5xx%", "visitors")
"""Columns that go one after the other to fit a width."""
_FORMS = {By.HOUR: "%Y-%m-%d %H:00", By.DAY: "%Y-%m-%d %a"}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class _Line(msgspec.Struct, frozen=True):
    """A line of the table: texts by column, and the label at its end."""

    figures: dict[str, str]
    label: str


def period_lines(table: PeriodTable, *, top: int, width: int | None, colour: bool) -> Iterator[str]:
    """Yield the lines of the table; none if there are not at least two periods.

    The newest rows are shown: `top` or `MOST_ROWS`, whichever are more; 0 shows all.
    """
    if len(table.rows) < 2 and table.earlier is None:
        return
    rows = [*table.all()]
    shown = rows[-max(top, MOST_ROWS) :] if top else rows
    most = max(row.hits for row in shown)
    title = "Hours" if table.by is By.HOUR else "Days"
    styled = click.style(title, bold=True) if colour else title
    labels = [_label(row, table.by) for row in shown]
    columns = _columns(table, width, max(map(len, labels)))
    yield _joined(columns, _Line({name: name for name in _HEADS}, f"{styled} (UTC)"))
    if len(shown) < len(rows):
        more = f"{count(len(rows) - len(shown))} earlier"
        yield _joined(columns, _Line({}, f"… and {more}"))
    for row, label in zip(shown, labels, strict=True):
        drawn = left(bar(row.hits / most if most else 0.0, _BAR), _BAR)
        drawn = click.style(drawn, fg="blue") if colour else drawn
        yield _joined(columns, _Line({**_figures(row), "bar": drawn}, label))


def _columns(table: PeriodTable, width: int | None, label: int) -> Sequence[str]:
    columns = [*_HEADS, "bar"]
    if not table.timed:
        columns.remove("p95")
    for spared in _SPARED:
        needed = label + sum(_HEADS.get(each, _BAR) + _GAP for each in columns)
        if width is None or needed <= width:
            break
        if spared in columns:
            columns.remove(spared)
    return columns


def _figures(row: PeriodRow) -> dict[str, str]:
    return {
        "hits": count(row.hits),
        "bytes": spoken_size(row.bytes),
        "visitors": "-" if row.visitors is None else count(row.visitors),
        "4xx%": _share(row.errors.client, row.hits),
        "5xx%": _share(row.errors.server, row.hits),
        "p95": "-" if row.p95 is None else seconds(row.p95, row.resolution),
    }


def _share(part: int, whole: int) -> str:
    return percent(part / whole) if part else "-"


def _label(row: PeriodRow, by: By) -> str:
    if row.start is None:
        return "all before"
    moment = datetime.fromtimestamp(row.start, UTC)
    form = _FORMS[by].replace("%a", _DAYS[moment.weekday()])  # in English everywhere
    return moment.strftime(form)


def _joined(columns: Sequence[str], line: _Line) -> str:
    cells = [
        line.figures.get(each, "").ljust(_BAR)
        if each == "bar"
        else right(line.figures.get(each, ""), _HEADS[each])
        for each in columns
    ]
    return (" " * _GAP).join([*cells, line.label])
