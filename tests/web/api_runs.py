"""A watch with traffic, incidents and marks, and the API in front of it; no thread, no socket."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Router

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import Hit
from logmon_tui.monitor.commands import Command
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.pipeline.command_queue import CommandQueue
from logmon_tui.pipeline.log_readers import LogReaders
from logmon_tui.recent.raw_lines import RawLines
from logmon_tui.snapshot import Question, Snapshot
from logmon_tui.state.archive import MemoryArchive
from logmon_tui.web import api
from logmon_tui.web.engine import Engine
from logmon_tui.web.problems import told
from tests.traffic import START, hit, measured_batch_of, settings_of

PREFIX = "/api/v1"
SECONDS = 200
END = START + SECONDS - 1
MARKS = (Mark(START + 20, "api 4.12"), Mark(END - 3, "cache off"))
_STEP = 10
"""Seconds that a monitor reads at once."""
HOSTILE = b"/<script>alert(1)</script>\xff\x1b[2J"


def settings(**given: Any) -> Settings:
    """Return settings whose rules fire on the traffic here."""
    values = {"threshold": 2.5, "alert_window": 20, "web_control": True, "top": 5, **given}
    return settings_of(**values)


def monitor_of(
    given: Settings, *, whole_intervals: bool = False, seconds: int = SECONDS
) -> HTTPMonitor:
    """Return a monitor that has read some minutes with a burst of errors in them."""
    monitor = HTTPMonitor(
        given,
        whole_intervals=whole_intervals,
        keeps_hits=True,
        archive=MemoryArchive(given.past),
    )
    monitor.alerts.incidents.set_marks(MARKS)
    for begin in range(0, seconds, _STEP):
        feed(monitor, range(begin, min(begin + _STEP, seconds)))
    return monitor


def feed(monitor: HTTPMonitor, seconds: range) -> None:
    """Let a monitor read the hits of some seconds at once; the first of all is 0."""
    hits = [each for second in seconds for each in _hits(second)]
    monitor.feed(measured_batch_of(hits), seconds[-1])
    monitor.tick(seconds[-1], START + seconds[-1])
    monitor.archive_past()


def _hits(second: int) -> list[Hit]:
    now = START + second
    busy = 60 <= second < 100
    hits = [
        hit(now, path=b"/a/%d" % (second % 7), status=503 if busy else 200),
        hit(now, path=b"/b", host=b"10.0.0.%d" % (second % 5), user=b"anna"),
    ]
    if busy:
        hits += [hit(now, path=HOSTILE, status=500, host=b"10.9.9.9") for _ in range(3)]
    return hits


class MonitorEngine(Engine):
    """An engine that answers at once, of a `monitor`. `posted` are the commands so far."""

    def __init__(self, monitor: HTTPMonitor) -> None:
        readers = LogReaders([], [], None, None, lambda *_: None)  # type: ignore[arg-type]
        self._queue = CommandQueue(monitor, readers, RawLines())
        self.monitor = monitor
        self.posted: list[Command] = []
        super().__init__(self._apply)
        self.latest = self.picture()

    def _apply(self, command: Command) -> None:
        self.posted.append(command)
        self._queue.post(command)
        self._queue.apply()
        self.latest = self.picture()

    def picture(self) -> Snapshot:
        return self.monitor.snapshot(SECONDS - 1, END)

    async def ask(self, question: Question) -> Snapshot:
        return self.monitor.answer(question, SECONDS - 1, END)


def application(engine: Engine, given: Settings, marks: Path | None = None) -> Starlette:
    """Return the API as the server mounts it, without what Security checks."""
    routes = api.routes(engine, given, marks, lambda: float(END))
    return Starlette(
        routes=[Mount(PREFIX, Router(routes, redirect_slashes=False))],
        exception_handlers={HTTPException: told, TimeoutError: told, Exception: told},
    )


@asynccontextmanager
async def client_of(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    url = f"http://127.0.0.1{PREFIX}"
    async with httpx.AsyncClient(transport=transport, base_url=url) as client:
        yield client


async def got(
    app: Starlette, path: str, parameters: Mapping[str, Any] | None = None, status: int = 200
) -> Any:
    """Return the JSON of an answer, whose status is as expected."""
    return await sent(app, "GET", path, parameters=parameters, status=status)


async def sent(
    app: Starlette,
    method: str,
    path: str,
    body: object = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Any:
    given = {} if body is None else {"json": body}
    async with client_of(app) as client:
        answer = await client.request(method, path, params=parameters, **given)
    assert answer.status_code == status, answer.text
    kind = "application/problem+json" if status >= 400 else "application/json"
    assert answer.headers["content-type"] == kind
    return answer.json()
