"""The JSON of answers to questions: any window of traffic, a graph of a time, single requests."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.escape import decoded
from logmon_tui.formats.model.hit import Measure
from logmon_tui.reports.json_objects import rounded, time_text
from logmon_tui.reports.json_traffic import (
    measures_of,
    row_objects,
    sizes_of,
    status_of,
    times_of,
)
from logmon_tui.reports.rows import all_tables, classes, tables
from logmon_tui.snapshot import Graph, GraphColumn, Known, Request, Snapshot

_MICROSECONDS = 1_000_000  # a second


def answer_object(
    snapshot: Snapshot, top: int, names: Collection[str] = (), own: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the object of the traffic that a question asked for, with `top` rows (0: all).

    It has the rankings called `names`, without names those of a report. `own` are the names of own
    fields by that of their dimension.
    """
    now, scope, moment = snapshot.now, snapshot.scope, snapshot.moment
    named = [each for each in all_tables(now) if each.name in names] if names else tables(now)
    answered = None if moment is None or moment.answered is None else list(moment.answered)
    requests = snapshot.requests
    return {
        "time": time_text(now.end) if snapshot.log_time is not None else None,
        "window": now.seconds,
        "hits": now.hits,
        "bytes": now.bytes,
        "rate": round(now.rate, 3),
        "status": status_of(now),
        **{table.name: row_objects(table, top) for table in named},
        "response_size": sizes_of(now),
        "unique_hosts": now.hosts.distinct,
        **measures_of(now),
        "known": (Known.HITS if moment is None else moment.known).value,
        "since": time_text(scope.since) if moment is None else None,
        "sampled": scope.sampled,
        "answered": answered,
        **({"filter": {"where": scope.where}} if scope.where else {}),
        **(
            {}
            if requests is None
            else {"requests": _request_objects(requests.rows[: top or None], own or {})}
        ),
    }


def _request_objects(requests: Iterable[Request], own: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "time": iso_time(each.second),
            "status": f"{each.status:03}",
            "bytes": each.size,
            **{own.get(name, name): decoded(text) for name, text in each.texts.items()},
            **{name: _measure(name, value) for name, value in each.measures.items()},
        }
        for each in requests
    ]


def _measure(name: str, value: int) -> float:
    """Return a measure of a request: bytes as they are, times in seconds."""
    return value if name == Measure.BYTES_IN else round(value / _MICROSECONDS, 6)


def graph_object(graph: Graph) -> dict[str, Any]:
    """Return the object of a graph."""
    return {
        "start": iso_time(graph.start),
        "step": graph.step,
        "since": time_text(graph.since),
        "filtered": graph.filtered,
        "columns": [None if each is None else _column(each) for each in graph.columns],
    }


def _column(column: GraphColumn) -> dict[str, Any]:
    return {
        "seconds": column.seconds,
        "hits": column.hits,
        "bytes": column.bytes,
        "status": classes(column.by_class),
        "response_time": times_of(column.times),
        "clients": rounded(column.clients),
    }


def silence_object(silence: Silence) -> dict[str, Any]:
    """Return the object of a silence: when, and of which incidents; null is any."""
    subject = silence.subject
    return {
        "since": iso_time(int(silence.since)),
        "until": iso_time(int(silence.until)),
        "rule": silence.rule,
        "scope": None if silence.scope is None else silence.scope.value,
        "subject": None if subject is None else decoded(subject),
        "where": silence.where or None,
    }
