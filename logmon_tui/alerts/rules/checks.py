"""Find contradictions in a rule. Pure; `tables` makes an error of what is found."""

from collections.abc import Collection

from logmon_tui.alerts.model.metric import RATIOS, Metric
from logmon_tui.alerts.model.rule import DISTINCT, Against, Compare, NoData, Rule, Scope, When
from logmon_tui.alerts.rules.kind_checks import KIND_CHECKS
from logmon_tui.alerts.rules.messages import check_template
from logmon_tui.alerts.rules.problem import MAX_NAMES, Check, Problem, either
from logmon_tui.alerts.rules.threshold_checks import check_thresholds
from logmon_tui.escape import printable
from logmon_tui.late_patterns import late_pattern

MAX_TEXT = 1_000
"""Maximum characters of a title, message or pattern."""

MAX_LABELS = 20
MAX_MINIMUM = 1_000_000_000

_STATUS = late_pattern(r"[0-9]([0-9]{2}|xx)")
_LABEL = late_pattern(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_QUANTILES = {Metric.RESPONSE_TIME, Metric.RESPONSE_SIZE}


def problem_of(
    rule: Rule, given: Collection[str], *, with_thresholds: bool = True
) -> Problem | None:
    """Return the first problem of `rule`, if any; `given` are the keys that the user has set.

    Without `with_thresholds`, only checks that do not depend on thresholds are made.
    """
    checks = (*_CHECKS, check_thresholds) if with_thresholds else _CHECKS
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
        if len(some) > MAX_NAMES or "" in some:
            return Problem(key, f"must be at most {MAX_NAMES} patterns, none of them empty")
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
        if not _LABEL().fullmatch(name):
            allowed = "names have letters, digits and _, and begin with no digit"
            return Problem("labels", f"'{printable(name)}' is no name of a label; {allowed}")
    return None


def _status(rule: Rule, _given: Collection[str]) -> Problem | None:
    for status in rule.status:
        if not _STATUS().fullmatch(status):
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


def _can_be_undefined(rule: Rule) -> bool:
    return rule.metric in RATIOS or rule.minimum_hits > 0 or rule.compare is Compare.USUAL


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
        return either(key, "metric", given, one)
    if Scope.STATUS in rule.scopes and rule.metric is Metric.SHARE and not rule.bad:
        return either(key, "metric", given, "each status is all of itself; use rate")
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
        return either("match", "by", given, "is for one scope; choose hits of two with where")
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
        return either("scope", "no_data", given, text)
    undefined = rule.metric in RATIOS or rule.minimum_hits
    return (
        either("scope", "when", given, text) if rule.when is When.BELOW and not undefined else None
    )


def _minimum(rule: Rule, _given: Collection[str]) -> Problem | None:
    if rule.minimum_hits > MAX_MINIMUM:
        return Problem("minimum_hits", f"must be at most {MAX_MINIMUM:,}")
    return None


def _listed(metrics: Collection[Metric]) -> str:
    return " and ".join(sorted(metrics))


_CHECKS: tuple[Check, ...] = (
    _texts,
    _labels,
    _status,
    _fields,
    *KIND_CHECKS,
    _scope,
    _by,
    _matchless,
    _endless,
    _minimum,
)
"""All checks except that of thresholds, which comes last."""
