"""Turns msgspec's messages about values of the wrong type in a settings file into plain words."""

from collections.abc import Mapping
from typing import Any

import msgspec

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.config.maintenance import Maintenance
from logmon_tui.config.output import By, Output
from logmon_tui.config.own_panels import OwnPanel
from logmon_tui.config.past import History
from logmon_tui.config.settings import Ignored, OwnLog, Settings
from logmon_tui.config.toml_problems import ANY, keys_of, plain_words
from logmon_tui.errors import TableError
from logmon_tui.formats.routes import OwnRoute

_SETTINGS = [name.replace("_", "-") for name in Settings.__struct_fields__]
_KNOWN = {
    "output": [output.value for output in Output],
    "by": [by.value for by in By],
    "evaluation_delay": ["auto", "a number of seconds"],
    "routes": list(OwnRoute.__struct_fields__),
    "logs": list(OwnLog.__struct_fields__),
    "ignore": list(Ignored.__struct_fields__),
    "maintenance": list(Maintenance.__struct_fields__),
    "history": list(History.__struct_fields__),
    "fleet": list(FleetSettings.__struct_fields__),
    "panels": list(OwnPanel.__struct_fields__),
}
"""The words or keys allowed within a setting, by its name."""


def mistyped(given: Mapping[str, Any], message: str) -> TableError:
    """Return the TableError for msgspec's message about `given`, in plain words."""
    keys = [_culprit(given, message) if key == ANY else key for key in keys_of(message)]
    name = keys[0]
    if name == "notify":  # it may hold a secret
        return TableError(keys, "expected a table, as [notify.pager] begins one")
    value: Any = given
    for key in keys:
        is_there = key in value if isinstance(value, dict) else isinstance(key, int)
        value = value[key] if is_there else key
    if "unknown field" in message:
        value = keys[-1]
    return TableError(keys, plain_words(message, value, _KNOWN.get(str(name), _SETTINGS)))


def _culprit(given: Mapping[str, Any], message: str) -> str:
    """Return which key of a table of tables is wrong; msgspec's message does not name it."""
    name = str(keys_of(message)[0])
    for key, value in given[name].items():
        try:
            msgspec.convert({name: {key: value}}, Settings)
        except msgspec.ValidationError:
            return str(key)
    return ANY
