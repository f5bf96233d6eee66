"""The API below `/api/v1`: what a watch knows as JSON, for programs; and with control, commands.

A request passes, in this order:

    call         its parameters and body are checked as types (`parameters`)
    reading      what only shows: makes a question (`questions`), and asks it (`asking`)
    control      what changes the watch: posts a command of `monitor/commands.py`
    reports/     makes the answer, with the same code as `--output json`

`endpoints` lists what there is. `openapi` makes the document of that list and of the types of
parameters and answers (`documents`).
"""

import json
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from logmon_tui.config.settings import Settings
from logmon_tui.web.api.asking import Asking
from logmon_tui.web.api.call import body_of, parameters_of
from logmon_tui.web.api.control import Control
from logmon_tui.web.api.endpoints import Endpoint, control_endpoints, reading_endpoints
from logmon_tui.web.api.openapi import document
from logmon_tui.web.api.reading import Reading
from logmon_tui.web.engine import Engine
from logmon_tui.web.problems import ProblemError

_JSON = "application/json"
_READ_ONLY = "this server only shows; start it with --web-control to let requests change the watch"


def routes(
    engine: Engine,
    settings: Settings,
    marks: Path | None,
    clock: Callable[[], float] = time.time,
) -> list[BaseRoute]:
    """Return the routes below `/api/v1`; `settings.web_control` lets requests change the watch.

    `marks` is the file of users' marks, None if there is none. `clock` is wall time in epoch
    seconds.
    """
    asking = Asking(engine)
    reading = Reading(asking, settings, clock)
    control = Control(asking, reading, settings, marks, clock)
    found = (*reading_endpoints(reading), *control_endpoints(control))
    paths: dict[str, list[Endpoint]] = {}
    for each in found:
        paths.setdefault(each.path, []).append(each)
    told = [each for each in found if settings.web_control or not each.changes]
    return [
        Route("/openapi.json", _openapi(told)),
        *(
            Route(
                path,
                _answering(endpoints, control=settings.web_control),
                methods=[each.method for each in endpoints],
            )
            for path, endpoints in paths.items()
        ),
    ]


def _answering(endpoints: Sequence[Endpoint], *, control: bool) -> Callable[[Request], Any]:
    """Return what answers the requests of one path."""
    methods = {each.method: each for each in endpoints}

    async def answer(request: Request) -> Response:
        endpoint = methods["GET" if request.method == "HEAD" else request.method]
        if endpoint.changes and not control:
            raise ProblemError(HTTPStatus.FORBIDDEN, _READ_ONLY)
        given: list[Any] = [parameters_of(request, endpoint.parameters)]
        if endpoint.body is not None:
            given.append(await body_of(request, endpoint.body))
        found = await endpoint.answer(*given)
        return Response(json.dumps(found), endpoint.status, media_type=_JSON)

    return answer


def _openapi(endpoints: Sequence[Endpoint]) -> Callable[[Request], Any]:
    made: list[str] = []

    async def answer(_request: Request) -> Response:
        if not made:
            made.append(json.dumps(document(endpoints, "/api/v1")))
        return Response(made[0], media_type=_JSON)

    return answer
