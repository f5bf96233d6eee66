"""Make rules from the tables `[rules.NAME]` of a settings file, and check them. Pure.

A table with a new name makes a rule. A table with the name of a built-in or shipped rule changes
fields of that rule. Keys are the fields of `Rule`, written with `-` or `_`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from logmon_tui.alerts.model.metric import Metric, Unit
from logmon_tui.alerts.model.rule import Compare, Rule, Scope
from logmon_tui.alerts.rules.builtin import (
    DDOS,
    ERROR_RATE,
    HOST_SILENT,
    builtin_rules,
    silence_rule,
    with_recovery,
)
from logmon_tui.alerts.rules.shipped import shipped_rules
from logmon_tui.durations import read_seconds
from logmon_tui.errors import FilterError, RuleError, meant
from logmon_tui.escape import printable
from logmon_tui.toml_tables import Table

Tables = Mapping[str, Mapping[str, Any]]
_NONE_SAVED: Mapping[str, str] = {}

TRAFFIC = "traffic"
"""The rule that cannot be switched off, because the screen shows its threshold."""

_SETTINGS = {"traffic": "threshold", "error_rate": "error_rate", "ddos": "ddos_threshold"}
"""The settings that hold the critical thresholds of the built-in rules."""

_OPTIONS = {name: f"--{setting.replace('_', '-')}" for name, setting in _SETTINGS.items()}

RULE_NAME = "[a-z0-9_-]{1,64}"
"""A regular expression for the names of rules."""

SLOW_WINDOW = 900
"""Seconds of the window of a rule that compares with the usual, or looks for what is new.

