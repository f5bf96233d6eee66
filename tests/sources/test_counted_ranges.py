"""CountedRanges: each byte of each file is handed over once, however its chunks come."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.sources.broker import counted_ranges
from logmon_tui.sources.broker.counted_ranges import (
    MAX_FILES,
    MAX_RANGES,
    MAX_SERVERS,
    CountedRanges,
    Range,
    SavedRanges,
)
from tests.effort import examples

LENGTH = 60

CHUNKS = st.lists(
    st.tuples(
        st.sampled_from([b"eu/web1", b"eu/web2"]),
        st.sampled_from([b"a", b"b"]),
        st.integers(0, LENGTH),
        st.integers(0, LENGTH),
    ).map(lambda each: (each[0], each[1], Range(min(each[2:]), max(each[2:])))),
    max_size=40,
)


@settings(max_examples=examples(500))
@given(chunks=CHUNKS, restarts=st.sets(st.integers(0, 40)))
def test_each_byte_is_handed_over_once(
    chunks: list[tuple[bytes, bytes, Range]], restarts: set[int]
) -> None:
    table = CountedRanges()
    handed: dict[tuple[bytes, bytes], list[int]] = {}
    sent: dict[tuple[bytes, bytes], set[int]] = {}
    for number, (server, file, chunk) in enumerate(chunks):
        if number in restarts:
            table = CountedRanges(msgspec.msgpack.decode(_packed(table), type=SavedRanges))
        for part in table.uncounted(server, file, chunk):
            handed.setdefault((server, file), []).extend(range(part.start, part.end))
            table.count(server, file, part, number)
        sent.setdefault((server, file), set()).update(range(chunk.start, chunk.end))
    for key, offsets in sent.items():
        assert sorted(handed.get(key, [])) == sorted(offsets)
    for server in {server for server, _, _ in chunks}:
        of_server = [offsets for key, offsets in sent.items() if key[0] == server and offsets]
        gaps = sum(max(each) + 1 - min(each) - len(each) for each in of_server)
        assert table.missing(server) == gaps


def _packed(table: CountedRanges) -> bytes:
    return msgspec.msgpack.encode(table.saved())


def test_parts_of_a_chunk_that_overlaps_come_in_order() -> None:
    table = CountedRanges()
    for start, end in ((10, 20), (30, 40)):
        table.count(b"s", b"f", Range(start, end), 0.0)
    assert table.uncounted(b"s", b"f", Range(0, 50)) == [
        Range(0, 10),
        Range(20, 30),
        Range(40, 50),
    ]


def test_a_file_with_too_many_gaps_gives_up_the_earliest_and_says_so() -> None:
    table = CountedRanges()
    for number in range(MAX_RANGES + 1):
        table.count(b"s", b"f", Range(number * 10, number * 10 + 1), 0.0)
    assert table.uncounted(b"s", b"f", Range(0, 11)) == []
    assert table.uncounted(b"s", b"f", Range(11, 20)) == [Range(11, 20)]
    assert table.missing(b"s") == 9 * MAX_RANGES


def test_the_file_that_was_silent_longest_is_forgotten_first() -> None:
    table = CountedRanges()
    for number in range(MAX_FILES):
        table.count(b"s", b"%d" % number, Range(0, 5), number)
    table.count(b"s", b"0", Range(5, 6), 1_000.0)
    table.count(b"s", b"new", Range(0, 5), 1_001.0)
    assert table.uncounted(b"s", b"1", Range(0, 5)) == [Range(0, 5)]
    assert table.uncounted(b"s", b"0", Range(0, 5)) == []


def test_one_server_with_many_files_costs_others_none_of_theirs() -> None:
    table = CountedRanges()
    table.count(b"other", b"f", Range(0, 5), 0.0)
    for number in range(2 * MAX_FILES):
        table.count(b"s", b"%d" % number, Range(0, 5), number)
    assert table.uncounted(b"other", b"f", Range(0, 5)) == []


def test_the_server_that_was_silent_longest_is_forgotten_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counted_ranges, "MAX_SERVERS", 3)
    assert MAX_SERVERS > 3
    table = CountedRanges()
    for number in range(4):
        table.count(b"%d" % number, b"f", Range(0, 5), number)
    assert [name for name, _ in table.servers()] == [b"1", b"2", b"3"]


def test_a_silent_file_is_forgotten_after_days() -> None:
    table = CountedRanges()
    table.count(b"s", b"old", Range(0, 5), 100.0)
    table.count(b"s", b"new", Range(0, 5), 200.0)
    table.count(b"t", b"old", Range(0, 5), 100.0)
    table.forget_before(150.0)
    assert table.uncounted(b"s", b"old", Range(0, 5)) == [Range(0, 5)]
    assert table.uncounted(b"s", b"new", Range(0, 5)) == []
    assert [name for name, _ in table.servers()] == [b"s"]


def test_the_order_of_age_outlasts_a_restart() -> None:
    table = CountedRanges()
    table.count(b"old", b"f", Range(0, 5), 1.0)
    table.count(b"new", b"f", Range(0, 5), 2.0)
    again = CountedRanges(dict(reversed(table.saved().items())))
    assert [name for name, _ in again.servers()] == [b"old", b"new"]
