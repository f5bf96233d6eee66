"""Lines of several servers in a pipeline: each stream by its own parser, hits by their servers."""

import time
from collections.abc import Sequence

import pytest

from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.model.origin import Origin
from logmon_tui.formats.presets.clf import COMMON
from logmon_tui.pipeline import log_reader
from logmon_tui.pipeline.log_reader import LogReader
from logmon_tui.pipeline.log_readers import LogReaders
from logmon_tui.snapshot import ServerState
from logmon_tui.sources.base import Chunk, ServerStatus, SourceState
from tests.pipeline.runs import FakeSource, Told, lines, run_to_the_end
from tests.traffic import settings_of

JSON = b'{"time_iso8601":"2026-11-21T12:00:00+00:00","request":"GET /j HTTP/1.1","status":"%d"}\n'
A, B = b"eu/web1", b"us/web1"


def origin(server: bytes, count: int) -> Origin:
    return Origin(server, server.partition(b"/")[0], count)


class ServerSource(FakeSource):
    """A fake source that knows its servers."""

    known: Sequence[ServerStatus] = ()

    def servers(self) -> Sequence[ServerStatus]:
        return self.known


def reader_of(
    *chunks: bytes, formats: FormatSelector | None = None
) -> tuple[LogReader, list[Exception]]:
    errors: list[Exception] = []
    source = ServerSource(*chunks)
    readers = LogReaders(
        ["fake"], [source], formats or FormatSelector(), None, lambda error, _: errors.append(error)
    )
    (reader,) = readers
    return reader, errors


def test_hits_belong_to_the_servers_of_their_chunk() -> None:
    reader, errors = reader_of()
    chunk = Chunk.of(
        lines(2) + b"no hit\n" + lines(1, status=500), [origin(A, 1), origin(B, 3)], "common"
    )
    ((batch, raw, log_format),) = reader.parse(chunk)
    assert raw == chunk
    assert log_format is not None
    servers = batch.columns[Dimension.SERVER]
    assert [servers.at(row) for row in range(len(batch))] == [A, B, B]
    assert not errors


def test_each_stream_has_a_parser_of_its_own() -> None:
    """Formats that alternate would else make one parser doubt each time."""
    reader, _ = reader_of()
    for _ in range(3):
        for stream, text, name in (("common", lines(5), "common"), ("any", JSON % 200 * 5, "")):
            ((batch, _, log_format),) = reader.parse(Chunk.of(text, [origin(A, 5)], stream))
            assert len(batch) == 5
            assert log_format is not None
            assert not name or log_format.name == name
    assert len(reader._streams) == 2


def test_a_stream_named_like_a_preset_is_in_that_format_unless_the_user_chose_another() -> None:
    given = FormatSelector(given=COMMON)
    reader, _ = reader_of(formats=given)
    ((batch, _, log_format),) = reader.parse(Chunk.of(lines(3), [origin(A, 3)], "nginx_json"))
    assert (len(batch), log_format) == (3, COMMON.tolerant())
    reader, _ = reader_of()
    ((batch, _, _),) = reader.parse(Chunk.of(lines(3), [origin(A, 3)], "nginx_json"))
    assert (len(batch), batch.unparsed) == (0, 3)


def test_streams_are_bounded_and_one_that_comes_back_is_recognised_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_reader, "MAX_STREAMS", 3)
    reader, _ = reader_of()
    for number in (*range(10), 0, 1):
        ((batch, _, _),) = reader.parse(Chunk.of(lines(2), [origin(A, 2)], f"stream {number}"))
        assert len(batch) == 2
        assert len(reader._streams) <= 3


def test_an_error_of_a_parser_loses_no_line_and_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, errors = reader_of()
    list(reader.parse(Chunk.of(lines(2), [origin(A, 2)], "common")))
    parser = reader._streams["common"]
    monkeypatch.setattr(parser, "parse", lambda _chunk: 1 / 0)
    chunk = Chunk.of(lines(3), [origin(A, 1), origin(B, 2)], "common")
    ((batch, _, _),) = reader.parse(chunk)
    servers = batch.columns[Dimension.SERVER]
    assert [servers.at(row) for row in range(len(batch))] == [A, B, B]
    assert len(errors) == 1


def test_a_run_shows_the_servers_and_prints_their_hits() -> None:
    source = ServerSource(
        Chunk.of(lines(20) + lines(10, status=500), [origin(A, 10), origin(B, 20)], "common"),
        Chunk.of(lines(10), [origin(B, 10)], "common"),
    )
    now = time.monotonic()
    source.known = [
        ServerStatus(A, b"eu", now, now, beats=True, version="9"),
        ServerStatus(B, b"us", None, now, message="cannot be reached; look there"),
    ]
    told = Told()
    last = run_to_the_end(source, told=told, settings=settings_of(stats_interval=10))
    rows = {row.name: row for row in last.fleet.servers}
    assert (rows[A].state, rows[A].version) == (ServerState.LIVE, "9")
    assert rows[B].state is ServerState.FAILED
    assert {name: row.figures.hits for name, row in rows.items()} == {A: 10, B: 30}
    assert {row.key: row.hits for row in last.now.servers.rows} == {A: 10, B: 30}
    assert {row.key: row.hits for row in last.now.sites.rows} == {b"eu": 10, b"us": 30}


def test_feeds_are_those_of_sources_that_know_servers() -> None:
    source = ServerSource(ends=False, name="nats://a")
    readers = LogReaders(
        ["a", "b"], [source, FakeSource()], FormatSelector(), None, lambda _error, _log: None
    )
    (feed,) = readers.feeds()
    assert feed == ("nats://a", SourceState.LIVE, ())


def test_a_header_from_before_the_first_line_is_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    header = b"#Fields: date time cs-method cs-uri-stem sc-status c-ip\n"
    monkeypatch.setattr(ServerSource, "preamble", lambda _self: header)
    reader, _ = reader_of()
    line = b"2026-11-21 12:00:00 GET /pages 200 10.0.0.1\n"
    ((batch, _, _),) = reader.parse(Chunk.of(line, [origin(A, 1)]))
    assert len(batch) == 1
    assert batch.columns[Dimension.HOST].at(0) == b"10.0.0.1"
