"""The totals of a window by their names, exact, and how they compare with those of another."""

from collections.abc import Callable
from enum import Enum, auto
from fractions import Fraction
from typing import NamedTuple

from logmon_tui.snapshot.traffic import Window

_MICROSECONDS = 1_000_000  # a second


class Quantity(Enum):
    """What a total is a number of: hits or clients, hits a second, bytes, seconds, or a share."""

    COUNT = auto()
    RATE = auto()
    BYTES = auto()
    BYTES_RATE = auto()
    SHARE = auto()
    TIME = auto()


class Metric(NamedTuple):
    """A total of a window; `value` returns None if the window cannot tell it.

    If it `adds_up`, a longer window has more of it.
    """

    name: str
    title: str
    quantity: Quantity
    value: Callable[[Window], Fraction | None]
    adds_up: bool = False


def _share(status_class: int) -> Callable[[Window], Fraction | None]:
    def share(window: Window) -> Fraction | None:
        return Fraction(window.by_class[status_class], window.hits) if window.hits else None

    return share


def _time(quantile: str) -> Callable[[Window], Fraction | None]:
    def time(window: Window) -> Fraction | None:
        if window.response_times is None:
            return None
        # Logs tell microseconds at best, so what a float adds to these is no part of the time.
        seconds: float = getattr(window.response_times, quantile)
        return Fraction(round(seconds * _MICROSECONDS), _MICROSECONDS)

    return time


def _a_second(amount: Callable[[Window], int]) -> Callable[[Window], Fraction | None]:
    def rate(window: Window) -> Fraction | None:
        return Fraction(amount(window), window.seconds) if window.seconds else Fraction(0)

    return rate


METRICS = {
    each.name: each
    for each in (
        Metric("hits", "hits", Quantity.COUNT, lambda window: Fraction(window.hits), adds_up=True),
        Metric("rate", "req/s", Quantity.RATE, _a_second(lambda window: window.hits)),
        Metric("bytes", "bytes", Quantity.BYTES, lambda each: Fraction(each.bytes), adds_up=True),
        Metric("bytes_rate", "bytes/s", Quantity.BYTES_RATE, _a_second(lambda each: each.bytes)),
        Metric("4xx_share", "4xx", Quantity.SHARE, _share(4)),
        Metric("5xx_share", "5xx", Quantity.SHARE, _share(5)),
        Metric("p50", "p50", Quantity.TIME, _time("p50")),
        Metric("p95", "p95", Quantity.TIME, _time("p95")),
        Metric("p99", "p99", Quantity.TIME, _time("p99")),
        Metric(
            "clients", "clients", Quantity.COUNT, lambda window: Fraction(window.hosts.distinct)
        ),
    )
}
"""All totals that are compared, by name, in the order in which they are shown."""


class Total(NamedTuple):
    """A metric in the baseline and in the present window.

    `expected` is what the present would have, were it as the baseline: where the metric adds up,
    it is scaled from the length of the baseline to that of the present.
    """

    metric: Metric
    baseline: Fraction | None
    expected: Fraction | None
    present: Fraction | None

    @property
    def change(self) -> Fraction | None:
        """The present value less the expected one."""
        if self.expected is None or self.present is None:
            return None
        return self.present - self.expected

    @property
    def growth(self) -> Fraction | None:
        """The change as a part of the expected value; None if that is 0."""
        return self.change / self.expected if self.expected and self.change is not None else None


def total_of(metric: Metric, baseline: Window, present: Window) -> Total:
    """Return a metric of both windows."""
    former = expected = metric.value(baseline)
    if metric.adds_up and former is not None:
        longer = Fraction(present.seconds, baseline.seconds) if baseline.seconds else None
        expected = former * longer if longer is not None else None
    return Total(metric, former, expected, metric.value(present))


def totals_of(baseline: Window, present: Window) -> list[Total]:
    """Return all metrics that either window can tell."""
    found = (total_of(metric, baseline, present) for metric in METRICS.values())
    return [each for each in found if each.baseline is not None or each.present is not None]
