"""Clients that send, take or stay too long are dropped; others are answered meanwhile."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from logmon_tui.web import connection
from logmon_tui.web.server import WebServer
from tests.web.serving import BEARER, asked, serving, watching

SOON = 0.3


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    monkeypatch.setattr(connection, "REQUEST_SECONDS", SOON)
    with serving() as made:
        yield made


def connected(server: WebServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def large(*_: object, **_more: object) -> bytes:
    """Return a document that fits in no buffer."""
    return b'"%s"' % (b"x" * 4_000_000)


def dropped(client: socket.socket) -> bool:
    """Wait until the server has ended a connection; tell whether it said nothing before."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HT", b"POST /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n"],
)
def test_a_client_that_does_not_finish_its_request_is_dropped(
    server: WebServer, begun: bytes
) -> None:
    with connected(server) as client:
        client.sendall(begun)
        assert dropped(client)


def test_a_client_that_sends_byte_by_byte_is_dropped(server: WebServer) -> None:
    began = time.monotonic()
    with connected(server) as client:
        try:
            while time.monotonic() - began < 30:
                client.sendall(b"X")
                time.sleep(SOON / 10)
        except OSError:
            pass
    assert time.monotonic() - began < 30
    assert asked(server, "/", {}).status == 200


def test_so_is_one_whose_second_request_takes_long(server: WebServer) -> None:
    with connected(server) as client:
        host = f"Host: 127.0.0.1:{server.port}\r\n"
        client.sendall(f"GET /static/x HTTP/1.1\r\n{host}\r\n".encode())
        with client.makefile("rb") as answer:
            while answer.readline().strip():
                pass
            assert answer.read1().startswith(b'{"title": "Unauthorized"')
        client.sendall(b"GET / HTTP")
        assert dropped(client)


def test_a_body_that_does_not_come_holds_nobody_up(server: WebServer) -> None:
    with connected(server) as client:
        head = f"POST /metrics HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 9\r\n"
        client.sendall(f"{head}Authorization: {BEARER['Authorization']}\r\n\r\n".encode())
        with client.makefile("rb") as answer:
            assert answer.readline().startswith(b"HTTP/1.1 405 ")
            answer.read()  # to the end of the connection


def test_an_answer_may_take_longer_than_a_request(server: WebServer) -> None:
    with connected(server) as client:
        head = f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        client.sendall(f"{head}Authorization: {BEARER['Authorization']}\r\n\r\n".encode())
        client.settimeout(3 * SOON)
        with client.makefile("rb") as answer, pytest.raises(TimeoutError):
            answer.read()


def test_there_are_so_many_connections_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_CONNECTIONS", 5)
    with serving() as server, ExitStack() as stack:
        clients = [stack.enter_context(connected(server)) for _ in range(6)]
        assert dropped(clients[-1])
        clients[0].close()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                assert asked(server, "/", {}).status == 200
                break
            except OSError:
                time.sleep(0.01)  # the server has not seen yet that one went
        else:
            pytest.fail("no room for another client")


def test_a_viewer_that_takes_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "STUCK_SECONDS", SOON)
    monkeypatch.setattr("logmon_tui.web.server.encoded", large)
    with watching() as server:
        state = server._server.server_state
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", server.port))
            head = f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            client.sendall(f"{head}Authorization: {BEARER['Authorization']}\r\n\r\n".encode())
            assert client.recv(1) == b"H"
            deadline = time.monotonic() + 30
            while (state.connections or server._hub.topics) and time.monotonic() < deadline:
                time.sleep(0.01)
            assert not state.connections
            assert not server._hub.topics
        assert asked(server, "/", {}).status == 200


def test_closing_does_not_wait_for_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logmon_tui.web.server.encoded", large)
    with ExitStack() as stack:
        with watching() as server:
            head = f"Host: 127.0.0.1:{server.port}\r\nAuthorization: {BEARER['Authorization']}\r\n"
            for begun in ("", "GET /", f"GET /events HTTP/1.1\r\n{head}\r\n"):
                client = stack.enter_context(connected(server))
                client.sendall(begun.encode())
            assert client.recv(1) == b"H"
            began = time.monotonic()
        assert time.monotonic() - began < 30
        with socket.create_server(("127.0.0.1", server.port)):
            pass
