"""The graph of one incident: the values that its rule measured, its threshold, its states. Pure.

A row is a list of pieces: texts with their styles, which are colours of the theme.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple, TypeAlias

from logmon_tui import units
from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.alerts.model.state import State
from logmon_tui.tui.alerts.incident_text import (
    RECOVERED_SIGN,
    RECOVERING_SIGN,
    SEVERITY_SIGNS,
    measure,
)
from logmon_tui.tui.paint.blocks import DIM
from logmon_tui.tui.paint.cells import EIGHTHS_HIGH, right, width_of
from logmon_tui.tui.paint.chart import nice

Styled: TypeAlias = tuple[str, str]
Row: TypeAlias = list[Styled]

INKS = {
    State.OK: "$primary",
    State.PENDING: "$warning 55%",
    State.RECOVERING: "$success 60%",
    State.WARNING: "$warning",
    State.CRITICAL: "$error",
}
_THRESHOLD = "$accent"

SIGNS = {
    State.PENDING: "◔",
    State.RECOVERING: RECOVERING_SIGN,
    State.WARNING: SEVERITY_SIGNS[Severity.WARNING],
    State.CRITICAL: SEVERITY_SIGNS[Severity.CRITICAL],
}
_LINES = {
    State.OK: "─",
    State.PENDING: "┄",
    State.RECOVERING: "╌",
    State.WARNING: "━",
    State.CRITICAL: "═",
}
_COLOURLESS = {State.OK: "░", State.PENDING: "▒", State.RECOVERING: "▒", State.WARNING: "▓"}

_MAX_COLUMNS = 6  # maximum columns for one value, if there are few values
_LABEL_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400)
_TIME_ROOM = 11  # minimum columns from one time label to the next


class Plot(NamedTuple):
    """A value for each column, or None if unknown; column i begins at `second_of(i)`."""

    values: tuple[float | None, ...]
    start: int
    seconds: float  # of a column

    def second_of(self, column: int) -> float:
        """Return the second at which a column begins."""
        return self.start + column * self.seconds

    def column_of(self, second: float) -> int:
        """Return the column of a second; it may lie outside of the plot."""
        return math.floor((second - self.start) / self.seconds)


def plot_of(evidence: Evidence, width: int, worse: Callable[[float, float], float]) -> Plot:
    """Return the evidence's values in at most `width` columns.

    Of several values in one column, `worse` chooses. There must be at least one value.
    """
    values, count = evidence.values, len(evidence.values)
    width = min(width, _MAX_COLUMNS * count)
    columns = tuple(
        _worst(values[column * count // width : -(-(column + 1) * count // width)], worse)
        for column in range(width)
    )
    return Plot(columns, evidence.start, evidence.step * count / width)


def _worst(values: Sequence[float | None], worse: Callable[[float, float], float]) -> float | None:
    known = [value for value in values if value is not None]
    worst = known[0] if known else None
    for value in known:
        worst = value if worst is None else worse(worst, value)
    return worst


def state_at(incident: Incident, second: float) -> State:
    """Return the incident's state at a second."""
    if incident.recovered_at is not None and second >= incident.recovered_at:
        return State.OK
    if second < incident.triggered_at:
        pending = incident.pending_since
        return State.PENDING if pending is not None and second >= pending else State.OK
    if incident.recovering_since is not None and second >= incident.recovering_since:
        return State.RECOVERING
    severity = incident.changes[0].severity if incident.changes else incident.severity
    for change in incident.changes:
        if second >= change.second:
            severity = change.severity
    return State.CRITICAL if severity is Severity.CRITICAL else State.WARNING


def states_of(incident: Incident, plot: Plot) -> list[State]:
    """Return the state of each column: the more urgent of those at its first and last second."""
    states = []
    for column in range(len(plot.values)):
        first = plot.second_of(column)
        last = max(first, math.ceil(plot.second_of(column + 1)) - 1)
        both = (state_at(incident, first), state_at(incident, last))
        states.append(max(both, key=lambda state: state.urgency))
    return states


def graph(incident: Incident, width: int, height: int, *, no_colour: bool = False) -> list[Row]:
    """Return `height` rows of at most `width` cells, then the axis with the states, then the times.

    Empty if no value is known.
    """
    evidence = incident.evidence
    if evidence is None or not any(value is not None for value in evidence.values):
        return []
    top = nice(1.05 * max(incident.threshold, *(value or 0.0 for value in evidence.values)))
    labels = _labels(incident, top, height)
    gutter = max(width_of(label) for label, _ in labels.values())
    falls = incident.value is not None and incident.value < incident.threshold
    plot = plot_of(evidence, max(1, width - gutter - 2), min if falls else max)
    states = states_of(incident, plot)
    crossed = {_row_of(threshold, top, height) for threshold in _thresholds(incident, top)}
    levels = [_level(value, top, height) for value in plot.values]
    columns = list(zip(levels, states, strict=True))
    rows = []
    for row in reversed(range(height)):
        label, ink = labels.get(row, ("", DIM))
        mark = " ┤" if row in labels else " │"
        cells = [_cell(level, state, row, no_colour=no_colour) for level, state in columns]
        if row in crossed:
            cells = [_crossed(cell, dash=place % 2 == 0) for place, cell in enumerate(cells)]
        rows.append([(right(label, gutter) + mark, ink), *_joined(cells)])
    rows.append([(right("0", gutter) + " └", DIM), *_axis(incident, plot, states)])
    rows.append([(" " * (gutter + 2), DIM), *_times(plot)])
    return rows


