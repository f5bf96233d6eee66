"""IncidentBook: every incident of a watch, and what users and others add to them. Pure."""

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.history.incident_history import IncidentHistory
from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Hosts, Incident
from logmon_tui.alerts.model.mark import Mark, changed_marks, mark_before


class IncidentBook:
    """The incidents that fire, which the `evaluator` holds, and those of `history`, that recovered.

    An evaluator that takes the place of the first one is set here, too. `marks` are those of users,
    in the order of time; an incident says which mark it follows.
    """

    def __init__(self, evaluator: RuleEvaluator, history: IncidentHistory) -> None:
        self.evaluator = evaluator
        self.marks: tuple[Mark, ...] = ()
        self._history = history

    def all(self) -> tuple[Incident, ...]:
        """Return every incident: firing ones first, then the newest.

        While none changes this is the same tuple. Those with evidence change as seconds are judged.
        """
        alerts = self.evaluator.alerts.values()
        return self._history.with_firing(each for alert in alerts for each in alert.shown())

    def messages_now(self) -> dict[str, str]:
        """Return by their ids what the messages of firing incidents say now, if not what was said.

        That is so for rules with words of their own.
        """
        return {
            incident.id: message
            for alert in self.evaluator.alerts.values()
            for incident in alert.open.values()
            if (message := alert.message_now(incident)) != incident.message
        }

    def adopt(self, incidents: Iterable[Incident]) -> None:
        """Take over incidents that were found elsewhere, in order; what users said stays."""
        for incident in incidents:
            known = self.evaluator.alerts[incident.rule].open
            said = incident.with_said_of(known.get(incident.subject))
            if incident.firing:
                known[incident.subject] = said
            else:
                known.pop(incident.subject, None)
                self._history.add((said,))

    def acknowledge(self, incident: str, wall: float | None) -> None:
        """Note that a user has seen to the incident with this id, or take that back with None.

        `wall` is in epoch seconds.
        """
        self._alter(incident, lambda each: replace(each, acknowledged_at=wall))

    def set_note(self, incident: str, note: str) -> None:
        """Keep what a user wrote about the incident with this id."""
        self._alter(incident, lambda each: replace(each, note=note))

    def set_evidence(self, incident: Incident, evidence: Evidence) -> Incident:
        """Keep why an incident fired, and what its rule measures; return it as it is then.

        What is measured is added for as long as it fires.
        """
        alert = self.evaluator.alerts[incident.rule]
        explained = replace(incident, evidence=self.evaluator.traced(incident, evidence))
        present = alert.open.get(incident.subject)
        if present is not None and present.id == incident.id:
            alert.keep_trace(replace(present, evidence=explained.evidence))
        else:
            self._alter(incident.id, lambda each: replace(each, evidence=explained.evidence))
        return explained

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Take what users marked, in the order of time; incidents then say which they follow.

        An incident whose mark is only forgotten, for want of room, still says it.
        """
        changed, self.marks = changed_marks(self.marks, marks), marks
        for incident in self.all() if changed else ():
            if mark_before(changed, incident.triggered_at) is not None:
                self._with_mark(incident)

    def with_marks(self, changed: Sequence[Incident]) -> list[Incident]:
        """Return changed incidents, with the mark that each follows, and keep them so."""
        return [self._with_mark(each) if each.mark is None else each for each in changed]

    def with_hosts(self, changed: list[Incident], hosts: Hosts | None) -> list[Incident]:
        """Return changed incidents, those that fired just now with of how many hosts they speak.

        They are kept so. With None they speak of all hosts.
        """
        fired = {each.id for each in changed if each.firing and len(each.changes) <= 1}
        if hosts is None or not fired:
            return changed
        for incident in fired:
            self._alter(incident, lambda each: replace(each, hosts=hosts))
        # One may have changed or ended in the same tick.
        return [replace(each, hosts=hosts) if each.id in fired else each for each in changed]

    def _with_mark(self, incident: Incident) -> Incident:
        """Return an incident with the mark that it follows by now, and keep it so."""
        mark = mark_before(self.marks, incident.triggered_at)
        if mark == incident.mark:
            return incident
        self._alter(incident.id, lambda each: replace(each, mark=mark))
        return replace(incident, mark=mark)

    def _alter(self, incident: str, change: Callable[[Incident], Incident]) -> None:
        """Put a changed incident in the place of the one with this id, if there is one."""
        for alert in self.evaluator.alerts.values():
            for subject, each in alert.open.items():
                if each.id == incident:
                    alert.open[subject] = change(each)
                    return
        self._history.alter(incident, change)
