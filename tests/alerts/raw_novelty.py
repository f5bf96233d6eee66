"""Compute which hits are of new subjects from the list of all lines, slot by slot.

It follows the docstring of `alerts.model.rule`, as simply as possible: a table of who was met when.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from logmon_tui.alerts.evaluation import known
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.formats.model.hit import Hit
from logmon_tui.native.sketches import stable_hashes
from logmon_tui.native.texts import Texts
from tests.alerts.raw_measurements import Measurement, counted, subject_of
from tests.alerts.raw_traffic import Lines

HOUR = 3_600


@dataclass
class Meeting:
    """When a subject was met first, and the hour in which it was seen last."""

    first: int
    hour: int


class Met:
    """The subjects that a rule has met up to a second, and the hits of those that were new.

    A hit is judged with the slot in which it was written, or with its own slot if that is later.
    `forgotten` is how many were forgotten for want of room.
    """

    def __init__(self, rule: Rule, lines: Lines, size: int) -> None:
        self._rule, self._lines, self._size = rule, lines, size
        self._start = lines.hits[0].second // size * size
        self._waiting = sorted(counted(rule, lines.hits), key=lambda hit: hit.second)
        self.forgotten = 0
        self.meetings: dict[Subject, Meeting] = {}
        self._new: list[Hit] = []
        self._firsts: list[bool] = []  # whether each lies in the slot of its subject's first one

    def judge(self, second: int) -> None:
        """Judge the slot that ends with `second`."""
        due = [hit for hit in self._waiting if max(hit.second, self._written(hit)) <= second]
        if due:
            self._waiting = [
                hit for hit in self._waiting if max(hit.second, self._written(hit)) > second
            ]
        for slot, hits in groupby(due, key=self._slot_of):
            for hit in hits:
                self._meet(hit)
            self._forget(slot // HOUR)

    def _written(self, hit: Hit) -> int:
        return self._lines.written_at(hit)

    def _slot_of(self, hit: Hit) -> int:
        """Return the second in which a hit's slot begins."""
        return hit.second // self._size * self._size

    def _meet(self, hit: Hit) -> None:
        subject, slot = subject_of(self._rule, hit), self._slot_of(hit)
        hour, meeting = slot // HOUR, self.meetings.get(subject)
        if meeting is None or hour - meeting.hour > self._rule.forget / HOUR:
            meeting = self.meetings[subject] = Meeting(slot, hour)
        meeting.hour = max(hour, meeting.hour)
        learnt = meeting.first < self._start + self._rule.learning
        if not learnt and slot - meeting.first < self._rule.window:
            self._new.append(hit)
            self._firsts.append(slot == meeting.first)

    def _forget(self, hour: int) -> None:
        """Forget some if there are too many: those overdue, then who did not come again."""
        if len(self.meetings) <= known.MAX_KNOWN:
            return
        for subject, meeting in list(self.meetings.items()):
            if hour - meeting.hour > self._rule.forget / HOUR:
                del self.meetings[subject]
        if len(self.meetings) > known.MAX_KNOWN:
            kept = known.MAX_KNOWN * 7 // 8
            gone = sorted(self.meetings, key=self._stays)[: len(self.meetings) - kept]
            self.forgotten += len(gone)
            for subject in gone:
                del self.meetings[subject]

    def _stays(self, subject: Subject) -> tuple[bool, int, int, int]:
        meeting = self.meetings[subject]
        came_again = meeting.hour > meeting.first // HOUR
        return (
            came_again,
            meeting.hour,
            meeting.first,
            int(stable_hashes(Texts.of([subject or b""]))[0]),
        )

    def measured(self, subject: Subject, second: int) -> Measurement:
        """Return what the rule measures of a subject in a second, once its slot is judged."""
        hits = list(self._within(subject, second))
        count = len(hits) if any(hits) else 0
        if count < self._rule.minimum_hits:
            return Measurement(None, count, count or None)
        return Measurement(count, count)

    def _within(self, subject: Subject, second: int) -> Iterator[bool]:
        """Yield for each hit of the window whether it lies in the slot of the first one."""
        for hit, is_first in zip(self._new, self._firsts, strict=True):
            within = second - self._rule.window < hit.second <= second
            if within and subject_of(self._rule, hit) == subject:
                yield is_first
