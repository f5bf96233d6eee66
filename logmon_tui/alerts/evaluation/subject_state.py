"""Measurement and SubjectState: a subject's value in one second, and its state. Values only."""

from typing import NamedTuple

from logmon_tui.alerts.evaluation.limit_state import LimitState, Phase
from logmon_tui.alerts.model.rule import Limit, Rule, Severity
from logmon_tui.alerts.model.state import State


class Measurement(NamedTuple):
    """A rule's value for one subject, and the number of hits that it is based on.

    `value` is None where there is nothing to measure. Without `enough` hits (`minimum_hits` of
    the rule) the value is shown but not judged. `basis` says in words what a value is made of, or
    why there is none, where the value alone would not tell: `25.0× over 1 h and 20.1× over 5 m`.
    """

    value: float | None
    hits: int
    enough: bool = True
    basis: str = ""

    @property
    def judged(self) -> float | None:
        """The value to compare with thresholds; None means no data."""
        return self.value if self.enough else None

    @property
    def of_few(self) -> float | None:
        """The value of hits that are too few to judge; None if there are enough, or none."""
        return self.value if self.hits and not self.enough else None


class SubjectState(NamedTuple):
    """The state of one subject: a LimitState for each limit of the rule."""

    limit_states: tuple[LimitState, ...]
    pending_since: int | None  # second at which the mildest threshold was crossed, leading here

    @property
    def idle(self) -> bool:
        """Whether every limit is off, so that the state need not be kept."""
        return all(limit_state.phase is Phase.OFF for limit_state in self.limit_states)

    def due(self, rule: Rule) -> int | None:
        """Return the next second at which a delay ends; None if none is running."""
        dues = [each.due(rule) for each in self.limit_states]
        return min((due for due in dues if due is not None), default=None)

    def in_force(self, limits: tuple[Limit, ...]) -> Limit:
        """Return the worst of `limits` whose severity is in force; the mildest if none is."""
        pairs = zip(limits, self.limit_states, strict=True)
        held = [limit for limit, limit_state in pairs if limit_state.holds]
        return held[-1] if held else limits[0]

    def shown(self, limits: tuple[Limit, ...]) -> State:
        """Return the state to show for the subject: that of its mildest limit, or its severity."""
        phase = self.limit_states[0].phase
        if phase is Phase.HELD:
            return State.OK
        if phase is Phase.PENDING:
            return State.PENDING
        if phase is Phase.RECOVERING:
            return State.RECOVERING
        critical = self.in_force(limits).severity is Severity.CRITICAL
        return State.CRITICAL if critical else State.WARNING
