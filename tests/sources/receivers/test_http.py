"""Lines posted by HTTP: what is taken, what is refused, and clients of all kinds."""

import contextlib
import gzip
import http.client
import socket
import time

import pytest

from logmon_tui.sources.receivers import http as receiver_http
from logmon_tui.sources.receivers import inbox
from logmon_tui.sources.receivers.bodies import MAX_BODY
from logmon_tui.sources.receivers.receiver import Receiver
from logmon_tui.sources.receivers.troubles import Trouble
from tests.sources.receivers.conftest import Receive
from tests.sources.receivers.lines import LINE, wait_for
from tests.sources.receivers.posting import LINES, Answer, answered, post, raw
from tests.watching import wait_until

CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def local(receive: Receive, port: int) -> Receiver:
    """A receiver that needs no token, as only this machine can reach it."""
    return receive(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("path", ["/", "/lines"])
def test_lines_are_taken_and_their_server_is_the_sender(
    local: Receiver, port: int, path: str
) -> None:
    assert post(port, path=path) == Answer(204, "", {})
    found = wait_for(local, 2)
    assert {(line.line, line.server, line.site) for line in found} == {(LINE, b"127.0.0.1", b"")}
    assert local.status().message == ""


def test_a_request_may_name_its_server_and_site(local: Receiver, port: int) -> None:
    assert post(port, LINE, "/lines?server=web1.example.com&site=eu").status == 204
    (line,) = wait_for(local, 1)
    assert (line.line, line.server, line.site) == (LINE, b"eu/web1.example.com", b"eu")


@pytest.mark.parametrize(
    "query", ["server=a/b", "server=%1b[31m", "server=%ff", "site=a:b", "&" * 99]
)
def test_names_are_checked(local: Receiver, port: int, query: str) -> None:
    answer = post(port, path=f"/lines?{query}")
    assert (answer.status, answer.text.count("\n")) == (400, 1)


def test_a_connection_takes_request_after_request(local: Receiver, port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        for _ in range(5):
            connection.request("POST", "/", LINES)
            assert answered(connection).status == 204
    assert len(wait_for(local, 10)) == 10


def zstd(body: bytes) -> bytes:
    from backports.zstd import compress

    return compress(body)


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("GZIP", gzip.compress), ("zstd", zstd), ("identity", bytes)],
)
def test_compressed_bodies(local: Receiver, port: int, encoding: str, compress: object) -> None:
    assert callable(compress)
    two = (
        compress(LINE + b"\n")
        if encoding == "identity"
        else compress(LINE[:9]) + compress(LINE[9:])
    )
    assert post(port, two, Content_Encoding=encoding).status == 204
    assert [line.line for line in wait_for(local, 1)] == [LINE]


@pytest.mark.parametrize("compress", [gzip.compress, zstd])
def test_a_bomb_is_refused_in_bounded_memory(local: Receiver, port: int, compress: object) -> None:
    assert callable(compress)
    bomb = compress(bytes(MAX_BODY + 1))
    assert len(bomb) < 100_000
    encoding = "zstd" if compress is zstd else "gzip"
    answer = post(port, bomb, Content_Encoding=encoding)
    assert answer.status == 413
    assert answer.text.startswith("a request has 16 MiB at most, decompressed too")
    assert local._in_flight == 0


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (400, {"Content_Encoding": "gzip"}),
        (400, {"Content_Encoding": "zstd"}),
        (415, {"Content_Encoding": "br"}),
        (415, {"Content_Encoding": "gzip, gzip"}),
        (415, {"Content_Type": "application/msgpack"}),
        (415, {"Content_Type": "multipart/form-data; boundary=x"}),
        (403, {"Origin": "https://example.com"}),
        (403, {"Sec_Fetch_Site": "cross-site"}),
        (400, {"Content_Type": "application/json", "body": "[1, 2"}),
        (404, {"path": "/metrics"}),
        (413, {"Content_Length": str(MAX_BODY + 1)}),
        (413, {"Content_Length": "9" * 15}),
    ],
)
def test_what_is_refused_is_told_in_one_line(
    local: Receiver, port: int, status: int, headers: dict[str, str]
) -> None:
    path, body = headers.pop("path", "/"), headers.pop("body", LINES.decode())
    answer = post(port, body.encode(), path, **headers)
    assert (answer.status, answer.text.count("\n")) == (status, 1)
    assert answer.headers["Connection"] == "close"
    assert local.read() == b""
    assert local.status().message == "1 request refused; their senders were told why"
    assert post(port).status == 204


