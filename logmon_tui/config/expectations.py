"""Reads what alert rules are expected to find in logs: the file of `logmon-tui rules expect`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec

from logmon_tui.alerts.model.rule import Severity
from logmon_tui.config.settings_file import located, read_toml
from logmon_tui.config.toml_problems import keys_of, plain_words
from logmon_tui.errors import TableError

_Seconds = Annotated[int, msgspec.Meta(ge=0, le=10**10)]
_Moment = _Seconds | datetime
"""Seconds after the first hit of the log, or a time; one without a zone is UTC."""


class ExpectedIncident(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An incident that must be found. What is None may be anything.

    `recovers` is False if it must still fire at the log's end. `severity` is the worst one.
    """

    rule: str
    fires: _Moment
    subject: str | None = None
    recovers: _Moment | bool | None = None
    severity: Severity | None = None


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A log, or its `lines`, and all incidents that the rules must find in it.

    `rules` are patterns of the names of the rules that are looked at.
    """

    name: str
    log: str = ""
    lines: str = ""
    rules: tuple[str, ...] = ("*",)
    incident: tuple[ExpectedIncident, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    test: tuple[Trial, ...]
    settings: str = ""


class Expectations(NamedTuple):
    """The trials, and the settings file with the rules; None for the user's own."""

    settings: Path | None
    trials: tuple[Trial, ...]


def read_expectations(path: Path) -> Expectations:
    """Read a file of expectations; paths in it are from its own folder on.

    Raises UsageError, with file, line and key, for anything invalid.
    """
    table, text = read_toml(path)
    try:
        found = _checked(_converted(table))
    except TableError as error:
        raise located(error, path, text) from error
    folder = path.parent
    trials = (
        msgspec.structs.replace(trial, log=str(folder / trial.log) if trial.log else "")
        for trial in found.test
    )
    return Expectations(folder / found.settings if found.settings else None, tuple(trials))


def second_of(moment: _Moment, first: int) -> int:
    """Return the epoch second of a moment in a log whose first hit is of the second `first`."""
    if isinstance(moment, int):
        return first + moment
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _checked(found: _File) -> _File:
    """Return the content of a file. Raises TableError for what contradicts itself."""
    if not found.test:
        raise TableError(("test",), "is empty; [[test]] begins a test")
    for place, trial in enumerate(found.test):
        if bool(trial.log) == bool(trial.lines):
            raise TableError(("test", place), "needs a log or lines, one of them")
        for number, incident in enumerate(trial.incident):
            for key, moment in (("fires", incident.fires), ("recovers", incident.recovers)):
                if problem := _problem(moment):
                    raise TableError(("test", place, "incident", number, key), problem)
    return found


def _problem(moment: object) -> str:
    """Return why a moment is none that a log tells; empty if it is one."""
    if moment is True:
        return "must be a time, seconds from the first hit, or false"
    if isinstance(moment, datetime) and not 1970 < moment.year < 9999:
        return "is no time of a log; give another year"
    return ""


def _converted(table: Mapping[str, Any]) -> _File:
    try:
        return msgspec.convert(table, _File)
    except msgspec.ValidationError as error:
        keys = keys_of(str(error))
        value: Any = table
        for key in keys:
            is_there = key in value if isinstance(value, dict) else isinstance(key, int)
            value = value[key] if is_there else key
        if "unknown field" in str(error):
            value = keys[-1]
        raise TableError(keys, plain_words(str(error), value, list(_known(keys)))) from error


def _known(keys: list[str | int]) -> Iterator[str]:
    """Yield what may stand at the place of a wrong key or word."""
    if keys and keys[-1] == "severity":
        yield from Severity
    elif "incident" in keys[:-1]:
        yield from ExpectedIncident.__struct_fields__
    elif "test" in keys[:-1]:
        yield from Trial.__struct_fields__
    else:
        yield from _File.__struct_fields__
