"""The kinds of targets, and how the tables `[notify.NAME]` of a settings file become targets."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from logmon_tui.alerts.rule import Severity
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.notify.apprise import Apprise
from logmon_tui.notify.command import Command
from logmon_tui.notify.email import Email
from logmon_tui.notify.screen import Bell, Desktop
from logmon_tui.notify.target import TargetSettings
from logmon_tui.notify.text import FORMS, text_hook
from logmon_tui.notify.webhook import Webhook

KINDS: tuple[type[TargetSettings], ...] = (Webhook, Apprise, Email, Command, Bell, Desktop)


class TargetError(UsageError):
    """A target that is not described as it must be; `keys` lead to what is wrong."""

    def __init__(self, keys: tuple[str, ...], problem: str) -> None:
        super().__init__(f"{printable('.'.join(keys))}: {problem}")
        self.keys = keys


_SHOWN = 40
_CHOICES = {"severity": [each.value for each in Severity], "tls": ["none", "starttls", "ssl"]}
_ALLOWED = {
    "command": 'a list of a program and its arguments, as ["/bin/true", "--x"]',
    "headers": 'a table of texts, as { Authorization = { env = "TOKEN" } }',
    "group_wait": "a number of seconds from 0 to 300",
    "per_minute": "a whole number from 1 to 600",
    "timeout": "a number of seconds above 0, and at most 300",
    "port": "a whole number from 1 to 65,535",
    "rules": 'a pattern in quotes such as "endpoint_*", or a list of them',
}
"""What each key may be that is no text."""

_LISTS = ("rules", "to")
"""Keys whose value may be a single one, too."""


def read_targets(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, TargetSettings]:
    """Return the targets of a settings file by their names, from its tables `notify.NAME`.

    A table has a `type`, and the keys of that kind, with `-` or `_`.
    Raises TargetError, naming the key and what is allowed, but nothing secret, for anything else.
    """
    return {name: _target(("notify", name), table) for name, table in tables.items()}


def check_patterns(targets: Mapping[str, TargetSettings], rules: Sequence[str]) -> None:
    """Raise TargetError for what a target has in `rules` that fits none of the rules' names."""
    for name, target in targets.items():
        for given in target.rules:
            pattern = given.removeprefix("!")
            if not any(fnmatchcase(rule, pattern) for rule in rules):
                problem = f"no rule matches {_quoted(pattern)}{_meant(pattern, rules)}"
                raise TargetError(("notify", name, "rules"), problem)


def _target(where: tuple[str, ...], table: Mapping[str, Any]) -> TargetSettings:
    kinds = {kind.KIND: kind for kind in KINDS}
    given = {key.replace("-", "_"): value for key, value in table.items()}
    named = given.pop("type", None)
    if not isinstance(named, str) or named not in kinds:
        raise TargetError((*where, "type"), _no_choice(named, list(kinds)))
    for key in _LISTS:
        if key in given and not isinstance(given[key], list):
            given[key] = [given[key]]
    _check_keys(where, given, kinds[named])
    try:
        target = msgspec.convert(given, kinds[named], dec_hook=text_hook)
    except msgspec.ValidationError as error:
        key, problem = _explained(printable(str(error)), given)
        raise TargetError((*where, key) if key else where, problem) from error
    problem = target.problem()
    if problem:
        key, _, what = problem.partition(": ")
        known = key in _keys(kinds[named])
        raise TargetError((*where, key) if known else where, printable(what if known else problem))
    return target


def _check_keys(
    where: tuple[str, ...], given: Mapping[str, Any], kind: type[TargetSettings]
) -> None:
    """Refuse a key that the kind does not have, and a table without one that it must have."""
    known = _keys(kind)
    for key in given:
        if key not in known:
            problem = f"is not known{_meant(key, known)}; known are type, {', '.join(known)}"
            raise TargetError((*where, key), problem)
    for field in msgspec.structs.fields(kind):
        if field.required and field.encode_name not in given:
            raise TargetError(where, f"{field.encode_name} is missing; type {kind.KIND} needs it")


def _keys(kind: type[TargetSettings]) -> list[str]:
    return sorted(kind.__struct_encode_fields__)


def _explained(message: str, given: Mapping[str, Any]) -> tuple[str, str]:
    """Return the key and the problem of msgspec's message, which ends in `at `$.key``.

    Values are told of the few keys only that cannot hold a secret.
    """
    what, _, path = message.partition(" - at `$.")
    key = re.split(r"[\[.`]", path)[0]
    if key in _CHOICES:
        return key, _no_choice(given[key], _CHOICES[key])
    allowed = None if what == FORMS else _ALLOWED.get(key)
    return key, f"expected {allowed}" if allowed else f"{what[0].lower()}{what[1:]}"


def _no_choice(given: object, choices: Sequence[str]) -> str:
    """Say what is allowed, and what was given instead if that is a word."""
    expected = f"expected one of {', '.join(choices)}"
    if not isinstance(given, str):
        return expected
    return f"{expected}; not {_quoted(given)}{_meant(given, choices)}"


def _quoted(given: str) -> str:
    return f"'{printable(given[:_SHOWN])}'"


def _meant(given: str, known: Sequence[str]) -> str:
    near = get_close_matches(given[:_SHOWN], known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
