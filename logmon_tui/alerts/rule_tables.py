"""From the tables `[rules.NAME]` of a settings file to rules, with every check of them. Pure.

A table of a new name makes a rule; one of a built-in or shipped rule changes that rule's fields.
Keys are the fields of `Rule`, with `-` or `_`.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

import msgspec

from logmon_tui.alerts.builtin import DDOS, ERROR_RATE, builtin_rules, with_recovery
from logmon_tui.alerts.rule import Metric, Rule
from logmon_tui.alerts.rule_checks import problem_of
from logmon_tui.alerts.shipped import shipped_rules
from logmon_tui.errors import RuleError
from logmon_tui.escape import printable

Tables = Mapping[str, Mapping[str, Any]]

TRAFFIC = "traffic"
"""The rule whose threshold stands on the screen, and so cannot be switched off."""

_SETTINGS = {"traffic": "threshold", "error_rate": "error_rate", "ddos": "ddos_threshold"}
"""The settings that are the thresholds of the built-in rules."""

_OPTIONS = {name: f"--{setting.replace('_', '-')}" for name, setting in _SETTINGS.items()}

_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_FIELDS = {f.encode_name: f for f in msgspec.structs.fields(Rule) if f.encode_name != "name"}
_SHOWN = 40

_TEXT = "a text in quotes"
_PATTERNS = 'a pattern in quotes such as "/api/*", or a list of them'
_SECONDS = "a whole number of seconds from 1 to 86,400"
_DURATION = "a whole number of seconds from 0 to 86,400"
_NUMBER = "a number from 0 on"
_ALLOWED = {
    "title": _TEXT,
    "match": _PATTERNS,
    "paths": _PATTERNS,
    "status": 'a code such as "404" or a class such as "5xx", or a list of them',
    "quantile": "a number above 0, and at most 1",
    "window": _SECONDS,
    "baseline": _SECONDS,
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
    "message": _TEXT,
    "recovery": _TEXT,
    "enabled": "true or false",
}
"""What each key may be that is no choice of a few words."""


def rules_from(  # noqa: PLR0913 - the settings that rules are made of
    tables: Tables,
    *,
    threshold: float,
    error_rate: float,
    ddos_threshold: float,
    window: int,
    settled: bool = True,
) -> tuple[Rule, ...]:
    """Return all rules, on or off: built-in ones, shipped ones, then those of `tables`.

    `threshold`, `error_rate` and `ddos_threshold` are those of the built-in rules (req/s, share,
    req/s); `window` (seconds) is for all rules that set none. While those are not `settled`, the
    tables are not checked against them.
    Raises RuleError, naming the key and what is allowed, for a table that is not as it should be.
    """
    rules = {
        rule.name: rule
        for rule in (
            *builtin_rules(threshold, error_rate, ddos_threshold, window),
            *shipped_rules(window),
        )
    }
    known = frozenset(rules)
    spelt: dict[str, str] = {}
    for written, table in tables.items():
        name = _named(written, known)
        if name in spelt:
            raise RuleError(("rules", written), f"is the same as {spelt[name]}; leave one out")
        spelt[name] = written
        rules[name] = _Table(written, table).rule(name, rules.get(name), window, settled=settled)
    return tuple(rules.values())


def check_slots(rules: Iterable[Rule], bucket_size: int) -> None:
    """Raise RuleError unless the times of all `rules` are whole numbers of buckets.

    How long an error rate must be calm is not looked at: users have not chosen it, and it is
    over with the first bucket that ends then or later.
    """
    for rule in rules:
        for key, seconds in _times(rule):
            if seconds % bucket_size:
                message = f"{seconds} is not a multiple of --bucket-size {bucket_size}"
                raise RuleError(("rules", rule.name, key), f"{message}; change one of them")


def _times(rule: Rule) -> Iterator[tuple[str, int]]:
    yield "window", rule.window
    yield "baseline", rule.reference
    yield "for", rule.for_
    if rule.name != ERROR_RATE:
        yield "keep_firing_for", rule.keep_firing_for


def _named(written: str, known: frozenset[str]) -> str:
    """Return the name of a rule; built-in and shipped ones may be written with `-`, too."""
    if not _NAME.fullmatch(written):
        allowed = "a name has at most 64 of the characters a-z, 0-9, _ and -"
        raise RuleError(("rules", printable(written)), f"is no name of a rule; {allowed}")
    name = written.replace("-", "_")
    return name if name in known else written


class _Table:
    """One table, with the keys as they are written, so that an error can name them."""

    def __init__(self, written: str, table: Mapping[str, Any]) -> None:
        self._path = ("rules", written)
        self._table = table
        self._written: dict[str, str] = {}
        for key in table:
            name = key.replace("-", "_")
            if name not in _FIELDS:
                raise self._error(key, _unknown(key, "keys", _FIELDS))
            if name in self._written:
                same = self._written.pop(name)
                raise self._error(key, f"is the same as {same}; leave one out")
            self._written[name] = key

    def rule(self, name: str, base: Rule | None, window: int, *, settled: bool) -> Rule:
        """Return `base` with what the table changes, or a new rule. Raises RuleError."""
        fields = {
            _FIELDS[key].name: self._value(key, self._table[written])
            for key, written in self._written.items()
        }
        if base is None:
            rule = self._new(name, fields, window)
        else:
            self._check_builtin(name, fields)
            rule = msgspec.structs.replace(base, **fields)
            if name in {ERROR_RATE, DDOS}:
                rule = with_recovery(rule, fields.keys())
        comparable = settled or name not in _OPTIONS
        problem = problem_of(rule, self._written.keys(), with_thresholds=comparable)
        if problem is not None:
            contradicts = name in _OPTIONS and "critical" in problem.text
            fixed = f"; critical is {_OPTIONS[name]}" if contradicts else ""
            setting = _SETTINGS[name] if contradicts else ""
            raise self._error(problem.key, f"{problem.text}{fixed}", setting)
        return rule

    def _new(self, name: str, fields: dict[str, Any], window: int) -> Rule:
        if "metric" not in fields:
            there = [*_OPTIONS, *(rule.name for rule in shipped_rules(window))]
            near = get_close_matches(name.replace("-", "_"), there, n=1)
            meant = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(Metric)}."
            told = f"{meant} Rules that are there: {', '.join(there)}"
            raise self._error("", f"needs metric{told}")
        title = name.replace("-", " ").replace("_", " ").strip().capitalize() or name
        return Rule(**{"name": name, "title": title, "window": window, **fields})

    def _check_builtin(self, name: str, fields: Mapping[str, Any]) -> None:
        """Refuse what would make another rule of a built-in one."""
        if name not in _OPTIONS:
            return
        instead = {"critical": f"is {_OPTIONS[name]}", "window": "is --alert-window"}
        for key in ("metric", "scope", "when", "window", "critical"):
            if key in fields:
                told = instead.get(key, f"of {name} is fixed; make a rule of your own")
                raise self._error(key, f"{told}; leave it out here")
        if name == TRAFFIC and not fields.get("enabled", True):
            raise self._error("enabled", "traffic is always on; set a higher --threshold instead")

    def _value(self, key: str, value: Any) -> Any:
        """Return a value as the field has it."""
        kind = _FIELDS[key].type
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            if value not in list(kind):
                raise self._error(key, _unknown(value, "", kind))
            return kind(value)
        if key in {"match", "paths", "status"} and not isinstance(value, list):
            value = [value]
        if key == "status":
            value = [_status(each) for each in value]
        try:
            converted = msgspec.convert(value, kind)
        except (msgspec.ValidationError, OverflowError):
            converted = None
        if converted is None or (isinstance(converted, float) and not math.isfinite(converted)):
            raise self._error(key, f"must be {_ALLOWED[key]}, not {_shown(self._given(key))}")
        return converted

    def _given(self, key: str) -> Any:
        return self._table[self._written[key]]

    def _error(self, key: str, problem: str, setting: str = "") -> RuleError:
        keys = (*self._path, printable(self._written.get(key, key))) if key else self._path
        return RuleError(keys, problem, setting)


def _status(given: Any) -> Any:
    """Return a status as rules have it; what is none stays as it is."""
    if isinstance(given, int) and not isinstance(given, bool):
        return f"{given:03}"
    return given.lower() if isinstance(given, str) else given


def _unknown(given: Any, what: str, known: Iterable[str]) -> str:
    """Say that `given` is not known, what is, and what may be meant."""
    names = list(known)
    near = get_close_matches(str(given).replace("-", "_"), names, n=1)
    meant = f"; did you mean {near[0]}?" if near else ";"
    shown = "" if what else f"{_shown(given)} "
    return f"{shown}is not known{meant} known {what + ' ' if what else ''}are {', '.join(names)}"


def _shown(value: Any) -> str:
    """Return a value of the file so that it can stand in a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = printable(repr(value) if isinstance(value, str | list | dict) else str(value))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
