"""Rule: what an alert measures, of whom, and when it fires. Data only, and light to import.

A rule counts hits, over a window, for each subject of its scope:

- A hit counts if its path matches `paths`, its subject matches `match`, and the filter `where`
  chooses it. It must also have a `status` of the rule, unless the metric is `share`. For
  `response_time` it must have a time.
- `hits` of a measurement is how many counted in the window. For `share` these have any status,
  for `unparsed_share` they are parsed and unparsed lines, and for `change` they are the hits of
  the time compared with.
- The value is undefined ("no data") if `hits` is less than `minimum_hits`. A share, a quantile or
  a change is also undefined if `hits` is 0.
- Too few hits do not end what fires, if the metric is of `SHOWS_BY_FEW` and `no_data` is `ok`. As
  long as there is a hit, and the value of the hits there are is beyond the recovery threshold, the
  severity goes on.
- Rules that fire `below` a threshold, and rules of `change`, are not judged before the log is
  `reach` seconds old. Until then no data is `ok`.
- For `first_seen` a subject is new from the slot of its first hit on, for `window` seconds. Its
  value is its hits since then, and 0 once it is known. Those met in the first `learning` seconds of
  the rule are known from the beginning. One unseen for `forget` seconds, to the hour, is new again.
- A rule that fires `below` a threshold, or on no data, judges each subject that `match` names
  without a wildcard, even if that was never seen.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import msgspec

from logmon_tui.alerts.model.metric import SHOWS_BY_FEW, UNITS, Metric, Unit


class Scope(StrEnum):
    """What is measured: all traffic at once, or each subject of one kind on its own."""

    ALL = "all"
    SECTION = "section"
    PATH = "path"
    ROUTE = "route"
    CLIENT = "client"
    VIRTUAL_HOST = "virtual_host"
    STATUS = "status"  # the code, such as 404
    USER_AGENT = "user_agent"  # the family: Chrome, curl, Googlebot …
    SERVER = "server"  # the machine that wrote the hit, as site/host
    SITE = "site"  # of the machine


LABEL = "label."
"""What stands before the name of a label, where other names may stand too."""

SEPARATOR = " · "
"""What stands between the two parts of the subject of a rule with two scopes."""


def joined(parts: Sequence[bytes]) -> bytes:
    """Return the subject of a rule with these parts, one for each of its scopes."""
    return SEPARATOR.encode().join(parts)


def scope_name(scope: Scope, by: Sequence[Scope]) -> str:
    """Return what JSON and CSV call the scope of a rule: `client`, of two scopes `client+path`."""
    return "+".join(by) or scope.value


class When(StrEnum):
    """On which side of its thresholds a value is bad."""

    ABOVE = "above"
    BELOW = "below"


class NoData(StrEnum):
    """How an undefined value is judged."""

    OK = "ok"
    KEEP = "keep"  # as the value before it was
    ALERT = "alert"


class Against(StrEnum):
    """What the metric `change` compares the window with."""

    WINDOW = "window"  # the window of the same length just before
    BASELINE = "baseline"  # the `baseline` seconds before it


class Compare(StrEnum):
    """What a rule compares with its thresholds."""

    VALUE = "value"  # the value itself
    USUAL = "usual"  # how many deviations it is from what is usual at this hour of the day


class Direction(StrEnum):
    """In which direction a value must be unusual."""

    ABOVE = "above"
    BELOW = "below"
    BOTH = "both"


class Severity(StrEnum):
    """How bad an incident is."""

    WARNING = "warning"
    CRITICAL = "critical"


DISTINCT = {Metric.CLIENTS: Scope.CLIENT, Metric.PATHS: Scope.PATH}
"""Metrics that count distinct things, and the scope whose subjects these are."""

_Seconds = Annotated[int, msgspec.Meta(ge=1, le=86_400)]
_Duration = Annotated[int, msgspec.Meta(ge=0, le=86_400)]
_Threshold = Annotated[float, msgspec.Meta(ge=0)]
_Learning = Annotated[int, msgspec.Meta(ge=0, le=35 * 86_400)]
_Forget = Annotated[int, msgspec.Meta(ge=3_600, le=366 * 86_400)]


class Limit(msgspec.Struct, frozen=True):
    """A severity, with the threshold beyond which it fires and the one at which it recovers."""

    severity: Severity
    threshold: float
    recovery: float


class Burn(msgspec.Struct, frozen=True):
    """What makes a rule one of an objective: it judges how fast an error budget is used up.

    `objective` is its name and `title` what it is called. `target` is the share of hits that must
    be good, from 0 to 1, and `bad` the filter that chooses the others. The rule judges its window
    and one of `short` seconds. With less than `minimum_bad` bad hits in its window it never fires.
    """

    objective: str
    title: str
    target: float
    bad: str
    short: int
    minimum_bad: int

    @property
    def budget(self) -> float:
        """The share of hits that may be bad, rounded so that 1 - 0.999 is 0.001."""
        return round(1 - self.target, 9)


class Rule(msgspec.Struct, frozen=True, kw_only=True, rename={"for_": "for", "all_": "all"}):
    """One rule. Times are whole seconds of log time.

    A severity fires once values have been beyond its threshold for `for_` seconds. It ends once
    they have not been beyond its recovery threshold for `keep_firing_for` seconds. `renotify` is
    the seconds after which targets are notified again of a firing incident, and the minimum between
    two notifications. `runbook` is where to read what to do, or the text itself. `match` and
    `paths` are shell patterns (`*`, `?`, `[…]`), of which one must fit. `status` holds codes
    (`404`) and classes (`5xx`). `where` is an expression of the filter language that names no saved
    filter. So is `bad`: a share may be that of the hits that it chooses, instead of those with a
    `status`. With `compare` = usual, thresholds are deviations: see `evaluation.usual`. A rule of
    two scopes has both in `by`, and the first one as its `scope`: it judges each pair of theirs
    that a hit has. Only rules of an objective have `burn`: see `evaluation.burn`. `message` and
    `recovery` may contain `{subject}` and the other words of `messages.WORDS`; if one is empty, a
    sentence is made of `title`.

    A rule that combines others has their names in `all_`, and no scope. In a second its value is
    how many of them fire, that is, have an incident that has not recovered, once all of them are
    judged for that second; it fires while all do. While one of the rules in `unless` fires, a rule
    opens no incident, and no subject without one is pending; what fires already goes on and ends as
    ever. In the second in which the last of them recovers it begins anew with what is beyond its
    threshold. With `equal`, names of scopes and `label.NAME`, an incident holds back only subjects
    for which all of these are equal; a label that neither rule has is equal.
    """

    name: str
    title: str
    metric: Metric
    scope: Scope = Scope.ALL
    by: tuple[Scope, ...] = ()
    match: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    where: str = ""
    status: tuple[str, ...] = ()
    bad: str = ""
    quantile: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.95
    all_: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    equal: tuple[str, ...] = ()
    window: _Seconds = 120
    against: Against = Against.WINDOW
    baseline: _Seconds = 3_600
    when: When = When.ABOVE
    compare: Compare = Compare.VALUE
    direction: Direction = Direction.ABOVE
    days: Annotated[int, msgspec.Meta(ge=1, le=35)] = 28
    minimum_days: Annotated[int, msgspec.Meta(ge=1, le=35)] = 3
    floor: Annotated[float, msgspec.Meta(gt=0)] | None = None
    learning: _Learning = 86_400
    forget: _Forget = 30 * 86_400
    warning: _Threshold | None = None
    critical: _Threshold | None = None
    warning_recovery: _Threshold | None = None
    critical_recovery: _Threshold | None = None
    for_: _Duration = 0
    keep_firing_for: _Duration = 0
    minimum_hits: Annotated[int, msgspec.Meta(ge=0)] = 0
    no_data: NoData = NoData.OK
    renotify: _Seconds = 900
    max_incidents: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 100
    labels: dict[str, str] = {}
    runbook: str = ""
    message: str = ""
    recovery: str = ""
    enabled: bool = True
    burn: Burn | None = None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes whose subjects are judged on their own, none if all traffic is."""
        return self.by or (() if self.scope is Scope.ALL else (self.scope,))

    @property
    def long(self) -> bool:
        """Whether the rule is judged by counts of many days."""
        return self.burn is not None or self.compare is Compare.USUAL

    @property
    def of_silence(self) -> bool:
        """Whether the rule is judged by what is heard of servers, and not by hits."""
        return self.metric is Metric.SILENCE

    @property
    def of_novelty(self) -> bool:
        """Whether the rule is judged by which subjects are new."""
        return self.metric is Metric.FIRST_SEEN

    @property
    def combines(self) -> bool:
        """Whether the rule is judged by which other rules fire, and not by hits."""
        return self.metric is Metric.FIRING

    @property
    def equal_scopes(self) -> tuple[Scope, ...]:
        """The scopes in which a subject must equal what holds it back."""
        return tuple(Scope(each) for each in self.equal if not each.startswith(LABEL))

    def can_be_held_back_by(self, other: "Rule") -> bool:
        """Tell whether the labels that must be equal are equal."""
        labels = [each.removeprefix(LABEL) for each in self.equal if each.startswith(LABEL)]
        return all(self.labels.get(each) == other.labels.get(each) for each in labels)

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The names of the rules that must be judged before it."""
        return (*self.all_, *self.unless)

    @property
    def unit(self) -> Unit:
        """The unit of the rule's values."""
        if self.burn is not None:
            return Unit.RATIO
        if self.compare is Compare.USUAL:
            return Unit.DEVIATIONS
        return UNITS[self.metric]

    @property
    def goes_on(self) -> bool:
        """Whether what fires goes on while the hits, too few to judge, are bad all the same."""
        return self.metric in SHOWS_BY_FEW and self.no_data is NoData.OK and not self.long

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The rule's one or two severities with their thresholds, the mildest first."""
        return tuple(
            Limit(severity, threshold, threshold if recovery is None else recovery)
            for severity, threshold, recovery in (
                (Severity.WARNING, self.warning, self.warning_recovery),
                (Severity.CRITICAL, self.critical, self.critical_recovery),
            )
            if threshold is not None
        )

    @property
    def reference(self) -> int:
        """Seconds before the window that `change` compares it with; 0 for other metrics."""
        if self.metric is not Metric.CHANGE:
            return 0
        return self.window if self.against is Against.WINDOW else self.baseline

    @property
    def reach(self) -> int:
        """Seconds for which a hit matters to the rule: its window, and what it compares with."""
        return self.window + self.reference

    def with_critical(self, threshold: float) -> "Rule":
        """Return the rule with another critical threshold.

        Its other thresholds stay, except that none may lie beyond the new one.
        """
        milder = min if self.when is When.ABOVE else max

        def fitting(other: float | None) -> float | None:
            return None if other is None else milder(other, threshold)

        return msgspec.structs.replace(
            self,
            critical=threshold,
            warning=fitting(self.warning),
            warning_recovery=fitting(self.warning_recovery),
            critical_recovery=fitting(self.critical_recovery),
        )

    def beyond(self, value: float, threshold: float) -> bool:
        """Tell whether `value` is on the bad side of `threshold`."""
        return value > threshold if self.when is When.ABOVE else value < threshold
