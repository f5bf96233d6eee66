"""The three rules that are always there; their thresholds are settings of their own.

Traffic fires and recovers at its threshold, as the seeds ask. An error rate or a client that stays
near its threshold would so make one incident after the other of a few seconds each. Those two must
come well below it to recover, and an error rate must stay there for a while: of few hits, one more
or less moves it far, or leaves too few to judge.
"""

from collections.abc import Collection

import msgspec

from logmon_tui.alerts.model.rule import Metric, Rule, Scope

TRAFFIC, ERROR_RATE, DDOS = "traffic", "error_rate", "ddos"
"""Their names."""

MINIMUM_HITS = 20
"""With fewer hits in the window, one error would say too much."""

EASED = 0.8
"""An error rate and a noisy client recover at this part of their threshold."""

LONGEST_CALM = 120
"""An error rate recovers after the alert window without it, or after so many seconds if less."""

_HIGH_TRAFFIC = "High traffic generated an alert - hits = {hits}, triggered at {time}"
_HIGH_ERROR_RATE = (
    "High error rate generated an alert - errors = {value} of {hits} hits, triggered at {time}"
)
_NOISY_CLIENT = (
    "High traffic from {subject} generated an alert - hits = {hits}, triggered at {time}"
)
MESSAGES = frozenset({_HIGH_TRAFFIC, _HIGH_ERROR_RATE, _NOISY_CLIENT})
"""What they say when they fire: sentences about that second, whatever comes later."""


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
            message=_HIGH_TRAFFIC,
            recovery="High traffic recovered - hits = {hits}, recovered at {time}",
        ),
        Rule(
            name=ERROR_RATE,
            title="High error rate",
            metric=Metric.SHARE,
            status=("5xx",),
            window=window,
            critical=error_rate,
            critical_recovery=EASED * error_rate,
            keep_firing_for=min(window, LONGEST_CALM),
            minimum_hits=MINIMUM_HITS,
            message=_HIGH_ERROR_RATE,
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
            critical_recovery=EASED * ddos_threshold,
            message=_NOISY_CLIENT,
            recovery="High traffic from {subject} recovered - hits = {hits}, recovered at {time}",
        ),
    )


def with_recovery(rule: Rule, given: Collection[str]) -> Rule:
    """Return a built-in rule with recovery thresholds that fit what a user has set.

    `given` are the fields set. A warning is eased as a critical severity is, and of the two
    recovery thresholds the one that was set decides: critical is the first to end.
    """
    critical, recovery = rule.critical, rule.critical_recovery
    if rule.warning is None or critical is None or recovery is None:
        return rule
    warning_recovery = rule.warning_recovery
    if warning_recovery is None:
        warning_recovery = EASED * rule.warning
        if "critical_recovery" in given:
            warning_recovery = min(warning_recovery, recovery)
    if "critical_recovery" not in given:
        recovery = min(max(recovery, warning_recovery), critical)
    return msgspec.structs.replace(
        rule, warning_recovery=warning_recovery, critical_recovery=recovery
    )
