"""Describe a rule in one line, by which a person can check it. Pure."""

from collections.abc import Iterator

from logmon_tui import units
from logmon_tui.alerts.model.rule import Metric, NoData, Rule, Scope, When
from logmon_tui.alerts.rules.messages import measure_text, value_text


def rule_text(rule: Rule) -> str:
    """Describe what the rule measures and when it fires: `share of 5xx of each section above …`."""
    return "; ".join(_parts(rule))


def _parts(rule: Rule) -> Iterator[str]:
    side = "above" if rule.when is When.ABOVE else "below"
    thresholds = " or ".join(
        f"{value_text(rule.unit, limit.threshold)} ({limit.severity})" for limit in rule.limits
    )
    yield f"{_measured(rule)} {side} {thresholds} over {units.window(rule.window)}{_delay(rule)}"
    if any(limit.recovery != limit.threshold for limit in rule.limits):
        ends = " or ".join(value_text(rule.unit, limit.recovery) for limit in rule.limits)
        yield f"ends at {ends}"
    if rule.keep_firing_for:
        yield f"fires on for {units.window(rule.keep_firing_for)}"
    if rule.minimum_hits:
        before = " before" if rule.metric is Metric.CHANGE else ""
        yield f"given {rule.minimum_hits:,} hits{before}"
    if rule.no_data is not NoData.OK:
        yield "no data keeps it" if rule.no_data is NoData.KEEP else "no data counts as bad"


def _measured(rule: Rule) -> str:
    status = ""
    if rule.status and rule.metric is not Metric.SHARE:
        status = f" of {' or '.join(rule.status)}"
    scope = "" if rule.scope is Scope.ALL else f" of each {rule.scope.replace('_', ' ')}"
    match = f" like {' or '.join(rule.match)}" if rule.match else ""
    paths = f" at {' or '.join(rule.paths)}" if rule.paths else ""
    where = f" where {rule.where}" if rule.where else ""
    return f"{measure_text(rule)}{status}{scope}{match}{paths}{where}"


def _delay(rule: Rule) -> str:
    return f", for {units.window(rule.for_)}" if rule.for_ else ""
