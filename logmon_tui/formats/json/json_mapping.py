"""JSON formats that users describe in the settings file, in a table from fields to keys.

::

    [formats.myapp]
    type = "json"
    time = "ts"
    method = "req.method"                          # objects within objects
    target = "req.path"
    status = ["http.status"]                       # a list, where names have points in them
    response_time = { key = "took", unit = "ms" }  # of a bare number; else seconds
"""

from collections.abc import Mapping
from typing import Any

from logmon_tui.errors import FormatError
from logmon_tui.formats.json.json_format import TRANSFORMS, JsonFormat, Member, Path
from logmon_tui.formats.model.converters import Unit
from logmon_tui.formats.model.field import Field

FIELDS: dict[str, Field] = {
    "time": Field.TIME,
    "request": Field.REQUEST,
    "method": Field.METHOD,
    "target": Field.TARGET,
    "status": Field.STATUS,
    "host": Field.HOST,
    "user": Field.USER,
    "size": Field.SIZE,
    "referrer": Field.REFERRER,
    "user_agent": Field.USER_AGENT,
    "virtual_host": Field.VIRTUAL_HOST,
    "tls": Field.TLS,
    "response_time": Field.RESPONSE_TIME,
    "upstream_time": Field.UPSTREAM_TIME,
    "bytes_in": Field.BYTES_IN,
}
"""The fields by the names that the table gives them."""

UNITS = {
    "s": Unit.SECONDS,
    "ms": Unit.MILLISECONDS,
    "us": Unit.MICROSECONDS,
    "µs": Unit.MICROSECONDS,
    "ns": Unit.NANOSECONDS,
}
"""The units of durations by the names that the table gives them."""

TIMED = {Field.RESPONSE_TIME, Field.UPSTREAM_TIME}
"""The fields that have a unit."""


def json_format_from_mapping(name: str, mapping: Mapping[str, Any]) -> JsonFormat:
    """Return the format that the table `mapping` of the settings file describes.

    Raises FormatError when the time, the request or the status is missing, when a key of the table
    is no field, and when a value names no key of a JSON object. The message leaves the format's
    name to the caller, who names the table.
    """
    members = []
    for key, value in mapping.items():
        if key == "type":
            continue
        if key not in FIELDS:
            raise FormatError(f"{key!r} is no field; use {', '.join(FIELDS)}")
        members.append(_member(key, value))
    if {"request", "target"} <= mapping.keys():
        raise FormatError("the format has request and target; leave one of them out")
    return JsonFormat.of(name, *members)


def _member(key: str, value: Any) -> Member:
    field, unit = FIELDS[key], Unit.SECONDS
    if isinstance(value, Mapping):
        unit = _unit(key, value)
        value = value.get("key")
    return Member(field, (_path(key, value),), TRANSFORMS.get(field), unit)


def _path(key: str, value: Any) -> Path:
    path = tuple(value.split(".")) if isinstance(value, str) else value
    if not isinstance(path, list | tuple) or not path or not all(_is_name(each) for each in path):
        message = f"{key} = {value!r} names nothing in a line"
        raise FormatError(f'{message}; write "name", or "outer.name" within an object')
    return tuple(path)


def _is_name(part: Any) -> bool:
    return isinstance(part, str) and part != ""


def _unit(key: str, table: Mapping[str, Any]) -> Unit:
    unknown = sorted(table.keys() - {"key", "unit"})
    if unknown:
        raise FormatError(f"{key}.{unknown[0]} is not known; use key and unit")
    if "unit" not in table:
        return Unit.SECONDS
    if FIELDS[key] not in TIMED:
        raise FormatError(f"{key} has no unit; leave it out")
    unit = table["unit"]
    if not isinstance(unit, str) or unit not in UNITS:
        raise FormatError(f"{key}.unit = {unit!r}; use {', '.join(UNITS)}")
    return UNITS[unit]
