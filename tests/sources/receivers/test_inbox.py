"""What waits for the pipeline: bounded, in order, and put together by what looks alike."""

from logmon_tui.sources.base import Chunk
from logmon_tui.sources.lines import CHUNK
from logmon_tui.sources.receivers.inbox import Inbox, Run
from logmon_tui.sources.receivers.senders import (
    FORGET_SECONDS,
    JUDGE_SECONDS,
    MAX_SENDERS,
    MAX_STREAMS,
    OTHER,
    Senders,
)
from tests.sources.receivers.lines import LINE, taken

JSON = b'{"time":"2026-11-29T18:00:00Z","method":"GET","path":"/","status":200}'
VHOST = b"www.example.com " + LINE


def run(line: bytes = LINE, server: bytes = b"web1", site: bytes = b"") -> Run:
    return Run(server, site, line + b"\n", 1)


def inbox(most: int = 1_000_000) -> Inbox:
    return Inbox(lambda: None, most, lambda: 100.0)


def chunks(box: Inbox) -> list[Chunk]:
    found = []
    while chunk := box.take():
        assert isinstance(chunk, Chunk)
        found.append(chunk)
    return found


def test_a_thousand_servers_with_one_format_cost_one_chunk() -> None:
    box = inbox()
    assert box.offer([run(server=b"web%d" % number) for number in range(MAX_SENDERS)])
    (chunk,) = chunks(box)
    assert [line.server for line in taken(chunk)] == [b"web%d" % n for n in range(MAX_SENDERS)]


def test_servers_with_other_formats_are_in_other_streams() -> None:
    box = inbox()
    lines = {b"web1": LINE, b"web2": JSON, b"web3": VHOST, b"web4": LINE}
    for server, line in lines.items():
        assert box.offer([run(line, server)])
    found = chunks(box)
    assert [[line.server for line in taken(chunk)] for chunk in found] == [
        [b"web1", b"web4"],
        [b"web2"],
        [b"web3"],
    ]
    assert len({chunk.stream for chunk in found}) == 3


def test_text_and_json_of_one_server_are_in_two_streams() -> None:
    box = inbox()
    assert box.offer([run(), run(JSON), run(), run(JSON)])
    assert [chunk.count(b"\n") for chunk in chunks(box)] == [2, 2]


def test_a_server_stays_in_its_stream_whatever_a_line_is_and_changes_it_with_its_format() -> None:
    now = [100.0]
    box = Inbox(lambda: None, clock=lambda: now[0])
    assert box.offer([run(), run(b"an error happened"), run(VHOST)])
    (first,) = chunks(box)
    now[0] += JUDGE_SECONDS
    assert box.offer([run(b"an error happened")])
    assert [chunk.stream for chunk in chunks(box)] == [first.stream]
    now[0] += JUDGE_SECONDS
    assert box.offer([run(VHOST)])
    (second,) = chunks(box)
    assert second.stream != first.stream


def test_what_follows_a_header_stays_with_it() -> None:
    now = [100.0]
    box = Inbox(lambda: None, clock=lambda: now[0])
    assert box.offer([run(b"#Fields: date time cs-method cs-uri-stem sc-status")])
    (header,) = chunks(box)
    now[0] += JUDGE_SECONDS
    assert box.offer([run(b"2026-11-29 18:00:00 GET / 200")])
    assert [chunk.stream for chunk in chunks(box)] == [header.stream]
    assert box.offer([run(b"#Fields: date time cs-method cs-uri-stem sc-status sc-bytes")])
    assert [chunk.stream for chunk in chunks(box)] != [header.stream]


def test_successive_lines_of_a_server_are_one_origin() -> None:
    box = inbox()
    box.offer([run(), run(), run(server=b"web2", site=b"eu"), run()])
    (chunk,) = chunks(box)
    assert [tuple(origin) for origin in chunk.origins] == [
        (b"web1", b"", 2),
        (b"eu/web2", b"eu", 1),
        (b"web1", b"", 1),
    ]


def test_a_full_inbox_takes_all_or_nothing_and_has_room_again_once_it_was_read() -> None:
    box = inbox(most=1_000)
    assert box.offer([run()])
    assert not box.offer([run()] * 10)
    assert box.offer([run()])
    assert sum(chunk.count(b"\n") for chunk in chunks(box)) == 2
    assert box.offer([run()] * 3)
    assert box.arrived == box.taken + 3 * len(LINE + b"\n")


def test_it_tells_that_it_fills() -> None:
    told: list[bool] = []
    box = Inbox(lambda: told.append(True), 1_000)
    box.offer([run()])
    assert not told
    box.offer([run()])
    assert told


def test_chunks_have_a_few_megabytes_and_other_streams_have_their_turn_at_once() -> None:
    box = Inbox(lambda: None, 10 * CHUNK)
    megabyte = Run(b"web1", b"", (LINE + b"\n") * 10_000, 10_000)
    for _ in range(8):
        assert box.offer([megabyte])
    assert box.offer([run(JSON, b"web2")])
    found = []
    while chunk := box.take():
        found.append(len(chunk))
        if len(found) < 3:
            assert box.due
    assert not box.due
    assert len(found) == 3
    assert max(found) < CHUNK + len(megabyte.lines)


def test_the_number_of_servers_is_bounded() -> None:
    senders = Senders()
    for number in range(MAX_SENDERS + 50):
        senders.hear(b"web%d" % number, b"", LINE, 100.0)
    names = [status.server for status in senders.statuses()]
    assert len(names) == MAX_SENDERS + 1
    assert names[-1] == OTHER
    assert senders.hear(b"web1", b"", LINE, 100.0)[0].label == b"web1"
    later = 100.0 + FORGET_SECONDS + 1
    assert senders.hear(b"new", b"", LINE, later)[0].label == b"new"


def test_the_number_of_streams_is_bounded() -> None:
    senders = Senders()
    streams = {
        senders.hear(b"web%d" % number, b"", LINE + b" x" * number, 100.0)[1]
        for number in range(3 * MAX_STREAMS)
    }
    assert len(streams) <= MAX_STREAMS + 1


def test_a_server_that_sends_nothing_does_not_beat() -> None:
    senders = Senders()
    senders.hear(b"web1", b"eu", LINE, 100.0)
    senders.hear(b"web1", b"eu", LINE, 160.0)
    (status,) = senders.statuses()
    assert (status.server, status.site) == (b"eu/web1", b"eu")
    assert (status.first_heard, status.heard, status.beats) == (100.0, 160.0, False)
