"""Feed: each line once wherever a run stops, joined by format, and what is told of servers."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.fleet.protocol import Health, Lines
from logmon_tui.sources.base import Chunk, ServerStatus
from logmon_tui.sources.broker.feed import FORGET_SECONDS, Feed, Message, Place
from logmon_tui.sources.broker.feed_place import DamagedPlaceError, FeedPlace
from tests.effort import examples

FORMATS = ("combined", "common", "", "w3c")


def numbered(number: int) -> bytes:
    return b"%06d\n" % number


def sent(host: str, first: int, count: int, log_format: str = "combined") -> Lines:
    """Return lines that are the numbers from `first` on, in a file of all numbers."""
    lines = b"".join(map(numbered, range(first, first + count)))
    return Lines(host, "eu", "0" * 16, first * 7, (first + count) * 7, lines, log_format, "log")


def message(sequence: int, content: Lines | Health | str, at: float = 1_000.0) -> Message:
    return Message(sequence, at, at, "logmon.v1.eu.web1.lines", content)


def fed(*contents: Lines | Health | str) -> Feed:
    feed = Feed(FeedPlace())
    for sequence, content in enumerate(contents, 1):
        feed.take(message(sequence, content))
    return feed


def chunks(feed: Feed) -> list[Chunk]:
    found = []
    while chunk := feed.chunk():
        assert isinstance(chunk, Chunk)
        found.append(chunk)
    return found


def only(feed: Feed) -> ServerStatus:
    (known,) = feed.servers()
    return known


MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(["web1", "web2", "web3"]),
        st.integers(0, 30),
        st.integers(1, 8),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=examples(500))
@given(MESSAGES, st.integers(0, 2**32))
def test_each_line_is_handed_over_once_wherever_runs_stop(
    messages: list[tuple[str, int, int]], seed: int
) -> None:
    drawn = random.Random(seed)
    formats = {host: drawn.choice(FORMATS) for host in ("web1", "web2", "web3")}
    stream = [
        message(sequence, sent(host, first, count, formats[host]))
        for sequence, (host, first, count) in enumerate(messages, 1)
    ]
    handed: Counter[tuple[bytes, bytes]] = Counter()
    place = FeedPlace()
    while place.next <= len(stream):
        feed = Feed(FeedPlace.decoded(place.encoded()))
        feed.begin(Place("made", place.next))
        for each in stream[max(place.next - 1, 0) :]:
            feed.take(each)
            while drawn.random() < 0.4:
                note(handed, feed.chunk())
            if drawn.random() < 0.1:
                break  # the run is killed; what was handed over by now was saved
        else:
            for chunk in chunks(feed):
                note(handed, chunk)
        place = feed.state()
    wanted = {
        (f"eu/{host}".encode(), numbered(number))
        for host, first, count in messages
        for number in range(first, first + count)
    }
    assert handed == Counter(wanted)


def note(handed: Counter[tuple[bytes, bytes]], chunk: bytes) -> None:
    if isinstance(chunk, Chunk):
        lines = iter(chunk.splitlines(keepends=True))
        for origin in chunk.origins:
            handed.update((origin.server, next(lines)) for _ in range(origin.lines))
        assert next(lines, None) is None


def test_lines_of_one_format_are_one_chunk_and_others_keep_apart() -> None:
    feed = fed(
        sent("web1", 0, 2),
        sent("web2", 0, 2, "common"),
        sent("web3", 0, 2),
        sent("web1", 2, 1),
        sent("web4", 0, 1, "made-up"),
        sent("web5", 0, 1, "w3c"),
    )
    found = {chunk.stream: chunk for chunk in chunks(feed)}
    assert [tuple(each) for each in found["combined"].origins] == [
        (b"eu/web1", b"eu", 2),
        (b"eu/web3", b"eu", 2),
        (b"eu/web1", b"eu", 1),
    ]
    # Headers of a W3C log count for the lines of its own server only.
    assert set(found) == {"combined", "common", "eu/web4/log", "eu/web5/log"}


def test_lines_deleted_at_the_agent_are_not_counted_as_lost_twice() -> None:
    feed = fed(sent("web1", 0, 10), sent("web1", 15, 5))
    chunks(feed)
    assert only(feed).lost == 5
    feed.take(message(3, Health(host="web1", site="eu", lost=5, lost_bytes=35)))
    assert only(feed).lost == 5


def test_a_part_of_an_altered_text_is_never_guessed() -> None:
    whole = sent("web1", 0, 10)
    altered = sent("web1", 5, 10)._replace(lines=b"-\n" * 10)
    feed = fed(whole, altered)
    assert b"".join(chunks(feed)) == whole.lines
    assert only(feed).lost == 0


def test_a_range_that_ends_within_a_line_does_not_join_lines_of_two_servers() -> None:
    whole = sent("web1", 0, 10)
    odd = sent("web1", 5, 10)._replace(start=38, end=38 + 70)  # claims other bytes than it was
    feed = fed(whole, odd, sent("web2", 0, 1))
    assert b"".join(chunks(feed)) == whole.lines + numbered(0)


def test_a_server_that_ends_and_comes_back() -> None:
    feed = fed(Health(host="web1", site="eu", state="ended"))
    assert only(feed).ended
    feed.take(message(2, Health(host="web1", site="eu", state="live")))
    assert not only(feed).ended


def test_a_server_that_was_silent_for_long_is_no_longer_listed() -> None:
    feed = fed(sent("web1", 0, 1))
    later = 1_000.0 + FORGET_SECONDS + 100
    feed.take(message(2, sent("web2", 0, 1), later))
    assert [each.server for each in feed.servers()] == [b"eu/web2"]
    assert b"".join(chunks(feed)) == numbered(0) * 2


def test_heard_is_when_a_server_last_spoke() -> None:
    feed = fed(sent("web1", 0, 1))
    feed.take(message(2, sent("web1", 1, 1), 1_010.0))
    feed.take(message(3, sent("web1", 2, 1), 1_005.0))  # clocks of a broker may differ
    assert (only(feed).first_heard, only(feed).heard) == (1_000.0, 1_010.0)


def test_broken_messages_are_counted_and_the_first_ones_told() -> None:
    feed = fed("it is too long")
    assert feed.broken == (
        "1 broken message was skipped (number 1 of logmon.v1.eu.web1.lines: it is too long)"
    )


@pytest.mark.parametrize(
    "saved",
    [
        b"",
        b"\xc1",
        FeedPlace(next=-1).encoded(),
        FeedPlace(next=1).encoded()[:-1],
        b"\x94\xa0\x01\xc0\x81\xc4\x01s\x81\xc4\x01f\x93\x00\x91\x92\x05\x03\x00",
    ],
)
def test_a_damaged_place_is_refused(saved: bytes) -> None:
    with pytest.raises(DamagedPlaceError):
        FeedPlace.decoded(saved)
