"""`distinct` returns what np.unique does, however close together or far apart the numbers lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.formats.model.distinct import distinct

BOUND = 2**31


@given(
    st.lists(st.integers(-BOUND, BOUND - 1) | st.integers(-5, 300), max_size=60),
    st.sampled_from([np.int32, np.int64]),
)
def test_distinct_numbers_and_their_places_are_those_of_numpy(
    numbers: list[int], kind: type[np.signedinteger]
) -> None:
    given_ones = np.array(numbers, dtype=kind)
    found, places = distinct(given_ones)
    expected, inverse = np.unique(given_ones, return_inverse=True)
    assert found.dtype == kind
    assert found.tolist() == expected.tolist()
    assert places.tolist() == inverse.tolist()


@pytest.mark.parametrize("numbers", [[7], [2**62, 2**62 + 3, 2**62], [-(2**63), 2**63 - 1]])
def test_numbers_at_the_bounds_of_64_bits_are_told_apart(numbers: list[int]) -> None:
    found, places = distinct(np.array(numbers, dtype=np.int64))
    assert [found.tolist()[place] for place in places] == numbers
