"""Verdicts: judge a stretch of slots, but only the slots in which a verdict may change."""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

import msgspec
import numpy as np

from logmon_tui.alerts.evaluation.alert import MAX_SUBJECT_STATES, Alert
from logmon_tui.alerts.evaluation.step_measures import Mask
from logmon_tui.alerts.evaluation.stretch import Stretch
from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.evaluation.together import Together
from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.rule import NoData

_NOBODY = -1
"""Stands for no subject in the queue: in this slot another rule begins or ceases to fire."""


class Firsts(msgspec.Struct, frozen=True):
    """The first slot to judge, and the first one in which no data means something."""

    judged: int
    full: int


class Verdicts:
    """Lets `alert` judge the subjects of a stretch in their verdict slots.

    A subject's verdict slots are those in which its value crosses a threshold, or a delay ends.
    None is judged before the first slot to judge. The subjects that have a state when judging
    begins must be the first of the stretch's `wanted` subjects. `together` tells when the rule is
    held back by others.
    """

    def __init__(
        self,
        alert: Alert,
        stretch: Stretch,
        firsts: Firsts,
        bucket_size: int,
        together: Together,
    ) -> None:
        self._alert = alert
        self._first, self._full = firsts.judged, firsts.full
        self._stretch = stretch
        self._together = together
        self._bucket_size = bucket_size
        self._last_judged: dict[int, int] = {}  # the last step judged, by subject
        self._queue: list[tuple[int, int]] = []  # verdict slots, each with its subject
        self._crowded = False

    def judge(self, begin: int, end: int, *, rejudge_all: bool) -> list[Incident]:
        """Judge the slots after `begin` up to `end`; return the incidents that changed, in order.

        With `rejudge_all`, as after a moved threshold, every wanted subject is judged first.
        """
        first = self._first
        concerned = self._concerned()
        changed: list[Incident] = []
        if concerned.any():
            self._queue_verdict_slots(concerned, known=begin >= max(first, self._full))
            if rejudge_all or self._crowded:  # with too many states, all measurements matter
                self._queue += [(begin + 1, each) for each in range(self._stretch.wanted)]
            for begins in {first, self._full}:
                if begin < begins:
                    self._queue += [(begins, each) for each in np.flatnonzero(concerned).tolist()]
            seconds = self._second(begin) + 1, self._second(end)
            turns = self._together.turns([self._alert.rule], *seconds)
            self._queue += [(turn // self._bucket_size, _NOBODY) for turn in turns]
            heapify(self._queue)
            self._queue_delays(self._alert.subject_states, begin)
            self._queue_next_steps(self._alert.subject_states, begin)
            changed = self._judge_queue(max(first, begin + 1), end)
        if None in self._stretch.numbers and first <= end:
            step = int(self._stretch.steps.starts[self._stretch.numbers[None] + 1]) - 1
            self._alert.whole = self._stretch.measurement(step, end)
        return changed

    def _concerned(self) -> Mask:
        """Tell which subjects have a state, or will get one."""
        stretch = self._stretch
        concerned = np.zeros(len(stretch.subjects), dtype=np.bool_)
        concerned[: len(self._alert.subject_states)] = True
        concerned[stretch.steps.subjects[stretch.levels.breaches]] = True
        # With too many states the alert forgets some. Then any step may bring one back.
        self._crowded = int(concerned.sum()) > MAX_SUBJECT_STATES
        return concerned

    def _queue_verdict_slots(self, concerned: Mask, *, known: bool) -> None:
        steps, with_state = self._stretch.steps, len(self._alert.subject_states)
        chosen = self._stretch.verdict_steps(with_state, every=self._crowded, known=known)
        chosen = chosen[concerned[steps.subjects[chosen]]]
        slots, subjects = steps.slots[chosen], steps.subjects[chosen]
        self._queue += zip(slots.tolist(), subjects.tolist(), strict=True)

    def _queue_delays(self, subjects: Iterable[Subject], slot: int) -> None:
        """Queue the slots after `slot` in which delays of these subjects end."""
        alert, numbers = self._alert, self._stretch.numbers
        for subject in subjects:
            subject_state = alert.subject_states.get(subject)
            for limit_state in () if subject_state is None else subject_state.limit_states:
                due = limit_state.due(alert.rule)
                if due is not None:  # the first slot that ends at this second or later
                    at = -(-(due + 1) // self._bucket_size) - 1
                    heappush(self._queue, (max(slot + 1, at), numbers[subject]))

    def _queue_next_steps(self, subjects: Iterable[Subject], slot: int) -> None:
        """Queue the next step after `slot` of those who wait for room: it is for the loudest."""
        steps, numbers = self._stretch.steps, self._stretch.numbers
        for subject in subjects if self._alert.suppressed and not self._crowded else ():
            if self._alert.waits(subject):
                number = numbers[subject]
                step = steps.at(number, slot) + 1
                if step < steps.starts[number + 1]:
                    heappush(self._queue, (int(steps.slots[step]), number))

    def _judge_queue(self, first: int, end: int) -> list[Incident]:
        changed: list[Incident] = []
        while self._queue and self._queue[0][0] <= end:
            slot = self._queue[0][0]
            subjects = set()
            while self._queue and self._queue[0][0] == slot:
                subjects.add(heappop(self._queue)[1])
            if slot >= first:
                changed += self._judge_slot(slot, subjects)
        for subject in list(self._alert.subject_states):
            number = self._stretch.numbers[subject]
            self._note_passed(number, int(self._stretch.steps.starts[number + 1]))
        return changed

    def _judge_slot(self, slot: int, subjects: set[int]) -> list[Incident]:
        alert, stretch = self._alert, self._stretch
        alert.held_back = self._together.held_back(alert.rule, self._second(slot))
        if _NOBODY in subjects:
            subjects |= {stretch.numbers[each] for each in alert.subject_states}
        measurements: dict[Subject, Measurement] = {}
        for number in subjects - {_NOBODY}:
            subject, step = stretch.subjects[number], stretch.steps.at(number, slot)
            begins = slot == int(stretch.steps.slots[step])
            # A subject whose sums did not change is judged only if it has a state.
            fresh = begins or subject is None or slot == self._first
            if subject in alert.subject_states or (fresh and stretch.levels.breaches[step]):
                self._note_passed(number, step if begins else step + 1)
                measurements[subject] = stretch.measurement(step, slot)
                self._last_judged[number] = step
        if not measurements:
            return []
        changed = alert.judge(self._second(slot), measurements, young=slot < self._full)
        self._queue_delays(measurements, slot)
        self._queue_next_steps(measurements, slot)
        return changed

    def _note_passed(self, number: int, step: int) -> None:
        """Note a subject's steps from its last verdict up to `step`: its last value, its peak."""
        stretch, subject = self._stretch, self._stretch.subjects[number]
        begin = self._last_judged.get(number, int(stretch.steps.starts[number])) + 1
        if subject not in self._alert.subject_states or begin >= step:
            return
        incident = self._alert.open.get(subject)
        if incident is None:
            self._note_last(slice(begin, step), subject)
            return
        worst = stretch.worst(slice(begin, step), incident.worse_than)
        if worst is not None:
            slot = int(stretch.steps.slots[worst])
            self._alert.note_peak(subject, stretch.measurement(worst, slot), self._second(slot))

    def _note_last(self, steps: slice, subject: Subject) -> None:
        """Note the last value of a subject that may fire without one."""
        if self._alert.rule.no_data is not NoData.KEEP:
            return
        stretch = self._stretch
        valued = np.flatnonzero(stretch.levels.levels[steps] >= 0)
        if len(valued):
            last = int(steps.start) + int(valued[-1])
            slot = int(stretch.steps.slots[last])
            self._alert.note_last(subject, stretch.measurement(last, slot))

    def _second(self, slot: int) -> int:
        """Return the last second of a slot, which is the second of its verdict."""
        return (slot + 1) * self._bucket_size - 1
