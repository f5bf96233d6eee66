"""Cutting streams of syslog into messages: any split of any bytes gives the same."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.sources.receivers.framing import MAX_MESSAGE, FrameSplitter
from tests.effort import examples

LONGEST = 12


def reference(stream: bytes, longest: int = LONGEST) -> tuple[list[bytes], int]:
    """Return the messages of a whole stream, and how many are too long: the plain way."""
    messages: list[bytes] = []
    oversize = 0
    while stream := stream.lstrip(b"\r\n\0"):
        if counted := re.match(rb"([1-9][0-9]{0,6}) <", stream):
            size, stream = int(counted[1]), stream[counted.end() - 1 :]
            message, whole, stream = stream[:size], len(stream) >= size, stream[size:]
            too_long = size > longest
        else:
            message, _, stream = stream.partition(b"\n")
            too_long, whole = len(message) > longest, True
            message = message.removesuffix(b"\r")
        oversize += too_long
        messages += [message] if whole and not too_long else []
    return messages, oversize


pieces = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [b"5 <", b"3 <1>", b"12 ", b"1", b"\n", b"\r\n", b" ", b"<14>x\n", b"9999999 <"]
    ),
    st.integers(0, 30).map(lambda size: b"%d <" % size + b"y" * max(0, size - 1)),
)


@settings(max_examples=examples(1000))
@given(st.lists(pieces, max_size=12), st.data())
def test_any_split_gives_the_messages_of_the_whole_stream(
    parts: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    frames = FrameSplitter(LONGEST)
    messages: list[bytes] = []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        messages += frames.feed(stream[begin:end])
        assert frames.held <= LONGEST + len(b"9999999 ")
    messages += frames.finish()
    assert (messages, frames.oversize) == reference(stream)


def test_an_address_at_the_beginning_is_no_length() -> None:
    frames = FrameSplitter()
    assert frames.feed(b"10.0.0.1 - x\n200 OK\n12 months\n") == [
        b"10.0.0.1 - x",
        b"200 OK",
        b"12 months",
    ]


def test_a_counted_message_may_have_newlines_and_be_followed_by_one() -> None:
    assert FrameSplitter().feed(b"7 <14>a\nb\n5 <14>c") == [b"<14>a\nb", b"<14>c"]


@pytest.mark.parametrize("count", [b"999999999 ", b"9" * 60 + b" ", b"00012 "])
def test_a_count_that_no_message_has_begins_a_line(count: bytes) -> None:
    assert FrameSplitter().feed(count + b"<14>x\n<14>y\n") == [count + b"<14>x", b"<14>y"]


def test_what_is_too_long_is_skipped_in_bounded_memory() -> None:
    frames = FrameSplitter()
    for _ in range(100):
        assert frames.feed(b"x" * MAX_MESSAGE) == []
        assert frames.held <= MAX_MESSAGE
    assert frames.feed(b"\n<14>y\n") == [b"<14>y"]
    assert frames.feed(b"9000000 <") == []
    for _ in range(90):
        assert frames.feed(b"x" * 100_000) == []
    assert frames.feed(b"5 <14>z") == [], "one byte of it was still to be skipped"
    assert frames.oversize == 2


def test_the_end_of_a_stream_completes_a_line_but_no_counted_message() -> None:
    frames = FrameSplitter()
    assert frames.feed(b"<14>a\n<14>b") == [b"<14>a"]
    assert frames.finish() == [b"<14>b"]
    assert frames.feed(b"99 <14>a") == []
    assert (frames.finish(), frames.cut) == ([], 1)
