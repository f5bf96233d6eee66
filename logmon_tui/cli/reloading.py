"""Reads the settings file again while a watch runs: its rules, thresholds, delay and targets."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import click
from click.core import ParameterSource

from logmon_tui.cli import in_force
from logmon_tui.config.settings import Settings
from logmon_tui.config.settings_file import (
    check_rules,
    default_settings_file,
    place_of,
    read_settings_file,
)
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.monitor.commands import Reload
from logmon_tui.notify.notifier import Notifier

if TYPE_CHECKING:
    from logmon_tui.config.settings_file import SettingsFile

_TABLES = ("rules", "slo", "filters", "maintenance", "notify")
_FIGURES = ("threshold", "error_rate", "ddos_threshold", "evaluation_delay")
"""Settings that are read again, the latter unless an option or the environment sets them."""


class Reloaded(NamedTuple):
    """One line that says what was done, or why nothing was."""

    done: bool
    text: str


_FROM_FILE = {ParameterSource.DEFAULT_MAP, ParameterSource.DEFAULT}


MakeReloader: TypeAlias = Callable[[Callable[[Reload], None]], "Reloader"]
"""Makes a Reloader, given what takes its commands."""


class Reloader:
    """Reads the settings of a running watch again; `reload` may be called on any thread."""

    def __init__(
        self,
        ctx: click.Context,
        settings: Settings,
        notifier: Notifier | None,
        post: Callable[[Reload], None],
    ) -> None:
        read = in_force.file_read(ctx)
        self._path: Path = default_settings_file() if read is None else read.path
        self._had_file = read is not None
        self._of_file = tuple(
            name for name in _FIGURES if ctx.get_parameter_source(name) in _FROM_FILE
        )
        self._settings = settings
        self._notifier = notifier
        self._post = post

    def reload(self) -> Reloaded:
        """Read the file, and post what it says; if anything in it is wrong, nothing changes."""
        if not self._had_file and not self._path.exists():
            text = (
                f"there are no settings to reload: no --config was given, nor is there {self._path}"
            )
            return Reloaded(done=False, text=printable(text))
        try:
            file = read_settings_file(self._path)
            settings = self._with(file)
            check_rules(settings, file.path, self._origin)
            targets = in_force.targets_of(file)
        except UsageError as error:
            text = f"settings not reloaded, the rules stay as they are: {error}"
            return Reloaded(done=False, text=printable(text))
        renotify = {rule.name: rule.renotify for rule in settings.alert_rules()}
        notifier = self._notifier

        def retarget() -> None:
            if notifier is not None:
                notifier.reload(targets, renotify)

        self._settings = settings
        self._post(Reload(settings, retarget))
        on = len(settings.alert_rules())
        count = len(targets)
        told = f", {count} target{'' if count == 1 else 's'}" if notifier is not None else ""
        text = f"settings reloaded from {file.path}: {on} rules on{told}"
        return Reloaded(done=True, text=printable(text))

    def _with(self, file: "SettingsFile") -> Settings:
        """Return the settings with what the file says now."""
        names = (*_TABLES, *self._of_file)
        return self._settings.changed(**{name: getattr(file.settings, name) for name in names})

    def _origin(self, name: str, *keys: str) -> str:
        if name in self._of_file or name in _TABLES:
            return f"from {place_of(self._path, name, *keys)}"
        return "from the command line or the environment"
