"""Settings: every setting with its default, and the formats and rules that their tables describe.

Precedence: defaults < TOML file < LOGMON_* environment < options. `settings_file` reads the file;
the command line applies environment and options.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import msgspec

from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.relations import related
from logmon_tui.alerts.rules.tables import Limits, RuleTable, names_of, read_rules, rules_of
from logmon_tui.config.fleet import FleetSettings
from logmon_tui.config.maintenance import Maintenance, MaintenanceWindows
from logmon_tui.config.output import By, Output
from logmon_tui.config.own_panels import OwnPanel, check_panels
from logmon_tui.config.past import History, Retention
from logmon_tui.errors import FilterError, FormatError, TableError, UsageError
from logmon_tui.formats.model.hit import OWN_DIMENSIONS, Dimension
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.naming import named_format
from logmon_tui.formats.own import own_formats
from logmon_tui.formats.routes import OwnRoute, Routing
from logmon_tui.toml_tables import shown, unknown

if TYPE_CHECKING:
    from logmon_tui.alerts.rules.objectives import Objective
    from logmon_tui.filters.language import Filter

MARKS_TOKEN = "LOGMON_MARKS_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable with the token for marks by HTTP."""
WEB_TOKEN = "LOGMON_WEB_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable with the token of the page and the API."""
SSH = "LOGMON_SSH"
"""The environment variable with the command that reaches other machines, quoted as for a shell."""


class Panel(StrEnum):
    """Everything `--show` can name; all but the last are panels of the screen.

    `ranking` names the ranking of a Window that text output prints; empty for any other panel.
    """

    ranking: str

    def __new__(cls, name: str, ranking: str = "") -> Self:
        """Return the member called `name`."""
        panel = str.__new__(cls, name)
        panel._value_ = name
        panel.ranking = ranking
        return panel

    # In the order of their keys. For each, tui/panels has a file of that name, which says the rest.
    TRAFFIC = "traffic"
    SECTIONS = "sections", "sections"
    STATUS = "status"
    ALERTS = "alerts"
    CLIENTS = "clients", "hosts"
    PATHS = "paths", "paths"
    AGENTS = "agents", "user_agents"
    USERS = "users", "users"
    TAIL = "tail"
    INGEST = "ingest"
    METHODS = "methods", "methods"
    VHOSTS = "vhosts", "virtual_hosts"
    REFERRERS = "referrers", "referrers"
    TLS = "tls", "tls"
    LOGS = "logs", "sources"
    REQUESTS = "requests"
    SERVERS = "servers", "servers"
    SIZE = "size"


DEFAULT_SHOW = (Panel.TRAFFIC, Panel.SECTIONS, Panel.STATUS, Panel.ALERTS)
ROOMY_SHOW = (*DEFAULT_SHOW, Panel.CLIENTS, Panel.PATHS, Panel.REQUESTS)
"""The default of a screen with room for more."""
FLEET_SHOW = (*DEFAULT_SHOW, Panel.SERVERS)
FLEET_ROOMY_SHOW = (*FLEET_SHOW, Panel.CLIENTS, Panel.PATHS)
FLEET_SMALL_SHOW = (Panel.TRAFFIC, Panel.SERVERS, Panel.STATUS, Panel.ALERTS)
"""The defaults where logs of other machines come together; on a small screen sections make room."""

Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
# A day at most: far more than any alert needs, and it bounds the memory of windows.
Seconds = Annotated[int, msgspec.Meta(ge=1, le=86_400)]
Count = Annotated[int, msgspec.Meta(ge=0)]
MAX_EVALUATION_DELAY = 300
# Five minutes at most: what rules count ahead takes memory, and an alert so old helps nobody.
EvaluationDelay = Literal["auto"] | Annotated[float, msgspec.Meta(ge=0, le=MAX_EVALUATION_DELAY)]


