"""A server with a watch beside it, and plain clients, for tests. Everything is closed again."""

import http.client
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple
from unittest.mock import patch

from logmon_tui.config.address import address_of
from logmon_tui.config.settings import WEB_TOKEN, Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.web import addresses
from logmon_tui.web.server import WebServer
from tests.pipeline.runs import START, FakeSource, Told, lines, running, wait_for
from tests.traffic import settings_of

TOKEN = "a-token-for-tests-0123456789"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
HITS = 42


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def served(**settings: Any) -> Settings:
    """Return settings of a server; whatever port they say, it takes one that is free."""
    return settings_of(**{"web": "127.0.0.1:1", **settings})


@contextmanager
def serving(settings: Settings | None = None, marks: Path | None = None) -> Iterator[WebServer]:
    """Run a server, without a watch."""
    anywhere = patch.object(addresses, "address_of", lambda text: address_of(text)._replace(port=0))
    with anywhere, patch.dict(os.environ, {WEB_TOKEN: TOKEN}):
        server = WebServer(served() if settings is None else settings, marks)
    server.start()
    try:
        yield server
    finally:
        server.close()


@contextmanager
def watching(settings: Settings | None = None) -> Iterator[WebServer]:
    """Run a server beside a watch that has read HITS hits, 12 of them errors."""
    settings = served() if settings is None else settings
    told = Told()
    source = FakeSource(lines(30), lines(12, START + 1, status=500), ends=False)
    watch = Pipeline(
        settings, [source], FormatSelector(), told.listener(), headless=True, answers=True
    )
    with serving(settings) as server, running(watch):
        server.attach(watch.commands.post)
        wait_for(lambda: told.pictures and told.pictures[-1].ingest.hits == HITS)
        server.publish(told.pictures[-1])
        yield server


def asked(
    server: WebServer,
    path: str,
    headers: Mapping[str, str] = BEARER,
    method: str = "GET",
    body: bytes | None = None,
) -> Answer:
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        client.request(method, path, body, dict(headers))
        answer = client.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        client.close()


@contextmanager
def viewer(server: WebServer, path: str = "/events") -> Iterator[IO[bytes]]:
    """Begin to read events; return the lines of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        client.sendall(f"{head}Authorization: Bearer {TOKEN}\r\n\r\n".encode())
        with client.makefile("rb") as lines:
            yield lines
