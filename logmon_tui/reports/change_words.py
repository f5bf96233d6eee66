"""Puts values of metrics, and changes of them, in words."""

from collections.abc import Callable
from fractions import Fraction

from logmon_tui import units
from logmon_tui.snapshot.totals import Metric, Quantity, Total

_FORMATS: dict[Quantity, Callable[[float], str]] = {
    Quantity.COUNT: units.count,
    Quantity.RATE: lambda value: f"{units.rate(value)} req/s",
    Quantity.BYTES: units.spoken_size,
    Quantity.BYTES_RATE: lambda value: f"{units.spoken_size(value)}/s",
    Quantity.SHARE: lambda value: f"{units.percent(value)} %",
    Quantity.TIME: units.seconds,
}

_TIMES = 10
"""From this ratio on a growth is told as a multiple: `×12`."""


def value_text(metric: Metric, value: Fraction | float | None) -> str:
    """Return a value with its unit, `-` if it is not known."""
    return "-" if value is None else _FORMATS[metric.quantity](float(value))


def change_text(total: Total) -> str:
    """Return by how much a metric changed: `+2.5 points`, `-12.0 %`; empty if that is not known."""
    if total.metric.quantity is Quantity.SHARE:
        return "" if total.change is None else points_text(total.change)
    if total.growth is None:
        return "new" if total.expected == 0 and total.present else ""
    return growth_text(total.growth)


def points_text(change: Fraction | float) -> str:
    """Return the change of a share in percentage points: `+2.5 points`."""
    points = float(change) * 100
    if not points:
        return "0.0 points"
    # A small change must not round to nothing.
    return f"{points:+.1f} points" if abs(points) >= 0.05 else f"{points:+.1g} points"


def growth_text(growth: Fraction | float) -> str:
    """Return a growth in percent, a large one as a multiple: `+15.1 %`, `-40.0 %`, `×12`."""
    if growth >= _TIMES - 1:
        return f"×{units.count(float(growth) + 1)}"
    percent = round(float(growth) * 100, 1)
    return f"{percent:+.1f} %" if percent else "0.0 %"
