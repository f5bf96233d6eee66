"""Stretch: what a rule measures of some subjects over a stretch of slots."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.row_window import Passage
from logmon_tui.alerts.evaluation.step_measures import HitBins, Measure, QuantileMeasure
from logmon_tui.alerts.evaluation.steps import steps_of
from logmon_tui.alerts.evaluation.subject_state import Reading
from logmon_tui.alerts.model.incident import Subject


class Stretch:
    """The slots `passed` by the end of a rule's window."""

    def __init__(self, passage: Passage, measure: Measure, passed: range, wanted: int) -> None:
        """Look at those who may concern the rule; the first `wanted` subjects always do."""
        self.wanted = wanted
        self._measure = measure
        self._rows = passage.old, passage.new
        known = len(passage.subjects)
        old, new = (measure.moving(rows) for rows in self._rows)
        may = measure.may_stir(old, new, known)
        may[:wanted] = True
        self._known = np.flatnonzero(may)  # the number that each subject has among the rows
        self.subjects = [passage.subjects[number] for number in self._known.tolist()]
        if not may.all():
            numbers = np.where(may, np.cumsum(may) - 1, -1)
            old, new = old.chosen(numbers), new.chosen(numbers)
        self.steps = steps_of(old, new, measure.spans, len(self.subjects), passed)
        self.told = measure.levels(self.steps.sums)
        self._bins: dict[int, HitBins] = {}

    @cached_property
    def numbers(self) -> dict[Subject, int]:
        """The number of each subject."""
        return {subject: number for number, subject in enumerate(self.subjects)}

    def turns(self, standing: int, *, every: bool) -> NDArray[np.intp]:
        """Return the steps at which a verdict may change; if `every`, all but the first ones.

        The first `standing` subjects have a standing. Others may stir already: where a threshold
        has moved, or they were forgotten. They are judged when they next have hits.
        """
        starts = self.steps.starts
        if every:
            turns = np.ones(len(self.steps.slots), dtype=np.bool_)
        else:
            turns = np.zeros(len(self.steps.slots), dtype=np.bool_)
            np.not_equal(self.told.levels[1:], self.told.levels[:-1], out=turns[1:])
            others = starts[standing:-1]
            others = others[self.told.stirs[others] & (others + 1 < starts[standing + 1 :])]
            turns[others + 1] = True
        turns[starts[:-1]] = False
        return np.flatnonzero(turns)

    def reading(self, step: int, slot: int) -> Reading:
        """Return what the rule measures of a step's subject in a slot, at which that step holds."""
        if isinstance(self._measure, QuantileMeasure):
            hits = self._bins_of(int(self.steps.subjects[step]))
            return self._measure.reading_of_bins(hits, slot)
        return self._measure.reading(self.steps.sums[:, step])

    def worst(self, steps: slice, peak: float) -> int | None:
        """Return the first of a subject's `steps` with the worst value, None if none has any.

        Where it is not beyond `peak`, it may be None too.
        """
        sums = self.steps.sums[:, steps]
        if isinstance(self._measure, QuantileMeasure):
            hits, ends = self._bins_of(int(self.steps.subjects[steps.start])), self.steps.slots
            place = self._measure.worst_of_bins(hits, sums, ends[steps], peak)
        else:
            place = self._measure.worst(sums)
        return None if place is None else int(steps.start) + place

    def _bins_of(self, subject: int) -> HitBins:
        if subject not in self._bins:
            known = self._known[subject]
            mine = [(rows, np.flatnonzero(rows.numbers == known)) for rows in self._rows]
            slots = np.concatenate([rows.slots[chosen] for rows, chosen in mine])
            bins = np.concatenate([rows.amounts[chosen] for rows, chosen in mine])
            order = np.argsort(slots, kind="stable")
            self._bins[subject] = HitBins(slots[order], bins[order])
        return self._bins[subject]
