"""What is known of alerts at one moment: rules, incidents, silences. Frozen values."""

from collections.abc import Mapping
from itertools import takewhile
from typing import NamedTuple

import msgspec

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Hosts, Incident
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.model.state import State


class RuleStatus(NamedTuple):
    """The state of one rule: the worst state of its subjects, and how many are in which state.

    `value` and `hits` are its present measurement of the whole traffic; None if the rule measures
    each subject separately, or if the value is undefined. `basis` says in words what the value is
    made of, or why there is none, if its rule looks back over days. `suppressed` subjects fire
    without an incident of their own; so do `held` ones, because another rule fires. `left_out`
    subjects of one slot found no room among those that are counted, and up to `lost` hits (or
    bytes) of any subject can be missing: each the most in the rule's window. A rule that looks for
    new subjects has `forgotten` known ones within a day, for want of room; it takes all for known
    until the second `learns_until`, which is None once that is over.
    """

    rule: str
    title: str
    unit: Unit
    state: State
    pending: int = 0
    firing: int = 0
    suppressed: int = 0
    value: float | None = None
    hits: int | None = None
    basis: str = ""
    held: int = 0
    left_out: int = 0
    lost: int = 0
    forgotten: int = 0
    learns_until: int | None = None


class WhatIf(NamedTuple):
    """How often the traffic alert would have fired with another `threshold`, in the kept history.

    `since` is the first second of the history. `firing_seconds` is how long the alert would have
    fired. `critical_only` is set if the rule has a warning limit too, which is not counted.
    """

    threshold: float
    times: int
    firing_seconds: int
    since: int
    critical_only: bool = False


class AlertState(msgspec.Struct, frozen=True, eq=False):
    """The alerts: their settings, the state of the rules, and the incidents."""

    window: int = 120  # seconds
    threshold: float = 10.0  # req/s, of TrafficAlert
    hits: int = 0  # in the alert window
    incidents: tuple[Incident, ...] = ()  # firing first, then newest first
    suppressed: int = 0  # subjects over a threshold that got no incident of their own
    rules: tuple[RuleStatus, ...] = ()
    silences: tuple[Silence, ...] = ()  # only active ones, the first to end first
    what_if: WhatIf | None = None  # after a key changed the threshold
    configured: float | None = None  # the threshold of the settings, if a key set another one
    messages_now: Mapping[str, str] = {}
    """Present messages of firing incidents, by id, where they differ from the original message."""
    objectives: tuple[ObjectiveStatus, ...] = ()
    hosts: Hosts | None = None
    """Of how many servers the alerts speak, if not of all."""

    @property
    def rate(self) -> float:
        """Hits per second over the alert window, as TrafficAlert judges it."""
        return self.hits / self.window

    @property
    def firing(self) -> int:
        """The number of incidents that have not recovered."""
        return sum(1 for _ in takewhile(lambda incident: incident.firing, self.incidents))
