"""Any table of the settings file becomes a rule, or is refused in one line."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import DISTINCT, Against, Rule, Scope, Severity, When
from logmon_tui.alerts.rules.messages import check_template
from logmon_tui.alerts.rules.text import rule_text
from logmon_tui.errors import RuleError
from tests.alerts.rule_strategies import COUNTING
from tests.alerts.tables import rules_of


def shares(metric: Metric) -> bool:
    return metric in {Metric.SHARE, Metric.UNPARSED_SHARE}


def scopes(metric: Metric) -> list[Scope]:
    if metric is Metric.UNPARSED_SHARE:
        return [Scope.ALL]
    without = {Metric.SHARE: Scope.STATUS, Metric.FIRST_SEEN: Scope.ALL, **DISTINCT}
    return [scope for scope in Scope if scope is not without.get(metric)]


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a correct table of a rule."""
    metric = draw(st.sampled_from(COUNTING))
    when = draw(st.sampled_from([When.ABOVE] if metric is Metric.FIRST_SEEN else list(When)))
    table: dict[str, Any] = {
        "metric": metric.value,
        "scope": draw(st.sampled_from(scopes(metric))).value,
        "when": when.value,
        "window": draw(st.integers(1, 86_400)),
        "for": draw(st.integers(0, 86_400)),
        "keep_firing_for": draw(st.integers(0, 86_400)),
        "minimum_hits": draw(st.integers(0, 1_000)),
        "enabled": draw(st.booleans()),
    }
    table |= draw(thresholds(when, share=shares(metric)))
    if metric is not Metric.UNPARSED_SHARE:
        status = st.sampled_from(["404", "5xx", "999", "0xx"])
        table["status"] = draw(st.lists(status, min_size=int(metric is Metric.SHARE), max_size=3))
        table["paths"] = draw(st.lists(st.sampled_from(["/api/*", "/[ab]?", "/é"]), max_size=3))
    if table["scope"] != "all":
        least = int(when is When.BELOW)  # else who came once would fire for ever
        patterns = st.sampled_from(["10.*", "*"])
        table["match"] = draw(st.lists(patterns, min_size=least, max_size=2))
    if metric in {Metric.RESPONSE_TIME, Metric.RESPONSE_SIZE}:
        table["quantile"] = draw(st.floats(0, 1, exclude_min=True))
    if metric is Metric.FIRST_SEEN:
        table["learning"] = draw(st.integers(0, 35 * 86_400))
        table["forget"] = draw(st.integers(86_400, 366 * 86_400))
    if metric is Metric.CHANGE:
        against = table["against"] = draw(st.sampled_from(list(Against))).value
        if against == "baseline":
            table["baseline"] = draw(st.integers(1, 86_400))
    template = st.sampled_from(["", "{subject} {value}", "{{}}", "plain"])
    table["message"], table["recovery"] = draw(template), draw(template)
    return table


@st.composite
def thresholds(draw: st.DrawFn, when: When, *, share: bool) -> dict[str, float]:
    """Draw one or two thresholds with their recovery thresholds, in a correct order."""
    number = st.floats(0.001, 0.999 if share else 1e12)
    (low, mild, high, worse) = sorted(draw(st.lists(number, min_size=4, max_size=4, unique=True)))
    if when is When.BELOW:
        low, mild, high, worse = worse, high, mild, low
    both = {
        "warning": mild,
        "warning_recovery": low,
        "critical": worse,
        "critical_recovery": high,
    }
    severity = draw(st.sampled_from([None, "warning", "critical"]))
    return {key: both[key] for key in both if severity is None or key.startswith(severity)}


@given(tables())
def test_a_table_as_it_should_be_gives_the_rule_it_says(table: dict[str, Any]) -> None:
    rule = rules_of(own=table)["own"]
    again = msgspec.to_builtins(rule)
    for key, value in table.items():
        assert again[key] == (tuple(value) if isinstance(value, list) else value)
    hyphened = {key.replace("_", "-"): value for key, value in table.items()}
    assert rules_of(own=hyphened)["own"] == rule
    assert len(rule_text(rule)) > 20
    assert check_template(rule.message) == ""
    for limit in rule.limits:
        assert not rule.beyond(limit.recovery, limit.threshold)
    if len(rule.limits) == 2:
        warning, critical = rule.limits
        assert (warning.severity, critical.severity) == tuple(Severity)
        assert rule.beyond(critical.threshold, warning.threshold)
        assert not rule.beyond(warning.recovery, critical.recovery)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=10),
    st.lists(st.text(max_size=3) | st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=2),
)


@given(tables(), st.dictionaries(st.sampled_from(sorted(Rule.__struct_fields__)), values))
def test_whatever_a_table_holds_is_a_rule_or_one_line(
    table: dict[str, Any], odd: dict[str, Any]
) -> None:
    error = None
    rules: dict[str, Rule] = {}
    try:
        rules = rules_of(own=table | odd)
    except RuleError as caught:
        error = caught
    if error is None:
        assert rules["own"].limits
    else:
        assert str(error).startswith("rules.own")
        assert str(error).isprintable()
