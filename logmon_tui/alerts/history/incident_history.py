"""IncidentHistory: the incidents that recovered, and which of them are still to be saved."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from logmon_tui.alerts.model.incident import Incident, trigger_order

KEPT_INCIDENTS = 10_000


class IncidentHistory:
    """Keeps the newest KEPT_INCIDENTS, in the order in which they recovered."""

    def __init__(self) -> None:
        self._closed: deque[Incident] = deque(maxlen=KEPT_INCIDENTS)
        self._unsaved: dict[str, Incident] = {}
        self._newest_first: list[Incident] | None = None  # once that is known
        self._shown: tuple[Incident, ...] = ()

    @property
    def closed(self) -> list[Incident]:
        """The incidents that recovered, in that order."""
        return list(self._closed)

    @property
    def unsaved(self) -> list[Incident]:
        """Those of `closed` that recovered, or were altered, since `saved`."""
        return list(self._unsaved.values())

    def add(self, incidents: Iterable[Incident]) -> None:
        """Keep incidents that recovered."""
        for incident in incidents:
            self._closed.append(incident)
            self._unsaved[incident.id] = incident
            self._newest_first = None
        for forgotten in list(self._unsaved)[:-KEPT_INCIDENTS]:  # where no state is kept
            del self._unsaved[forgotten]

    def restore(self, incidents: Iterable[Incident], rules: Sequence[str]) -> None:
        """Keep incidents that are saved already; in one second they recovered rule by rule."""

        def order(incident: Incident) -> tuple[int, int, tuple[int, bytes]]:
            place = rules.index(incident.rule) if incident.rule in rules else len(rules)
            return incident.recovered_at or 0, place, trigger_order(incident)

        self._closed.extend(sorted(incidents, key=order))
        self._newest_first = None

    def saved(self) -> None:
        """Note that every incident is saved as it is."""
        self._unsaved.clear()

    def alter(self, incident: str, change: Callable[[Incident], Incident]) -> None:
        """Put a changed incident in the place of the one with this id, if there is one."""
        for place, each in enumerate(self._closed):
            if each.id == incident:
                self._closed[place] = self._unsaved[incident] = change(each)
                self._newest_first = None
                return

    def with_firing(self, firing: Iterable[Incident]) -> tuple[Incident, ...]:
        """Return every incident: those of `firing` first, then the newest.

        While none changes this is the same tuple, so that whoever shows it can tell.
        """
        if self._newest_first is None:
            self._newest_first = _newest_first(self._closed)
        incidents = (*_newest_first(firing), *self._newest_first)
        if len(incidents) != len(self._shown) or any(map(_differ, incidents, self._shown)):
            self._shown = incidents
        return self._shown


def _newest_first(incidents: Iterable[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda incident: incident.triggered_at, reverse=True)


def _differ(one: Incident, other: Incident) -> bool:
    return one is not other
