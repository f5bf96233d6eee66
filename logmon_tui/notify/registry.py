"""The kinds of targets, and how the tables `[notify.NAME]` of a settings file become targets."""

import re
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


class TargetError(UsageError):
    """A target that is not described as it must be; `keys` lead to what is wrong."""

    def __init__(self, keys: tuple[str, ...], problem: str) -> None:
        super().__init__(f"{printable('.'.join(keys))}: {problem}")
        self.keys = keys


_UNKNOWN = re.compile("unknown field `(.*)`")

_LISTS = ("rules", "to")
"""Keys whose value may be a single one, too."""


def read_targets(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, TargetSettings]:
    """Return the targets of a settings file by their names, from its tables `notify.NAME`.

    A table has a `type`, and the keys of that kind, with `-` or `_`.
    Raises TargetError, naming the key and what is allowed, but no value, for anything else.
    """
    return {name: _target(("notify", name), table) for name, table in tables.items()}


def _target(where: tuple[str, ...], table: Mapping[str, Any]) -> TargetSettings:
    kinds = {kind.KIND: kind for kind in KINDS}
    given = {key.replace("-", "_"): value for key, value in table.items()}
    named = given.pop("type", None)
    if not isinstance(named, str) or named not in kinds:
        raise TargetError((*where, "type"), f"expected one of {', '.join(kinds)}")
    for key in _LISTS:
        if key in given and not isinstance(given[key], list):
            given[key] = [given[key]]
    try:
        target = msgspec.convert(given, kinds[named], dec_hook=text_hook)
    except msgspec.ValidationError as error:
        keys, problem = _explained(printable(str(error)), kinds[named])
        raise TargetError((*where, *keys), problem) from error
    key, _, problem = target.problem().partition(": ")
    if problem:
        raise TargetError((*where, key), printable(problem))
    return target


def _explained(message: str, kind: type[TargetSettings]) -> tuple[tuple[str, ...], str]:
    """Return the keys and the problem of msgspec's message, which ends in `at `$.key``."""
    what, _, path = message.partition(" - at `$.")
    key = re.split(r"[\[.`]", path)[0]
    problem = f"{what[0].lower()}{what[1:]}"
    unknown = _UNKNOWN.search(what)
    if unknown:
        known = ", ".join(sorted(kind.__struct_encode_fields__))
        return (unknown[1],), f"is not known; known are type, {known}"
    return (key,) if key else (), problem
