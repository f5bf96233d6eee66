"""Groups of keys: the same for equal keys, wherever they stand, and spread over all groups."""

from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.metrics.key_groups import GROUPS, groups_of
from logmon_tui.native.texts import Texts


@given(st.lists(st.binary(max_size=80)), st.integers(0, 5))
def test_equal_keys_are_of_one_group_also_in_a_part_of_an_array(
    keys: list[bytes], start: int
) -> None:
    groups = groups_of(Texts.of(keys))
    assert len(groups) == len(keys)
    known = dict(zip(keys, groups.tolist(), strict=True))
    assert [known[key] for key in keys] == groups.tolist()
    assert groups_of(Texts.of(keys).take(slice(start, None))).tolist() == groups.tolist()[start:]
    assert all(0 <= group < GROUPS for group in known.values())


def test_many_clients_are_spread_over_the_groups() -> None:
    clients = [b"10.%d.%d.%d" % (n >> 16, n >> 8 & 255, n & 255) for n in range(GROUPS)]
    used = len(set(groups_of(Texts.of(clients)).tolist()))
    assert used > 0.55 * GROUPS  # 63 % of them, if chosen by chance
