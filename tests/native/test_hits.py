"""All hits counted at once: the library and numpy give the same, and refuse the same codes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.native import hits
from logmon_tui.native.hits import STATUS_CODES, counted_hits
from logmon_tui.native.library import is_native

NATIVE = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")
GROUPS = [2, 0, 0, 1, 2, 2]
HITS = st.lists(
    st.tuples(
        st.integers(0, STATUS_CODES - 1), st.integers(-1, 9) | st.integers(-(2**63), 2**63 - 1)
    )
)


@pytest.fixture(params=[pytest.param(True, marks=NATIVE), False], ids=["library", "python"])
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the library does it."""
    monkeypatch.setattr(hits, "is_native", lambda: request.param)
    return bool(request.param)


@pytest.mark.usefixtures("native")
@given(rows=HITS)
def test_hits_are_counted_by_status_and_by_the_group_of_their_size(
    rows: list[tuple[int, int]],
) -> None:
    status, sizes = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    found = counted_hits(status, sizes, np.array(GROUPS, dtype=np.uint16), 4)
    assert found.classes.tolist() == [code // 100 for code, _ in rows]
    assert found.by_status.tolist() == [
        sum(code == each for each, _ in rows) for code in range(STATUS_CODES)
    ]
    within = [GROUPS[size] for _, size in rows if 0 <= size < len(GROUPS)]
    assert found.by_group.tolist() == [within.count(group) for group in range(4)]
    assert found.beyond.tolist() == [size for _, size in rows if not 0 <= size < len(GROUPS)]
    total = sum(size for _, size in rows)
    assert found.bytes == (total + 2**63) % 2**64 - 2**63
    assert found.largest == max([0, *(size for _, size in rows)])


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("code", [-1, STATUS_CODES])
def test_a_status_code_out_of_bounds_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match="three digits"):
        counted_hits(np.array([200, code]), np.zeros(2, np.int64), np.zeros(0, np.uint16), 1)


@pytest.mark.usefixtures("native")
def test_a_group_out_of_bounds_is_not_counted() -> None:
    groups = np.array([0, 3], dtype=np.uint16)
    status, sizes = np.array([200, 200]), np.array([0, 1])
    if hits.is_native():
        assert counted_hits(status, sizes, groups, 1).beyond.tolist() == [1]


@pytest.mark.usefixtures("native")
def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        counted_hits(np.array([200]), np.zeros(2, np.int64), np.zeros(0, np.uint16), 1)
