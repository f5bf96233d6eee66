"""SubjectRanks: who of a rule's subjects comes next, of thousands that often change. Pure."""

from collections.abc import Mapping

from logmon_tui.alerts.evaluation.limit_state import Phase
from logmon_tui.alerts.evaluation.ranking import Ranking
from logmon_tui.alerts.evaluation.subject_state import Measurement, SubjectState
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import Rule


class SubjectRanks:
    """The subjects with a state, in the orders in which an Alert acts on them.

    `waiting` are those that fire without an incident, for want of room: the worst value comes
    first. `quiet` are those without an incident, in the order in which they are forgotten.
    `delays` are those whose delay runs, by the second at which it ends.
    """

    def __init__(self) -> None:
        self.waiting = Ranking()
        self.quiet = Ranking()
        self.delays = Ranking()
        self._measured: dict[Subject, Measurement] = {}  # of those who wait

    @classmethod
    def of_states(cls, states: Mapping[Subject, SubjectState], rule: Rule) -> "SubjectRanks":
        """Return the ranks that states give; the others need measurements."""
        ranks = cls()
        for subject, state in states.items():
            if (due := state.due(rule)) is not None:
                ranks.delays.put(subject, (due, subject or b""))
        return ranks

    def put(
        self, subject: Subject, state: SubjectState, measurement: Measurement, rule: Rule
    ) -> None:
        """Rank a subject that has a state but no incident, by what was measured of it."""
        self._put_delay(subject, state, rule)
        self.quiet.put(subject, (measurement.hits, state.pending_since or 0, subject or b""))
        if state.limit_states[0].phase is Phase.ON:
            self.waiting.put(subject, (-abs(measurement.judged or 0.0), subject or b""))
            self._measured[subject] = measurement
        else:
            self._wait_no_longer(subject)

    def put_open(self, subject: Subject, state: SubjectState, rule: Rule) -> None:
        """Rank a subject that has an incident."""
        self._put_delay(subject, state, rule)
        self.quiet.discard(subject)
        self._wait_no_longer(subject)

    def _put_delay(self, subject: Subject, state: SubjectState, rule: Rule) -> None:
        due = state.due(rule)
        if due is None:
            self.delays.discard(subject)
        else:
            self.delays.put(subject, (due, subject or b""))

    def _wait_no_longer(self, subject: Subject) -> None:
        self.waiting.discard(subject)
        self._measured.pop(subject, None)

    def discard(self, subject: Subject) -> None:
        """Forget a subject."""
        self.quiet.discard(subject)
        self.delays.discard(subject)
        self._wait_no_longer(subject)

    def pop_waiting(self) -> tuple[Subject, Measurement]:
        """Return the subject that is next to get an incident, and what was measured of it last.

        It gets one. Raises IndexError if none waits.
        """
        subject = self.waiting.pop()
        self.quiet.discard(subject)
        return subject, self._measured.pop(subject)

    def pop_quiet(self) -> Subject:
        """Forget the subject that is the first to be forgotten, and return it.

        Raises IndexError if all have an incident.
        """
        subject = self.quiet.pop()
        self.discard(subject)
        return subject

    def pop_due(self, second: int) -> list[Subject]:
        """Return the subjects whose delay has ended at `second`, and rank them by it no longer."""
        found = []
        while (due := self.delays.least()) is not None and due[0] <= second:
            found.append(self.delays.pop())
        return found

    def due(self) -> int | None:
        """Return the next second at which a delay ends; None if none is running."""
        least = self.delays.least()
        return None if least is None else int(least[0])