Its table may say otherwise.
"""

FIXED = ("metric", "all", "by", "scope", "when", "window", "critical", "compare", "bad")
"""Keys that the tables of built-in rules must not set."""

NO_KEYS = ("name", "burn")
"""Fields of a rule that no table sets."""

_FIELDS = {f.encode_name: f for f in msgspec.structs.fields(Rule) if f.name not in NO_KEYS}

_TEXT = "a text in quotes"
_SCOPES = ", ".join(scope for scope in Scope if scope is not Scope.ALL)
_PATTERNS = 'a pattern in quotes such as "/api/*", or a list of them'
_SECONDS = 'whole seconds, as 300 or "5m", from 1 to 86,400'
_DURATION = 'whole seconds, as 300 or "5m", from 0 to 86,400'
_NUMBER = "a number from 0 on"

DURATIONS = ("window", "baseline", "learning", "forget", "for", "keep_firing_for", "renotify")
"""Keys whose value is a number of seconds, or a duration such as `5m`."""

THRESHOLDS = ("warning", "critical", "warning_recovery", "critical_recovery")
"""Keys of thresholds, which may be durations where the rule measures seconds."""

ONE_OR_MORE = ("match", "paths", "status", "by", "all", "unless", "equal")
"""Keys whose value may be one text instead of a list."""

ALLOWED = {
    "title": _TEXT,
    "by": f'a scope or a list of two, such as ["client", "path"]; scopes are {_SCOPES}',
    "match": _PATTERNS,
    "paths": _PATTERNS,
    "where": 'a filter in quotes such as "section:/api !is:bot"',
    "status": 'a code such as "404" or a class such as "5xx", or a list of them',
    "bad": 'a filter in quotes such as "time>300ms" or "status:401,403"',
    "all": 'a list of names of rules such as ["error_rate", "traffic"]',
    "equal": 'a scope of both rules such as "section", "label.NAME", or a list of them',
    "unless": 'the name of a rule in quotes such as "error_rate", or a list of them',
    "quantile": "a number above 0, and at most 1",
    "window": _SECONDS,
    "baseline": _SECONDS,
    "days": "a whole number from 1 to 35",
    "minimum_days": "a whole number from 1 to 35",
    "floor": "a number above 0",
    "learning": 'whole seconds, as 3600 or "1d", up to "35d"',
    "forget": 'whole seconds, as 3600 or "30d", from "1h" to "366d"',
    "warning": _NUMBER,
    "critical": _NUMBER,
    "warning_recovery": _NUMBER,
    "critical_recovery": _NUMBER,
    "for": _DURATION,
    "keep_firing_for": _DURATION,
    "minimum_hits": "a whole number from 0 on",
    "renotify": _SECONDS,
    "max_incidents": "a whole number from 1 to 1,000",
    "labels": 'a table of texts such as {team = "web"}',
    "runbook": 'a text in quotes such as "https://wiki.example/checkout"',
    "message": _TEXT,
    "recovery": _TEXT,
    "enabled": "true or false",
}
"""What each key allows, for error messages; keys that choose among a few words are left out."""


class RuleTable(msgspec.Struct, frozen=True):
    """One parsed table of the settings file: the fields of a rule that it sets.

    `own` is true for a user's own rule, false for a change to an existing one. `written` is the
    table as it stands in the file, which makes the error messages.
    """

    name: str
    fields: Mapping[str, Any]
    own: bool
    written: Table


def read_rules(tables: Tables, saved: Mapping[str, str] = _NONE_SAVED) -> tuple[RuleTable, ...]:
    """Parse the tables `rules.NAME` of the settings into rules and changes to rules.

    `saved` are the filters that `@name` may name in `where`.
    Raises RuleError for a wrong table, naming the key and what it allows. Nothing is checked here
    that depends on the settings with the built-in rules' thresholds.
    """
    known = {rule.name: rule for rule in _rules_there(_ANY_LIMITS)}
    spelt: dict[str, str] = {}
    found = []
    for written, given in tables.items():
        name = _named(written, known)
        if name in spelt:
            raise RuleError(("rules", written), f"is the same as {spelt[name]}; leave one out")
        spelt[name] = written
        table = Table(("rules", written), given, RuleError)
        table.check_keys(_FIELDS)
        fields = {_FIELDS[key].name: _value(table, key, saved) for key in table.values}
        _set_scopes(fields)
        _set_combined(fields)
        _set_novelty(fields)
        each = RuleTable(name, fields, name not in known, table)
        _check_name(each)
        found.append(each)
        rule = _applied(each, known.get(name), _ANY_LIMITS)
        _check(rule, each, with_thresholds=name not in _OPTIONS)
        if rule.bad:  # what explains an incident is chosen by both
            where_of(table, "bad", f"{rule.where} {rule.bad}".strip(), saved)
    return tuple(found)


class Limits(msgspec.Struct, frozen=True):
    """The settings that rules depend on: req/s, share, req/s, and the window (seconds).

    A host that says nothing is silent after `silent_after` seconds.
    """

    threshold: float
    error_rate: float
    ddos_threshold: float
    window: int
    silent_after: int = 60


_ANY_LIMITS = Limits(10.0, 0.05, 2.5, 120)
"""Limits for what does not depend on them, such as the names of rules."""


def rules_of(tables: Sequence[RuleTable], limits: Limits) -> tuple[Rule, ...]:
    """Return all rules, on or off: built-in ones, shipped ones, then those of `tables`.

    A rule that sets no window gets that of `limits`. Raises RuleError if a change to a built-in
    rule contradicts the limits.
    """
    rules = {rule.name: rule for rule in _rules_there(limits)}
    for each in tables:
        rules[each.name] = _applied(each, rules.get(each.name), limits)
        if each.name in _OPTIONS:
            _check(rules[each.name], each)
    return tuple(rules.values())


def names_of(tables: Iterable[RuleTable]) -> list[str]:
    """Return the names of all rules, on or off, in their order."""
    there = (rule.name for rule in _rules_there(_ANY_LIMITS))
    return list(dict.fromkeys([*there, *(table.name for table in tables)]))


def _rules_there(limits: Limits) -> tuple[Rule, ...]:
    builtin = builtin_rules(
        limits.threshold, limits.error_rate, limits.ddos_threshold, limits.window
    )
    return (*builtin, silence_rule(limits.silent_after), *shipped_rules(limits.window))


def check_slots(rules: Iterable[Rule], bucket_size: int) -> None:
    """Raise RuleError unless the times of all `rules` are whole numbers of buckets.

    The `keep_firing_for` of the built-in error rate is not checked, as users did not choose it.
    It ends with the first bucket that ends then or later.
    """
    for rule in rules:
        for key, seconds in () if rule.of_silence else _times(rule):
            if seconds % bucket_size:
                message = f"{seconds} is not a multiple of --bucket-size {bucket_size}"
                raise RuleError(("rules", rule.name, key), f"{message}; change one of them")


def _times(rule: Rule) -> Iterator[tuple[str, int]]:
    if not (rule.long or rule.combines):  # these count by the minute, or not at all
        yield "window", rule.window
        yield "baseline", rule.reference
    yield "for", rule.for_
    if rule.name != ERROR_RATE:
        yield "keep_firing_for", rule.keep_firing_for


def _named(written: str, known: Collection[str]) -> str:
    """Return the name of a table's rule; built-in and shipped names may be written with `-`."""
    if not re.fullmatch(RULE_NAME, written):
        allowed = "a name has at most 64 of the characters a-z, 0-9, _ and -"
        raise RuleError(("rules", printable(written)), f"is no name of a rule; {allowed}")
    name = written.replace("-", "_")
    return name if name in known else written


