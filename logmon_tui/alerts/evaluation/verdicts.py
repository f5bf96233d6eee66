"""Verdicts: an Alert's way through a stretch of slots, in those in which a verdict may change."""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

import numpy as np

from logmon_tui.alerts.evaluation.alert import MOST_STANDINGS, Alert
from logmon_tui.alerts.evaluation.step_measures import Mask
from logmon_tui.alerts.evaluation.stretch import Stretch
from logmon_tui.alerts.evaluation.subject_state import Reading
from logmon_tui.alerts.model.incident import Incident, Subject


class Verdicts:
    """Lets `alert` judge those of a stretch's subjects that have a turn in a slot.

    A turn is where the value crosses a threshold, or a delay ends; none comes before the slot
    `first`. The standings that the alert begins with are the first of the subjects for which the
    stretch was `wanted`.
    """

    def __init__(self, alert: Alert, stretch: Stretch, first: int, bucket_size: int) -> None:
        self._alert = alert
        self._first = first
        self._stretch = stretch
        self._bucket_size = bucket_size
        self._looked: dict[int, int] = {}  # the last step judged, by subject
        self._queue: list[tuple[int, int]] = []  # slot and subject of each turn
        self._crowded = False

    def judged(self, begin: int, end: int, *, stirred: bool) -> list[Incident]:
        """Judge behind the slot `begin` up to `end`; return the incidents that changed, in order.

        If `stirred`, a threshold has moved.
        """
        first = self._first
        concerned = self._concerned()
        changed: list[Incident] = []
        if concerned.any():
            self._queue_turns(concerned)
            if stirred:
                self._queue += [(begin + 1, each) for each in range(self._stretch.wanted)]
            if begin < first:
                self._queue += [(first, each) for each in np.flatnonzero(concerned).tolist()]
            heapify(self._queue)
            self._queue_dues(self._alert.standings, begin)
            changed = self._judged(max(first, begin + 1), end)
        if None in self._stretch.numbers and first <= end:
            step = int(self._stretch.steps.starts[self._stretch.numbers[None] + 1]) - 1
            self._alert.whole = self._stretch.reading(step, end)
        return changed

    def _concerned(self) -> Mask:
        """Tell which subjects have a standing, or will have one."""
        stretch = self._stretch
        concerned = np.zeros(len(stretch.subjects), dtype=np.bool_)
        concerned[: len(self._alert.standings)] = True
        concerned[stretch.steps.subjects[stretch.told.stirs]] = True
        # So many may stand that some are forgotten, whose every step counts from then on.
        self._crowded = int(concerned.sum()) > MOST_STANDINGS
        return concerned

    def _queue_turns(self, concerned: Mask) -> None:
        steps = self._stretch.steps
        turns = self._stretch.turns(len(self._alert.standings), every=self._crowded)
        turns = turns[concerned[steps.subjects[turns]]]
        self._queue += zip(steps.slots[turns].tolist(), steps.subjects[turns].tolist(), strict=True)

    def _queue_dues(self, subjects: Iterable[Subject], slot: int) -> None:
        """Note the turns behind `slot` in which the delays of these subjects end."""
        alert, numbers = self._alert, self._stretch.numbers
        for subject in subjects:
            standing = alert.standings.get(subject)
            for latch in () if standing is None else standing.latches:
                due = latch.due(alert.rule)
                if due is not None:  # the first slot that ends at this second or behind it
                    at = -(-(due + 1) // self._bucket_size) - 1
                    heappush(self._queue, (max(slot + 1, at), numbers[subject]))

    def _judged(self, first: int, end: int) -> list[Incident]:
        changed: list[Incident] = []
        while self._queue and self._queue[0][0] <= end:
            slot = self._queue[0][0]
            subjects = set()
            while self._queue and self._queue[0][0] == slot:
                subjects.add(heappop(self._queue)[1])
            if slot >= first:
                changed += self._judge(slot, subjects)
        for subject in list(self._alert.open):
            number = self._stretch.numbers[subject]
            self._look_back(number, int(self._stretch.steps.starts[number + 1]))
        return changed

    def _judge(self, slot: int, subjects: set[int]) -> list[Incident]:
        alert, stretch = self._alert, self._stretch
        if self._crowded or alert.suppressed:
            # Who waits for room may get it from others, and who is forgotten depends on them.
            subjects |= {stretch.numbers[each] for each in alert.standings}
        readings: dict[Subject, Reading] = {}
        for number in subjects:
            subject, step = stretch.subjects[number], stretch.steps.at(number, slot)
            begins = slot == int(stretch.steps.slots[step])
            # One without hits that came or went is looked at only if something is the matter.
            concerns = begins or subject is None or slot == self._first
            if subject in alert.standings or (concerns and stretch.told.stirs[step]):
                self._look_back(number, step if begins else step + 1)
                readings[subject] = stretch.reading(step, slot)
                self._looked[number] = step
        if not readings:
            return []
        changed = alert.judge(self._second(slot), readings)
        self._queue_dues(readings, slot)
        return changed

    def _look_back(self, number: int, step: int) -> None:
        """Let a subject's incident know its peak since it was last judged, before `step`."""
        stretch, subject = self._stretch, self._stretch.subjects[number]
        incident = self._alert.open.get(subject)
        begin = self._looked.get(number, int(stretch.steps.starts[number])) + 1
        if incident is None or begin >= step:
            return
        worst = stretch.worst(slice(begin, step), incident.peak)
        if worst is not None:
            slot = int(stretch.steps.slots[worst])
            self._alert.note_peak(subject, stretch.reading(worst, slot), self._second(slot))

    def _second(self, slot: int) -> int:
        """Return the last second of a slot, in which it is judged."""
        return (slot + 1) * self._bucket_size - 1
