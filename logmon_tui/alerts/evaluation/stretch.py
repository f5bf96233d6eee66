"""Stretch: what a rule measures of some subjects over consecutive slots."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.crossings import crossings
from logmon_tui.alerts.evaluation.row_window import Passage
from logmon_tui.alerts.evaluation.step_measures import HitBins, Measure, QuantileMeasure
from logmon_tui.alerts.evaluation.steps import steps_of
from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.model.incident import Subject


class Stretch:
    """The measurements of a rule while the end of its window moves over the slots `passed`."""

    def __init__(self, passage: Passage, measure: Measure, passed: range, wanted: int) -> None:
        """Choose the subjects that may breach the rule; the first `wanted` are always chosen."""
        self.wanted = wanted
        self._measure = measure
        self._rows = passage.old, passage.new
        known = len(passage.subjects)
        old, new = (measure.summed_rows(rows) for rows in self._rows)
        if known > wanted:
            may = measure.may_breach(old, new, known)
            may[:wanted] = True
        else:
            may = np.ones(known, dtype=np.bool_)
        self._known = np.flatnonzero(may)  # number of each chosen subject in the rows
        self.subjects = [passage.subjects[number] for number in self._known.tolist()]
        if not may.all():
            numbers = np.where(may, np.cumsum(may) - 1, -1)
            old, new = old.chosen(numbers), new.chosen(numbers)
        self.steps = steps_of(old, new, measure.spans, len(self.subjects), passed)
        self.levels = measure.levels(self.steps.sums)
        self._bins: dict[int, HitBins] = {}

    @cached_property
    def numbers(self) -> dict[Subject, int]:
        """The number of each chosen subject, from 0 on."""
        return {subject: number for number, subject in enumerate(self.subjects)}

    def verdict_steps(self, with_state: int, *, every: bool, known: bool) -> NDArray[np.intp]:
        """Return the steps at which a verdict may change; if `every`, all but the first ones.

        The first `with_state` subjects have a state. Others may be beyond a threshold already:
        it has moved, or they were forgotten. They are judged when they next have hits. `known`
        tells that all steps are judged.
        """
        starts = self.steps.starts
        if every:
            chosen = np.ones(len(self.steps.slots), dtype=np.bool_)
        else:
            measure = self._measure
            levels = self.levels.levels
            chosen = crossings(measure.rule, measure.thresholds, levels, starts, known=known)
            others = starts[with_state:-1]
            others = others[self.levels.breaches[others] & (others + 1 < starts[with_state + 1 :])]
            chosen[others + 1] = True
        chosen[starts[:-1]] = False
        return np.flatnonzero(chosen)

    def measurement(self, step: int, slot: int) -> Measurement:
        """Return the measurement of a step's subject in `slot`, which that step must cover."""
        if isinstance(self._measure, QuantileMeasure):
            hits = self._bins_of(int(self.steps.subjects[step]))
            return self._measure.measurement_of_bins(hits, slot)
        return self._measure.measurement(self.steps.sums[:, step])

    def worst(self, steps: slice, peak: float) -> int | None:
        """Return the first of a subject's `steps` with the worst value.

        None if no step has a value; perhaps also if the worst value is not beyond `peak`.
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
