"""SeenByRule: what a rule counts and measures of a log, whether it fires or not.

Verdicts need only loud subjects, so evaluators look at no others. This looks at all of them, which
takes time and memory for each: it is for trying rules on logs.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import inf, nextafter

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.counter_keys import counter_key_of
from logmon_tui.alerts.evaluation.row_window import Passage
from logmon_tui.alerts.evaluation.slotted import SlottedBatch
from logmon_tui.alerts.evaluation.step_measures import Measure, QuantileMeasure
from logmon_tui.alerts.evaluation.steps import Ints, Steps
from logmon_tui.alerts.evaluation.stretch import Stretch
from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, When
from logmon_tui.alerts.model.seen import Nearest, RuleSeen
from logmon_tui.native.sketches import Hashes, stable_hashes
from logmon_tui.native.texts import Texts

_NEVER = 1 << 62
"""A slot later than any other."""


class SeenByRule:
    """Collects what `rule` sees: its rows as they are counted, its measurements as it is judged."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._hits = self._most_hits = 0
        self._subjects: Hashes = np.zeros(0, dtype=np.uint64)
        self._nearest: Nearest | None = None

    @property
    def seen(self) -> RuleSeen:
        """What was seen up to now."""
        return RuleSeen(self._hits, len(self._subjects), self._most_hits, self._nearest)

    def take(self, batch: SlottedBatch) -> None:
        """Count the hits of a batch, and their subjects."""
        rows = batch.rows(counter_key_of(self.rule))
        if rows is None or not len(rows.hits):
            return
        self._hits += int(rows.hits.sum())
        subjects = rows.names.of(np.unique(rows.codes))
        hashes = stable_hashes(Texts.of(subject or b"" for subject in subjects))
        self._subjects = np.union1d(self._subjects, hashes)

    def take_unparsed(self, lines: int) -> None:
        """Count lines that are no hits."""
        self._hits += lines if self.rule.metric is Metric.UNPARSED_SHARE else 0

    def note(self, subject: Subject, measurement: Measurement, second: int) -> None:
        """Note what was measured of a subject at a second."""
        self._most_hits = max(self._most_hits, measurement.hits)
        value = measurement.judged
        if value is None or (self.rule.of_novelty and not measurement.hits):  # it is not new
            return
        found, known = Nearest(value, measurement.hits, subject, second), self._nearest
        if known is None or self._is_nearer(found, known):
            self._nearest = found

    def _is_nearer(self, found: Nearest, known: Nearest) -> bool:
        """Tell whether a value is nearer; of equal values the first one is, in a fixed order."""
        if found.value != known.value:
            return self.rule.beyond(found.value, known.value)
        return (found.second, found.subject or b"") < (known.second, known.subject or b"")

    def note_passage(
        self, passage: Passage, measure: Measure, passed: range, first: int, bucket_size: int
    ) -> None:
        """Note what is measured of all subjects of a passage, from the slot `first` on."""
        stretch = Stretch(passage, measure, passed, len(passage.subjects))
        steps = stretch.steps
        begin = max(passed.start, first)
        if not len(steps.slots) or begin >= passed.stop:
            return
        judged = np.flatnonzero(_ends(steps, passed.stop) > begin)
        counted = steps.sums[-1 if self.rule.metric is Metric.CHANGE else 0, judged]
        self._most_hits = max(self._most_hits, int(counted.max(initial=0)))
        for step in self._worst(stretch, measure, judged, begin):
            slot = max(int(steps.slots[step]), begin)
            measurement = stretch.measurement(step, slot)
            second = (slot + 1) * bucket_size - 1
            self.note(stretch.subjects[int(steps.subjects[step])], measurement, second)

    def _worst(
        self, stretch: Stretch, measure: Measure, judged: NDArray[np.intp], begin: int
    ) -> Iterator[int]:
        """Yield steps among which is the first of the value nearest to the threshold.

        The steps `judged` hold in the slot `begin` or later.
        """
        steps = stretch.steps
        if not isinstance(measure, QuantileMeasure):
            found = judged[measure.all_worst(steps.sums[:, judged])]
            slots = np.maximum(steps.slots[found], begin)
            yield from found[slots == slots.min(initial=_NEVER)].tolist()
            return
        bounds = judged.searchsorted(steps.starts)
        for start, stop in pairwise(bounds.tolist()):  # those judged of a subject are its last ones
            if start < stop:
                chosen = slice(int(judged[start]), int(judged[stop - 1]) + 1)
                worst = stretch.worst(chosen, self._bar())
                if worst is not None:
                    yield worst

    def _bar(self) -> float:
        """Return what a value must be beyond to be as near."""
        better = -inf if self.rule.when is When.ABOVE else inf
        return better if self._nearest is None else nextafter(self._nearest.value, better)


def _ends(steps: Steps, end: int) -> Ints:
    """Return the slot before which each step ends; a subject's last one ends at `end`."""
    ends: Ints = np.append(steps.slots[1:], end)
    ends[steps.starts[1:] - 1] = end
    return ends
