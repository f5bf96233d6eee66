"""WebServer: serves the page, its events, metrics and the API beside a running watch.

uvicorn runs in a thread of its own. Nothing that a client does is printed or logged: there may be a
screen.
"""

import asyncio
import logging
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn

from logmon_tui.config.secret_file import path_of
from logmon_tui.config.settings import Settings
from logmon_tui.config.tls import server_tls
from logmon_tui.config.web import web_token
from logmon_tui.errors import UsageError
from logmon_tui.monitor.commands import Command
from logmon_tui.reports.prometheus import following
from logmon_tui.snapshot import Snapshot
from logmon_tui.web.addresses import bound
from logmon_tui.web.app import application
from logmon_tui.web.connection import IDLE_SECONDS, MAX_HEAD, REQUEST_SECONDS, Connection
from logmon_tui.web.engine import Engine
from logmon_tui.web.hub import Hub
from logmon_tui.web.picture import encoded
from logmon_tui.web.security import Access

END_SECONDS = 1
"""Seconds that answers have left when the server ends."""


class WebServer:
    """Serves at the address `settings.web`, once it is started.

    `marks` is the file of users' marks. Raises UsageError, at once, for what keeps it from serving.
    Public attributes: `port`, and `url`, the address for a browser, with the token if nobody knows
    it yet.
    """

    def __init__(self, settings: Settings, marks: Path | None = None) -> None:
        tls = _tls(settings)
        token = web_token(settings.web_token_file)
        self._place = bound(settings, tls=tls is not None)
        self.port = self._place.port
        self.url = f"{self._place.origins[0]}/{f'#token={token.text}' if token.made else ''}"
        self._engine = Engine(_not_yet)
        self._hub = Hub(
            self._engine.answer,
            lambda snapshot: encoded(snapshot, time.time(), control=settings.web_control),
        )
        access = Access(token.text, self._place.hosts, frozenset(self._place.origins))
        app = application(self._engine, self._hub, settings, access, marks)
        self._server = uvicorn.Server(_config(app, tls))
        self._loop = _Loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def attach(self, post: Callable[[Command], None]) -> None:
        """Ask the watch that `post` passes commands to, from now on; any thread may call this."""
        self._engine.post = post

    def publish(self, snapshot: Snapshot) -> None:
        """Know this Snapshot as the newest; any thread may call this."""
        self._engine.latest = following(self._engine.latest, snapshot)

    def start(self) -> None:
        """Begin to serve."""
        for name in ("asyncio", "uvicorn"):  # else the error of a client would be printed
            logger = logging.getLogger(name)
            logger.addHandler(logging.NullHandler())
            logger.propagate = False
        self._thread.start()

    def close(self) -> None:
        """Give up the port, and wait until nothing is left of any connection."""
        if self._thread.ident is None:  # never started
            self._place.socket.close()
            self._loop.close()
        else:
            with suppress(RuntimeError):  # its loop has ended
                self._loop.call_soon_threadsafe(self._end)
            self._thread.join()

    def _end(self) -> None:
        self._hub.close()
        self._server.should_exit = True

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        asking = asyncio.create_task(self._hub.run())
        try:
            await self._server.serve(sockets=[self._place.socket])
        finally:
            asking.cancel()
            for connection in list(self._server.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose servers do not wait long for a client to speak TLS."""

    async def create_server(self, *args: Any, **options: Any) -> Any:
        """Return a server."""
        if options.get("ssl") is not None:
            options["ssl_handshake_timeout"] = REQUEST_SECONDS
        return await super().create_server(*args, **options)


def _config(app: Any, tls: ssl.SSLContext | None) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # what a client says of itself is not believed
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=END_SECONDS,
        h11_max_incomplete_event_size=MAX_HEAD,
    )
    config.load()
    config.ssl = tls
    return config


def _not_yet(_command: Command) -> None:
    """Take the place of a watch that has not begun."""
    raise TimeoutError


def _tls(settings: Settings) -> ssl.SSLContext | None:
    """Return how TLS is spoken; None for plain HTTP. Raises UsageError."""
    if settings.web_certificate is not None:
        key = None if settings.web_key is None else path_of(settings.web_key)
        return server_tls(path_of(settings.web_certificate), key)
    if settings.web_key is not None:
        raise UsageError("--web-key is the key of --web-certificate; give that one too")
    return None
