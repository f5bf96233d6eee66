"""LimitState: whether one limit of a rule is exceeded, with the delays of coming and going.

::

    OFF ──beyond the threshold──→ PENDING ──for so long──→ ON
    PENDING ──not beyond the threshold──→ OFF
    ON ──not beyond the recovery threshold──→ RECOVERING ──for so long──→ OFF
    RECOVERING ──beyond the recovery threshold──→ ON

Without a delay PENDING and RECOVERING last no time. Pure.
"""

from enum import IntEnum
from typing import NamedTuple

from logmon_tui.alerts.model.rule import Limit, NoData, Rule


class Step(IntEnum):
    """Where a latch stands."""

    OFF = 0
    PENDING = 1
    ON = 2
    RECOVERING = 3


class LimitState(NamedTuple):
    """Where it stands, and since which second."""

    step: Step = Step.OFF
    since: int = 0

    @property
    def holds(self) -> bool:
        """Whether the limit's severity is in force."""
        return self.step >= Step.ON

    def due(self, rule: Rule) -> int | None:
        """Return the second at which it goes on by itself; None if it does not."""
        if self.step is Step.PENDING:
            return self.since + rule.for_
        return self.since + rule.keep_firing_for if self.step is Step.RECOVERING else None


def moved(
    latch: LimitState, rule: Rule, limit: Limit, value: float | None, second: int
) -> LimitState:
    """Return where `latch` stands at `second`, given the value; None is an undefined one."""
    if _beyond(latch, rule, limit, value):
        if latch.step in {Step.ON, Step.RECOVERING}:
            return latch if latch.step is Step.ON else LimitState(Step.ON, second)
        since = latch.since if latch.step is Step.PENDING else second
        fires = second - since >= rule.for_
        return LimitState(Step.ON, second) if fires else LimitState(Step.PENDING, since)
    if not latch.holds:
        return LimitState()
    since = latch.since if latch.step is Step.RECOVERING else second
    ends = second - since >= rule.keep_firing_for
    return LimitState() if ends else LimitState(Step.RECOVERING, since)


def _beyond(latch: LimitState, rule: Rule, limit: Limit, value: float | None) -> bool:
    if value is not None:
        return rule.beyond(value, limit.recovery if latch.holds else limit.threshold)
    if rule.no_data is NoData.KEEP:
        return latch.step in {Step.PENDING, Step.ON}
    return rule.no_data is NoData.ALERT
