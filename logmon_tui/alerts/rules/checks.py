"""Find contradictions in a rule. Pure; `tables` makes an error of what is found."""

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from logmon_tui.alerts.model.rule import (
    DISTINCT,
    LABEL,
    RATIOS,
    Against,
    Compare,
    Limit,
    Metric,
    NoData,
    Rule,
    Scope,
    When,
)
from logmon_tui.alerts.rules.messages import check_template
from logmon_tui.errors import meant
from logmon_tui.escape import printable

MAX_TEXT = 1_000
"""Maximum characters of a title, message or pattern."""

MAX_PATTERNS = 100
MAX_LABELS = 20
MAX_MINIMUM = 1_000_000_000

_STATUS = re.compile(r"[0-9]([0-9]{2}|xx)")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_SHARES = {Metric.SHARE, Metric.UNPARSED_SHARE}
_QUANTILES = {Metric.RESPONSE_TIME, Metric.RESPONSE_SIZE}


class Problem(NamedTuple):
    """What is wrong with a key; an empty key means the whole rule."""

    key: str
    text: str


def problem_of(
    rule: Rule, given: Collection[str], *, with_thresholds: bool = True
) -> Problem | None:
    """Return the first problem of `rule`, if any; `given` are the keys that the user has set.

    Without `with_thresholds`, only checks that do not depend on thresholds are made.
    """
    checks = (*_CHECKS, _thresholds) if with_thresholds else _CHECKS
    return next((found for check in checks if (found := check(rule, given)) is not None), None)


def _texts(rule: Rule, _given: Collection[str]) -> Problem | None:
    lists = (("match", rule.match), ("paths", rule.paths))
    texts = (("title", rule.title), ("message", rule.message), ("recovery", rule.recovery))
    labels = [("labels", f"{name}{text}") for name, text in rule.labels.items()]
    patterns = [(key, each) for key, patterns in lists for each in patterns]
    for key, text in (*texts, *labels, *patterns, ("runbook", rule.runbook)):
        if len(text) > MAX_TEXT or printable(text) != text:
            return Problem(key, f"must be of at most {MAX_TEXT:,} printable characters")
    for key, some in lists:
        if len(some) > MAX_PATTERNS or "" in some:
            return Problem(key, f"must be at most {MAX_PATTERNS} patterns, none of them empty")
    if not rule.title.strip():
        return Problem("title", "must not be empty; leave it out to have one made of the name")
    for key, template in texts[1:]:
        wrong = check_template(template)
        if wrong:
            return Problem(key, wrong)
    return None


def _labels(rule: Rule, _given: Collection[str]) -> Problem | None:
    if len(rule.labels) > MAX_LABELS:
        return Problem("labels", f"{len(rule.labels)} are too many; {MAX_LABELS} at most")
    for name in rule.labels:
        if not _LABEL.fullmatch(name):
            allowed = "names have letters, digits and _, and begin with no digit"
            return Problem("labels", f"'{printable(name)}' is no name of a label; {allowed}")
    return None


def _status(rule: Rule, _given: Collection[str]) -> Problem | None:
    for status in rule.status:
        if not _STATUS.fullmatch(status):
            allowed = 'a code such as "404" or a class such as "5xx" is'
            return Problem("status", f"'{printable(status)}' is no status; {allowed}")
    if rule.bad and rule.metric is not Metric.SHARE:
        return Problem("bad", f"is for the metric share; {rule.metric} has none: use where")
    if rule.bad and rule.status:
        return Problem("bad", "says which hits the share is of, and status too; leave one out")
    if rule.metric is Metric.SHARE and not (rule.status or rule.bad or rule.burn):
        hint = 'such as "5xx", or bad, such as "time>300ms": it is the share of these hits'
        return Problem("metric", f"share needs status, {hint}")
    return None


def _fields(rule: Rule, given: Collection[str]) -> Problem | None:
    """Refuse keys that would have no effect."""
    if "quantile" in given and rule.metric not in _QUANTILES:
        return Problem("quantile", f"is for {_listed(_QUANTILES)}; {rule.metric} has none")
    for key in ("against", "baseline"):
        if key in given and rule.metric is not Metric.CHANGE:
            return Problem(key, f"is for the metric change; {rule.metric} is compared with nothing")
    if "baseline" in given and rule.against is not Against.BASELINE:
        return Problem("baseline", 'needs against = "baseline"')
    if "no_data" in given and rule.no_data is not NoData.OK and not _can_be_undefined(rule):
        below = 'use when = "below", or minimum_hits'
        return Problem("no_data", f"{rule.metric} is 0 without hits, never undefined; {below}")
    return None


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
        return _either("minimum_days", "days", given, never)
    return next(
        (Problem(key, f"{compared} {text}") for key, wrong, text in problems if wrong), None
    )


def _can_be_undefined(rule: Rule) -> bool:
    return rule.metric in RATIOS or rule.minimum_hits > 0 or rule.compare is Compare.USUAL


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
        return _either("scope", "metric", given, f"first_seen needs {_WHAT_IS_NEW}")
    if rule.when is When.BELOW:
        return _either("when", "metric", given, "first_seen is bad above a number of hits")
    if "no_data" in given:
        return Problem("no_data", "first_seen is 0 without hits, never undefined; leave it out")
    short = f"must be at least the window, {rule.window:,} seconds"
    return Problem("forget", short) if rule.forget < rule.window else None


