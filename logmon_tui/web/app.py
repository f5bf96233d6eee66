"""The application: which path is answered by what."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp

from logmon_tui.config.settings import Settings
from logmon_tui.reports.prometheus import CONTENT_TYPE, SnapshotCollector
from logmon_tui.web import api
from logmon_tui.web.engine import Engine
from logmon_tui.web.hub import EVENT_STREAM, Hub
from logmon_tui.web.page import STATIC, file, page
from logmon_tui.web.problems import told
from logmon_tui.web.questions import Questions
from logmon_tui.web.security import Access, Security

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

API = "/api/v1"
EVENTS = "/events"
METRICS = "/metrics"
_PAGE = "/"


def application(
    engine: Engine, hub: Hub, settings: Settings, access: Access, marks: Path | None
) -> ASGIApp:
    """Return the application that answers all requests, checked by Security.

    `marks` is the file of users' marks, None if there is none.
    """
    static = {f"/static/{name}": found for name, found in STATIC.items()}
    routes: list[BaseRoute] = [
        Route(_PAGE, _shown_page),
        *(Route(path, _file(*found)) for path, found in static.items()),
        Route(EVENTS, _events(hub, Questions(settings))),
        Route(METRICS, _metrics(engine)),
        Mount(API, Router(api.routes(engine, settings, marks), redirect_slashes=False)),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: told, TimeoutError: told, Exception: told},
    )
    app.router.redirect_slashes = False
    return Security(app, access, {_PAGE, *static})


async def _shown_page(_request: Request) -> Response:
    made = page()
    headers = {"Content-Security-Policy": made.policy}
    return Response(made.html, headers=headers, media_type="text/html")


def _file(name: str, kind: str) -> Endpoint:
    content = file(name)

    async def answer(_request: Request) -> Response:
        return Response(content, media_type=kind)

    return answer


def _events(hub: Hub, questions: Questions) -> Endpoint:
    async def answer(request: Request) -> Response:
        question = questions.of(request.query_params)
        if request.method == "HEAD":
            return Response(media_type=EVENT_STREAM)
        return hub.join(question)

    return answer


def _metrics(engine: Engine) -> Endpoint:
    collector = SnapshotCollector()
    made: list[bytes] = []

    async def answer(_request: Request) -> Response:
        if collector.snapshot is not engine.latest or not made:
            collector.snapshot = engine.latest
            made[:] = [collector.page()]
        return Response(made[0], media_type=CONTENT_TYPE)

    return answer
