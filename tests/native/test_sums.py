"""Sums by code, class and group: the library and numpy give the same, and refuse the same codes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from logmon_tui.native import sums
from logmon_tui.native.library import is_native
from logmon_tui.native.sums import (
    GROUPS,
    CodeSums,
    add_by_group,
    add_by_stretch,
    mapped_codes,
    numbered_rows,
    sums_by,
)

NATIVE = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")
CODES = 6
ROWS = st.lists(st.tuples(st.integers(0, CODES - 1), st.integers(-9, 2**40), st.integers(0, 9)))
RANGES = st.tuples(st.integers(0, 9), st.integers(0, 10)).map(lambda ends: range(*ends))


@pytest.fixture(params=[pytest.param(True, marks=NATIVE), False], ids=["library", "python"])
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the library does it."""
    monkeypatch.setattr(sums, "is_native", lambda: request.param)
    return bool(request.param)


def zeros(*shape: int) -> NDArray[np.int64]:
    return np.zeros(shape, dtype=np.int64)


@pytest.mark.usefixtures("native")
@given(rows=ROWS, classes=RANGES)
def test_rows_are_counted_by_code_and_class(
    rows: list[tuple[int, int, int]], classes: range
) -> None:
    codes = np.array([code for code, _, _ in rows], dtype=np.int32)
    values = np.array([value for _, value, _ in rows], dtype=np.int64)
    of_rows = np.array([digit for _, _, digit in rows], dtype=np.uint8)
    counted = CodeSums(classes)
    for count in (CODES, 1 + CODES):  # it adds to what is there
        counted.add(codes, values, count, of_rows)
    assert counted.rows == 2 * len(rows)
    (hits, summed), by_class = counted.sums()
    without = sums_by(codes, values, CODES)
    for code in range(CODES):
        mine = [row for row in rows if row[0] == code]
        assert hits[code] == 2 * len(mine)
        assert summed[code] == 2 * sum(value for _, value, _ in mine)
        assert [int(each[code]) for each in by_class] == [
            2 * sum(digit == each for _, _, each in mine) for digit in classes
        ]
        assert (without.hits[code], without.values[code]) == (hits[code] // 2, summed[code] // 2)


@pytest.mark.usefixtures("native")
def test_more_rows_than_can_be_counted_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "MAX_ROWS", 3)
    counted, codes = CodeSums(), np.zeros(2, dtype=np.int32)
    counted.add(codes, zeros(2), 1)
    with pytest.raises(ValueError, match="more than 3 rows"):
        counted.add(codes, zeros(2), 1)


@pytest.mark.usefixtures("native")
@given(
    rows=st.lists(st.tuples(st.integers(0, CODES - 1), st.integers(0, 9))),
    groups=st.lists(st.sampled_from([0, 1, 7, GROUPS - 1]), min_size=CODES, max_size=CODES),
    alike=st.booleans(),
)
def test_hits_are_added_to_their_groups_and_taken_off(
    rows: list[tuple[int, int]], groups: list[int], alike: bool
) -> None:
    codes = np.array([code for code, _ in rows], dtype=np.int32)
    hits = np.array([count for _, count in rows], dtype=np.int64)
    if alike:
        hits = np.broadcast_to(np.int64(1), len(rows))
    group_of, found = np.array(groups, dtype=np.uint16), zeros(GROUPS)
    add_by_group(codes, hits, group_of, found)
    expected = zeros(GROUPS)
    for code, count in zip(codes.tolist(), hits.tolist(), strict=True):
        expected[groups[code]] += count
    assert found.tolist() == expected.tolist()
    add_by_group(codes, hits, group_of, found, sign=-1)
    assert not found.any()


@pytest.mark.usefixtures("native")
@given(
    stretches=st.lists(st.lists(st.tuples(st.integers(0, CODES - 1), st.integers(0, 9)))),
    numbers=st.lists(st.integers(-1, 4), min_size=CODES, max_size=CODES),
    alike=st.booleans(),
)
def test_hits_are_added_to_their_stretches_and_numbers(
    stretches: list[list[tuple[int, int]]], numbers: list[int], alike: bool
) -> None:
    rows = [row for stretch in stretches for row in stretch]
    codes = np.array([code for code, _ in rows], dtype=np.int32)
    hits = np.array([count for _, count in rows], dtype=np.uint8)
    if alike:
        hits = np.broadcast_to(np.uint8(1), len(rows))
    ends = np.cumsum([len(stretch) for stretch in stretches], dtype=np.int64)
    found, expected = zeros(len(stretches), 6), zeros(len(stretches), 6)
    add_by_stretch(codes, hits, ends, np.array(numbers, dtype=np.int32), found)
    for place, stretch in enumerate(stretches):
        for code, count in stretch:
            expected[place, numbers[code]] += 1 if alike else count
    assert found.tolist() == expected.tolist()


