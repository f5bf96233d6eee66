"""Describe in one line a rule, by which a person can check it, or how an objective stands. Pure."""

from collections.abc import Iterator

from logmon_tui import units
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.model.rule import Burn, Compare, Direction, NoData, Rule, Scope, When
from logmon_tui.alerts.rules.messages import measure_text, scopes_text, value_text

_MOST = 99.999
"""Maximum percent of good hits that is shown where some were bad."""


def rule_text(rule: Rule) -> str:
    """Describe what the rule measures and when it fires: `share of 5xx of each section above …`."""
    return "; ".join(_parts(rule))


def objective_text(status: ObjectiveStatus) -> str:
    """Tell how an objective stands: `Checkout 99.952 % · budget 52 %`; the title is not escaped."""
    return f"{status.title} {good_text(status)} · {budget_text(status)}"


def good_text(status: ObjectiveStatus) -> str:
    """Return the share of good hits, such as `99.952 %`; 100 % only if all were good."""
    if status.good_share is None:
        return "no hits"
    percent = 100 * status.good_share
    if status.bad and percent > _MOST:
        return f">{_MOST} %"
    return f"{percent:.3f}".rstrip("0").rstrip(".") + " %"


def budget_text(status: ObjectiveStatus) -> str:
    """Return what is left of the error budget: `budget 62 %`, below 0 if it is overspent."""
    return f"budget {100 * status.budget_left:,.0f} %"


def _parts(rule: Rule) -> Iterator[str]:
    if rule.burn is not None:
        yield from _burning(rule, rule.burn)
        return
    if rule.compare is Compare.USUAL:
        yield from _unusual(rule)
        return
    if rule.of_silence:
        yield from _silent(rule)
        return
    if rule.combines:
        yield f"fires while {' and '.join(rule.all_)} fire{_delay(rule)}"
        yield from _ends(rule)
        return
    side = "above" if rule.when is When.ABOVE else "below"
    thresholds = " or ".join(
        f"{value_text(rule.unit, limit.threshold)} ({limit.severity})" for limit in rule.limits
    )
    yield f"{_measured(rule)} {side} {thresholds} over {units.window(rule.window)}{_delay(rule)}"
    if rule.of_novelty:
        yield f"learns for {units.window(rule.learning)}"
        yield f"forgets what was not seen for {units.window(rule.forget)}"
    yield from _ends(rule)


def _ends(rule: Rule) -> Iterator[str]:
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
    if rule.unless:
        equal = f", with equal {' and '.join(rule.equal)}" if rule.equal else ""
        yield f"not while {' or '.join(rule.unless)} fires{equal}"


def _burning(rule: Rule, burn: Burn) -> Iterator[str]:
    where = f" where {rule.where}" if rule.where else ""
    yield f"{burn.target * 100:.12g} % of hits{where} must not be {burn.bad}"
    limit = rule.limits[0]
    factor = value_text(rule.unit, limit.threshold)
    windows = f"{units.window(rule.window)} and {units.window(burn.short)}"
    yield f"burn rate above {factor} ({limit.severity}) over both {windows}"
    yield f"given {burn.minimum_bad:,} bad hits in {units.window(rule.window)}"


def _unusual(rule: Rule) -> Iterator[str]:
    direction = "above or below" if rule.direction is Direction.BOTH else rule.direction
    thresholds = " or ".join(f"{each.threshold:.12g} ({each.severity})" for each in rule.limits)
    yield (
        f"{_measured(rule)} more than {thresholds} deviations {direction} the usual of this hour"
        f" over {units.window(rule.window)}{_delay(rule)}"
    )
    yield f"given {rule.minimum_days} of the last {rule.days} days"
    yield from _ends(rule)


def _silent(rule: Rule) -> Iterator[str]:
    match = f" like {' or '.join(rule.match)}" if rule.match else ""
    times = " or ".join(f"{each.threshold:.12g} s ({each.severity})" for each in rule.limits)
    yield f"nothing heard of a host{match} for {times}{_delay(rule)}"
    yield from _ends(rule)


def _measured(rule: Rule) -> str:
    status = ""
    if rule.status and rule.metric is not Metric.SHARE:
        status = f" of {' or '.join(rule.status)}"
    scope = "" if rule.scope is Scope.ALL else f" of each {scopes_text(rule)}"
    match = f" like {' or '.join(rule.match)}" if rule.match else ""
    paths = f" at {' or '.join(rule.paths)}" if rule.paths else ""
    where = f" where {rule.where}" if rule.where else ""
    return f"{measure_text(rule)}{status}{scope}{match}{paths}{where}"


def _delay(rule: Rule) -> str:
    return f", for {units.window(rule.for_)}" if rule.for_ else ""
