"""Lines in bodies as shippers write them: text, JSON lines, arrays, lines within objects."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.sources.receivers.bodies import MAX_LINES, RefusedError, decompressed, runs_in
from tests.sources.receivers.lines import LINE

TEXT = LINE.decode()
RECORD = {"time": "2026-11-29T18:00:00Z", "method": "GET", "path": "/", "status": 200}


def lines_of(body: bytes, *, named: bool = False) -> list[tuple[bytes, bytes]]:
    """Return each line of a body, with its server."""
    runs, _ = runs_in(body, b"peer", b"", named=named)
    assert all(run.lines.count(b"\n") == run.number for run in runs)
    return [(run.server, line) for run in runs for line in run.lines[:-1].split(b"\n")]


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def test_lines_of_text_and_of_json_stay_as_they_are() -> None:
    record = compact(RECORD)
    body = LINE + b"\n" + record + b"\r\n" + b"[29/Nov] x"
    assert lines_of(body) == [(b"peer", LINE), (b"peer", record + b"\r"), (b"peer", b"[29/Nov] x")]
    assert lines_of(b"") == []


@pytest.mark.parametrize(
    ("around", "server"),
    [
        ({"date": 1795336000.5, "log": TEXT}, b"peer"),  # Fluent Bit, out_http, json_lines
        ({"date": 1795336000.5, "log": TEXT, "hostname": "web1"}, b"web1"),
        ({"host": "web1", "message": TEXT, "source_type": "file"}, b"web1"),  # Vector, source file
        ({"log": TEXT + "\n", "kubernetes": {"pod_name": "web-1"}, "stream": "stdout"}, b"peer"),
        ({"log": TEXT, "resource": {"pod": "x"}, "code_version": 1}, b"peer"),
        ({"host": "not a name", "message": TEXT}, b"peer"),
        ({"host": {"name": "web1"}, "message": TEXT}, b"peer"),
    ],
)
def test_the_line_of_a_file_is_taken_out_of_its_object(
    around: dict[str, object], server: bytes
) -> None:
    for body in (compact(around), compact([around]), json.dumps([around], indent=2).encode()):
        assert lines_of(body) == [(server, LINE)]
        assert lines_of(body, named=True) == [(b"peer", LINE)]


def test_json_in_an_object_is_taken_out_too() -> None:
    assert lines_of(compact({"log": compact(RECORD).decode()})) == [(b"peer", compact(RECORD))]


@pytest.mark.parametrize(
    "record",
    [
        RECORD | {"message": "GET / took 12 ms"},
        {"http": {"request": {"method": "GET"}}, "message": TEXT},
        {"level": "info", "message": "started"},
        {"log": {"level": "info"}, "message": 5},
    ],
)
def test_any_other_object_is_a_line_itself(record: dict[str, object]) -> None:
    assert lines_of(compact(record)) == [(b"peer", compact(record))]


def test_members_of_an_array_are_lines_even_over_several() -> None:
    body = json.dumps([RECORD, RECORD], indent=2).encode()
    found = lines_of(body)
    assert [json.loads(line) for _, line in found] == [RECORD, RECORD]


@pytest.mark.parametrize("array", [b"[]", b" [ ] ", b"[\n]"])
def test_an_empty_array_is_no_line(array: bytes) -> None:
    assert lines_of(array) == []


@pytest.mark.parametrize("array", [b"[", b"[1", b"[1,", b"[1 2]", b"[1]]", b"[1] x", b'["a]'])
def test_what_is_no_array_is_refused(array: bytes) -> None:
    with pytest.raises(RefusedError, match="no JSON array"):
        lines_of(array)


@pytest.mark.parametrize(
    "body", [b"[" + b"1," * MAX_LINES + b"1]", b"\n" * (MAX_LINES + 1), b'{"log":1}\n' * 300_000]
)
def test_the_number_of_lines_is_bounded(body: bytes) -> None:
    with pytest.raises(RefusedError, match="200,000 lines at most; send smaller batches"):
        lines_of(body)


def test_a_line_that_begins_with_a_bracket_is_no_array() -> None:
    line = b'[29/Nov/2026:18:00:00 +0000] "GET / HTTP/1.1" 200'
    assert lines_of(line + b"\n") == [(b"peer", line)]
    with pytest.raises(RefusedError, match="no JSON array"):
        lines_of(b'[{"a": 1}, {"b"')


def test_lines_of_several_servers_stay_in_order() -> None:
    names = ["a", "a", "b", "a"]
    body = b"\n".join(compact({"host": name, "message": TEXT}) for name in names)
    assert [server.decode() for server, _ in lines_of(body)] == names
    assert [run.number for run in runs_in(body, b"peer", b"", named=False)[0]] == [2, 1, 1]


beginnings = st.sampled_from(
    [b"", b"[", b"[{", b'{"log": "GET ', b'{"message":', b"[1,", b"\xef\xbb\xbf{"]
)


@given(beginnings, st.binary(max_size=300))
def test_any_bytes_are_whole_lines_or_refused(beginning: bytes, rest: bytes) -> None:
    with suppress(RefusedError):
        lines_of(beginning + rest)


@given(
    st.binary(max_size=300), st.sampled_from([b"gzip", b"zstd", b"identity", b"", b"br", b"\xff"])
)
def test_any_bytes_are_decompressed_or_refused(body: bytes, encoding: bytes) -> None:
    for magic in (b"", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd"):
        with suppress(RefusedError):
            assert len(decompressed(magic + body, encoding, 1_000)) <= 1_000


def test_zstd_may_not_ask_for_much_memory() -> None:
    from backports import zstd

    body = b"x" * 100_000
    for window, taken in ((23, True), (27, False)):
        compressor = zstd.ZstdCompressor(
            options={
                zstd.CompressionParameter.window_log: window,
                zstd.CompressionParameter.enable_long_distance_matching: 1,
            }
        )
        packed = compressor.compress(body) + compressor.flush()
        if taken:
            assert decompressed(packed, b"zstd") == body
        else:
            with pytest.raises(RefusedError, match="no zstd"):
                decompressed(packed, b"zstd")


def test_nesting_without_end_is_no_error_of_the_program() -> None:
    deep = b"[" * 100_000
    with pytest.raises(RefusedError):
        lines_of(deep)
    assert lines_of(b'{"message":' + deep) == [(b"peer", b'{"message":' + deep)]