@pytest.mark.usefixtures("native")
def test_rows_after_the_last_stretch_are_not_counted() -> None:
    counts = zeros(1, 2)
    codes, numbers = np.zeros(3, dtype=np.int32), np.zeros(1, dtype=np.int32)
    add_by_stretch(codes, np.ones(3, dtype=np.int64), np.array([2]), numbers, counts)
    assert counts.tolist() == [[2, 0]]


@NATIVE
@pytest.mark.parametrize(
    ("code", "end", "number"), [(1, 2, 0), (-1, 2, 0), (0, 3, 0), (0, -1, 0), (0, 2, 2)]
)
def test_what_is_out_of_bounds_is_not_counted(code: int, end: int, number: int) -> None:
    codes, numbers = np.array([0, code], np.int32), np.array([number], np.int32)
    with pytest.raises(ValueError, match="out of bounds"):
        add_by_stretch(codes, zeros(2), np.array([end], np.int64), numbers, zeros(1, 2))


@NATIVE
def test_stretches_of_other_lengths_are_refused() -> None:
    codes, numbers = np.zeros(2, np.int32), np.zeros(1, np.int32)
    with pytest.raises(ValueError, match="different lengths"):
        add_by_stretch(codes, zeros(2), np.array([2, 2]), numbers, zeros(1, 2))
    with pytest.raises(ValueError, match="in one piece"):
        add_by_stretch(codes, zeros(2), np.array([2]), numbers, zeros(1, 4)[:, ::2])


@pytest.mark.usefixtures("native")
@given(
    codes=st.lists(st.integers(0, CODES - 1)),
    numbers=st.lists(st.integers(-1, 2**31 - 1), min_size=CODES, max_size=CODES),
    wide=st.booleans(),
)
def test_rows_with_a_number_are_found(codes: list[int], numbers: list[int], wide: bool) -> None:
    given_codes = np.array(codes, dtype=np.int64 if wide else np.int32)
    rows, found = numbered_rows(given_codes, np.array(numbers, dtype=np.int32))
    expected = [row for row, code in enumerate(codes) if numbers[code] >= 0]
    assert rows.tolist() == expected
    assert found.tolist() == [numbers[codes[row]] for row in expected]


@pytest.mark.usefixtures("native")
@given(
    codes=st.lists(st.integers(0, CODES - 1)),
    numbers=st.lists(st.integers(-1, 2**31 - 1), min_size=CODES, max_size=CODES),
    strided=st.booleans(),
)
def test_codes_are_mapped(codes: list[int], numbers: list[int], strided: bool) -> None:
    of_rows = np.array(codes, dtype=np.int32)
    if strided:
        of_rows = np.repeat(of_rows, 2)[::2]
    found = mapped_codes(of_rows, np.array(numbers, dtype=np.int32))
    assert found.tolist() == [numbers[code] for code in codes]


@NATIVE
@pytest.mark.parametrize("code", [-1, 3])
def test_a_code_out_of_bounds_is_refused(code: int) -> None:
    codes = np.array([0, code], dtype=np.int32)
    with pytest.raises(ValueError, match="not below 3"):
        CodeSums(range(4, 6)).add(codes, zeros(2), 3, np.zeros(2, dtype=np.uint8))
    with pytest.raises(ValueError, match="not below 3"):
        add_by_group(codes, zeros(2), np.zeros(3, dtype=np.uint16), zeros(GROUPS))
    with pytest.raises(ValueError, match="not below 3"):
        numbered_rows(codes, np.zeros(3, dtype=np.int32))
    with pytest.raises(ValueError, match="not below 3"):
        mapped_codes(codes, np.zeros(3, dtype=np.int32))


@NATIVE
def test_columns_of_different_lengths_are_refused() -> None:
    codes = np.zeros(2, dtype=np.int32)
    for values, classes in [(1, 2), (2, 1)]:
        with pytest.raises(ValueError, match="different lengths"):
            CodeSums().add(codes, zeros(values), 2, np.zeros(classes, dtype=np.uint8))
    groups = np.zeros(1, dtype=np.uint16)
    with pytest.raises(ValueError, match="different lengths"):
        add_by_group(codes, zeros(1), groups, zeros(GROUPS))
    with pytest.raises(ValueError, match=f"{GROUPS} groups"):
        add_by_group(codes, zeros(2), groups, zeros(GROUPS - 1))


@NATIVE
def test_sums_that_are_not_in_one_piece_are_refused() -> None:
    codes = np.zeros(2, dtype=np.int32)
    with pytest.raises(ValueError, match="in one piece"):
        add_by_group(codes, zeros(2), np.zeros(1, dtype=np.uint16), zeros(2 * GROUPS)[::2])
