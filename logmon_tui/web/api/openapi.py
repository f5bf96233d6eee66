"""The OpenAPI document, made of the endpoints and their types."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from logmon_tui import __version__
from logmon_tui.web.api.documents.common import Problem
from logmon_tui.web.api.endpoints import Endpoint
from logmon_tui.web.problems import MEDIA_TYPE

_SCHEMAS = "#/components/schemas/"
_JSON = "application/json"
_ABOUT = (
    "What a running watch of access logs knows. Objects are those of `--output json`. Times are "
    "UTC, texts from logs are decoded as UTF-8 with `\\xNN` for bytes that do not decode. Errors "
    "are problems (RFC 9457)."
)
_ALL = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.MISDIRECTED_REQUEST,
)
"""The statuses of problems that every endpoint can have."""
_OF_BODIES = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def document(endpoints: Sequence[Endpoint], server: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `endpoints`, whose paths are below `server`."""
    schemas = _schemas(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for each in endpoints:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, schemas)
    parameters = {each.parameters.__name__ for each in endpoints}
    return {
        "openapi": "3.1.0",
        "info": {"title": "logmon-tui", "version": __version__, "description": _ABOUT},
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {name: each for name, each in schemas.items() if name not in parameters},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token that the server printed at its start.",
                }
            },
        },
    }


def _schemas(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return the schemas of all types by their names."""
    given = {each.parameters for each in endpoints} | {
        each.body for each in endpoints if each.body is not None
    }
    answers = {each.result for each in endpoints} | {Problem}
    _, found = msgspec.json.schema_components(answers, ref_template=f"{_SCHEMAS}{{name}}")
    for schema in found.values():
        if "properties" in schema:  # keys may be added to an answer
            del schema["additionalProperties"]
    _, more = msgspec.json.schema_components(given, ref_template=f"{_SCHEMAS}{{name}}")
    return dict(sorted({**found, **more}.items()))


def _operation(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    parameters = _parameters(endpoint, schemas[endpoint.parameters.__name__])
    body = endpoint.body
    statuses = sorted({*_ALL, *endpoint.problems, *(() if body is None else _OF_BODIES)})
    return {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        **({"parameters": parameters} if parameters else {}),
        **({} if body is None else {"requestBody": _body(body)}),
        "responses": {
            str(int(endpoint.status)): {
                "description": endpoint.status.phrase,
                "content": {_JSON: {"schema": _reference(endpoint.result)}},
            },
            **{str(int(status)): _problem(status) for status in statuses},
        },
    }


def _parameters(endpoint: Endpoint, schema: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name, value in schema["properties"].items():
        in_path = f"{{{name}}}" in endpoint.path
        about, examples = value.get("description"), value.get("examples")
        kept = {key: each for key, each in value.items() if key not in {"description", "examples"}}
        found.append(
            {
                "name": name,
                "in": "path" if in_path else "query",
                **({"required": True} if in_path else {}),
                **({"description": about} if about else {}),
                "schema": {**kept, **({"examples": examples} if examples else {})},
            }
        )
    return found


def _body(body: type[Any]) -> dict[str, Any]:
    return {"required": True, "content": {_JSON: {"schema": _reference(body)}}}


def _problem(status: HTTPStatus) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": status.phrase,
        "content": {MEDIA_TYPE: {"schema": _reference(Problem)}},
    }
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        about = "Seconds after which to ask again."
        found["headers"] = {"Retry-After": {"description": about, "schema": {"type": "integer"}}}
    return found


def _reference(kind: type[Any]) -> dict[str, str]:
    return {"$ref": f"{_SCHEMAS}{kind.__name__}"}
