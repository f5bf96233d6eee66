"""How the sums of a window change: the same by a table, by sorting, and slot by slot."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.evaluation import steps
from logmon_tui.alerts.evaluation.steps import Span, Steps, SummedRows, steps_of
from tests.effort import examples

SLOTS, SUBJECTS, BEGIN = 30, 4, 12

ROWS = st.lists(
    st.tuples(
        st.integers(0, SUBJECTS - 1),
        st.integers(0, SLOTS),
        st.integers(1, 9),
        st.integers(0, 2**60),
    ),
    max_size=25,
)


def rows_of(listed: list[tuple[int, int, int, int]], sums: int) -> SummedRows:
    columns = np.array(sorted(listed, key=lambda row: row[1]), dtype=np.int64).reshape(-1, 4).T
    return SummedRows(columns[0], columns[1], columns[2 : 2 + sums])


def facts(found: Steps) -> list[object]:
    return [each.tolist() for each in found]


@settings(max_examples=examples(300), deadline=None)
@given(
    old=ROWS,
    new=ROWS,
    spans=st.sampled_from([(Span(0, 3),), (Span(0, 1),), (Span(0, 3), Span(3, 8))]),
    passed=st.integers(1, SLOTS - BEGIN),
    sums=st.integers(1, 2),
)
def test_a_table_tells_what_sorting_tells_and_what_a_look_at_each_slot_tells(
    old: list[tuple[int, int, int, int]],
    new: list[tuple[int, int, int, int]],
    spans: tuple[Span, ...],
    passed: int,
    sums: int,
) -> None:
    old = [row for row in old if row[1] <= BEGIN]
    window = range(BEGIN + 1, BEGIN + 1 + passed)
    counted = [rows_of(each, sums) for each in (old, new)]
    found = []
    for cells in (0, 1_000_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(steps, "_CELLS_A_CHANGE", cells)
            found.append(steps_of(counted[0], counted[1], spans, SUBJECTS, window))
    assert facts(found[0]) == facts(found[1])
    for subject in range(SUBJECTS):
        for slot in window:
            step = found[1].at(subject, slot)
            assert found[1].sums[:, step].tolist() == [
                sum(
                    row[2 + number]
                    for row in (*old, *new)
                    if row[0] == subject and slot - span.slots < row[1] + span.lag <= slot
                )
                for span in spans
                for number in range(sums)
            ]
