"""Settings: what can be set, with its default, and what the tables among them describe.

They come from defaults < TOML file < LOGMON_* environment < options: `settings_file` reads the
file, the command line lays environment and options over it.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec

from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.tables import Limits, RuleTable, names_of, read_rules, rules_of
from logmon_tui.config.address import address_of
from logmon_tui.errors import FormatError, TableError, UsageError
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.naming import named_format
from logmon_tui.formats.own import own_formats
from logmon_tui.formats.routes import OwnRoute, Routing

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


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """What can be set, with its default; the words are those of the options in `--help`.

    What tables of the file describe is read once, when it is first asked for, and stays in what
    `changed` returns.
    """

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

    @cached_property
    def own_formats(self) -> Mapping[str, LogFormat]:
        """The formats of the user's own, by name. Raises TableError for a table that is none."""
        return own_formats(self.formats)

    @cached_property
    def formats_of_logs(self) -> Mapping[str, LogFormat | None]:
        """The formats set for logs, by the patterns of `logs`; None for auto. Raises TableError."""
        found: dict[str, LogFormat | None] = {}
        for log, each in self.logs.items():
            try:
                found[log] = named_format(each.format, self.own_formats)
            except FormatError as error:
                raise TableError(("logs", log), str(error)) from error
        return found

    @cached_property
    def rule_tables(self) -> tuple[RuleTable, ...]:
        """The tables of rules, read. Raises RuleError for one that is not as it should be."""
        return read_rules(self.rules)

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        limits = Limits(self.threshold, self.error_rate, self.ddos_threshold, self.alert_window)
        return rules_of(self.rule_tables, limits)

    def all_rules(self) -> tuple[Rule, ...]:
        """Return the rules of the alerts, on or off.

        Raises RuleError for a table that is none, or contradicts a setting.
        """
        return self._rules

    def alert_rules(self) -> tuple[Rule, ...]:
        """Return the rules of the alerts that are on. Raises RuleError as `all_rules` does."""
        return tuple(rule for rule in self._rules if rule.enabled)

    def rule_names(self) -> list[str]:
        """Return the names of all rules, on or off. Raises RuleError for a table that is none."""
        return names_of(self.rule_tables)

    def check(self) -> None:
        """Raise TableError for what is not as it must be, whatever the other settings are."""
        for place, route in enumerate(self.routes):
            if problem := route.problem():
                raise TableError(("routes", place), problem)
        try:
            if self.metrics_listen is not None:
                address_of(self.metrics_listen)
        except ValueError as error:
            raise TableError(("metrics_listen",), str(error)) from error
        for name in _OF_TABLES:
            getattr(self, name)

    def changed(self, **values: Any) -> "Settings":
        """Return these settings with other `values`, and with what is read of the same tables."""
        made = msgspec.structs.replace(self, **values)
        for name, tables in _OF_TABLES.items():
            if name in self.__dict__ and not tables & values.keys():
                made.__dict__[name] = self.__dict__[name]
        return made


_OF_TABLES = {
    "own_formats": {"formats"},
    "formats_of_logs": {"formats", "logs"},
    "rule_tables": {"rules"},
}
"""What settings read of their tables, and which tables those are."""


def check_windows(settings: Settings, *windows: str) -> None:
    """Raise UsageError unless the settings named `windows` are whole numbers of buckets."""
    size = settings.bucket_size
    for name in windows:
        seconds = getattr(settings, name)
        if seconds % size:
            option = name.replace("_", "-")
            message = f"--{option} {seconds} is not a multiple of --bucket-size {size}"
            raise UsageError(f"{message}; change one of them")
