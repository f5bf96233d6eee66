"""The settings in force for a command. Options beat the environment, which beats the settings file.

The file is read before the other options are parsed, and its values become their defaults. The
command's context keeps the file and its targets, so that both are read only once.
"""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from click.core import ParameterSource

from logmon_tui.config.settings import SSH, Settings
from logmon_tui.config.settings_file import (
    SettingsFile,
    check_rules,
    default_settings_file,
    located,
    place_of,
    read_settings_file,
)
from logmon_tui.errors import TableError, UsageError

if TYPE_CHECKING:
    from logmon_tui.notify.target import TargetSettings

TABLES = (
    "filters",
    "ignore",
    "maintenance",
    "history",
    "fleet",
    "panels",
    "formats",
    "logs",
    "notify",
    "rules",
    "slo",
)
"""Settings that only a file can set."""
_UNCHOSEN = {
    name: getattr(Settings(), name) for name in Settings.__struct_fields__ if name not in TABLES
}
"""The values of settings for which a command has no option."""

OF_FLEET = "fleet_"
"""How the parameters of options begin that set a key of the table `fleet`."""

_FILE = "logmon_tui.config.settings_file"
"""Key under which a context keeps the settings file that was read."""
_TARGETS = "logmon_tui.targets"
"""Key under which a context keeps the targets of notifications from that file."""


def read_config(ctx: click.Context, value: str | None) -> None:
    """Read the settings file at `value`, or the user's own; its values become defaults."""
    path = Path(value) if value else default_settings_file()
    if value or _is_there(path):
        use_settings_file(ctx, path)


def use_settings_file(ctx: click.Context, path: Path) -> None:
    """Make the values of the settings file at `path` the defaults of the command's options."""
    file = read_settings_file(path)
    given = file.values(parameter.name or "" for parameter in ctx.command.params)
    ctx.default_map = {
        parameter.name: _as_typed(given[parameter.name])
        for parameter in ctx.command.params
        if parameter.name in given and _is_choice(parameter, given[parameter.name])
    }
    ctx.meta[_FILE] = file
    ctx.meta[_TARGETS] = targets_of(file)


def file_read(ctx: click.Context) -> SettingsFile | None:
    """Return the settings file that was read; None if none was."""
    found: SettingsFile | None = ctx.meta.get(_FILE)
    return found


def settings_file() -> Path:
    """Return the path of the settings file that was read, or else of the default one."""
    read = file_read(click.get_current_context())
    return default_settings_file() if read is None else read.path


def targets() -> "Mapping[str, TargetSettings]":
    """Return the targets of notifications by their names."""
    found: Mapping[str, TargetSettings] = click.get_current_context().meta.get(_TARGETS, {})
    return found


def targets_of(file: SettingsFile) -> "Mapping[str, TargetSettings]":
    """Return the targets of a settings file by their names.

    Raises UsageError, with file, line and key, for an invalid target.
    """
    if not file.settings.notify:
        return {}
    # The modules for mail and HTTP are slow to import.
    from logmon_tui.notify.registry import check_labels, check_patterns, read_targets

    try:
        found = read_targets(file.settings.notify)
        check_patterns(found, file.settings.rule_names())
        check_labels(found, file.settings.labels())
    except TableError as error:
        raise located(error, file.path) from error
    return found


def _is_there(path: Path) -> bool:
    """Tell whether the settings file exists; False if its folder cannot be read."""
    try:
        return path.is_file()
    except OSError:
        return False


def _as_typed(value: Any) -> Any:
    """Return a setting as it would be typed: click's choices are words, no members of an enum."""
    return value.value if isinstance(value, StrEnum) else value


def _is_choice(parameter: click.Parameter, value: Any) -> bool:
    """Tell whether a command accepts a value: another command may have other choices."""
    return not isinstance(parameter.type, click.Choice) or value in parameter.type.choices


def settings_from(parameters: dict[str, Any]) -> Settings:
    """Return Settings made of a command's `parameters` and the tables of the settings file."""
    file = file_read(click.get_current_context())
    known = {name: value for name, value in parameters.items() if name in _UNCHOSEN}
    made = Settings(**known) if file is None else file.settings.changed(**{**_UNCHOSEN, **known})
    fleet = {
        name.removeprefix(OF_FLEET): value
        for name, value in parameters.items()
        if name.startswith(OF_FLEET) and value is not None
    }
    if words := _ssh():
        fleet["ssh"] = words
    return made.changed(fleet=msgspec.structs.replace(made.fleet, **fleet)) if fleet else made


def _ssh() -> tuple[str, ...]:
    """Return the command for ssh that the environment names; empty if it names none."""
    given = os.environ.get(SSH)
    if not given:
        return ()
    import shlex  # few environments name one

    try:
        return tuple(shlex.split(given))
    except ValueError as error:
        raise UsageError(f"{SSH}: {error}; quote it as for a shell") from error


def check_alerts(settings: Settings) -> None:
    """Raise UsageError unless all rules fit the final settings."""
    file = file_read(click.get_current_context())
    check_rules(settings, None if file is None else file.path, origin)


def origin(name: str, *keys: str) -> str:
    """Return where the value of the setting `name` comes from, or of what `keys` lead to in it."""
    context = click.get_current_context()
    file = file_read(context)
    source = context.get_parameter_source(name)
    if source is ParameterSource.COMMANDLINE:
        return "from the command line"
    if source is ParameterSource.ENVIRONMENT:
        return f"from LOGMON_{name.upper()} in the environment"
    if file is not None and (source is ParameterSource.DEFAULT_MAP or name in TABLES):
        return f"from {place_of(file.path, name, *keys)}"
    return "its default"
