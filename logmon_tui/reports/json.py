r"""The JSON contracts: one object for a report, one object a line for `watch`.

Values from the log are plain strings, decoded as UTF-8 with `\xNN` for what does not decode.
Everything outside ASCII is escaped, so that no terminal obeys what a log holds.
"""

import json
from collections.abc import Sequence
from typing import Any

from logmon_tui.alerts.base import iso_time
from logmon_tui.alerts.incident import Incident
from logmon_tui.escape import decoded
from logmon_tui.reports.rows import Table, chosen, classes, tables
from logmon_tui.snapshot import Report, Snapshot, Window


def report_json(report: Report, top: int) -> str:
    """Return the object of `report --output json`, indented, with `top` rows (0: all)."""
    hits = report.hits
    sizes = hits.sizes
    document = {
        "hits": hits.hits,
        "bytes": hits.bytes,
        "unparsed": report.ingest.unparsed,
        "first_hit": _time(report.first_hit),
        "last_hit": _time(report.last_hit),
        "status": _status(hits),
        "methods": {decoded(row.key): row.hits for row in hits.methods.rows},
        **{table.name: _rows(table, top) for table in tables(hits) if table.name != "methods"},
        "response_size": {
            "mean": round(sizes.mean, 1),
            "p50": round(sizes.p50),
            "p95": round(sizes.p95),
            "max": sizes.max,
        },
        "unique_hosts": hits.hosts.distinct,
        "response_time": None,  # no format so far brings one
        "alerts": [_incident(each, each.message) for each in report.incidents],
    }
    return json.dumps(document, indent=2)


def watch_json(snapshot: Snapshot, changed: Sequence[Incident], top: int) -> str:
    """Return one line of `watch --output json`; `changed` are the incidents since the last one."""
    now = snapshot.now
    named = {table.name: table for table in tables(now)}
    return json.dumps(
        {
            "time": _time(now.end) if snapshot.log_time is not None else None,
            "window": now.seconds,
            "hits": now.hits,
            "bytes": now.bytes,
            "rate": round(now.rate, 3),
            "status": _status(now),
            "sections": _rows(named["sections"], top),
            "hosts": _rows(named["hosts"], top),
            "total_hits": snapshot.ingest.hits,
            "total_unparsed": snapshot.ingest.unparsed,
            "alerts": [_incident(each, each.recovery or each.message) for each in changed],
        }
    )


def _rows(table: Table, top: int) -> list[dict[str, Any]]:
    rows = []
    for row in chosen(table.ranking.rows, top):
        fields = {table.key: decoded(row.key), "hits": row.hits, "bytes": row.bytes}
        if table.name == "sections":
            fields["status"] = classes(row.status)
        rows.append(fields)
    return rows


def _status(window: Window) -> dict[str, int]:
    return {f"{code:03}": hits for code, hits in window.status}


def _incident(incident: Incident, message: str) -> dict[str, Any]:
    return {
        "id": incident.id,
        "rule": incident.rule,
        "subject": None if incident.subject is None else decoded(incident.subject),
        "triggered_at": _time(incident.triggered_at),
        "recovered_at": _time(incident.recovered_at),
        "hits": incident.hits,
        "value": round(incident.value, 6),
        "peak": round(incident.peak, 6),
        "message": message,
    }


def _time(second: int | None) -> str | None:
    return None if second is None else iso_time(second)
