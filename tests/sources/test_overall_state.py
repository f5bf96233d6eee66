from itertools import permutations

import pytest

from logmon_tui.sources.base import SourceState, SourceStatus, overall_state

CATCHING_UP, FAILED, LIVE = SourceState.CATCHING_UP, SourceState.FAILED, SourceState.LIVE
WAITING, ENDED = SourceState.WAITING, SourceState.ENDED


@pytest.mark.parametrize(
    ("states", "overall"),
    [
        ([], None),
        ([WAITING], WAITING),
        ([ENDED, WAITING], WAITING),
        ([ENDED, LIVE, WAITING], LIVE),
        ([LIVE, FAILED], FAILED),
        ([CATCHING_UP, FAILED, LIVE], CATCHING_UP),
    ],
)
def test_the_state_that_needs_a_look_most_stands_for_all(
    states: list[SourceState], overall: SourceState | None
) -> None:
    for each in permutations(states):
        assert overall_state([SourceStatus("a", state) for state in each]) is overall
