"""Trace: the values of a rule for one subject, before and during an incident. Pure."""

from collections.abc import Callable

from msgspec.structs import replace

from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Rule, When

MAX_VALUES = 600
"""Maximum values of a trace. A longer one keeps the worse of every two values."""


class Trace:
    """Values from the second `start` on, one for every `step` seconds; None means no data.

    `worse` returns the worse of two values, which is kept when a trace is thinned.
    """

    def __init__(
        self,
        start: int,
        step: int,
        values: list[float | None],
        worse: Callable[[float, float], float],
    ) -> None:
        self.start = start
        self.step = step
        self.values = values
        self._worse = worse
        self._shown: tuple[Incident, Incident] | None = None  # as it was, and with these values

    def note(self, second: int, value: float | None) -> None:
        """Note the value at `second`. The seconds not noted since keep the last value."""
        self._shown = None
        place = (second - self.start) // self.step
        if place >= MAX_VALUES:
            self._thin(place)
            place = (second - self.start) // self.step
        while len(self.values) < place:
            self.values.append(self.values[-1] if self.values else None)
        if place == len(self.values):
            self.values.append(value)
        else:
            self.values[place] = self._of_two(self.values[place], value)

    def _thin(self, place: int) -> None:
        while place >= MAX_VALUES:
            pairs = zip(self.values[::2], [*self.values[1::2], None], strict=False)
            self.values = [self._of_two(first, second) for first, second in pairs]
            self.step *= 2
            place //= 2

    def _of_two(self, first: float | None, second: float | None) -> float | None:
        if first is None or second is None:
            return second if first is None else first
        return self._worse(first, second)

    def put_into(self, incident: Incident) -> Incident:
        """Return `incident` with the values of this trace, the same one while none is noted."""
        if incident.evidence is None:
            return incident
        if self._shown is None or self._shown[0] is not incident:
            values = tuple(self.values)
            evidence = replace(incident.evidence, start=self.start, step=self.step, values=values)
            self._shown = incident, replace(incident, evidence=evidence)
        return self._shown[1]


def trace_of(evidence: Evidence, rule: Rule) -> Trace:
    """Return a trace that continues from the values in `evidence`."""
    worse = max if rule.when is When.ABOVE else min
    return Trace(evidence.start, evidence.step, list(evidence.values), worse)
