r"""The document that a browser gets of an answered question: everything that the page shows.

`snapshot` is the very object that `watch --output json` prints, and the page takes its figures from
there. The rest is what this object does not tell, in a form that the page need not think about:
texts of the log are spelt out as on the screen, and each row of a table has the term of a filter
that chooses its hits. Names and values are data of JSON throughout; nothing in here is markup.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

from logmon_tui.alerts.rules.text import budget_text, good_text
from logmon_tui.escape import printable
from logmon_tui.filters.language import term_of
from logmon_tui.reports.json import present_object
from logmon_tui.snapshot import Fleet, GraphColumn, ServerRow, ServerState, Snapshot
from logmon_tui.sources.base import overall_state
from logmon_tui.web.picture_incidents import incident_parts
from logmon_tui.web.picture_tables import status_part, table_parts

TOP = 5
"""Rows of the tables within `snapshot`, as many as `watch` prints unless told otherwise."""

MAX_MARKS = 100
"""Maximum marks in a document, the newest of them."""

MAX_SERVERS = 200
"""Maximum hosts in a document; those that are not live come first."""

MAX_PROBLEMS = 20
"""Maximum lines about what is wrong."""

MAX_UNPARSED, MAX_LINE = 5, 300
"""Maximum lines that are no hits, the newest of them, and bytes of each."""


def encoded(snapshot: Snapshot, wall: float, *, control: bool = False) -> bytes:
    """Return the document as JSON in ASCII, on one line; `wall` is in epoch seconds."""
    found = document(snapshot, wall, control=control)
    return json.dumps(found, separators=(",", ":")).encode("ascii")


def document(snapshot: Snapshot, wall: float, *, control: bool = False) -> dict[str, Any]:
    """Return the document; with `control` the page offers to change the watch."""
    return {
        "snapshot": present_object(snapshot, TOP),
        "head": _head(snapshot, wall),
        "tables": [status_part(snapshot), *table_parts(snapshot)],
        "graph": _graph(snapshot),
        "incidents": incident_parts(snapshot, wall),
        "objectives": _objectives(snapshot),
        "fleet": _fleet(snapshot.fleet),
        "marks": [
            {"second": mark.second, "text": printable(mark.text)}
            for mark in snapshot.marks[-MAX_MARKS:]
        ],
        "scope": _scope(snapshot),
        "problems": {"texts": list(_problems(snapshot)), "lines": _unparsed(snapshot)},
        "control": control,
    }


def finite(value: float | None, digits: int = 6) -> float | None:
    """Return a number as JSON can hold it: what is no number, or beyond all, is None."""
    return None if value is None or not math.isfinite(value) else round(value, digits)


def _head(snapshot: Snapshot, wall: float) -> dict[str, Any]:
    """Return what stands at the top: which logs, how they are read, and how the alerts stand."""
    now, alerts, ingest = snapshot.now, snapshot.alerts, snapshot.ingest
    state = overall_state(snapshot.sources)
    times = now.response_times
    return {
        "logs": [printable(source.name) for source in snapshot.sources],
        "formats": [printable(each) for each in ingest.formats],
        "state": None if state is None else state.value,
        "begun": snapshot.log_time is not None,
        "log_time": finite(snapshot.log_time, 3),
        "live": snapshot.live,
        "behind": 0.0
        if snapshot.log_time is None
        else finite(max(0.0, wall - snapshot.log_time), 1),
        "quiet": finite(ingest.quiet, 1),
        "failure": bool(snapshot.ingest.failure),
        "read": [
            sum(source.position for source in snapshot.sources),
            sum(source.size for source in snapshot.sources),
        ],
        "seconds_left": finite(ingest.seconds_left, 1),
        "clients": now.hosts.distinct,
        "resolution": times.resolution if times else 0.0,
        "firing": alerts.firing,
        "alert": {
            "rate": finite(alerts.rate),
            "threshold": finite(alerts.threshold),
            "window": alerts.window,
        },
    }


def _scope(snapshot: Snapshot) -> dict[str, Any]:
    """Return which hits the figures are of: the filter, the window, and what is known of it."""
    scope, moment = snapshot.scope, snapshot.moment
    return {
        "where": scope.where,
        "terms": list(scope.terms),
        "seconds": snapshot.now.seconds,
        "end": snapshot.now.end,
        "since": scope.since,
        "sampled": scope.sampled,
        "moment": None
        if moment is None
        else {
            "end": moment.end,
            "seconds": moment.seconds,
            "known": moment.known.value,
            "answered": None if moment.answered is None else list(moment.answered),
        },
    }


def _graph(snapshot: Snapshot) -> dict[str, Any] | None:
    graph = snapshot.graph
    if graph is None:
        return None
    return {
        "start": graph.start,
        "step": graph.step,
        "since": graph.since,
        "filtered": graph.filtered,
        "columns": [None if column is None else _column(column) for column in graph.columns],
    }


def _column(column: GraphColumn) -> list[float | None]:
    """Return seconds known, hits, hits with 4xx and 5xx, and the p95 in seconds."""
    p95 = None if column.times is None else finite(column.times.p95)
    return [column.seconds, column.hits, column.by_class[4], column.by_class[5], p95]


def _objectives(snapshot: Snapshot) -> list[dict[str, Any]]:
    return [
        {
            "title": printable(each.title),
            "good": good_text(each),
            "budget": budget_text(each),
            "left": finite(each.budget_left),
        }
        for each in snapshot.alerts.objectives
    ]


def _fleet(fleet: Fleet) -> dict[str, Any] | None:
    if not fleet.servers:
        return None
    rows = sorted(fleet.servers, key=lambda each: each.state is ServerState.LIVE)
    return {
        "known": sum(each.state is not ServerState.GONE for each in rows),
        "live": fleet.live,
        "servers": [_server(each) for each in rows[:MAX_SERVERS]],
        "left_out": max(0, len(rows) - MAX_SERVERS),
    }


def _server(row: ServerRow) -> dict[str, Any]:
    return {
        "name": printable(row.name),
        "term": term_of("server", row.name),
        "state": row.state.value,
        "quiet": finite(row.quiet, 1),
        "rate": finite(row.figures.rate),
        "errors": finite(row.figures.errors),
        "p95": finite(row.figures.p95),
        "differs": bool(row.differs),
        "message": printable(row.message),
    }


def _problems(snapshot: Snapshot) -> Iterator[str]:
    """Yield what is wrong with reading, saving and notifying, a line each."""
    ingest = snapshot.ingest
    found = [
        ingest.failure,
        *ingest.not_access_logs,
        *(f"{each.name}: {each.message}" for each in snapshot.sources if each.message),
        snapshot.saving.problem,
        ingest.marks_problem,
        *(f"{each.name}: {each.problem}" for each in ingest.targets if each.problem),
    ]
    yield from (printable(each) for each in found[:MAX_PROBLEMS] if each)


def _unparsed(snapshot: Snapshot) -> list[dict[str, str]]:
    """Return the newest lines that are no hits, newest first, with the reasons."""
    newest = snapshot.ingest.unparsed_lines[: -MAX_UNPARSED - 1 : -1]
    return [
        {"line": printable(each.line[:MAX_LINE]), "reason": printable(each.reason)}
        for each in newest
    ]
