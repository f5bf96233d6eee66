"""The rules that always exist; their thresholds are settings of their own.

Traffic fires and recovers at the same threshold, which is the documented behaviour. An error rate
or a client near its threshold would then cause one short incident after the other. So these two
recover only well below the threshold, and an error rate must also stay there for a while: with
few hits, a single one changes it much.

Beside these three, which judge hits, there is one that judges whether servers are heard of. It is
on, but without servers that speak by themselves it has nothing to judge.
"""

from collections.abc import Collection

import msgspec

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope

TRAFFIC, ERROR_RATE, DDOS = "traffic", "error_rate", "ddos"
"""The names of the built-in rules that judge hits."""

HOST_SILENT = "host_silent"
"""The name of the one that fires for each server that is silent."""

MINIMUM_HITS = 20
"""Minimum hits in the window to judge an error rate. With fewer, one error weighs too much."""

RECOVERY_FACTOR = 0.8
"""The part of its threshold at which an error rate, or a noisy client, recovers."""

MAX_RECOVERY_DELAY = 120
"""Maximum seconds that an error rate must stay low to recover; a shorter alert window is enough."""

_HIGH_TRAFFIC = "High traffic generated an alert - hits = {hits}, triggered at {time}"
_HIGH_ERROR_RATE = (
    "High error rate generated an alert - errors = {value} of {hits} hits, triggered at {time}"
)
_NOISY_CLIENT = (
    "High traffic from {subject} generated an alert - hits = {hits}, triggered at {time}"
)
ERRORS_RECOVERED = (
    "High error rate recovered - errors = {value} of {hits} hits, recovered at {time}"
)
"""What the error rate says when it recovers."""

MESSAGES = frozenset({_HIGH_TRAFFIC, _HIGH_ERROR_RATE, _NOISY_CLIENT})
"""Their messages. They describe the second of the trigger, so they never change later."""


def builtin_rules(
    threshold: float, error_rate: float, ddos_threshold: float, window: int
) -> tuple[Rule, Rule, Rule]:
    """Return the built-in rules with these thresholds (req/s, share, req/s).

    `window` is in seconds. Scripts may rely on the messages, so never change a word of them.
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
            critical_recovery=RECOVERY_FACTOR * error_rate,
            keep_firing_for=min(window, MAX_RECOVERY_DELAY),
            minimum_hits=MINIMUM_HITS,
            message=_HIGH_ERROR_RATE,
            recovery=ERRORS_RECOVERED,
        ),
        Rule(
            name=DDOS,
            title="Noisy client",
            metric=Metric.RATE,
            scope=Scope.CLIENT,
            window=window,
            critical=ddos_threshold,
            critical_recovery=RECOVERY_FACTOR * ddos_threshold,
            message=_NOISY_CLIENT,
            recovery="High traffic from {subject} recovered - hits = {hits}, recovered at {time}",
        ),
    )


def silence_rule(silent_after: int) -> Rule:
    """Return the rule that fires for each server that said nothing for `silent_after` seconds."""
    return Rule(
        name=HOST_SILENT,
        title="Host silent",
        metric=Metric.SILENCE,
        scope=Scope.SERVER,
        critical=silent_after,
    )


def with_recovery(rule: Rule, given: Collection[str]) -> Rule:
    """Return a built-in rule with recovery thresholds that fit the fields that a user has set.

    `given` names these fields. A warning recovers at the same part of its threshold as critical.
    If only one recovery threshold was set, the other is adjusted so that critical ends first.
    """
    critical, recovery = rule.critical, rule.critical_recovery
    if rule.warning is None or critical is None or recovery is None:
        return rule
    warning_recovery = rule.warning_recovery
    if warning_recovery is None:
        warning_recovery = RECOVERY_FACTOR * rule.warning
        if "critical_recovery" in given:
            warning_recovery = min(warning_recovery, recovery)
    if "critical_recovery" not in given:
        recovery = min(max(recovery, warning_recovery), critical)
    return msgspec.structs.replace(
        rule, warning_recovery=warning_recovery, critical_recovery=recovery
    )
