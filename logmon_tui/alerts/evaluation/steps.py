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
    # Where each subject stood before is a step of its own, at the time 0.
    times = [np.zeros(subjects, dtype=np.int64)]
    numbers = [np.arange(subjects)]
    changes = [[row] for row in before]
    for place, span in enumerate(spans):
        mine = range(place * sums, (place + 1) * sums)
        inside = old.slots > begin - span.lag - span.slots
        inside &= old.slots <= begin - span.lag
        for row, counts in zip(mine, old.sums, strict=True):
            np.add.at(before[row], old.numbers[inside], counts[inside])
        for rows, late in ((old, False), (new, True)):
            for shift, sign in ((span.lag, 1), (span.lag + span.slots, -1)):
                moved = rows.slots + (shift - begin)
                chosen = moved <= end - begin
                if late:
                    np.maximum(moved, 1, out=moved)
                else:
                    chosen &= moved > 0
                places = np.flatnonzero(chosen)
                times.append(moved[places])
                numbers.append(rows.numbers[places])
                nothing = np.broadcast_to(np.int64(0), places.shape)
                for row, parts in enumerate(changes):
                    counts = rows.sums[row - mine.start][places] if row in mine else nothing
                    parts.append(counts if sign > 0 else -counts)
    rows_of_changes = [np.concatenate(parts) for parts in changes]
    return _in_order(np.concatenate(times), np.concatenate(numbers), rows_of_changes, begin)


def _in_order(times: Ints, numbers: Ints, changes: Sequence[Ints], begin: int) -> Steps:
    """Return the steps that these changes make, of which each subject has one at the time 0."""
    order = np.argsort(times, kind="stable")  # of a few ascending pieces: they are merged
    subjects = int(numbers.max(initial=-1)) + 1
    if subjects > 1:
        short = numbers[order].astype(np.uint16 if subjects <= 1 << 16 else np.int64)
        order = order[np.argsort(short, kind="stable")]
    times, numbers = times[order], numbers[order]
    last = np.ones(len(times), dtype=np.bool_)
    np.not_equal(times[1:], times[:-1], out=last[:-1])
    last[:-1] |= numbers[1:] != numbers[:-1]
    steps = np.flatnonzero(last)
    owners = numbers[steps]
    starts = np.searchsorted(owners, np.arange(subjects + 1))
    sums = np.empty((len(changes), len(steps)), dtype=np.int64)
    for row, change in zip(sums, changes, strict=True):
        np.take(np.cumsum(change[order]), steps, out=row)
        if subjects > 1:  # what those in front have come to is none of a subject's own
            row[starts[1] :] -= np.repeat(row[starts[1:-1] - 1], np.diff(starts[1:]))
    return Steps(starts, owners, times[steps] + begin, sums)
