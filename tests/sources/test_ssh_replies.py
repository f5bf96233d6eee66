"""Replies of a remote shell, whose contents are any bytes and come in any pieces."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.sources.ssh_replies import (
    RemoteFile,
    ReplyError,
    ReplyReader,
    is_missing,
    listed,
    told,
    with_contents,
)
from tests.effort import examples

END = b"0123456789abcdef0123456789abcdef"
STEM = b"/var/log/my \n'access"

# Contents like what else is in a reply, so that a confusion would show.
_PIECES = st.one_of(
    st.binary(max_size=50),
    st.sampled_from([END[:-1], END[1:], b"\n", b"12 -rw 34\n", b"! no\n", END, STEM]),
)
CONTENTS = st.lists(_PIECES, max_size=10).map(b"".join).filter(lambda each: END + b"\n" not in each)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(places)]


@settings(max_examples=examples(500), deadline=None)
@given(contents=CONTENTS, cuts=st.lists(st.integers(0, 600), max_size=20))
def test_a_reply_comes_whole_however_it_is_cut(contents: bytes, cuts: list[int]) -> None:
    reader = ReplyReader(END, 10_000)
    data = contents + END + b"\n"
    if END + b"\n" in data[:-1]:  # the contents end as the last line begins
        return
    replies = [reader.feed(each) for each in pieces(data, cuts)]
    assert replies[:-1] == [None] * (len(replies) - 1)
    assert replies[-1] == contents


@settings(max_examples=examples(500), deadline=None)
@given(data=st.binary(max_size=2_000), cuts=st.lists(st.integers(0, 2_000), max_size=20))
def test_what_never_ends_is_no_reply_and_is_bounded(data: bytes, cuts: list[int]) -> None:
    reader = ReplyReader(END, 100)
    with suppress(ReplyError):
        assert all(reader.feed(each) is None for each in pieces(data, cuts))
        assert len(data) <= 100 + len(END) + 1


def test_more_than_was_asked_for_is_refused() -> None:
    reader = ReplyReader(END, 10)
    with pytest.raises(ReplyError, match="more than it was asked"):
        reader.feed(b"x" * 100)
    reader = ReplyReader(END, 10)
    with pytest.raises(ReplyError, match="follows"):
        reader.feed(b"x" + END + b"\ny")


@settings(max_examples=examples(500), deadline=None)
@given(st.one_of(st.binary(), CONTENTS))
def test_any_bytes_tell_a_file_or_are_refused(line: bytes) -> None:
    with suppress(ReplyError):
        assert isinstance(told(line), RemoteFile)
        with_contents(line)
    assert isinstance(listed(line, STEM), list)


def test_files() -> None:
    assert told(b"12 -rw-r--r-- 34") == RemoteFile(12, 34)
    assert is_missing(told(b"! No such file or directory"))
    assert told(b"! Permission denied").problem == "Permission denied"
    assert told(b"12 drwxr-xr-x 34").problem == "is no regular file"
    assert with_contents(b"12 -rw 3\na\n\nb") == (RemoteFile(12, 3), b"a\n\nb")
    with pytest.raises(ReplyError):
        told(b"Welcome!")


def test_listings_of_several_systems() -> None:
    stem = b"/var/log/access"
    lines = (
        b" 77 -rw-r-----+ 1 33 4 1024 Nov 29 18:07 /var/log/access.log.1\n"  # GNU, ACLs
        b"   78 -rw-r--r--    1 0        0              9 Nov 29 18:14 /var/log/access.log\n"
        b"79 -rw-r--r--  1 0  0  5 29 Nov  2025 /var/log/access-20261129.log\n"  # BSD
        b"80 drwxr-xr-x 2 0 0 4096 Nov 29 18:14 /var/log/access.old\n"
        b"81 -rw-r--r-- 1 0 0 5 Nov 29 18:14 /elsewhere/access.log.1\n"
        b"total 0\n"
    )
    found = [tuple(each) for each in listed(lines, stem)]
    assert found == [(".log.1", 77, 1024), (".log", 78, 9), ("-20261129.log", 79, 5)]
    hostile = b"1 -rw-r--r-- 1 0 0 5 Nov 29 18:14 " + STEM + b".log.1\n"
    assert [each.ending for each in listed(hostile, STEM)] == [".log.1"]
