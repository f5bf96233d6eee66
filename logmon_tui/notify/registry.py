"""The kinds of targets, and how the tables `[notify.NAME]` of a settings file become targets."""

from collections.abc import Mapping
from typing import Any

import msgspec

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.notify.apprise import Apprise
from logmon_tui.notify.command import Command
from logmon_tui.notify.email import Email
from logmon_tui.notify.screen import Bell, Desktop
from logmon_tui.notify.target import TargetSettings
from logmon_tui.notify.text import text_hook
from logmon_tui.notify.webhook import Webhook

KINDS: tuple[type[TargetSettings], ...] = (Webhook, Apprise, Email, Command, Bell, Desktop)

_LISTS = ("rules", "to")
"""Keys whose value may be a single one, too."""


def read_targets(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, TargetSettings]:
    """Return the targets of a settings file by their names, from its tables `notify.NAME`.

    A table has a `type`, and the keys of that kind, with `-` or `_`.
    Raises UsageError, naming the key and what is allowed, but no value, for anything else.
    """
    found = {}
    for name, table in tables.items():
        try:
            found[name] = _target(table)
        except UsageError as error:
            raise UsageError(f"notify.{printable(name)}{error}") from error
    return found


def _target(table: Mapping[str, Any]) -> TargetSettings:
    kinds = {kind.KIND: kind for kind in KINDS}
    given = {key.replace("-", "_"): value for key, value in table.items()}
    named = given.pop("type", None)
    if not isinstance(named, str) or named not in kinds:
        raise UsageError(f".type: expected one of {', '.join(kinds)}")
    for key in _LISTS:
        if key in given and not isinstance(given[key], list):
            given[key] = [given[key]]
    try:
        target = msgspec.convert(given, kinds[named], dec_hook=text_hook)
    except msgspec.ValidationError as error:
        raise UsageError(_explained(printable(str(error)), kinds[named])) from error
    problem = target.problem()
    if problem:
        raise UsageError(f".{printable(problem)}")
    return target


def _explained(message: str, kind: type[TargetSettings]) -> str:
    """Turn msgspec's message, which ends in `at `$.key``, into `.key: what is allowed`."""
    what, _, where = message.partition(" - at `$")
    text = f"{what[0].lower()}{what[1:]}"
    if "unknown field" in what:
        return f"{where.rstrip('`')}: {text}; known are type, {', '.join(sorted(_keys(kind)))}"
    return f"{where.rstrip('`')}: {text}"


def _keys(kind: type[TargetSettings]) -> tuple[str, ...]:
    return kind.__struct_encode_fields__
