"""Lines posted by HTTP: what is taken, what is refused, and clients of all kinds."""

import contextlib
import gzip
import http.client
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from logmon_tui.config.fleet import RECEIVE_TOKEN
from logmon_tui.errors import UsageError
from logmon_tui.sources.receivers import http as receiver_http
from logmon_tui.sources.receivers import inbox
from logmon_tui.sources.receivers.bodies import MAX_BODY
from logmon_tui.sources.receivers.receiver import Receiver
from logmon_tui.sources.receivers.troubles import Trouble
from tests.sources.receivers.conftest import Receive
from tests.sources.receivers.lines import LINE, wait_for
from tests.watching import wait_until

TOKEN = "0123456789abcdef"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
LINES = LINE + b"\n" + LINE + b"\n"


class Answer(NamedTuple):
    status: int
    text: str
    headers: dict[str, str]


def post(port: int, body: bytes = LINES, path: str = "/lines", **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", path, body, named)
        return answered(connection)


def answered(connection: http.client.HTTPConnection) -> Answer:
    answer = connection.getresponse()
    return Answer(answer.status, answer.read().decode(), dict(answer.headers))


def raw(port: int, *pieces: bytes) -> bytes:
    """Send pieces; return everything that comes until the connection ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        received = b""
        with contextlib.suppress(OSError):  # the receiver may end it before all is sent
            for piece in pieces:
                client.sendall(piece)
        with contextlib.suppress(ConnectionResetError):
            while block := client.recv(65_536):
                received += block
        return received


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


@pytest.mark.parametrize("how", ["environment", "file"])
def test_with_a_token_nobody_sends_without_it(
    receive: Receive, port: int, how: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o600)
    if how == "environment":
        monkeypatch.setenv(RECEIVE_TOKEN, TOKEN)
    fleet = {} if how == "environment" else {"receive_token_file": str(file)}
    source = receive(f"http://127.0.0.1:{port}", **fleet)
    answer = post(port)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.text.startswith("send Authorization: Bearer and the token")
    for wrong in ("Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xff"):
        assert post(port, Authorization=wrong).status == 401
    assert post(port, path="/v1/logs", body=b"{}").status == 401
    assert post(port, Authorization=f"bearer  {TOKEN}").status == 204
    assert len(wait_for(source, 2)) == 2
    assert source.status().message == "7 requests refused, as the token was wrong"
    assert TOKEN not in source.status().message


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "192.0.2.1"])
def test_other_machines_need_a_token(receive: Receive, port: int, host: str) -> None:
    with pytest.raises(UsageError, match="other machines must send a token; set LOGMON_RECEIVE"):
        receive(f"http://{host}:{port}")


def test_a_token_must_be_good_and_secret(
    receive: Receive, port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = f"http://127.0.0.1:{port}"
    for token in ("short", "with blanks and so on", "nön-ascii-characters"):
        monkeypatch.setenv(RECEIVE_TOKEN, token)
        with pytest.raises(UsageError, match="16 ASCII characters or more"):
            receive(log)
    monkeypatch.delenv(RECEIVE_TOKEN)
    file = tmp_path / "token"
    file.write_text(TOKEN)
    file.chmod(0o644)
    with pytest.raises(UsageError, match="may be read by others"):
        receive(log, receive_token_file=str(file))
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        receive(log, receive_token_file=str(tmp_path / "missing"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for loopback and its key, made by openssl."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = str(folder / "certificate.pem"), str(folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-keyout", key, "-out", made, "-days", "2", "-subj", "/CN=localhost"]
    try:
        subprocess.run(
            [*command, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    return made, key


def test_https(receive: Receive, port: int, certificate: tuple[str, str]) -> None:
    made, key = certificate
    source = receive(f"https://127.0.0.1:{port}", certificate=made, key=key)
    context = ssl.create_default_context(cafile=made)
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
    with contextlib.closing(connection):
        connection.request("POST", "/", LINES)
        assert answered(connection).status == 204
    assert b"HTTP/" not in raw(port, b"POST / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert len(wait_for(source, 2)) == 2
    assert source._troubles.count(Trouble.FAILED) == 0


def test_https_needs_a_proper_certificate(
    receive: Receive, port: int, tmp_path: Path, certificate: tuple[str, str]
) -> None:
    log = f"https://127.0.0.1:{port}"
    with pytest.raises(UsageError, match="needs a certificate; set certificate and key"):
        receive(log)
    with pytest.raises(UsageError, match="No such file"):
        receive(log, certificate=str(tmp_path / "missing"))
    with pytest.raises(UsageError, match="no certificate and its key in PEM"):
        receive(log, certificate=certificate[1], key=certificate[1])
