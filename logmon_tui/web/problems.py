"""Problems: every error that the server tells, in the one form of RFC 9457.

{"title": "Not Found", "status": 404, "detail": "there is nothing here"}
"""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class ProblemError(HTTPException):
    """What a request gets in place of its answer; `detail` is plain English, for a person."""

    def __init__(
        self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers)


def problem_body(status: int, detail: str) -> bytes:
    """Return the JSON document of a problem."""
    title = HTTPStatus(status).phrase
    return json.dumps({"title": title, "status": status, "detail": detail or title}).encode()


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that tells a problem."""
    return Response(problem_body(status, detail), status, headers, MEDIA_TYPE)


async def told(_request: Request, error: Exception) -> Response:
    """Return the answer to a request that failed: nothing of a fault inside is told."""
    if isinstance(error, HTTPException):
        return problem(error.status_code, error.detail, error.headers)
    if isinstance(error, TimeoutError):
        later = {"Retry-After": "5"}
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "the watch is busy; ask again", later)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this cannot be answered")
