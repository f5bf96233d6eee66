"""Make the table by hour or by day of a report. Pure functions."""

from logmon_tui.config.output import By
from logmon_tui.metrics.histogram import Histogram, to_resolution
from logmon_tui.metrics.periods import DAY, KEPT_DAYS, KEPT_HOURS, Period, PeriodTotals
from logmon_tui.metrics.timeline import Timeline as Counted
from logmon_tui.snapshot import Errors, PeriodRow, PeriodTable, Timeline

MOST_SECONDS_BY_HOUR = 2 * DAY
"""Longest time, from the first to the last hit, that is shown by hour if nobody chooses."""

_MICROSECONDS = 1_000_000  # a second


def period_table(
    totals: PeriodTotals, by: By | None, seconds: int, longest: int, resolution: int
) -> PeriodTable:
    """Return the table of a report over `seconds`, by hour or by day; None chooses by these.

    Periods without hits are in it, unless they are too many. `longest` is the longest response
    time, and `resolution` that of the log (both in µs).
    """
    if by is None:
        by = By.HOUR if seconds <= MOST_SECONDS_BY_HOUR else By.DAY
    periods, earlier = totals.by_hour() if by is By.HOUR else totals.by_day()
    rows = {start: _row(start, period, longest, resolution) for start, period in periods}
    if rows:
        every = range(min(rows), max(rows) + 1, by.seconds)
        if len(every) <= (KEPT_HOURS if by is By.HOUR else KEPT_DAYS):
            known = any(row.visitors for row in rows.values())
            empty = PeriodRow(visitors=0 if known else None)
            rows = {start: rows.get(start, empty._replace(start=start)) for start in every}
    before = None if earlier is None else _row(None, earlier, longest, resolution)
    return PeriodTable(by, tuple(rows.values()), before)


def _row(start: int | None, period: Period, longest: int, resolution: int) -> PeriodRow:
    visitors = min(period.visitors.distinct, period.hits)  # the former is an estimate
    return PeriodRow(
        start,
        period.hits,
        period.bytes,
        visitors if visitors or not period.hits else None,
        Errors(*period.errors),
        _p95(period.times, longest, resolution),
        resolution / _MICROSECONDS,
    )


def timeline_of(timeline: Counted, longest: int, resolution: int) -> Timeline:
    """Return what charts show of a short log; the numbers are those of `period_table`."""
    length, columns = timeline.columns()
    rows = (
        PeriodRow(
            each.start,
            each.hits,
            errors=Errors(*each.errors),
            p95=_p95(each.times, longest, resolution),
            resolution=resolution / _MICROSECONDS,
        )
        for each in columns
    )
    return Timeline(length, tuple(rows))


def _p95(times: Histogram, longest: int, resolution: int) -> float | None:
    """Return the quantile in seconds; None without a time."""
    if not times.counts:
        return None
    (p95,) = times.quantiles(0.95)
    # As in `times_view`: the middle of a bin may lie above the longest time.
    return to_resolution(min(p95, longest), resolution) / _MICROSECONDS
