"""RawLines: the raw line of a request, as long as there is room for it."""

import random
import tracemalloc
from collections.abc import Callable

import pytest

from logmon_tui.filters.language import Filter
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.parser import Parser
from logmon_tui.recent import raw_lines
from logmon_tui.recent.hit_store import HitStore
from logmon_tui.recent.raw_lines import RawLines
from logmon_tui.recent.requests import requests_in, requests_of
from logmon_tui.recent.view import View
from logmon_tui.snapshot import Order, Request

COMBINED = b'%s - - [21/Nov/2026:12:00:%02d +0000] "GET /p/%d HTTP/1.1" 200 %d "-" "curl/8.5"\n'
CADDY = (
    b'{"level":"info","ts":1795262400.%d,"logger":"http.log.access","msg":"handled request",'
    b'"request":{"remote_ip":"%s","client_ip":"10.0.0.1","proto":"HTTP/2.0","method":"GET",'
    b'"host":"x.example","uri":"/a\\"b/%d","headers":{"User-Agent":["curl/8.5"]}},'
    b'"duration":0.01,"size":5,"status":200}\n'
)


def combined(chance: random.Random, number: int) -> bytes:
    host = b"10.0.0.%d" % chance.randrange(3)
    return COMBINED % (host, number % 60, number, chance.randrange(9))


def caddy(_: random.Random, number: int) -> bytes:
    return CADDY % (number, b"10.0.0.1", number)


def kept(chunks: list[list[bytes]]) -> tuple[RawLines, tuple[Request, ...]]:
    """Return the raw lines of chunks, and all their requests, the newest first."""
    lines, store, parser = RawLines(), HitStore(), Parser()
    for chunk in chunks:
        batch = parser.parse(b"".join(chunk))
        assert not batch.unparsed
        found: LogFormat | None = parser.columnar.log_format if parser.columnar else None
        lines.note(b"".join(chunk), found, batch)
        store.take(batch)
    end = store.blocks[-1].high
    return lines, requests_of(View(store, Filter(), None), end + 100, Order.NEWEST, 10_000)


@pytest.mark.parametrize("line", [combined, caddy])
@pytest.mark.parametrize("plain", [0, 2_000, 10**6])
def test_each_request_finds_its_line(
    line: Callable[[random.Random, int], bytes], plain: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_lines, "PLAIN_BYTES", plain)  # older chunks are compressed
    chance = random.Random(7)
    chunks = [[line(chance, 10 * chunk + at) for at in range(10)] for chunk in range(12)]
    found, requests = kept(chunks)
    written = [each.rstrip() for chunk in chunks for each in chunk]
    assert [found.line_of(each) for each in requests] == written[::-1]


def test_the_oldest_lines_go_when_there_is_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_lines, "PLAIN_BYTES", 1_000)
    monkeypatch.setattr(raw_lines, "MAX_BYTES", 3_000)
    chance = random.Random(7)
    chunks = [[combined(chance, 10 * chunk + at) for at in range(10)] for chunk in range(60)]
    found, requests = kept(chunks)
    there = [found.line_of(each) is not None for each in requests]
    assert there == sorted(there, reverse=True)
    assert 20 < sum(there) < 500


def test_lines_that_come_too_fast_to_be_compressed_are_kept_only_while_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(raw_lines, "PLAIN_BYTES", 2_000)
    monkeypatch.setattr(raw_lines, "COMPRESSED_AT_ONCE", 0)
    chance = random.Random(7)
    chunks = [[combined(chance, 10 * chunk + at) for at in range(10)] for chunk in range(30)]
    found, requests = kept(chunks)
    there = sum(found.line_of(each) is not None for each in requests)
    assert 20 <= there <= 40


def test_single_lines_take_no_more_memory_than_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_lines, "PLAIN_BYTES", 256 * 1024)
    monkeypatch.setattr(raw_lines, "MAX_BYTES", 512 * 1024)
    chance, parser = random.Random(7), Parser()
    written = [combined(chance, number) for number in range(20_000)]
    batch = parser.parse(b"".join(written[:60]))
    assert parser.columnar
    lines, log_format = RawLines(), parser.columnar.log_format
    tracemalloc.start()
    for line in written:
        lines.note(bytes(bytearray(line)), log_format, batch)  # each has its own memory
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 1.1 * 512 * 1024
    first = next(requests_in(parser.parse(written[0]), [0]))
    assert lines.line_of(first) == written[0].rstrip()  # so all are kept: they compress well


def test_chunks_of_two_formats_are_joined_each_with_its_own() -> None:
    chance, lines = random.Random(7), RawLines()
    requests: list[Request] = []
    written: list[bytes] = []
    parsers = {combined: Parser(), caddy: Parser()}
    for number in range(30):
        for line, parser in parsers.items():
            chunk = line(chance, number)
            batch = parser.parse(chunk)
            assert parser.columnar
            lines.note(chunk.rstrip(), parser.columnar.log_format, batch)  # no newline at the end
            requests += requests_in(batch, [number])
            written.append(chunk.rstrip())
    assert [lines.line_of(each) for each in requests] == written


def test_lines_of_an_unknown_format_are_not_kept() -> None:
    lines, requests = kept([[COMBINED % (b"10.0.0.1", 1, 1, 1)]])
    other = RawLines()
    other.note(b"x\n", None, Parser().parse(b"x\n"))
    assert other.line_of(requests[0]) is None
    assert lines.line_of(requests[0]) is not None
