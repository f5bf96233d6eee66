"""Reads and checks the settings file; reports each error with its line."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from logmon_tui.alerts.rules.tables import check_slots
from logmon_tui.config.folders import config_folder
from logmon_tui.config.settings import Settings
from logmon_tui.errors import RuleError, TableError, UsageError
from logmon_tui.escape import printable
from logmon_tui.toml_tables import Table


def default_settings_file() -> Path:
    """Return the path of the settings file that is used without `--config`."""
    return config_folder() / "config.toml"


class SettingsFile(msgspec.Struct, frozen=True):
    """A settings file: its path, its settings, and the names of those `given` in it."""

    path: Path
    settings: Settings
    given: tuple[str, ...]

    def values(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the values of those settings `names` that the file gives."""
        return {name: getattr(self.settings, name) for name in names if name in self.given}


def read_settings_file(path: Path) -> SettingsFile:
    """Read the TOML file at `path`. Keys are the options' names, with `-` or `_`.

    Raises UsageError, with file, line and key, for anything invalid.
    """
    table, text = read_toml(path)
    try:
        given = Table((), table).values
        settings = _converted(given)
        settings.check()
    except TableError as error:
        raise located(error, path, text) from error
    return SettingsFile(path, settings, tuple(given))


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """Return the TOML file at `path`, and its text. Raises UsageError with file and line."""
    text = _text(path)
    return _parsed(path, text), text


def _text(path: Path) -> str:
    """Return the text of a settings file. Raises UsageError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; give another file") from error
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        from logmon_tui.config.toml_problems import encoding_problem

        line, problem = encoding_problem(error)
        raise UsageError(f"{path}:{line}: {problem}") from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    """Return the TOML in `text`. Raises UsageError."""
    import tomllib  # imported late: few users have a settings file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        from logmon_tui.config.toml_problems import syntax_problem

        line, problem = syntax_problem(text, error)
        raise UsageError(f"{path}:{line}: {printable(problem)}") from error
    except (ValueError, RecursionError) as error:  # raised by tomllib, but for no sane file
        problem = "holds too long a number, or too deep a list; mend it"
        raise UsageError(f"{path}: {problem}") from error


def _converted(given: Mapping[str, Any]) -> Settings:
    """Return the settings of a file. Raises TableError for a value of the wrong type."""
    if isinstance(shown := given.get("show"), str):
        given = {**given, "show": shown.split(",")}
    from logmon_tui.config.seconds import with_seconds

    given = with_seconds(given)
    try:
        return msgspec.convert(given, Settings)
    except msgspec.ValidationError as error:
        from logmon_tui.config.settings_mistakes import mistyped  # few files have any

        raise mistyped(given, str(error)) from error


def located(error: TableError, path: Path, text: str | None = None, more: str = "") -> UsageError:
    """Return `error` as a UsageError with the path and line of the settings file.

    `text` is the content of the file, which is read if it is None. `more` is appended to the
    message.
    """
    where = _place(path, _text(path) if text is None else text, error.keys)
    return UsageError(f"{where}: {printable(str(error) + more)}")


def place_of(path: Path, *keys: str) -> str:
    """Return the file and line of a key, such as `config.toml:3`."""
    return _place(path, _text(path), keys)


def _place(path: Path, text: str, keys: Sequence[str | int]) -> str:
    from logmon_tui.config.toml_lines import line_of  # only what is to be said of a file needs it

    line = line_of(text, keys)
    return f"{path}:{line}" if line else f"{path}"


def check_rules(
    settings: Settings, path: Path | None = None, origin: Callable[[str], str] = lambda _: ""
) -> None:
    """Raise UsageError unless all enabled rules fit the other settings.

    If the rules come from the settings file at `path`, the error names the line. `origin` returns
    where the value of a setting comes from.
    """
    try:
        check_slots(settings.alert_rules(), settings.bucket_size)
    except RuleError as error:
        where = origin(error.setting) if error.setting else ""
        more = f" ({where})" if where else ""
        if path is None or not (settings.rules or settings.slo):
            raise UsageError(f"{error}{more}") from error
        raise located(error, path, more=more) from error