def _labels(incident: Incident, top: float, height: int) -> dict[int, Styled]:
    """Return the labels by row: the value of the upper edge, and the thresholds."""
    labels = {height - 1: (measure(incident, top), DIM)}
    for threshold in _thresholds(incident, top):
        labels[_row_of(threshold, top, height)] = (measure(incident, threshold), _THRESHOLD)
    return labels


def _thresholds(incident: Incident, top: float) -> list[float]:
    """Return the thresholds to draw; the crossed one comes last, so that it is on top."""
    others = [limit.threshold for limit in incident.limits if limit.threshold <= top]
    return [*others, incident.threshold]


def _row_of(value: float, top: float, height: int) -> int:
    return max(0, min(height - 1, math.floor(value / top * height)))


def _level(value: float | None, top: float, height: int) -> int | None:
    """Return the height of a column in eighths of a cell; at least 1 for any value above 0."""
    if value is None:
        return None
    return max(1 if value > 0 else 0, round(value / top * height * 8))


def _cell(level: int | None, state: State, row: int, *, no_colour: bool) -> Styled:
    """Return one cell of a column; a dot in the lowest row means an unknown value."""
    if level is None:
        return ("·" if row == 0 else " ", DIM)
    filled = min(8, max(0, level - row * 8))
    if filled == 8 and no_colour:
        return (_COLOURLESS.get(state, "█"), INKS[state])
    return (EIGHTHS_HIGH[filled], INKS[state])


def _crossed(cell: Styled, *, dash: bool) -> Styled:
    """Return a cell crossed by the threshold's line; low columns show between its dashes."""
    glyph, ink = cell
    if glyph in "█▓▒░":
        return ("╌", f"{_THRESHOLD} on {ink}")
    return ("╌", _THRESHOLD) if glyph in " ·" or (dash and glyph in "▁▂▃") else cell


def _axis(incident: Incident, plot: Plot, states: Sequence[State]) -> Row:
    """Return the axis: a line for each state, with the state's sign at its beginning."""
    cells: Row = []
    for state, run in groupby(states):
        line = _LINES[state] * len(list(run))
        sign = SIGNS.get(state, "")
        cells += [(glyph, INKS[state] if sign else DIM) for glyph in (sign + line)[: len(line)]]
    if incident.recovered_at is not None:
        column = plot.column_of(incident.recovered_at)
        if 0 <= column < len(cells):
            cells[column] = (RECOVERED_SIGN, "$success")
    return _joined(cells)


def _times(plot: Plot) -> Row:
    """Return round times of day below their columns; times that do not fit are left out."""
    width = len(plot.values)
    every = next(
        (step for step in _LABEL_STEPS if step >= _TIME_ROOM * plot.seconds), _LABEL_STEPS[-1]
    )
    text = [" "] * width
    second = -(-plot.start // every) * every
    while (column := plot.column_of(second)) < width:
        label = units.clock(second) if every < 60 else units.clock(second)[:5]
        begin = max(0, column - len(label) // 2)
        if begin + len(label) <= width and not "".join(text[max(0, begin - 2) : begin]).strip():
            text[begin : begin + len(label)] = label
        second += every
    return [("".join(text), DIM)]


def _joined(cells: Iterable[Styled]) -> Row:
    """Return the cells with neighbours of the same style joined into one piece."""
    runs = groupby(cells, key=lambda cell: cell[1])
    return [("".join(glyph for glyph, _ in run), ink) for ink, run in runs]


def legend(incident: Incident, now: float) -> list[Styled]:
    """Return the states that the incident had, each with its duration."""
    end = max(now, incident.triggered_at)
    if incident.recovered_at is not None:
        end = incident.recovered_at
    edges = {incident.triggered_at, *(change.second for change in incident.changes)}
    edges |= {
        edge
        for edge in (incident.pending_since, incident.recovering_since)
        if edge is not None and edge < end
    }
    begins = sorted(edges)
    spans = zip(begins, [*begins[1:], end], strict=True)
    texts: list[Styled] = []
    for state, run in groupby(spans, key=lambda span: state_at(incident, span[0])):
        lasted = sum(until - begin for begin, until in run)
        if lasted > 0 and state in SIGNS:
            texts.append((f"{SIGNS[state]} {state} {units.duration(lasted)}", INKS[state]))
    if incident.recovered_at is not None:
        texts.append((f"{RECOVERED_SIGN} {units.clock(incident.recovered_at)}", "$success"))
    return texts
