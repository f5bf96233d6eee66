r"""The JSON contracts: one object for a report, and one object per line for `watch`.

A line of `watch` tells its `kind`: an interval that ended, or an alert that changed just now. What
they hold has no key in common but `time`: who reads only intervals adds up no hits of alerts.

Values from the log are plain strings, decoded as UTF-8 with `\xNN` for bytes that do not decode.
Everything outside ASCII is escaped, so that no terminal obeys text from a log.
"""

import json
from collections.abc import Sequence
from typing import Any

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.escape import decoded
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.reports.json_fleet import fleet_objects
from logmon_tui.reports.json_objects import (
    encodable,
    incident_object,
    limit_objects,
    mark_objects,
    objective_objects,
    time_text,
)
from logmon_tui.reports.json_traffic import measures_of, row_objects, sizes_of, status_of
from logmon_tui.reports.registry import Layout
from logmon_tui.reports.rows import chosen, report_tables, tables
from logmon_tui.snapshot import (
    AlertState,
    Chosen,
    Ingest,
    PeriodTable,
    Report,
    Saving,
    Snapshot,
    TargetStatus,
)
from logmon_tui.sources.base import SourceStatus

LAST_UNPARSED = 5
"""Maximum unparsed lines in a line of `watch`."""


def written(report: Report, _names: Sequence[str], layout: Layout) -> str:
    """Return what `report --output json` prints."""
    return f"{report_json(report, layout.top)}\n"


class Live:
    """Writes `watch --output json`: a line for each interval, and for each incident that changed.

    The line of an interval has once more all incidents that changed since the interval before.
    """

    def __init__(self, layout: Layout) -> None:
        self._top = layout.top
        self._changed: list[Incident] = []
        self._marks: tuple[Mark, ...] | None = None  # those of the line before

    def alerts(self, changed: Sequence[Incident], _width: int | None) -> list[str]:
        """Return a line for each incident, and keep them for the line of the interval."""
        self._changed.extend(changed)
        return [alert_json(incident) for incident in changed]

    def interval(self, snapshot: Snapshot, _width: int | None) -> list[str]:
        """Return the line of one stats interval."""
        changed, self._changed = self._changed, []
        return [watch_json(snapshot, changed, self._top, self._new_marks(snapshot))]

    def _new_marks(self, snapshot: Snapshot) -> list[Mark]:
        """Return the marks since the line before, in the first line those within its window."""
        if snapshot.log_time is None:  # there is no window yet
            return []
        before, self._marks = self._marks, snapshot.marks
        if before is None:
            begin = snapshot.now.end - snapshot.now.seconds
            return [mark for mark in snapshot.marks if mark.second > begin]
        return [] if before is self._marks else sorted(set(self._marks) - set(before))


def report_json(report: Report, top: int) -> str:
    """Return the object of `report --output json`, indented, with `top` rows (0: all)."""
    hits = report.hits
    document = {
        "hits": hits.hits,
        "bytes": hits.bytes,
        "unparsed": report.ingest.unparsed,
        "first_hit": time_text(report.first_hit),
        "last_hit": time_text(report.last_hit),
        f"{report.periods.by}s": _periods(report.periods),
        "status": status_of(hits),
        "methods": {decoded(row.key): row.hits for row in hits.methods.rows},
        **{
            table.name: row_objects(table, top)
            for table in report_tables(report, routes=True)
            if table.name != "methods"
        },
        "not_found": [
            {
                "path": decoded(row.path),
                "hits": row.hits,
                "referrer": None if row.referrer is None else decoded(row.referrer),
                "referrer_hits": row.referrer_hits,
            }
            for row in chosen(report.not_found.rows, top)
        ],
        "static": {"hits": report.static.hits, "bytes": report.static.bytes},
        "response_size": sizes_of(hits),
        "unique_hosts": hits.hosts.distinct,
        **measures_of(hits),
        "alerts": [incident_object(each, each.message) for each in report.incidents],
        "ingest": _report_ingest(report.ingest),
        **({"limits": limit_objects(report.limits)} if report.limits else {}),
        **_filter(report.chosen),
        **objective_objects(report.objectives),
        **({} if report.marks is None else {"marks": mark_objects(report.marks)}),
    }
    return json.dumps(document, indent=2)


def alert_json(incident: Incident) -> str:
    """Return the line of `watch --output json` on an incident that changed just now."""
    line = {
        "kind": "alert",
        "time": time_text(incident.changed_at),
        "alert": _changed_object(incident),
    }
    return json.dumps(line)


def _changed_object(incident: Incident) -> dict[str, Any]:
    return incident_object(incident, incident.recovery or incident.message)


def watch_json(
    snapshot: Snapshot, changed: Sequence[Incident], top: int, marks: Sequence[Mark] = ()
) -> str:
    """Return the line of an interval of `watch --output json`; see `watch_object`."""
    return json.dumps(watch_object(snapshot, changed, top, marks))


def watch_object(
    snapshot: Snapshot, changed: Sequence[Incident], top: int, marks: Sequence[Mark] = ()
) -> dict[str, Any]:
    """Return the object of an interval of a watch, with `top` rows (0: all).

    `changed` are the incidents, and `marks` the marks, that are new since the interval before.
    """
    now = snapshot.now
    named = {table.name: table for table in tables(now)}
    return {
        "kind": "interval",
        "time": time_text(now.end) if snapshot.log_time is not None else None,
        "window": now.seconds,
        "hits": now.hits,
        "bytes": now.bytes,
        "rate": round(now.rate, 3),
        "status": status_of(now),
        "sections": row_objects(named["sections"], top),
        "hosts": row_objects(named["hosts"], top),
        **measures_of(now),
        "total_hits": snapshot.ingest.hits,
        "total_unparsed": snapshot.ingest.unparsed,
        "alerts": [_changed_object(each) for each in changed],
        "marks": mark_objects(marks),
        "ingest": _watch_ingest(snapshot),
        **({"filter": {"where": snapshot.scope.where}} if snapshot.scope.where else {}),
        **objective_objects(snapshot.alerts.objectives),
        **_left_out(snapshot.alerts),
        **_learning(snapshot.alerts),
        **fleet_objects(snapshot.fleet),
    }


