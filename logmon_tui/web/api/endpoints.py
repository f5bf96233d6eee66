"""The endpoints: one table, of which routes and the OpenAPI document are made."""

from collections.abc import Awaitable, Callable, Collection
from http import HTTPStatus
from typing import Any, NamedTuple

from logmon_tui.web.api.control import Control
from logmon_tui.web.api.documents.common import Document, Mark
from logmon_tui.web.api.documents.incidents import (
    FullIncident,
    Incidents,
    Marks,
    Silence,
    Silences,
)
from logmon_tui.web.api.documents.picture import Health, Interval
from logmon_tui.web.api.documents.traffic import Answer, Graph
from logmon_tui.web.api.parameters import (
    Body,
    GraphParameters,
    IncidentParameters,
    IncidentsParameters,
    MarksParameters,
    NewMark,
    NewNote,
    NewSilence,
    Parameters,
    QueryParameters,
    SilenceParameters,
    SnapshotParameters,
)
from logmon_tui.web.api.reading import Reading

_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_UNFIT = (HTTPStatus.UNPROCESSABLE_ENTITY,)


class Endpoint(NamedTuple):
    """What a method of a path does.

    `answer` is called with the parameters, and with the body if there is one; it returns an object
    of the type `result`. It may raise problems of other statuses than all endpoints do. One that
    `changes` the watch answers only with `--web-control`.
    """

    method: str
    path: str
    name: str
    summary: str
    answer: Callable[..., Awaitable[dict[str, Any]]]
    result: type[Document]
    parameters: type[Parameters] = Parameters
    body: type[Body] | None = None
    status: HTTPStatus = HTTPStatus.OK
    problems: Collection[HTTPStatus] = ()
    changes: bool = False


def reading_endpoints(reading: Reading) -> tuple[Endpoint, ...]:
    """Return the endpoints that only show."""
    return (
        Endpoint(
            "GET",
            "/health",
            "health",
            "Tell whether the watch works",
            reading.health,
            Health,
            problems=(HTTPStatus.SERVICE_UNAVAILABLE,),
        ),
        Endpoint(
            "GET",
            "/snapshot",
            "snapshot",
            "Show the present picture, as a line of `watch --output json`",
            reading.snapshot,
            Interval,
            SnapshotParameters,
            problems=_BUSY,
        ),
        Endpoint(
            "GET",
            "/query",
            "query",
            "Show the traffic of any window, filtered",
            reading.query,
            Answer,
            QueryParameters,
            problems=(*_UNFIT, *_BUSY),
        ),
        Endpoint(
            "GET",
            "/graph",
            "graph",
            "Show the traffic of a time in columns",
            reading.graph,
            Graph,
            GraphParameters,
            problems=(*_UNFIT, *_BUSY),
        ),
        Endpoint(
            "GET",
            "/incidents",
            "incidents",
            "List incidents, the newest first",
            reading.incidents,
            Incidents,
            IncidentsParameters,
            problems=_UNFIT,
        ),
        Endpoint(
            "GET",
            "/incidents/{id}",
            "incident",
            "Show all that is known of an incident, and why it fired",
            reading.incident,
            FullIncident,
            IncidentParameters,
            problems=(HTTPStatus.NOT_FOUND,),
        ),
        Endpoint(
            "GET",
            "/marks",
            "marks",
            "List marks, in the order of time",
            reading.marks,
            Marks,
            MarksParameters,
            problems=_UNFIT,
        ),
        Endpoint(
            "GET",
            "/silences",
            "silences",
            "List the silences in force",
            reading.silences,
            Silences,
        ),
    )


def control_endpoints(control: Control) -> tuple[Endpoint, ...]:
    """Return the endpoints that change the watch."""
    known = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, *_BUSY)
    return (
        Endpoint(
            "PUT",
            "/incidents/{id}/acknowledgement",
            "acknowledge",
            "Acknowledge an incident",
            control.acknowledge,
            FullIncident,
            IncidentParameters,
            problems=known,
            changes=True,
        ),
        Endpoint(
            "DELETE",
            "/incidents/{id}/acknowledgement",
            "takeBack",
            "Take an acknowledgement back",
            control.take_back,
            FullIncident,
            IncidentParameters,
            problems=known,
            changes=True,
        ),
        Endpoint(
            "PUT",
            "/incidents/{id}/note",
            "note",
            "Keep a note about an incident",
            control.note,
            FullIncident,
            IncidentParameters,
            NewNote,
            problems=known,
            changes=True,
        ),
        Endpoint(
            "POST",
            "/silences",
            "silence",
            "Notify nobody of something for a time",
            control.silence,
            Silence,
            body=NewSilence,
            status=HTTPStatus.CREATED,
            problems=(*known, *_UNFIT),
            changes=True,
        ),
        Endpoint(
            "DELETE",
            "/silences/{id}",
            "endSilence",
            "End a silence before its time",
            control.end_silence,
            Silence,
            SilenceParameters,
            problems=known,
            changes=True,
        ),
        Endpoint(
            "POST",
            "/marks",
            "mark",
            "Keep a mark",
            control.mark,
            Mark,
            body=NewMark,
            status=HTTPStatus.CREATED,
            problems=(HTTPStatus.CONFLICT, *_UNFIT, HTTPStatus.INTERNAL_SERVER_ERROR),
            changes=True,
        ),
    )
