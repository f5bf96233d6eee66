"""Find contradictions in rules of special kinds: those that do not just count hits. Pure."""

from collections.abc import Collection

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import LABEL, Compare, NoData, Rule, Scope, When
from logmon_tui.alerts.rules.problem import MAX_NAMES, Check, Problem, either
from logmon_tui.errors import meant
from logmon_tui.escape import printable

_USUAL_METRICS = (Metric.RATE, Metric.SHARE, Metric.BYTES_RATE)
_MAX_USUAL_WINDOW = 3_600


def _usual(rule: Rule, given: Collection[str]) -> Problem | None:
    """Check what compares with the usual; refuse its keys in other rules."""
    if rule.compare is not Compare.USUAL:
        for key in ("direction", "days", "minimum_days", "floor"):
            if key in given:
                return Problem(key, 'needs compare = "usual"')
        return None
    known, compared = ", ".join(_USUAL_METRICS), 'with compare = "usual"'
    never = f"{rule.minimum_days} of {rule.days} days can never be recorded; set less"
    odd = rule.window % 60 or rule.window > _MAX_USUAL_WINDOW
    problems = (
        ("metric", rule.metric not in _USUAL_METRICS, f"cannot be {rule.metric}; can be {known}"),
        ("scope", rule.scope is not Scope.ALL, "must be all; choose hits with where"),
        ("when", rule.when is When.BELOW, 'is written direction = "below"'),
        ("window", odd, "must be whole minutes, 3,600 seconds at most"),
        ("no_data", rule.no_data is NoData.ALERT, "must not be alert: days may be missing"),
    )
    if rule.minimum_days > rule.days:
        return either("minimum_days", "days", given, never)
    return next(
        (Problem(key, f"{compared} {text}") for key, wrong, text in problems if wrong), None
    )


_NOT_OF_SILENCE = (
    *("paths", "status", "where", "window", "minimum_hits", "no_data", "warning_recovery"),
    "critical_recovery",
)


_OF_NOVELTY = ("learning", "forget")
_WHAT_IS_NEW = 'scope or by, which says what may be new, such as scope = "client"'


def _novelty(rule: Rule, given: Collection[str]) -> Problem | None:
    """Check what looks for new subjects; refuse its keys in other rules."""
    if not rule.of_novelty:
        odd = next((key for key in _OF_NOVELTY if key in given), None)
        return Problem(odd, 'needs metric = "first_seen"') if odd else None
    if rule.scope is Scope.ALL:
        return either("scope", "metric", given, f"first_seen needs {_WHAT_IS_NEW}")
    if rule.when is When.BELOW:
        return either("when", "metric", given, "first_seen is bad above a number of hits")
    if "no_data" in given:
        return Problem("no_data", "first_seen is 0 without hits, never undefined; leave it out")
    short = f"must be at least the window, {rule.window:,} seconds"
    return Problem("forget", short) if rule.forget < rule.window else None


def _silence(rule: Rule, given: Collection[str]) -> Problem | None:
    """Refuse what a rule that counts no hits cannot do."""
    if not rule.of_silence:
        return None
    if rule.scope is not Scope.SERVER:
        return either("scope", "metric", given, 'silence needs scope = "server"')
    if rule.when is When.BELOW:
        return either("when", "metric", given, "silence is bad above a time, and never below")
    for key in _NOT_OF_SILENCE:
        if key in given:
            return Problem(key, "silence counts no hits, and ends once a host is heard; leave out")
    return None


_SUBJECTS = tuple(each.value for each in Scope if each is not Scope.ALL)
"""The scopes that have subjects."""

_OF_ALL = frozenset(
    {"metric", "all", "unless", "equal", "for", "keep_firing_for", "renotify", "enabled"}
    | {"title", "message", "recovery", "labels", "runbook"}
)
"""The keys of a rule that combines others."""


def _named(rule: Rule, given: Collection[str]) -> Problem | None:
    """Refuse lists of rules where these cannot be."""
    for key, names in (("all", rule.all_), ("unless", rule.unless)):
        if len(names) > MAX_NAMES or len(set(names)) < len(names):
            return Problem(key, f"must name at most {MAX_NAMES} rules, each once")
    if rule.all_ and not rule.combines:
        return either("metric", "all", given, "a rule with all measures firing; leave metric out")
    if rule.unless and (rule.long or rule.of_silence):
        return Problem("unless", "is for rules that judge each second by its hits; leave it out")
    return _equal(rule)


def _equal(rule: Rule) -> Problem | None:
    """Refuse names in which nothing can be equal."""
    if rule.equal and not rule.unless:
        return Problem("equal", "says what must be equal for unless; name rules there")
    for name in rule.equal:
        label = name.removeprefix(LABEL) if name.startswith(LABEL) else ""
        if not label and name not in _SUBJECTS:
            ways = f"scopes are {', '.join(_SUBJECTS)}{meant(name, _SUBJECTS)}"
            return Problem("equal", f"'{printable(name)}' is no scope and no label.NAME; {ways}")
        if not label and name not in rule.scopes:
            return Problem("equal", f"the rule has no scope {name}; give it one, or leave this out")
    return None


def _combined(rule: Rule, given: Collection[str]) -> Problem | None:
    """Refuse what a rule that combines others cannot have."""
    if not rule.combines:
        return None
    if len(rule.all_) < 2:
        return Problem("all", 'needs the names of two rules or more: ["error_rate", "traffic"]')
    for key in given:
        if key not in _OF_ALL:
            return Problem(
                key, "a rule with all fires while others do, and counts no hits; leave out"
            )
    return None


KIND_CHECKS: tuple[Check, ...] = (_usual, _novelty, _silence, _named, _combined)
"""The checks of all special kinds, in the order in which they are made."""