def _silence(rule: Rule, given: Collection[str]) -> Problem | None:
    """Refuse what a rule that counts no hits cannot do."""
    if not rule.of_silence:
        return None
    if rule.scope is not Scope.SERVER:
        return _either("scope", "metric", given, 'silence needs scope = "server"')
    if rule.when is When.BELOW:
        return _either("when", "metric", given, "silence is bad above a time, and never below")
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
        if len(names) > MAX_PATTERNS or len(set(names)) < len(names):
            return Problem(key, f"must name at most {MAX_PATTERNS} rules, each once")
    if rule.all_ and not rule.combines:
        return _either("metric", "all", given, "a rule with all measures firing; leave metric out")
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


def _scope(rule: Rule, given: Collection[str]) -> Problem | None:
    if rule.metric is Metric.UNPARSED_SHARE:
        if rule.scope is not Scope.ALL:
            return Problem("scope", "unparsed_share covers all lines: these have no subject")
        for key in ("status", "paths", "where"):
            if getattr(rule, key):
                return Problem(key, "unparsed_share is measured of all lines: leave this key out")
    if rule.scope is Scope.ALL and rule.match:
        return Problem("match", "chooses subjects, and scope all has none; use paths or set scope")
    key = "by" if rule.by else "scope"
    if DISTINCT.get(rule.metric) in rule.scopes:
        one = f"this is always 1 for one {DISTINCT[rule.metric]}; change either"
        return _either(key, "metric", given, one)
    if Scope.STATUS in rule.scopes and rule.metric is Metric.SHARE and not rule.bad:
        return _either(key, "metric", given, "each status is all of itself; use rate")
    return None


def _by(rule: Rule, given: Collection[str]) -> Problem | None:
    """Refuse two scopes where they cannot be judged."""
    if "by" in given and "scope" in given:
        return Problem("by", "says what is judged on its own, and scope too; leave one out")
    if not rule.by:
        return None
    if Scope.ALL in rule.by or len(set(rule.by)) != 2:
        return Problem("by", "must be one scope, or two different ones, and not all")
    if rule.of_silence:
        return Problem("by", "silence is judged of each server; leave this key out")
    if rule.match:
        return _either("match", "by", given, "is for one scope; choose hits of two with where")
    return None


def _matchless(rule: Rule, _given: Collection[str]) -> Problem | None:
    """Refuse patterns that fit nothing, and say how the language of filters asks the same."""
    for key, patterns, field in (
        ("paths", rule.paths, "path"),
        ("match", rule.match, rule.scope.value),
    ):
        for pattern in patterns:
            instead = f'where = "{_term(pattern, field)}"'
            if pattern.startswith("!") and rule.scope is not Scope.USER_AGENT:
                return Problem(key, f"no pattern excludes; write {instead}")
            if key == "match" and rule.scope is Scope.CLIENT and "/" in pattern:
                return Problem(key, f"is compared with addresses, not networks; write {instead}")
    return None


def _term(pattern: str, field: str) -> str:
    """Return the term of the filter language for a pattern: `!path:/health`."""
    excluded = "!" if pattern.startswith("!") else ""
    names = {"virtual_host": "host", "user_agent": "agent"}
    return f"{excluded}{names.get(field, field)}:{pattern.removeprefix('!')}"


def _endless(rule: Rule, given: Collection[str]) -> Problem | None:
    """Refuse a rule that would fire for ever, for each subject that was ever seen."""
    if rule.scope is Scope.ALL or rule.match:
        return None
    text = "each subject seen once would fire for ever; name the expected ones in match"
    if rule.no_data is NoData.ALERT:
        return _either("scope", "no_data", given, text)
    undefined = rule.metric in RATIOS or rule.minimum_hits
    return (
        _either("scope", "when", given, text) if rule.when is When.BELOW and not undefined else None
    )


def _thresholds(rule: Rule, given: Collection[str]) -> Problem | None:
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
            found = _either(f"{key}_recovery", key, given, f"a recovery threshold of {text}")
            return Problem(found.key, f"{found.text}; it must be the same or {other}")
    return _order(rule, given, side) if len(rule.limits) == 2 else None


def _order(rule: Rule, given: Collection[str], side: str) -> Problem | None:
    """Refuse a warning that is not milder than critical, or that would end before it."""
    warning, critical = rule.limits
    if not rule.beyond(critical.threshold, warning.threshold):
        text = f"critical {_number(critical.threshold)} must be {side} {_limit_text(warning)}"
        return _either("critical", "warning", given, f"{text}, the milder one")
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


def _minimum(rule: Rule, _given: Collection[str]) -> Problem | None:
    if rule.minimum_hits > MAX_MINIMUM:
        return Problem("minimum_hits", f"must be at most {MAX_MINIMUM:,}")
    return None


def _either(key: str, other: str, given: Collection[str], text: str) -> Problem:
    """Return a problem of two keys, under the one that the user has set."""
    return Problem(other if other in given and key not in given else key, text)


def _limit_text(limit: Limit) -> str:
    return f"{limit.severity} {_number(limit.threshold)}"


def _number(value: float) -> str:
    return f"{value:.12g}"


def _listed(metrics: Collection[Metric]) -> str:
    return " and ".join(sorted(metrics))


_CHECKS: tuple[Callable[[Rule, Collection[str]], Problem | None], ...] = (
    _texts,
    _labels,
    _status,
    _fields,
    _usual,
    _novelty,
    _silence,
    _named,
    _combined,
    _scope,
    _by,
    _matchless,
    _endless,
    _minimum,
)
"""All checks except `_thresholds`, which comes last."""
