"""Settings, and where they come from: defaults < TOML file < LOGMON_* environment < options.

The settings file is checked here; the command line lays environment and options over it.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import platformdirs

from logmon_tui.alerts.rule import Rule
from logmon_tui.alerts.rule_tables import check_slots, rules_from
from logmon_tui.errors import FormatError, RuleError, UsageError
from logmon_tui.escape import printable
from logmon_tui.formats.naming import named_format
from logmon_tui.formats.own import own_formats
from logmon_tui.formats.routes import OwnRoute, Routing
from logmon_tui.listening import address_of
from logmon_tui.toml_lines import Keys, line_of
from logmon_tui.toml_problems import ANY, keys_of, plain_words, syntax_problem

DEFAULT_LOG = "/tmp/access.log"  # noqa: S108 - the seeds' contract, only ever read
STANDARD_INPUT = "-"
"""The LOG that stands for standard input."""


class Panel(StrEnum):
    """Everything `--show` can name; all but the last are panels of the screen."""

    TRAFFIC = "traffic"
    SECTIONS = "sections"
    STATUS = "status"
    ALERTS = "alerts"
    CLIENTS = "clients"
    PATHS = "paths"
    AGENTS = "agents"
    USERS = "users"
    TAIL = "tail"
    INGEST = "ingest"
    METHODS = "methods"
    VHOSTS = "vhosts"
    REFERRERS = "referrers"
    TLS = "tls"
    LOGS = "logs"
    SIZE = "size"


DEFAULT_SHOW = (Panel.TRAFFIC, Panel.SECTIONS, Panel.STATUS, Panel.ALERTS)

Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
# A day is far more than any alert needs, and keeps the windows' memory bounded.
Seconds = Annotated[int, msgspec.Meta(ge=1, le=86_400)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class OwnLog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is set for one log, or for those that match a pattern."""

    format: str


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set, with its default; the words are those of the options in `--help`."""

    threshold: Positive = 10.0
    alert_window: Seconds = 120
    error_rate: Share = 0.05
    ddos_threshold: Positive = 2.5
    stats_interval: Seconds = 10
    bucket_size: Annotated[int, msgspec.Meta(ge=1, le=60)] = 1
    top: Count = 5
    show: tuple[Panel, ...] | None = None
    format: str = "auto"
    nginx_conf: str | None = None
    formats: dict[str, dict[str, Any]] = {}
    logs: dict[str, OwnLog] = {}
    notify: dict[str, dict[str, Any]] = {}
    section_depth: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    routes: tuple[OwnRoute, ...] = ()
    rules: dict[str, dict[str, Any]] = {}
    output: Literal["screen", "text", "json", "csv"] | None = None
    from_start: bool = False
    from_end: bool = False
    with_rotated: bool = False
    state: str | None = None
    no_state: bool = False
    metrics_listen: str | None = None
    no_bell: bool = False
    css: str | None = None
    theme: str | None = None
    demo: bool = False

    def routing(self, *, routes: bool) -> Routing:
        """Return how paths are summed up; `routes` says whether hits are counted by route too."""
        return Routing(self.section_depth, self.routes, routes)

    def all_rules(self, *, settled: bool = True) -> tuple[Rule, ...]:
        """Return the rules of the alerts, on or off. Raises RuleError for a table that is none.

        While nearer settings may still come, which are not `settled`, a table is not compared
        with the thresholds.
        """
        return rules_from(
            self.rules,
            threshold=self.threshold,
            error_rate=self.error_rate,
            ddos_threshold=self.ddos_threshold,
            window=self.alert_window,
            settled=settled,
        )

    def alert_rules(self) -> tuple[Rule, ...]:
        """Return the rules of the alerts that are on. Raises RuleError as `all_rules` does."""
        return tuple(rule for rule in self.all_rules() if rule.enabled)


def default_settings_file() -> Path:
    """Return where the settings file is looked for when `--config` names none."""
    return platformdirs.user_config_path("logmon-tui") / "config.toml"


_SETTINGS = [name.replace("_", "-") for name in Settings.__struct_fields__]
_KNOWN = {
    "show": [panel.value for panel in Panel],
    "output": ["screen", "text", "json", "csv"],
    "routes": list(OwnRoute.__struct_fields__),
    "logs": list(OwnLog.__struct_fields__),
}
"""What is known within a setting, by its name."""


class _File(NamedTuple):
    """The settings file, to tell where in it something is wrong."""

    path: Path
    text: str

    def error(self, keys: Keys, message: str) -> UsageError:
        """Return the error that `message` is of what `keys` lead to."""
        line = line_of(self.text, keys)
        where = f"{self.path}:{line}" if line else f"{self.path}"
        return UsageError(f"{where}: {printable(message)}")


def read_settings_file(path: Path) -> dict[str, Any]:
    """Return the settings that the TOML file at `path` makes, by field name.

    Keys are the options' names, with `-` or `_`.
    Raises UsageError, naming file, line and key, for anything that is not as it should be.
    """
    import tomllib  # few have a settings file

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; give another file") from error
    try:
        file = _File(path, data.decode())
        table = tomllib.loads(file.text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        line, problem = syntax_problem(data, error)
        raise UsageError(f"{path}:{line}: {printable(problem)}") from error
    except (ValueError, RecursionError) as error:  # tomllib's own faults, for no sane file
        problem = "holds too long a number, or too deep a list; mend it"
        raise UsageError(f"{path}: {problem}") from error
    given = {key.replace("-", "_"): value for key, value in table.items()}
    if isinstance(given.get("show"), str):
        given["show"] = given["show"].split(",")
    try:
        settings = msgspec.convert(given, Settings)
    except msgspec.ValidationError as error:
        raise file.error(*_mistyped(given, str(error))) from error
    _check_routes(file, settings.routes)
    _check_address(file, settings.metrics_listen)
    _check_formats(file, settings)
    _check_rules(file, settings)
    return {key: getattr(settings, key) for key in given}


def _check_formats(file: _File, settings: Settings) -> None:
    """Refuse formats that are none, and logs of formats that are not known."""
    keys: Keys = ()
    where = ""
    try:
        for name, table in settings.formats.items():
            keys = "formats", name
            own_formats({name: table})
        own = own_formats(settings.formats)
        for log, each in settings.logs.items():
            keys, where = ("logs", log), f"logs.{log}: "
            named_format(each.format, own)
    except FormatError as error:
        raise file.error(keys, where + str(error)) from error


def _check_routes(file: _File, routes: tuple[OwnRoute, ...]) -> None:
    for place, rule in enumerate(routes):
        problem = rule.problem()
        if problem:
            raise file.error(("routes", place), f"routes[{place}]: {problem}")


def _check_address(file: _File, address: str | None) -> None:
    try:
        if address is not None:
            address_of(address)
    except ValueError as error:
        raise file.error(("metrics_listen",), f"metrics_listen: {error}") from error


def _check_rules(file: _File, settings: Settings) -> None:
    """Refuse tables that are no rules; options may still change what they are compared with."""
    try:
        settings.all_rules(settled=False)
    except RuleError as error:
        raise file.error(error.keys, str(error)) from error


def place_of(path: Path, name: str) -> str:
    """Return where in the settings file at `path` the setting `name` stands: `config.toml:3`."""
    line = line_of(path.read_bytes().decode(), (name,))
    return f"{path}:{line}" if line else f"{path}"


def check_rules(
    settings: Settings, path: Path | None = None, origin: Callable[[str], str] = lambda _: ""
) -> None:
    """Raise UsageError unless all rules that are on can be judged with the other settings.

    They may come from the settings file at `path`: the error names the line then. `origin` tells
    where the value of a setting comes from.
    """
    try:
        check_slots(settings.alert_rules(), settings.bucket_size)
    except RuleError as error:
        where = origin(error.setting) if error.setting else ""
        told = f"{error} ({where})" if where else str(error)
        if path is None or not settings.rules:
            raise UsageError(told) from error
        raise _File(path, path.read_bytes().decode()).error(error.keys, told) from error


def check_windows(settings: Settings, *windows: str) -> None:
    """Raise UsageError unless the settings named `windows` are whole numbers of buckets."""
    size = settings.bucket_size
    for name in windows:
        seconds = getattr(settings, name)
        if seconds % size:
            option = name.replace("_", "-")
            message = f"--{option} {seconds} is not a multiple of --bucket-size {size}"
            raise UsageError(f"{message}; change one of them")


def _mistyped(given: dict[str, Any], message: str) -> tuple[Keys, str]:
    """Return the keys to what msgspec's message is of, and what is wrong there in plain words."""
    keys = [_culprit(given, message) if key == ANY else key for key in keys_of(message)]
    name = keys[0]
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)[1:]
    if name == "notify":  # it may hold a secret
        return keys, f"{path}: expected a table, as [notify.pager] begins one"
    value: Any = given
    for key in keys:
        is_there = key in value if isinstance(value, dict) else isinstance(key, int)
        value = value[key] if is_there else key
    if "unknown field" in message:
        value = keys[-1]
    return keys, f"{path}: {plain_words(message, value, _KNOWN.get(str(name), _SETTINGS))}"


def _culprit(given: dict[str, Any], message: str) -> str:
    """Return which key of a table of tables is wrong, for msgspec does not tell."""
    name = str(keys_of(message)[0])
    for key, value in given[name].items():
        try:
            msgspec.convert({name: {key: value}}, Settings)
        except msgspec.ValidationError:
            return str(key)
    return ANY
