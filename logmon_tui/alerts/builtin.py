"""The three rules that are always there; their thresholds are settings of their own."""

from logmon_tui.alerts.rule import Metric, Rule, Scope

MINIMUM_HITS = 20
"""With fewer hits in the window, one error would say too much."""


def builtin_rules(
    threshold: float, error_rate: float, ddos_threshold: float, window: int
) -> tuple[Rule, Rule, Rule]:
    """Return them with these thresholds (req/s, share, req/s), over `window` seconds.

    The messages are the seeds', word for word.
    """
    return (
        Rule(
            name="traffic",
            title="High traffic",
            metric=Metric.RATE,
            window=window,
            critical=threshold,
            message="High traffic generated an alert - hits = {hits}, triggered at {time}",
            recovery="High traffic recovered - hits = {hits}, recovered at {time}",
        ),
        Rule(
            name="error_rate",
            title="High error rate",
            metric=Metric.SHARE,
            status=("5xx",),
            window=window,
            critical=error_rate,
            minimum_hits=MINIMUM_HITS,
            message="High error rate generated an alert - errors = {value} of {hits} hits, "
            "triggered at {time}",
            recovery="High error rate recovered - errors = {value} of {hits} hits, "
            "recovered at {time}",
        ),
        Rule(
            name="ddos",
            title="Noisy client",
            metric=Metric.RATE,
            scope=Scope.CLIENT,
            window=window,
            critical=ddos_threshold,
            message="High traffic from {subject} generated an alert - hits = {hits}, "
            "triggered at {time}",
            recovery="High traffic from {subject} recovered - hits = {hits}, recovered at {time}",
        ),
    )