def _check_name(table: RuleTable) -> None:
    """Refuse an own rule without a metric, and keys that would change what a built-in rule is."""
    if table.own and "metric" not in table.fields:
        there = [rule.name for rule in _rules_there(_ANY_LIMITS)]
        near = meant(table.name, there) or f"; known are {', '.join(Metric)}."
        raise table.written.error(
            "", f"needs metric{near} Rules that are there: {', '.join(there)}"
        )
    if not table.own and "all_" in table.fields:
        raise table.written.error("all", "is for rules of your own; leave it out here")
    if table.name in _OPTIONS:
        instead = {"critical": f"is {_OPTIONS[table.name]}", "window": "is --alert-window"}
        for key in FIXED:
            if key in table.fields:
                problem = instead.get(key, f"of {table.name} is fixed; make a rule of your own")
                raise table.written.error(key, f"{problem}; leave it out here")
    if table.name == HOST_SILENT and "metric" in table.fields:
        problem = f"of {HOST_SILENT} is fixed; make a rule of your own"
        raise table.written.error("metric", f"{problem}; leave it out here")
    if table.name == TRAFFIC and not table.fields.get("enabled", True):
        problem = "traffic is always on; set a higher --threshold instead"
        raise table.written.error("enabled", problem)


def _applied(table: RuleTable, base: Rule | None, limits: Limits) -> Rule:
    """Return `base` with the fields that the table sets; a new rule if `base` is None."""
    if base is None:
        title = table.name.replace("-", " ").replace("_", " ").strip().capitalize() or table.name
        usual = table.fields.get("compare") is Compare.USUAL
        novelty = table.fields.get("metric") is Metric.FIRST_SEEN
        window = SLOW_WINDOW if usual or novelty else limits.window
        unset = {"name": table.name, "title": title, "window": window}
        if table.fields.get("metric") in {Metric.SILENCE, Metric.FIRING}:  # these have no window
            del unset["window"]
        return Rule(**{**unset, **table.fields})
    rule = msgspec.structs.replace(base, **table.fields)
    return with_recovery(rule, table.fields.keys()) if table.name in {ERROR_RATE, DDOS} else rule


def _check(rule: Rule, table: RuleTable, *, with_thresholds: bool = True) -> None:
    """Raise RuleError for the first contradiction in the rule that a table makes."""
    given = table.written.values
    for key in THRESHOLDS:
        if isinstance(given.get(key), str) and rule.unit is not Unit.SECONDS:
            raise table.written.error(key, f"is a duration, but the rule measures {rule.unit}")
    from logmon_tui.alerts.rules.checks import problem_of  # few users have rules of their own

    problem = problem_of(rule, given.keys(), with_thresholds=with_thresholds)
    if problem is None:
        return
    contradicts = table.name in _OPTIONS and "critical" in problem.text
    fixed = f"; critical is {_OPTIONS[table.name]}" if contradicts else ""
    setting = _SETTINGS[table.name] if contradicts else ""
    raise RuleError(table.written.keys_to(problem.key), f"{problem.text}{fixed}", setting)


def _set_scopes(fields: dict[str, Any]) -> None:
    """Let the scope be the first one of `by`; one of a single scope says no more than `scope`."""
    if by := fields.get("by"):
        fields.setdefault("scope", by[0])
        if len(by) == 1:
            fields["by"] = ()


def _set_combined(fields: dict[str, Any]) -> None:
    """Let a rule with `all` measure how many of these rules fire, and fire while all do."""
    if names := fields.get("all_"):
        fields.setdefault("metric", Metric.FIRING)
        fields.setdefault("critical", len(names) - 1)


def _set_novelty(fields: dict[str, Any]) -> None:
    """Let a rule of new subjects fire with the first hit, if it sets no threshold."""
    if fields.get("metric") is Metric.FIRST_SEEN and not fields.keys() & {"warning", "critical"}:
        fields["warning"] = 0.0


def _value(table: Table, key: str, saved: Mapping[str, str]) -> Any:
    """Return the value of a key, converted to the type of the rule's field."""
    value = table.values[key]
    if key in DURATIONS or key in THRESHOLDS:
        value = read_seconds(value)
    if key in ONE_OR_MORE and not isinstance(value, list):
        value = [value]
    if key == "status":
        value = [_status(each) for each in value]
    value = table.converted(key, _FIELDS[key].type, ALLOWED.get(key, ""), value=value)
    return where_of(table, key, value, saved) if key in {"where", "bad"} else value


def where_of(table: Table, key: str, text: str, saved: Mapping[str, str]) -> str:
    """Return the filter in `text`, the value of a key, in its normal form without saved filters.

    Raises an error of the table if there is a mistake in it.
    """
    from logmon_tui.filters.language import parsed  # few rules have filters

    try:
        found = parsed(text, saved=saved)
    except FilterError as error:
        raise table.error(key, str(error)) from error
    try:
        return found.without_names().text
    except FilterError as error:
        problem = f"with the saved filters that it names, it {error.problem}"
        raise table.error(key, problem) from error


def _status(given: Any) -> Any:
    """Return a status as text; anything that is no status stays as it is, for the checks."""
    if isinstance(given, int) and not isinstance(given, bool):
        return f"{given:03}"
    return given.lower() if isinstance(given, str) else given
