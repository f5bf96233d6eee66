"""LimitState: whether one limit of a rule is in force, with the delays of firing and recovery.

::

    OFF ──beyond the threshold──→ PENDING ──after `for_` seconds──→ ON
    PENDING ──not beyond the threshold──→ OFF
    ON ──not beyond the recovery threshold──→ RECOVERING ──after `keep_firing_for` seconds──→ OFF
    RECOVERING ──beyond the recovery threshold──→ ON

A delay of 0 seconds skips PENDING or RECOVERING. While another rule holds this one back, a subject
without an incident is HELD as long as its value is beyond the threshold, and else OFF. Once it is
let go, HELD is as OFF: the delay begins anew. Pure.
"""

from enum import IntEnum
from typing import NamedTuple, Protocol

from logmon_tui.alerts.model.rule import Limit, NoData, Rule


class Phase(IntEnum):
    """The phases of a limit, in the order in which an incident passes through them."""

    HELD = -1
    OFF = 0
    PENDING = 1
    ON = 2
    RECOVERING = 3


class LimitState(NamedTuple):
    """The phase of one limit for one subject, and the second at which it began."""

    phase: Phase = Phase.OFF
    since: int = 0

    @property
    def holds(self) -> bool:
        """Whether the limit's severity is in force."""
        return self.phase >= Phase.ON

    def due(self, rule: Rule) -> int | None:
        """Return the second at which a running delay ends; None if none is running."""
        if self.phase is Phase.PENDING:
            return self.since + rule.for_
        return self.since + rule.keep_firing_for if self.phase is Phase.RECOVERING else None


class Measured(Protocol):
    """What was measured of a subject: a value to judge, or that of too few hits."""

    @property
    def judged(self) -> float | None:
        """The value to judge; None means no data."""

    @property
    def of_few(self) -> float | None:
        """The value of hits that are too few to judge; None if there are enough, or none."""


def advanced(
    limit_state: LimitState, rule: Rule, limit: Limit, measured: Measured, second: int
) -> LimitState:
    """Return the state after `second`, in which this was measured."""
    if _beyond(limit_state, rule, limit, measured):
        if limit_state.phase in {Phase.ON, Phase.RECOVERING}:
            return limit_state if limit_state.phase is Phase.ON else LimitState(Phase.ON, second)
        since = limit_state.since if limit_state.phase is Phase.PENDING else second
        fires = second - since >= rule.for_
        return LimitState(Phase.ON, second) if fires else LimitState(Phase.PENDING, since)
    if not limit_state.holds:
        return LimitState()
    since = limit_state.since if limit_state.phase is Phase.RECOVERING else second
    ends = second - since >= rule.keep_firing_for
    return LimitState() if ends else LimitState(Phase.RECOVERING, since)


def held(limit_state: LimitState, rule: Rule, limit: Limit, measured: Measured) -> LimitState:
    """Return the state after a second in which the rule is held back."""
    if limit_state.holds:  # without an incident, as there was no room for one
        recovering = limit_state.phase is Phase.RECOVERING
        limit_state = LimitState() if recovering else LimitState(Phase.PENDING)
    return LimitState(Phase.HELD) if _beyond(limit_state, rule, limit, measured) else LimitState()


def _beyond(limit_state: LimitState, rule: Rule, limit: Limit, measured: Measured) -> bool:
    value = measured.judged
    if value is None and rule.goes_on and limit_state.holds:
        value = measured.of_few
    if value is not None:
        return rule.beyond(value, limit.recovery if limit_state.holds else limit.threshold)
    if rule.no_data is NoData.KEEP:
        return limit_state.phase in {Phase.PENDING, Phase.ON, Phase.HELD}
    return rule.no_data is NoData.ALERT
