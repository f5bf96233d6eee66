"""Steps: how the sums of subjects change while a window moves over a stretch of slots."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Span(NamedTuple):
    """A part of what a rule looks at: so many slots that end `lag` slots before the present one."""

    lag: int
    slots: int


class Moving(NamedTuple):
    """What is summed up: rows of subjects by their numbers; `sums` has the shape (sums, rows)."""

    numbers: Ints
    slots: Ints
    sums: Ints

    def chosen(self, numbers: Ints) -> "Moving":
        """Return the rows under other numbers: `numbers[i]` for i, -1 for those to be left out."""
        mine = numbers[self.numbers]
        rows = np.flatnonzero(mine >= 0)
        return Moving(mine[rows], self.slots[rows], self.sums[:, rows])


class Steps(NamedTuple):
    """The steps of subjects, one subject after the other, each in the order of its slots.

    From the slot `slots[i]` on `sums[:, i]` holds, until the subject's next step. Those of
    subject k are from `starts[k]` up to `starts[k + 1]`; the first of them is where it stood
    before. `sums` has a row for each sum of each span, those of the first span first.
    """

    starts: NDArray[np.intp]
    subjects: Ints
    slots: Ints
    sums: Ints

    def at(self, subject: int, slot: int) -> int:
        """Return the step at which a subject stands in a slot."""
        start, stop = int(self.starts[subject]), int(self.starts[subject + 1])
        return start + int(self.slots[start:stop].searchsorted(slot, side="right")) - 1


def steps_of(
    old: Moving, new: Moving, spans: Sequence[Span], subjects: int, passed: range
) -> Steps:
    """Return the steps of so many `subjects` while a window's end moves over the slots `passed`.

    `old` rows have counted before; `new` ones count from the next slot on, however late they are.
    """
    begin, end = passed.start - 1, passed.stop - 1
    sums, height = len(old.sums), len(old.sums) * len(spans)
    before = np.zeros((height, subjects), dtype=np.int64)
    # Where each subject stood before is a step of its own, at the place 0.
    times = [np.zeros(subjects, dtype=np.int64)]
    numbers = [np.arange(subjects)]
    changes = [before]
    for place, span in enumerate(spans):
        mine = slice(place * sums, (place + 1) * sums)
        inside = old.slots > begin - span.lag - span.slots
        inside &= old.slots <= begin - span.lag
        for row, counts in zip(before[mine], old.sums[:, inside], strict=True):
            np.add.at(row, old.numbers[inside], counts)
        for rows, least in ((old, None), (new, 1)):
            for shift, sign in ((span.lag, 1), (span.lag + span.slots, -1)):
                moved = rows.slots + (shift - begin)
                chosen = moved <= end - begin
                if least is None:
                    chosen &= moved > 0
                else:
                    np.maximum(moved, least, out=moved)
                change = np.zeros((height, int(np.count_nonzero(chosen))), dtype=np.int64)
                change[mine] = sign * rows.sums[:, chosen]
                times.append(moved[chosen])
                numbers.append(rows.numbers[chosen])
                changes.append(change)
    return _in_order(
        np.concatenate(times), np.concatenate(numbers), np.concatenate(changes, axis=1), begin
    )


def _in_order(times: Ints, numbers: Ints, changes: Ints, begin: int) -> Steps:
    """Return the steps that these changes make, of which each subject has one at the time 0."""
    order = np.argsort(times, kind="stable")  # of a few ascending pieces: they are merged
    subjects = int(numbers.max(initial=-1)) + 1
    if subjects > 1:
        short = numbers[order].astype(np.uint16 if subjects <= 1 << 16 else np.int64)
        order = order[np.argsort(short, kind="stable")]
    times, numbers = times[order], numbers[order]
    last = np.ones(len(times), dtype=np.bool_)
    last[:-1] = (times[1:] != times[:-1]) | (numbers[1:] != numbers[:-1])
    steps = np.flatnonzero(last)
    owners = numbers[steps]
    starts = np.searchsorted(owners, np.arange(subjects + 1))
    sums = np.cumsum(changes[:, order], axis=1)[:, steps]
    former = np.zeros((len(changes), subjects), dtype=np.int64)
    former[:, 1:] = sums[:, starts[1:-1] - 1]  # what the subjects in front have come to
    return Steps(starts, owners, times[steps] + begin, sums - former[:, owners])
