"""Fault 7: lines that come in pieces, never end, or hold bytes that no line should."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.parser import Parser
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.sources.file_observer import FileObserver
from tests.faults.following import POLL
from tests.traffic import START, settings_of

MEGABYTE = 1_000_000
Figure = Callable[[str], None]
Follow = Callable[..., FileObserver]


def line_of(path: bytes) -> bytes:
    return b'10.0.0.1 - - [21/Nov/2026:12:00:00 +0000] "GET /%b HTTP/1.1" 200 99\n' % path


def values_of(batch: HitBatch, dimension: Dimension) -> list[bytes]:
    column = batch.columns[dimension]
    return [column.at(row) for row in range(len(batch))]


def paths_of(batch: HitBatch) -> list[bytes]:
    return values_of(batch, Dimension.PATH)


def test_a_partial_line_held_for_ten_seconds_is_counted_once_and_whole(
    log: Path, follow: Follow, figure: Figure
) -> None:
    seconds = [0.0]
    observer, parser = follow(log, clock=lambda: seconds[0]), Parser()
    monitor = HTTPMonitor(settings_of())
    paths: list[bytes] = []

    def poll() -> int:
        for lines in iter(observer.read, b""):
            batch = parser.parse(lines)
            paths.extend(paths_of(batch))
            monitor.feed(batch, seconds[0])
        monitor.tick(seconds[0], START)
        ingest = monitor.snapshot(seconds[0], START).ingest
        assert ingest.unparsed == 0
        return ingest.hits

    line = line_of(b"partial")
    log.write_bytes(line_of(b"before") * 10 + line[:40])
    polls = 0
    while seconds[0] < 10:
        assert poll() == 10
        polls += 1
        seconds[0] += POLL
    with log.open("ab") as file:
        file.write(line[40:] + line_of(b"after"))
    assert poll() == 12
    assert poll() == 12
    assert paths == [b"/before"] * 10 + [b"/partial", b"/after"]
    figure(f"fault 7: a partial line held for 10 s ({polls} polls): 0 hits, whole: 1 hit")


def test_a_line_of_ten_megabytes_costs_two_at_most(
    log: Path, follow: Follow, figure: Figure
) -> None:
    log.write_bytes(line_of(b"first") * 1000)
    observer, parser = follow(log), Parser()
    for lines in iter(observer.read, b""):
        parser.parse(lines)
    paths: list[bytes] = []
    tracemalloc.start()
    pieces = [line_of(b"before"), *([b"x" * MEGABYTE] * 10), b"\n" + line_of(b"after")]
    before, _ = tracemalloc.get_traced_memory()
    for piece in pieces:
        with log.open("ab", buffering=0) as file:
            file.write(piece)
        for lines in iter(observer.read, b""):
            batch = parser.parse(lines)
            assert batch.unparsed == 0
            paths += paths_of(batch)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    grown = peak - before
    oversize = observer.status().oversize
    figure(
        f"fault 7: a line of 10 MB: memory grew by {grown / MEGABYTE:.2f} MB at most "
        f"(tracemalloc), oversize {oversize}, both neighbours are hits"
    )
    assert paths == [b"/before", b"/after"]
    assert oversize == 1
    assert grown <= 2 * MEGABYTE


def test_odd_bytes_leave_the_neighbours_intact(log: Path, follow: Follow, figure: Figure) -> None:
    odd = {
        "byte order mark": b"\xef\xbb\xbf" + line_of(b"bom"),
        "CRLF": line_of(b"crlf").replace(b"\n", b"\r\n"),
        "lone CR": line_of(b"lone\rcr"),
        "NUL in the line": line_of(b"n\0ul"),
        "NULs before the line": b"\0" * 5_000 + line_of(b"hole"),
        "NULs alone": b"\0" * 5_000 + b"\n",
        "invalid UTF-8": line_of(b"\xff\xfe\xc3\x28\xed\xa0\x80"),
        "invalid UTF-8 alone": b"\xff\xfe\xc3\x28\n",
        "nothing": b"\n",
        "an open quote": b'10.0.0.1 - - [21/Nov/2026:12:00:00 +0000] "GET /open HTTP/1.1 200 99\n',
        "no host": line_of(b"no-host")[8:],
    }
    content = b"".join(line + line_of(b"%d" % number) for number, line in enumerate(odd.values()))
    log.write_bytes(content)
    batch = Parser().parse(follow(log).read())
    paths = paths_of(batch)
    assert [path for path in paths if path[1:].isdigit()] == [
        b"/%d" % number for number in range(len(odd))
    ]
    expected = [
        b"/bom",
        b"/crlf",
        b"/lone\rcr",
        b"/n\0ul",
        b"/hole",
        b"/\xff\xfe\xc3\x28\xed\xa0\x80",
    ]
    assert [path for path in paths if not path[1:].isdigit()] == expected
    assert set(values_of(batch, Dimension.HOST)) == {b"10.0.0.1"}
    assert len(batch) + batch.unparsed == content.count(b"\n")
    figure(
        f"fault 7: {len(odd)} odd lines ({', '.join(odd)}): {len(expected)} of them hits, "
        f"{len(odd)} of {len(odd)} neighbours intact"
    )
