"""LineSplitter against a model that splits everything at once."""

from hypothesis import example, given
from hypothesis import strategies as st

from logmon_tui.sources.lines import LineSplitter

LONGEST = 20
_pieces = st.one_of(
    st.binary(max_size=8),
    st.sampled_from([b"\n", b"\0", b"\0\0\n", b"\n\0", b"a" * LONGEST, b"b" * (LONGEST + 1)]),
)
streams = st.lists(st.lists(_pieces, max_size=6).map(b"".join), max_size=15)


@given(streams)
@example([b"x" * LONGEST + b"\n", b"x" * (LONGEST + 1) + b"\n", b"tail"])
@example([b"\0" * 50, b"line\n"])
def test_gives_what_splitting_the_whole_stream_gives(blocks: list[bytes]) -> None:
    splitter = LineSplitter(LONGEST)
    fed = b"".join(splitter.feed(block) for block in blocks)
    last = splitter.finish()
    *whole, partial = (line.lstrip(b"\0") for line in b"".join(blocks).split(b"\n"))
    assert fed == b"".join(line + b"\n" for line in whole if len(line) <= LONGEST)
    assert last == (partial + b"\n" if 0 < len(partial) <= LONGEST else b"")
    assert splitter.oversize == sum(len(line) > LONGEST for line in [*whole, partial])


@given(streams)
def test_never_holds_more_than_the_longest_line(blocks: list[bytes]) -> None:
    splitter = LineSplitter(LONGEST)
    for block in blocks:
        splitter.feed(block)
        assert splitter.held <= LONGEST


def test_a_new_stream_after_reset_knows_nothing_of_the_old_one() -> None:
    splitter = LineSplitter(LONGEST)
    splitter.feed(b"b" * 30)
    splitter.reset()
    assert splitter.feed(b"new\nhel") == b"new\n"
    splitter.reset()
    assert splitter.feed(b"lo\n") == b"lo\n"


def test_whole_lines_are_handed_on_as_they_are_not_copied() -> None:
    splitter = LineSplitter()
    block = b"one\ntwo\n" * 1_000
    assert splitter.feed(block) is block
    assert splitter.feed(b"three") == b""
    assert splitter.feed(b"\n") == b"three\n"
    assert splitter.feed(block) is block