class OwnLog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of one log, or of all logs that match a pattern."""

    format: str


class Ignored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which hits are left out of figures, and whether `alerts` judge them all the same."""

    where: str
    alerts: bool = True


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Every setting with its default, named like the option in `--help`.

    Tables are read once, when first needed; `changed` keeps what was read of unchanged tables.
    """

    threshold: Positive = 10.0
    alert_window: Seconds = 120
    error_rate: Share = 0.05
    ddos_threshold: Positive = 2.5
    evaluation_delay: EvaluationDelay = "auto"
    stats_interval: Seconds = 10
    bucket_size: Annotated[int, msgspec.Meta(ge=1, le=60)] = 1
    top: Count = 5
    show: tuple[str, ...] | None = None
    where: str | None = None
    format: str = "auto"
    nginx_conf: str | None = None
    geoip: tuple[str, ...] = ()
    formats: dict[str, dict[str, Any]] = {}
    logs: dict[str, OwnLog] = {}
    notify: dict[str, dict[str, Any]] = {}
    section_depth: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    routes: tuple[OwnRoute, ...] = ()
    rules: dict[str, dict[str, Any]] = {}
    slo: dict[str, dict[str, Any]] = {}
    filters: dict[str, str] = {}
    panels: dict[str, OwnPanel] = {}
    ignore: Ignored | None = None
    maintenance: dict[str, Maintenance] = {}
    history: History = History()
    fleet: FleetSettings = FleetSettings()
    by: By | None = None
    output: Output | None = None
    from_start: bool = False
    from_end: bool = False
    with_rotated: bool = False
    state: str | None = None
    no_state: bool = False
    metrics_listen: str | None = None
    marks: str | None = None
    marks_token_file: str | None = None
    web: str | None = None
    web_token_file: str | None = None
    web_certificate: str | None = None
    web_key: str | None = None
    web_url: str | None = None
    web_without_tls: bool = False
    web_control: bool = False
    no_bell: bool = False
    css: str | None = None
    theme: str | None = None
    demo: bool = False

    def routing(self, *, routes: bool) -> Routing:
        """Return how sections and routes are made of paths; `routes`: whether to count routes."""
        return Routing(self.section_depth, self.routes, routes)

    @property
    def fixed_delay(self) -> float | None:
        """The seconds of `evaluation_delay`, None if they are to be measured."""
        return None if self.evaluation_delay == "auto" else self.evaluation_delay

    @cached_property
    def own_formats(self) -> Mapping[str, LogFormat]:
        """The user's own formats by name. Raises TableError for an invalid table."""
        return own_formats(self.formats)

    @cached_property
    def formats_of_logs(self) -> Mapping[str, LogFormat | None]:
        """The formats of `logs` by path or pattern; None means auto. Raises TableError."""
        found: dict[str, LogFormat | None] = {}
        for log, each in self.logs.items():
            try:
                found[log] = named_format(each.format, self.own_formats)
            except FormatError as error:
                raise TableError(("logs", log), str(error)) from error
        return found

    @property
    def own_fields(self) -> tuple[str, ...]:
        """The names of the fields that own panels count, in their order."""
        return tuple(panel.field for panel in self.panels.values())

    @cached_property
    def own_dimensions(self) -> Mapping[str, Dimension]:
        """What own panels count hits by, by the panels' names. Raises TableError."""
        if not self.panels:
            return {}
        from logmon_tui.filters.fields import names

        check_panels(self.panels, {*Panel, *names()})
        return dict(zip(self.panels, OWN_DIMENSIONS, strict=False))

    @cached_property
    def filter(self) -> "Filter":
        """The hits that `where` chooses, all without it. Raises TableError if it is invalid."""
        return self._parsed(("where",), self.where or "")

    @cached_property
    def ignored(self) -> "Filter | None":
        """The hits to `ignore`, None for none. Raises TableError for an invalid expression."""
        if self.ignore is None:
            return None
        return self._parsed(("ignore", "where"), self.ignore.where)

    @cached_property
    def past(self) -> Retention | None:
        """How much of the past is kept, None for nothing. Raises TableError for a wrong time."""
        return self.history.retention()

    @cached_property
    def saved_filters(self) -> "Mapping[str, Filter]":
        """The `filters` by their names. Raises TableError for an invalid one."""
        return {name: self._saved(name, text) for name, text in self.filters.items()}

    @cached_property
    def static(self) -> "Filter":
        """The hits of static files: those that `@static` chooses. Raises TableError."""
        return self._parsed(("filters", "static"), "@static")

    def _saved(self, name: str, text: str) -> "Filter":
        from logmon_tui.filters.language import is_name

        if not is_name(name):
            raise TableError(("filters", name), "is no name: use letters, digits, - and _")
        return self._parsed(("filters", name), text)

    def _parsed(self, keys: tuple[str, ...], text: str) -> "Filter":
        from logmon_tui.filters.language import parsed  # few settings have filters

        try:
            return parsed(text, saved=self.filters, own=self.own_dimensions)
        except FilterError as error:
            raise TableError(keys, str(error)) from error

    @cached_property
    def rule_tables(self) -> tuple[RuleTable, ...]:
        """The parsed tables of rules. Raises RuleError for an invalid one."""
        return read_rules(self.rules, self.filters)

    @cached_property
    def objectives(self) -> "tuple[Objective, ...]":
        """The service objectives. Raises RuleError for an invalid table."""
        if not self.slo:
            return ()
        from logmon_tui.alerts.rules.objectives import read_objectives  # few users have any

        return read_objectives(self.slo, self.filters)

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        limits = Limits(
            self.threshold,
            self.error_rate,
            self.ddos_threshold,
            self.alert_window,
            self.fleet.silent_after,
        )
        rules = rules_of(self.rule_tables, limits)
        return related((*rules, *self._burn_rules()))

    def all_rules(self) -> tuple[Rule, ...]:
        """Return all alert rules, on or off, those of objectives last.

        Raises RuleError for a table that is invalid or contradicts a setting.
        """
        return self._rules

    def alert_rules(self) -> tuple[Rule, ...]:
        """Return the alert rules that are on. Raises RuleError like `all_rules`."""
        return tuple(rule for rule in self._rules if rule.enabled)

    def rule_names(self) -> list[str]:
        """Return the names of all rules, on or off. Raises RuleError for an invalid table."""
        return [*names_of(self.rule_tables), *(rule.name for rule in self._burn_rules())]

    def _burn_rules(self) -> tuple[Rule, ...]:
        """Return the rules of objectives. Raises RuleError for an invalid table."""
        if not self.slo:
            return ()
        from logmon_tui.alerts.rules.objectives import rules_of_objectives

        return rules_of_objectives(self.objectives)

    def labels(self) -> dict[str, set[str]]:
        """Return the values of all labels of rules, by the labels' names. Raises RuleError."""
        found: dict[str, set[str]] = {}
        tables = [each.fields.get("labels", {}) for each in self.rule_tables]
        for labels in (*tables, *(each.labels for each in self.objectives)):
            for name, text in labels.items():
                found.setdefault(name, set()).add(text)
        return found

    def maintenance_windows(self) -> MaintenanceWindows:
        """Return the maintenance windows. Raises TableError for a wrong one."""
        if not self.maintenance:
            return MaintenanceWindows()
        names = self.rule_names()
        for name, table in self.maintenance.items():
            table.check(("maintenance", name), names)
        return MaintenanceWindows(tuple(self.maintenance.items()), names)

    def check(self) -> None:
        """Raise TableError for a value that is invalid regardless of the other settings."""
        known = [*Panel, *self.panels]
        for place, name in enumerate(self.show or ()):
            if name not in known:
                raise TableError(("show", place), f"{shown(name)} {unknown(name, known)}")
        for place, route in enumerate(self.routes):
            if problem := route.problem():
                raise TableError(("routes", place), problem)
        for name in ("metrics_listen", "web"):
            try:
                if (address := getattr(self, name)) is not None:
                    from logmon_tui.config.address import address_of

                    address_of(address)
            except ValueError as error:
                raise TableError((name,), str(error)) from error
        self.fleet.watched()
        self.maintenance_windows()
        for name, tables in _OF_TABLES.items():
            if any(getattr(self, table) for table in tables):
                getattr(self, name)

    def changed(self, **values: Any) -> "Settings":
        """Return a copy with other `values`; it keeps what was read of unchanged tables."""
        made = msgspec.structs.replace(self, **values)
        for name, tables in _OF_TABLES.items():
            if name in self.__dict__ and not tables & values.keys():
                made.__dict__[name] = self.__dict__[name]
        return made


_OF_TABLES = {
    "own_formats": {"formats"},
    "formats_of_logs": {"formats", "logs"},
    "own_dimensions": {"panels"},
    "saved_filters": {"filters", "panels"},
    "past": {"history"},
    "static": {"filters", "panels"},
    "rule_tables": {"rules", "filters"},
    "objectives": {"slo", "filters"},
    "filter": {"where", "filters", "panels"},
    "ignored": {"ignore", "filters", "panels"},
}
"""The cached properties that read tables, each with the settings it depends on."""


def check_windows(settings: Settings, *windows: str) -> None:
    """Raise UsageError unless the settings named `windows` are multiples of the bucket size."""
    size = settings.bucket_size
    for name in windows:
        seconds = getattr(settings, name)
        if seconds % size:
            option = name.replace("_", "-")
            message = f"--{option} {seconds} is not a multiple of --bucket-size {size}"
            raise UsageError(f"{message}; change one of them")
