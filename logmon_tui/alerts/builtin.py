"""The three rules that are always there; their thresholds are settings of their own."""

from logmon_tui.alerts.rule import Metric, Rule, Scope

TRAFFIC, ERROR_RATE, DDOS = "traffic", "error_rate", "ddos"
"""Their names."""

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
            name=TRAFFIC,
            title="High traffic",
            metric=Metric.RATE,
            window=window,
            critical=threshold,
            message="High traffic generated an alert - hits = {hits}, triggered at {time}",
            recovery="High traffic recovered - hits = {hits}, recovered at {time}",
        ),
        Rule(
            name=ERROR_RATE,
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
            name=DDOS,
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
