"""Posting to a receiver, and what it answers."""

import contextlib
import http.client
import socket
from typing import NamedTuple

from tests.sources.receivers.lines import LINE

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