def test_other_methods_are_refused(local: Receiver, port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", "/lines")
        answer = answered(connection)
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


def test_too_much_is_refused_while_it_is_sent(local: Receiver, port: int) -> None:
    piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    assert raw(port, CHUNKED, *[piece] * 17).startswith(b"HTTP/1.1 413 ")
    assert local._in_flight == 0


def test_chunks_and_a_client_that_asks_first(local: Receiver, port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
    body = b"".join(b"1\r\n%c\r\n" % byte for byte in LINES) + b"0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert client.recv(65_536).startswith(b"HTTP/1.1 100 ")
        client.sendall(body)
        assert client.recv(65_536).startswith(b"HTTP/1.1 204 No Content\r\n")
    assert [line.line for line in wait_for(local, 2)] == [LINE, LINE]


def test_who_asks_first_is_refused_before_sending(local: Receiver, port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
    assert raw(port, head).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),  # TLS
        b"POST / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        CHUNKED + b"f" * 22 + b"\r\n",
        CHUNKED + b"zz\r\n",
        b"x" * 100_000,
        b"POST / HTTP/1.1\r\n" + b"A: b\r\n" * 10_000,
        b"\r\n" * 50_000,
    ],
)
def test_what_is_no_proper_request_is_refused(local: Receiver, port: int, request_: bytes) -> None:
    answer = raw(port, request_)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 431 ", b"HTTP/1.1 501 ")), answer
    assert local._troubles.count(Trouble.FAILED) == 0
    assert post(port).status == 204


def test_half_a_request_takes_nothing(local: Receiver, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n" + LINES)
        wait_until(lambda: local._in_flight == len(LINES))
    wait_until(lambda: local._connections == 0)
    assert local.read() == b""
    assert local._in_flight == 0


@pytest.mark.parametrize(
    "sent", [b"", b"POST / HT", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"]
)
def test_slow_clients_are_cut_off(
    local: Receiver, port: int, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    for name in ("IDLE_SECONDS", "HEAD_SECONDS", "BODY_SECONDS"):
        monkeypatch.setattr(receiver_http, name, 0.2)
    assert raw(port, sent) == b""
    assert local._connections == 0
    assert local._troubles.count(Trouble.FAILED) == 0


def test_a_client_that_trickles_its_head_is_cut_off(
    local: Receiver, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver_http, "HEAD_SECONDS", 0.5)

    def trickle(client: socket.socket) -> None:
        client.sendall(b"POST / HTTP/1.1\r\n")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            client.sendall(b"A: b\r\n")
            time.sleep(0.02)

    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as client,
        pytest.raises(OSError, match=r"[Bb]roken pipe|reset"),
    ):
        trickle(client)


def test_too_many_connections(local: Receiver, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver_http, "MAX_CONNECTIONS", 2)
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
        wait_until(lambda: local._connections == 2)
        assert raw(port) == b""
    wait_until(lambda: local._connections == 0)
    assert "1 connection refused" in local.status().message
    assert post(port).status == 204


def test_a_full_inbox_is_told_and_takes_nothing(
    receive: Receive, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = (500, *(inbox.Inbox.__init__.__defaults__ or ())[1:])
    monkeypatch.setattr(inbox.Inbox.__init__, "__defaults__", defaults)
    source = receive(f"http://127.0.0.1:{port}")
    assert post(port).status == 204
    answer = post(port)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    assert answer.text == "lines come faster than they are read; send them again\n"
    assert len(wait_for(source, 2)) == 2
    assert post(port).status == 204
    assert len(wait_for(source, 2)) == 2
    assert "1 request told to come again" in source.status().message


def test_all_bodies_together_are_bounded(
    local: Receiver, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver_http, "MAX_IN_FLIGHT", len(LINES) + 100)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n" + LINES)
        wait_until(lambda: local._in_flight == len(LINES))
        assert post(port).status == 503
    wait_until(lambda: local._connections == 0)
    assert post(port).status == 204


def test_lines_that_are_too_long_are_counted(local: Receiver, port: int) -> None:
    assert post(port, b"x" * 2_000_000 + b"\n" + LINE).status == 204
    assert [line.line for line in wait_for(local, 1)] == [LINE]
    assert local.status().oversize == 1
