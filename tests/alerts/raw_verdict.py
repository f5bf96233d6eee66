"""What rules must find: incidents, and the state of every slot."""

from collections.abc import Collection
from dataclasses import dataclass, field

from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.alerts.model.state import State
from tests.alerts.raw_limits import PhaseSince
from tests.alerts.raw_measurements import Measurement


@dataclass
class Found:
    """An incident as the brute force sees it."""

    rule: str
    subject: Subject
    triggered_at: int
    threshold: float
    hits: int
    value: float | None
    pending_since: int | None
    changes: list[tuple[int, Severity]]
    peak: float | None
    peak_at: int | None
    recovering_since: int | None = None
    recovered_at: int | None = None
    parts: list[tuple[str, Subject, int]] = field(default_factory=list)


@dataclass
class Verdict:
    """All that must be found up to a second: incidents, and the state of every slot.

    By rule and second it holds: `states` of the subjects that are not ok, `limit_states` of the
    subjects with any limit that is not off, `suppressed`, `held` and `measurements`. `seen` names
    the changes of phases that occurred.
    """

    incidents: list[Found] = field(default_factory=list)
    states: dict[tuple[str, int], dict[Subject, State]] = field(default_factory=dict)
    limit_states: dict[tuple[str, int], dict[Subject, list[PhaseSince]]] = field(
        default_factory=dict
    )
    suppressed: dict[tuple[str, int], int] = field(default_factory=dict)
    held: dict[tuple[str, int], int] = field(default_factory=dict)
    measurements: dict[tuple[str, int], dict[Subject, Measurement]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)


def as_rows(incidents: Collection[Incident | Found]) -> list[tuple[object, ...]]:
    """Return incidents as comparable tuples, in the order of their trigger."""
    rows = [
        (
            each.triggered_at,
            each.rule,
            each.subject or b"",
            each.threshold,
            each.hits,
            each.value,
            each.peak,
            each.peak_at,
            each.pending_since,
            each.recovering_since,
            each.recovered_at,
            tuple((second, severity) for second, severity in each.changes),
        )
        for each in incidents
    ]
    return sorted(rows, key=lambda row: row[:3])
