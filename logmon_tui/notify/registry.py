"""Lists the kinds of targets, and reads targets from the tables `[notify.NAME]`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from logmon_tui.alerts.history.expression import (
    GROUPED,
    labels_in,
    problem_of,
    unknown_value,
)
from logmon_tui.alerts.model.rule import LABEL
from logmon_tui.durations import read_seconds
from logmon_tui.errors import FilterError, TargetError, meant
from logmon_tui.escape import printable
from logmon_tui.notify.apprise import Apprise
from logmon_tui.notify.command import Command
from logmon_tui.notify.email import Email
from logmon_tui.notify.screen import Bell, Desktop
from logmon_tui.notify.target import TargetSettings
from logmon_tui.notify.text import FORMS, text_hook
from logmon_tui.notify.webhook import Webhook
from logmon_tui.toml_tables import SHOWN, Table, unknown

KINDS: tuple[type[TargetSettings], ...] = (
    Webhook,
    Apprise,
    Email,
    Command,
    Bell,
    Desktop,
)
"""A new kind is one new file beside this one, and one line here."""

ALLOWED = {
    "command": 'a list of a program and its arguments, as ["/bin/true", "--x"]',
    "headers": 'a table of texts, as { Authorization = { env = "TOKEN" } }',
    "group_wait": 'a number of seconds from 0 to 300, such as 3 or "1m"',
    "per_minute": "a whole number from 1 to 600",
    "timeout": 'a number of seconds above 0, and at most 300, such as 10 or "1m"',
    "port": "a whole number from 1 to 65,535",
    "rules": 'a pattern in quotes such as "endpoint_*", or a list of them',
    "group_by": f"one of {', '.join(GROUPED)}, label.NAME, in quotes, or a list of them",
    "where": 'a filter in quotes such as "severity:critical !scope:client"',
}
"""What is allowed as the value of each key that is no text, for error messages."""

_SPECIAL = frozenset("*?[")
"""The characters that make a value a pattern."""

DURATIONS = ("group_wait", "timeout")
"""Keys whose value is a number of seconds, or a duration such as `1m`."""

ONE_OR_MORE = ("rules", "to", "group_by")
"""Keys whose value may be one text instead of a list."""


def read_targets(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, TargetSettings]:
    """Return the targets of a settings file by name, from its tables `notify.NAME`.

    A table has a `type`, and the keys of that kind, with `-` or `_`.
    Raises TargetError for anything else; it names the key and what is allowed, but no secret.
    """
    return {name: _target(name, table) for name, table in tables.items()}


def check_labels(
    targets: Mapping[str, TargetSettings], labels: Mapping[str, Collection[str]]
) -> None:
    """Raise TargetError for a label in `where` or `group_by` that no rule has.

    `labels` are the values that rules have by the names of labels. A value without a pattern must
    be one of them.
    """
    for name, target in targets.items():
        named = {"where": labels_in(target.where), "group_by": _grouped_labels(target)}
        for key, found in named.items():
            for label, values in found.items():
                problem = _label_problem(label, values, labels)
                if problem:
                    raise TargetError(("notify", printable(name), key), problem)


def _grouped_labels(target: TargetSettings) -> dict[str, list[str]]:
    return {each.removeprefix(LABEL): [] for each in target.group_by if each.startswith(LABEL)}


def _label_problem(label: str, values: Iterable[str], labels: Mapping[str, Collection[str]]) -> str:
    if label not in labels:
        return f"no rule has the label {_quoted(label)}{meant(label, list(labels))}"
    known = sorted(labels[label])
    lower = {each.casefold() for each in known}
    for value in values:
        if value != "-" and value.casefold() not in lower and _SPECIAL.isdisjoint(value):
            near = meant(value, known)
            return f"no rule has the label {_quoted(f'{label}={value}')}{near}"
    return ""


def check_patterns(targets: Mapping[str, TargetSettings], rules: Sequence[str]) -> None:
    """Raise TargetError for a pattern in a target's `rules` or `where` that fits no rule's name."""
    for name, target in targets.items():
        for given in target.rules:
            pattern = given.removeprefix("!")
            if not any(fnmatchcase(rule, pattern) for rule in rules):
                problem = f"no rule matches {_quoted(pattern)}{meant(pattern, rules)}"
                raise TargetError(("notify", printable(name), "rules"), problem)
        value = unknown_value(target.where, "rule", tuple(rules))
        if value is not None:
            problem = f"no rule matches {_quoted(value)}{meant(value, rules)}"
            raise TargetError(("notify", printable(name), "where"), problem)


class _TargetTable(Table):
    """A table of a target. Its errors never contain values that may be secret."""

    def wrong_word(self, name: str, words: Sequence[str]) -> str:
        """Return which words are allowed at a key, and the given one if it is a text."""
        expected, given = f"expected one of {', '.join(words)}", self.values.get(name)
        if not isinstance(given, str):
            return expected
        return f"{expected}; not {_quoted(given)}{meant(given, words)}"

    def wrong_value(self, name: str, allowed: str, why: str) -> str:
        """Return what a key allows: the forms of a Text, or the key's entry in ALLOWED."""
        del name
        if allowed and why != FORMS:
            return f"expected {allowed}"
        return printable(f"{why[:1].lower()}{why[1:]}")


def _target(name: str, given: Mapping[str, Any]) -> TargetSettings:
    table = _TargetTable(("notify", printable(name)), given, TargetError)
    kinds = {kind.KIND: kind for kind in KINDS}
    named = table.values.get("type")
    if not isinstance(named, str) or named not in kinds:
        raise table.error("type", table.wrong_word("type", list(kinds)))
    kind = kinds[named]
    fields = msgspec.structs.fields(kind)
    _check_keys(table, kind)
    values = {}
    for field in fields:
        key = field.encode_name
        if key in table.values:
            value = table.values[key]
            value = read_seconds(value) if key in DURATIONS else value
            one = key in ONE_OR_MORE and not isinstance(value, list)
            values[field.name] = table.converted(
                key,
                field.type,
                ALLOWED.get(key, ""),
                value=[value] if one else value,
                hook=text_hook,
            )
    target = kind(**values)
    _check_where(table, target.where)
    for each in target.group_by:
        label = each.removeprefix(LABEL) if each.startswith(LABEL) else ""
        if each not in GROUPED and not label:
            raise table.error("group_by", f"{_quoted(each)} is not {ALLOWED['group_by']}")
    problem = target.problem()
    if problem:
        key, _, what = problem.partition(": ")
        known = key in kind.__struct_encode_fields__
        raise table.error(key if known else "", printable(what if known else problem))
    return target


def _check_where(table: Table, where: str) -> None:
    try:
        problem = problem_of(where)
    except FilterError as error:
        raise table.error("where", printable(str(error))) from error
    if problem:
        raise table.error("where", problem)


def _check_keys(table: Table, kind: type[TargetSettings]) -> None:
    """Raise TargetError for a key that the kind does not have, and for a missing one."""
    known = ["type", *sorted(kind.__struct_encode_fields__)]
    for key in table.values:
        if key not in known:
            raise table.error(key, unknown(key, known))
    for field in msgspec.structs.fields(kind):
        if field.required and field.encode_name not in table.values:
            raise table.error("", f"{field.encode_name} is missing; type {kind.KIND} needs it")


def _quoted(given: str) -> str:
    return f"'{printable(given[:SHOWN])}'"
