"""The tables of a text report, in columns that all of them share and that fit a width.

Numbers come first and names last. So a long name can use the remaining width, and a short name
stays close to its numbers.
"""

from collections.abc import Iterator, Sequence

import click
import msgspec
from msgspec.structs import astuple, replace

from logmon_tui.escape import printable, readable
from logmon_tui.fitting import bar, distinct, left, right, width_of
from logmon_tui.reports.rows import Table, chosen, has_errors, is_timed
from logmon_tui.snapshot import CountRow, Times, Window
from logmon_tui.units import count, percent, seconds, spoken_size

DECODED = ("sections", "paths", "static_files", "routes", "referrers")
"""Names of the tables and panels whose keys are shown percent-decoded."""

CLASS_SIGNS = {2: ("✓", "green"), 3: ("→", "cyan"), 4: ("!", "yellow"), 5: ("✗", "red")}
"""The sign of a class of status codes, and its colour."""

_TITLES = {"tls": "TLS", "asns": "ASNs"}
"""The titles of tables whose names are abbreviations."""

_GAP = 2
_FIGURES = 5
"""Columns between hits and share."""
_NUMBER, _SHARE = 7, 5
_BARS = ((20, 40), (10, 24))
"""Lengths of bars, each with the cells that must remain for names; with fewer, no bar is drawn."""
_MIN_NAME = 16
"""Minimum cells of names; to keep them, other columns go."""
_SPARED: tuple[tuple[str, ...], ...] = (("spent",), ("bytes",), ("client", "server"), ("share",))
"""Columns that go together to make room for names, in this order."""


class Columns(msgspec.Struct, frozen=True):
    """Widths of the columns in cells; 0 leaves a column out. A `name` of None cuts no name."""

    hits: int
    bytes: int
    client: int
    server: int
    spent: int
    time: int
    share: int
    bar: int
    name: int | None

    @property
    def before_names(self) -> int:
        """Cells before the names."""
        return sum(each + _GAP for each in self.widths if each)

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of the columns before the names."""
        *widths, _ = astuple(self)
        return tuple(widths)


def columns_for(width: int | None, longest: int, *, timed: bool, classed: bool) -> Columns:
    """Return the columns for names of at most `longest` cells in `width` cells (None: no limit).

    `timed` adds columns of response times, `classed` columns of errors.
    """
    errors, spent, time = _SHARE * classed, _SHARE * timed, _NUMBER * timed
    columns = Columns(
        _NUMBER, _NUMBER, errors, errors, spent, time, _SHARE, bar=_BARS[0][0], name=None
    )
    if width is None:
        return columns
    columns = replace(columns, bar=0)
    for spared in _SPARED:
        if width - columns.before_names < min(longest, _MIN_NAME):
            columns = replace(columns, **dict.fromkeys(spared, 0))
    room = width - columns.before_names
    for length, names in _BARS:
        if room - length - _GAP >= min(longest, names):
            columns = replace(columns, bar=length)
            break
    return replace(columns, name=width - columns.before_names)


class TableText:
    """Writes the status codes and `tables` of a window, with `top` rows of each (0: all)."""

    def __init__(
        self, window: Window, tables: Sequence[Table], *, top: int, width: int | None, colour: bool
    ) -> None:
        self._window = window
        self._colour = colour
        self._tables = [(table, list(chosen(table.ranking.rows, top))) for table in tables]
        self._names = [
            [(readable if table.name in DECODED else printable)(row.key) for row in rows]
            for table, rows in self._tables
        ]
        longest = max((width_of(name) for names in self._names for name in names), default=0)
        self._columns = columns_for(
            width,
            longest,
            timed=any(is_timed(table) for table in tables),
            classed=any(has_errors(table) for table in tables),
        )

    def lines(self) -> Iterator[str]:
        """Yield the lines, with an empty one before each table but the first."""
        yield from self._status()
        for (table, rows), names in zip(self._tables, self._names, strict=True):
            yield ""
            yield from self._table(table, rows, names)

    def _status(self) -> Iterator[str]:
        window = self._window
        yield self._header("Status")
        for digit, hits in enumerate(window.by_class):
            if hits:
                sign, ink = CLASS_SIGNS.get(digit, ("·", None))
                yield self._row(f"{sign} {digit}xx", hits, self._bar(hits, ink))
            for code, number in window.status:
                if code // 100 == digit:
                    yield self._row(f"    {code:03}", number, self._bar(0, None))

    def _table(self, table: Table, rows: Sequence[CountRow], names: Sequence[str]) -> Iterator[str]:
        title = title_of(table.name)
        timed, classed = is_timed(table), has_errors(table)
        spent = any(row.total_time is not None for row in table.ranking.rows)
        yield self._header(
            title,
            "bytes",
            *(("4xx%", "5xx%") if classed else ("", "")),
            "time%" if spent else "",
            "p95" if timed else "",
        )
        room = self._columns.name
        shown = names if room is None else distinct(names, room)
        for row, name in zip(rows, shown, strict=True):
            figures = (
                spoken_size(row.bytes),
                *(_share(hits, row.hits) for hits in row.errors or (None, None)),
                _share(row.total_time, self._window.total_time),
                _p95(row.times) if timed else "",
            )
            yield self._row(name, row.hits, self._bar(row.hits, "blue"), *figures)
        left_out = table.ranking.distinct - len(rows)
        if left_out > 0:
            yield f"{'':{self._columns.before_names}}… and {count(left_out)} more"

    def _header(self, title: str, *figures: str) -> str:
        title = click.style(title, bold=True) if self._colour else title
        return self._joined(("hits", *_filled(figures), "%"), " " * self._columns.bar, title)

    def _row(self, name: str, hits: int, drawn: str, *figures: str) -> str:
        share = percent(hits / self._window.hits)
        return self._joined((count(hits), *_filled(figures), share), drawn, name)

    def _bar(self, hits: int, ink: str | None) -> str:
        """Return the bar of the share of `hits`, padded to the width of its column."""
        length = self._columns.bar
        drawn = left(bar(hits / self._window.hits, length), length)
        return click.style(drawn, fg=ink) if self._colour and ink else drawn

    def _joined(self, numbers: Sequence[str], drawn: str, name: str) -> str:
        widths = zip(numbers, self._columns.widths, strict=False)
        cells = [right(text, width) for text, width in widths if width]
        return (" " * _GAP).join([*cells, *([drawn] if self._columns.bar else []), name])


def title_of(name: str) -> str:
    """Return the title of the table called `name`: `User agents`."""
    return _TITLES.get(name) or name.replace("_", " ").capitalize()


def _p95(times: Times | None) -> str:
    return "-" if times is None else seconds(times.p95, times.resolution)


def _filled(figures: Sequence[str]) -> tuple[str, ...]:
    """Return the texts of all columns between hits and share, blank where none is given."""
    return (*figures, *("",) * (_FIGURES - len(figures)))


def _share(part: float | None, whole: float | None) -> str:
    """Return a share in percent, `-` for nothing, and no text if it is not known."""
    if part is None or whole is None:
        return ""
    return percent(part / whole) if part else "-"
