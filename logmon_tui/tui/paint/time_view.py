"""Which time the screen shows: the zoom of the graph, and the moment one has gone back to. Pure.

Seconds are log time in epoch seconds.
"""

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from logmon_tui.tui.paint.chart import TimeAxis

MINUTE, HOUR, DAY = 60, 3_600, 86_400

SPANS = (5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY, 35 * DAY)
"""Seconds that the graph shows, from the closest zoom to the widest."""
HOUR_ZOOM, WEEK_ZOOM = SPANS.index(HOUR), SPANS.index(7 * DAY)

STEPS = (
    *(1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30),
    *(each * MINUTE for each in (1, 2, 3, 5, 6, 10, 12, 15, 20, 30)),
    *(each * HOUR for each in (1, 2, 3, 4, 6, 8, 12, 24, 48)),
)
"""Seconds of a column. Long ones are whole minutes, hours or days, and parts of the next unit."""

SECONDS_KEPT = 15 * MINUTE
"""Age in seconds up to which every second is known; then every minute is, then every hour."""
MINUTES_KEPT = 2 * DAY

_FEW_COLUMNS = 60
"""Columns of a graph that is not seen, by which one may go back and forth all the same."""

_LEAST_COLUMNS = 10
"""So that there is something around a moment of which only hours are known."""


FORMER = {0: "the window before", DAY: "the day before", 7 * DAY: "a week before"}
"""What one may compare with, by how many seconds earlier it is; see TimeView."""


class Asked(NamedTuple):
    """The past moment to show: the `seconds` up to the second `end`."""

    end: int
    seconds: int


class TimeView(msgspec.Struct, frozen=True):
    """The zoom, an index into SPANS, and the second `at` which one looks; None for the present.

    The graph ends with the column of the second `end`, of the present one if None. `width` is the
    graph's width in cells, and `finest` the shortest step that its view has. Graph and tables are
    `compared` with what is so many seconds earlier: with 0 what is just before, as long as they
    are; with None nothing.
    """

    zoom: int = 0
    at: int | None = None
    end: int | None = None
    width: int = 0
    finest: int = 1
    compared: int | None = None

    @property
    def is_live(self) -> bool:
        """Whether the present is shown."""
        return self.at is None

    def axis(self, now: int) -> TimeAxis:
        """Return the axis of the graph when log time is `now`.

        What lies longer ago is known by the minute or hour only, so its columns are longer.
        """
        span, width = SPANS[self.zoom], self.width or _FEW_COLUMNS
        last = now if self.end is None else min(self.end, now)
        # What stands still grows older, so it must not be at the very end of what is known.
        age = now - last + span + (self.end is not None)
        least = max(self.finest, _known_step(age), span / width)
        step = next((each for each in STEPS if each >= least), STEPS[-1])
        columns = max(-(-span // step), _LEAST_COLUMNS)
        if step < MINUTE and not self.zoom:
            columns = (SECONDS_KEPT - (now - last)) // step  # the closest zoom fills the width
        columns = min(width, columns)
        return TimeAxis((last // step - columns + 1) * step, step, columns)

    def offset(self, now: int) -> int | None:
        """Return the seconds between the graph and what it is compared with, if with anything."""
        if self.compared is None:
            return None
        axis = self.axis(now)
        return self._offset(axis.step * axis.columns)

    def _offset(self, span: int) -> int:
        """Return by how much a graph of `span` seconds is later than what it is compared with."""
        return 0 if self.compared is None else self.compared or span

    def column(self, now: int) -> range:
        """Return the seconds of the column at which one looks, up to `now`."""
        step = self.axis(now).step
        start = (now if self.at is None else self.at) // step * step
        return range(start, min(now, start + step - 1) + 1)

    def asked(self, now: int, window: int) -> Asked | None:
        """Return which past moment panels show, whose `window` is so many seconds at least."""
        if self.at is None:
            return None
        column = self.column(now)
        return Asked(column.stop - 1, max(window, len(column)))

    def live(self) -> "TimeView":
        """Return the view of the present."""
        return replace(self, at=None, end=None)

    def gone_to(self, second: int, now: int, *, centred: bool = True) -> "TimeView":
        """Return the view of the moment `second`; the graph moves only if it does not show it.

        Then the moment is in the middle of the graph, or else at the edge.
        """
        second = min(second, now)
        axis = self.axis(now)
        begin, span = axis.start, axis.step * axis.columns
        if axis.column_of(second) is not None:
            ends = [begin + span - 1 if self.end is None else self.end]
        else:
            edge = second // axis.step * axis.step
            ends = [] if centred else [edge + span - 1 if second < begin else edge + axis.step - 1]
        # Where seconds are no longer known, the graph is another one, and may not reach so far.
        ends += [second + SPANS[self.zoom] // 2, second]
        views = [replace(self, at=second, end=min(end, now)) for end in ends]
        return next(view for view in views if view.axis(now).column_of(second) is not None)

    def shown_at(self, second: int, now: int) -> "TimeView":
        """Return the view of the moment `second` with a zoom that shows it with what was around.

        It is the closest one of use: where only minutes are known an hour, where only hours are
        known a week. A closer or wider zoom that one has chosen stays if it shows as much.
        """
        step = _known_step(now - second + SPANS[0])
        least = {1: 0, MINUTE: HOUR_ZOOM}.get(step, WEEK_ZOOM)
        zoom = self.zoom if self.zoom >= least and self.axis(now).step <= step else least
        view = self if zoom == self.zoom else replace(self, zoom=zoom, end=None)
        return view.gone_to(second, now)

    def moved(self, columns: int, now: int, since: int | None = None) -> "TimeView":
        """Return the view so many columns later (or earlier, if negative), not before `since`.

        Beyond the newest column lies the present.
        """
        step = self.axis(now).step
        target = self.column(now).start + columns * step
        if target > now:
            return self.live()
        if since is not None:
            target = max(target, since // step * step)
        return self.gone_to(max(0, target), now, centred=False)

    def zoomed(self, by: int, now: int) -> "TimeView":
        """Return the view with a wider (1) or closer (-1) zoom, around where one looks."""
        zoom = min(max(0, self.zoom + by), len(SPANS) - 1)
        if self.at is None:
            return replace(self, zoom=zoom)
        around = replace(self, zoom=zoom, end=min(now, self.at + SPANS[zoom] // 2))
        return around.gone_to(self.at, now)


def _known_step(age: int) -> int:
    """Return the shortest step whose columns are all known up to an age in seconds."""
    if age <= SECONDS_KEPT:
        return 1
    return MINUTE if age <= MINUTES_KEPT + HOUR else HOUR
