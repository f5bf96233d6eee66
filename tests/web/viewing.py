"""A viewer of the page in a real browser, and a watch whose log a test writes."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from msgspec.structs import replace

from logmon_tui.config.settings import WEB_TOKEN, Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.snapshot import Snapshot
from logmon_tui.web.server import WebServer
from tests.pipeline.runs import FakeSource, running, wait_for
from tests.web.serving import TOKEN, served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

DEADLINE = 60
"""Seconds until something that should come has come."""

_NOTE_PICTURES = """
window.pictures = [];
const parse = JSON.parse;
JSON.parse = (text, ...others) => {
  const found = parse(text, ...others);
  if (found && found.snapshot) window.pictures.push(found);
  return found;
};
"""
"""Keeps what the page was sent; the page shows a picture in the task in which it parses it."""


class Viewer:
    """Somebody who looks at the page.

    Public attributes: `page`, and what must stay empty: `errors` of scripts and of the policy, and
    `elsewhere`, addresses that are none of the server's.
    """

    def __init__(self, page: "Page", server: WebServer) -> None:
        self.page = page
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        self._origin = f"http://127.0.0.1:{server.port}/"
        page.set_default_timeout(1_000 * DEADLINE)
        page.add_init_script(_NOTE_PICTURES)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._check)

    def _note(self, message: "ConsoleMessage") -> None:
        # That a request failed is no fault of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def _check(self, request: "Request") -> None:
        if not request.url.startswith(self._origin):
            self.elsewhere.append(request.url)

    def open(self, search: str = "", token: str = TOKEN) -> None:
        """Open the page, as a link leads to it."""
        self.page.goto(f"{self._origin}{search}#token={token}")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression of JavaScript holds.

        Playwright's own way of waiting needs `eval`, which the page's policy forbids.
        """
        deadline = time.monotonic() + DEADLINE
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, f"{expression} on {self.page.inner_text('body')}"
            self.page.wait_for_timeout(50)

    def wait_for_state(self, state: str) -> None:
        """Wait until the page says of itself that it is `live`, `past`, `stale` or `lost`."""
        self.wait_for(f"document.body.dataset.state === '{state}'")

    def wait_for_hits(self, hits: int) -> None:
        """Wait until the page shows that many hits."""
        self.wait_for(f"document.querySelector('[data-tile=hits] b')?.textContent === '{hits}'")

    def seen(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the newest picture that the page was sent, and its tiles at the same moment."""
        picture, tiles = self.page.evaluate(
            """() => [JSON.stringify(window.pictures.at(-1)), Object.fromEntries(
              [...document.querySelectorAll('[data-tile]')].map(
                (tile) => [tile.dataset.tile, tile.querySelector('b').textContent]))]"""
        )
        return json.loads(picture), tiles

    def table(self, name: str) -> list[list[str]]:
        """Return the texts of a table, row by row."""
        rows: list[list[str]] = self.page.evaluate(
            """(name) => [...document.querySelectorAll(`.table-${name} tbody tr`)].map(
              (row) => [...row.cells].slice(0, -1).map((cell) => cell.textContent))""",
            name,
        )
        return rows


@contextmanager
def viewing(
    browser: "Browser", server: WebServer, *, width: int = 1280, **options: Any
) -> Iterator[Viewer]:
    """Have somebody look at the page of `server`, and assert that nothing on it went wrong."""
    context = browser.new_context(viewport={"width": width, "height": 844}, **options)
    try:
        viewer = Viewer(context.new_page(), server)
        yield viewer
        assert viewer.errors == []
        assert viewer.elsewhere == []
    finally:
        context.close()


@contextmanager
def watch_of(*chunks: bytes, **given: Any) -> Iterator[WebServer]:
    """Serve the page of a log that has these lines."""
    settings = served(**{"stats_interval": 300, **given})
    with serving(settings) as server, watch_alone(settings, *chunks, server=server):
        yield server


@contextmanager
def watch_alone(
    settings: Settings, *chunks: bytes, server: WebServer | None = None
) -> Iterator[Pipeline]:
    """Watch a log that has these lines, beside `server` if there is one."""
    newest: list[Snapshot] = []

    def publish(snapshot: Snapshot) -> None:
        newest[:] = [snapshot]
        if server is not None:
            server.publish(snapshot)

    source = FakeSource(*chunks, ends=False)
    listener = Listener(publish, lambda _incidents: None, 0.05)
    watch = Pipeline(settings, [source], FormatSelector(), listener, headless=True, answers=True)
    with running(watch):
        if server is not None:
            server.attach(watch.commands.post)
        wait_for(lambda: newest and not source.chunks and newest[0].ingest.hits)
        yield watch


@contextmanager
def serving_at(port: int, settings: Settings) -> Iterator[WebServer]:
    """Run a server at this port."""
    with patch.dict(os.environ, {WEB_TOKEN: TOKEN}):
        server = WebServer(replace(settings, web=f"127.0.0.1:{port}"))
    server.start()
    try:
        yield server
    finally:
        server.close()