def present_object(snapshot: Snapshot, top: int) -> dict[str, Any]:
    """Return the object of the window of `snapshot`, whatever was told before, with `top` rows.

    Its alerts are those that changed within the window, in that order, and its marks those within.
    """
    now, known = snapshot.now, snapshot.log_time is not None
    within = range(now.end - now.seconds + 1, now.end + 1) if known else range(0)
    changed = [each for each in snapshot.alerts.incidents if each.changed_at in within]
    changed.sort(key=lambda each: (each.changed_at, each.rule, each.id))
    marks = [mark for mark in snapshot.marks if mark.second in within]
    return watch_object(snapshot, changed, top, marks)


def _left_out(alerts: AlertState) -> dict[str, Any]:
    """Return what rules could not count, if there is anything."""
    found = [
        {
            "rule": encodable(each.rule),
            "subjects": each.left_out,
            "lost": each.lost,
            "forgotten": each.forgotten,
        }
        for each in alerts.rules
        if each.left_out or each.lost or each.forgotten
    ]
    return {"left_out": found} if found else {}


def _learning(alerts: AlertState) -> dict[str, Any]:
    """Return the rules that do not look for new subjects yet, if there are any."""
    found = [
        {"rule": encodable(each.rule), "until": iso_time(each.learns_until)}
        for each in alerts.rules
        if each.learns_until is not None
    ]
    return {"learning": found} if found else {}


def _filter(chosen: Chosen) -> dict[str, Any]:
    """Return what hits are chosen by, if not all are."""
    if not chosen:
        return {}
    times = {"since": time_text(chosen.since), "until": time_text(chosen.until)}
    return {"filter": {"where": chosen.where or None, **times}}


def _report_ingest(ingest: Ingest) -> dict[str, Any]:
    first = ingest.first_unparsed
    return {
        "formats": [encodable(name) for name in ingest.formats],
        "unparsed": ingest.unparsed,
        "others": ingest.others,
        "ignored": ingest.ignored,
        "oversize": ingest.oversize,
        "late": ingest.late,
        "future": ingest.future,
        "not_access_logs": [encodable(message) for message in ingest.not_access_logs],
        "first_unparsed": None if first is None else _unparsed(first),
    }


def _watch_ingest(snapshot: Snapshot) -> dict[str, Any]:
    ingest = snapshot.ingest
    return {
        "lag": round(ingest.lag, 3),
        "evaluation_delay": ingest.evaluation_delay,
        "lateness": ingest.lateness,
        "parsed": round(ingest.parsed_share, 6),
        "unparsed": ingest.unparsed,
        "others": ingest.others,
        "ignored": ingest.ignored,
        "oversize": ingest.oversize,
        "late": ingest.late,
        "late_for_alerts": ingest.late_for_alerts,
        "future": ingest.future,
        "rotations": ingest.rotations,
        "truncations": ingest.truncations,
        "formats": [encodable(name) for name in ingest.formats],
        "sources": [_source(source) for source in snapshot.sources],
        "last_unparsed": [_unparsed(each) for each in ingest.unparsed_lines[-LAST_UNPARSED:]],
        "state": _state(snapshot.saving),
        "targets": [_target(target) for target in ingest.targets],
    }


def _source(source: SourceStatus) -> dict[str, Any]:
    return {
        "name": encodable(source.name),
        "state": source.state.value,
        "position": source.position,
        "size": source.size,
        "rotations": source.rotations,
        "truncations": source.truncations,
        "oversize": source.oversize,
        "polling": source.polling,
        "message": encodable(source.message),
    }


def _target(target: TargetStatus) -> dict[str, Any]:
    return {
        "name": encodable(target.name),
        "kind": target.kind,
        "sent": target.sent,
        "waiting": target.waiting,
        "dropped": target.dropped,
        "problem": encodable(target.problem),
        "sent_at": None if target.sent_at is None else iso_time(int(target.sent_at)),
    }


def _unparsed(unparsed: UnparsedLine) -> dict[str, str]:
    return {"line": decoded(unparsed.line), "reason": encodable(unparsed.reason)}


def _state(saving: Saving) -> dict[str, str] | None:
    if not saving.file and not saving.problem:
        return None
    return {
        "file": encodable(saving.file),
        "problem": encodable(saving.problem),
        "note": encodable(saving.note),
    }


def _periods(table: PeriodTable) -> list[dict[str, Any]]:
    """Return the rows by hour or by day; `hour` or `day` is null in the sum of earlier ones."""
    rows, timed = [], table.timed
    for row in table.all():
        fields: dict[str, Any] = {
            table.by.value: time_text(row.start),
            "hits": row.hits,
            "bytes": row.bytes,
            "visitors": row.visitors,
            "errors": {"4xx": row.errors.client, "5xx": row.errors.server},
        }
        if timed:
            fields["response_time"] = None if row.p95 is None else {"p95": round(row.p95, 6)}
        rows.append(fields)
    return rows
