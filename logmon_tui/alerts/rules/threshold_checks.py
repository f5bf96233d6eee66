"""Find contradictions in the thresholds of a rule. Pure."""

from collections.abc import Collection

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Limit, Rule, When
from logmon_tui.alerts.rules.problem import Problem, either

_SHARES = {Metric.SHARE, Metric.UNPARSED_SHARE}


def check_thresholds(rule: Rule, given: Collection[str]) -> Problem | None:
    """Refuse thresholds that no value can pass, or that contradict each other."""
    if not rule.limits:
        return Problem("", "needs critical or warning, the threshold that it fires beyond")
    for limit in rule.limits:
        wrong = _reachable(rule, limit.threshold)
        if wrong:
            return Problem(limit.severity.value, wrong)
    for severity in ("warning", "critical"):
        if getattr(rule, severity) is None and getattr(rule, f"{severity}_recovery") is not None:
            return Problem(f"{severity}_recovery", f"needs {severity}, whose recovery it is")
    side, other = ("above", "below") if rule.when is When.ABOVE else ("below", "above")
    for limit in rule.limits:
        if rule.beyond(limit.recovery, limit.threshold):
            key = limit.severity.value
            text = f"{_number(limit.recovery)} is {side} {key} {_number(limit.threshold)}"
            found = either(f"{key}_recovery", key, given, f"a recovery threshold of {text}")
            return Problem(found.key, f"{found.text}; it must be the same or {other}")
    return _order(rule, given, side) if len(rule.limits) == 2 else None


def _order(rule: Rule, given: Collection[str], side: str) -> Problem | None:
    """Refuse a warning that is not milder than critical, or that would end before it."""
    warning, critical = rule.limits
    if not rule.beyond(critical.threshold, warning.threshold):
        text = f"critical {_number(critical.threshold)} must be {side} {_limit_text(warning)}"
        return either("critical", "warning", given, f"{text}, the milder one")
    if rule.beyond(warning.recovery, critical.recovery):
        ends = f"critical would end at {_number(critical.recovery)}, warning sooner, at"
        keys = ("critical_recovery", "warning_recovery", "critical", "warning")
        key = next((key for key in keys if key in given), "")
        return Problem(
            key, f"{ends} {_number(warning.recovery)}; critical must be the first to end"
        )
    return None


def _reachable(rule: Rule, threshold: float) -> str:
    """Say why no value can be beyond `threshold`; empty if values can."""
    if rule.long:  # burn rates and deviations have no upper bound that matters
        return ""
    if rule.metric in _SHARES and threshold > 1:
        return f"{_number(threshold)} is no share, which is from 0 to 1: 5 % is 0.05"
    if rule.when is When.BELOW and threshold == 0:
        return "nothing is ever below 0; set more"
    if rule.when is When.ABOVE and rule.metric in _SHARES and threshold == 1:
        return "no share is ever above 1; set less"
    return ""


def _limit_text(limit: Limit) -> str:
    return f"{limit.severity} {_number(limit.threshold)}"


def _number(value: float) -> str:
    return f"{value:.12g}"
