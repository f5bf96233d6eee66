"""Make objectives of the tables `[slo.NAME]` of a settings file, and rules of objectives. Pure.

An objective says which share of some hits must be good. Each of its pairs of windows makes a rule,
which fires if the error budget is used up too fast; see `evaluation.burn` for the method.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

import msgspec

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Burn, Rule, Severity
from logmon_tui.alerts.rules.checks import problem_of
from logmon_tui.alerts.rules.tables import ALLOWED as ALLOWED_IN_RULES
from logmon_tui.alerts.rules.tables import Tables, where_of
from logmon_tui.durations import read_seconds
from logmon_tui.errors import RuleError
from logmon_tui.escape import printable
from logmon_tui.toml_tables import Table

NAME = "[a-z0-9_-]{1,50}"
"""A regular expression for the names of objectives."""

PREFIX = "slo."
"""How the names of the rules of objectives begin; no table of rules can have a dot in its name."""

MINIMUM_BAD = 5
"""Bad hits in its long window with which a pair may fire, unless a table says otherwise."""

_NONE_SAVED: Mapping[str, str] = {}


class Pair(msgspec.Struct, frozen=True):
    """Two windows (seconds) and the burn rate beyond which both must be for `severity`."""

    name: str
    long: int
    short: int
    factor: float
    severity: Severity


PAIRS = (
    Pair("1h", 3_600, 300, 14.4, Severity.CRITICAL),
    Pair("6h", 21_600, 1_800, 6.0, Severity.CRITICAL),
    Pair("3d", 259_200, 21_600, 1.0, Severity.WARNING),
)
"""As the Site Reliability Workbook recommends them for 30 days: two that page, and a ticket."""


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """One objective: the share of the hits chosen by `where` that must not be `bad`.

    The filters name no saved ones. `minimum_bad` bad hits must lie in a window before it counts.
    """

    name: str
    objective: Annotated[float, msgspec.Meta(ge=0.5, le=0.999999)]
    bad: str = "status:5xx"
    where: str = ""
    title: str = ""
    minimum_bad: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = MINIMUM_BAD
    labels: dict[str, str] = {}
    runbook: str = ""
    renotify: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 900
    enabled: bool = True


_FIELDS = {f.name: f for f in msgspec.structs.fields(Objective) if f.name != "name"}

ALLOWED = {
    "objective": "a share from 0.5 to 0.999999, such as 0.999",
    "bad": 'a filter in quotes such as "status:5xx,time>1s"',
    "minimum_bad": "a whole number from 1 to 1,000,000",
    **{
        key: ALLOWED_IN_RULES[key]
        for key in ("where", "title", "labels", "runbook", "renotify", "enabled")
    },
}
"""What each key allows, for error messages."""


def read_objectives(
    tables: Tables, saved: Mapping[str, str] = _NONE_SAVED
) -> tuple[Objective, ...]:
    """Parse the tables `slo.NAME` of the settings.

    `saved` are the filters that `@name` may name. Raises RuleError for a wrong table, naming the
    key and what it allows.
    """
    return tuple(_read(name, given, saved) for name, given in tables.items())


def _read(name: str, given: Mapping[str, Any], saved: Mapping[str, str]) -> Objective:
    if not re.fullmatch(NAME, name):
        allowed = "a name has at most 50 of the characters a-z, 0-9, _ and -"
        raise RuleError(("slo", printable(name)), f"is no name of an objective; {allowed}")
    table = Table(("slo", name), given, RuleError)
    table.check_keys(_FIELDS)
    if "objective" not in table.values:
        raise table.error("", "needs objective, the share of hits that must be good: 0.999")
    fields = {
        key: table.converted(
            key,
            _FIELDS[key].type,
            ALLOWED[key],
            value=read_seconds(value) if key == "renotify" else value,
        )
        for key, value in table.values.items()
    }
    for key in {"where", "bad"} & fields.keys():
        fields[key] = where_of(table, key, fields[key], saved)
    found = Objective(name=name, **fields)
    if not found.bad:
        raise table.error("bad", "chooses all hits; name those that are bad")
    where_of(table, "bad", _bad_ones(found), saved)
    for rule in burn_rules(found):
        problem = problem_of(rule, table.values, with_thresholds=False)
        if problem is not None:
            raise table.error(problem.key, problem.text)
    return found


def _bad_ones(objective: Objective) -> str:
    """Return the filter that chooses the bad ones of the hits of an objective."""
    return f"{objective.where} {objective.bad}".strip()


def rules_of_objectives(objectives: Iterable[Objective]) -> tuple[Rule, ...]:
    """Return the rules of all objectives."""
    return tuple(rule for objective in objectives for rule in burn_rules(objective))


def burn_rules(objective: Objective) -> Iterator[Rule]:
    """Yield a rule for each pair whose factor the objective can reach at all."""
    name = objective.name
    title = objective.title or name.replace("-", " ").replace("_", " ").strip().capitalize() or name
    for pair in PAIRS:
        burn = Burn(
            objective=name,
            title=title,
            target=objective.objective,
            bad=objective.bad,
            short=pair.short,
            minimum_bad=objective.minimum_bad,
        )
        if pair.factor >= 1 / burn.budget:
            continue
        critical = pair.severity is Severity.CRITICAL
        yield Rule(
            name=f"{PREFIX}{name}.{pair.name}",
            title=f"{title} objective ({pair.name})",
            metric=Metric.SHARE,
            status=(),
            where=objective.where,
            window=pair.long,
            critical=pair.factor if critical else None,
            warning=None if critical else pair.factor,
            labels=objective.labels,
            runbook=objective.runbook,
            renotify=objective.renotify,
            enabled=objective.enabled,
            burn=burn,
        )
