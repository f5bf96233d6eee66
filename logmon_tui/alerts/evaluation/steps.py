"""Steps: how the sums of a window change, subject by subject, while it moves over slots.

A step is a slot in which a hit enters or leaves the window. Between steps the sums stay the same.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


_CELLS_A_CHANGE = 4
"""Maximum table cells (subjects × slots) per change for summing changes in a table."""


class Span(NamedTuple):
    """One window of a rule: `slots` slots that end `lag` slots before the present one."""

    lag: int
    slots: int


class SummedRows(msgspec.Struct, frozen=True):
    """The rows that a window moves over, each with its subject's number and its slot.

    `sums` holds what each row adds to each sum, shape (sums, rows).
    """

    numbers: Ints
    slots: Ints
    sums: Ints

    def chosen(self, numbers: Ints) -> "SummedRows":
        """Renumber the subjects: i becomes `numbers[i]`, and rows of -1 are left out."""
        mine = numbers[self.numbers]
        rows = np.flatnonzero(mine >= 0)
        return SummedRows(mine[rows], self.slots[rows], self.sums[:, rows])


class Steps(NamedTuple):
    """The steps of all subjects, subject by subject, each in the order of its slots.

    The sums `sums[:, i]` hold from the slot `slots[i]` on, until the subject's next step. Subject
    k has the steps from `starts[k]` up to `starts[k + 1]`; its first step has the sums before the
    window moved. `sums` has a row for each sum of each span, those of the first span first.
    """

    starts: NDArray[np.intp]
    subjects: Ints
    slots: Ints
    sums: Ints

    def at(self, subject: int, slot: int) -> int:
        """Return the step whose sums hold for a subject in a slot."""
        start, stop = int(self.starts[subject]), int(self.starts[subject + 1])
        return start + int(self.slots[start:stop].searchsorted(slot, side="right")) - 1


def steps_of(
    old: SummedRows, new: SummedRows, spans: Sequence[Span], subjects: int, passed: range
) -> Steps:
    """Return the steps of `subjects` subjects while the window's end moves over the slots `passed`.

    `old` rows were counted before; `new` rows count from the first slot passed, however late they
    are.
    """
    begin, end = passed.start - 1, passed.stop - 1
    sums, height = len(old.sums), len(old.sums) * len(spans)
    before = np.zeros((height, subjects), dtype=np.int64)
    # The sums before the window moves are a step of their own, at the time 0.
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
                shifted = rows.slots + (shift - begin)
                chosen = shifted <= end - begin
                if late:
                    np.maximum(shifted, 1, out=shifted)
                else:
                    chosen &= shifted > 0
                places = np.flatnonzero(chosen)
                times.append(shifted[places])
                numbers.append(rows.numbers[places])
                nothing = np.broadcast_to(np.int64(0), places.shape)
                for row, parts in enumerate(changes):
                    counts = rows.sums[row - mine.start][places] if row in mine else nothing
                    parts.append(counts if sign > 0 else -counts)
    rows_of_changes = [np.concatenate(parts) for parts in changes]
    found = np.concatenate(times), np.concatenate(numbers), rows_of_changes
    if subjects * len(passed) <= _CELLS_A_CHANGE * len(found[0]):
        return _in_table(*found, begin, len(passed))
    return _in_order(*found, begin)


def _in_table(
    times: Ints, numbers: Ints, changes: Sequence[Ints], begin: int, passed: int
) -> Steps:
    """Sum the changes in a table with a cell for each subject and time, which needs no sorting.

    Each subject has one change at the time 0.
    """
    width = passed + 1
    cells = numbers * width + times
    subjects = int(numbers.max(initial=-1)) + 1
    changed = np.zeros(subjects * width, dtype=np.bool_)
    changed[cells] = True
    steps = np.flatnonzero(changed)
    owners, slots = np.divmod(steps, width)
    sums = np.zeros((len(changes), subjects, width), dtype=np.int64)
    for table, change in zip(sums, changes, strict=True):
        np.add.at(table.reshape(-1), cells, change)
    np.cumsum(sums, axis=2, out=sums)
    starts = np.searchsorted(owners, np.arange(subjects + 1))
    return Steps(starts, owners, slots + begin, sums.reshape(len(changes), -1)[:, steps])


def _in_order(times: Ints, numbers: Ints, changes: Sequence[Ints], begin: int) -> Steps:
    """Sort the changes into steps; each subject has one change at the time 0."""
    order = np.argsort(times, kind="stable")  # fast: it merges a few ascending pieces
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
        if subjects > 1:  # take off what the subjects in front have added to the running sum
            row[starts[1] :] -= np.repeat(row[starts[1:-1] - 1], np.diff(starts[1:]))
    return Steps(starts, owners, times[steps] + begin, sums)
