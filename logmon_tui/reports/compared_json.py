"""JSON of two reports that are compared: one object."""

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.escape import decoded, printable
from logmon_tui.reports.changed_most import changed_most
from logmon_tui.reports.compared import ChangeTable, ComparedReports, change_tables
from logmon_tui.reports.json_objects import limit_objects
from logmon_tui.reports.registry import Layout
from logmon_tui.snapshot import CountRow, Report, Window
from logmon_tui.snapshot.comparison import Change, Comparison, hits_a_second, most_changed
from logmon_tui.snapshot.totals import Total, totals_of


def written(compared: ComparedReports, layout: Layout) -> str:
    """Return what `report --output json` prints of a comparison, with `layout.top` rows."""
    comparison = compared.comparison
    where = compared.present.chosen.where
    document = {
        "changed_most": changed_most(comparison),
        "present": _side(compared.present, compared.present_names),
        "baseline": _side(compared.baseline, compared.baseline_names),
        "notes": list(compared.notes),
        "totals": {
            total.metric.name: _total(total)
            for total in totals_of(comparison.baseline, comparison.present)
        },
        **{table.name: _rows(table, comparison, layout.top) for table in change_tables(comparison)},
        **({"limits": limit_objects(compared.limits)} if compared.limits else {}),
        **({"filter": {"where": where}} if where else {}),
    }
    return f"{json.dumps(document, indent=2)}\n"


def _side(report: Report, names: Sequence[str]) -> dict[str, Any]:
    window = report.hits
    return {
        "logs": [printable(name) for name in names],
        "since": iso_time(window.end - window.seconds + 1) if window.seconds else None,
        "until": iso_time(window.end + 1) if window.seconds else None,
        "seconds": window.seconds,
        "hits": window.hits,
        "unparsed": report.ingest.unparsed,
    }


def _total(total: Total) -> dict[str, float | None]:
    return {
        "baseline": _number(total.baseline),
        "present": _number(total.present),
        "change": _number(total.change),
        "growth": _number(total.growth),
    }


def _number(value: Fraction | float | None) -> float | None:
    """Return a number with six decimals, a whole one without any."""
    if value is None:
        return None
    return int(value) if value == int(value) else round(float(value), 6)


def _rows(table: ChangeTable, comparison: Comparison, top: int) -> list[dict[str, Any]]:
    return [
        {
            table.key: decoded(change.key),
            "mark": change.mark,
            "change": round(change.rate, 6),
            "baseline": _figures(change.baseline, comparison.baseline),
            "present": _figures(change.present, comparison.present),
            **_hidden(change),
        }
        for change in most_changed(table.changes, top)
    ]


def _hidden(change: Change) -> dict[str, int | None]:
    one_sided = change.baseline is None or change.present is None
    return {"hidden": change.hidden} if one_sided else {}


def _figures(row: CountRow | None, window: Window) -> dict[str, Any] | None:
    if row is None:
        return None
    figures: dict[str, Any] = {"hits": row.hits, "rate": round(hits_a_second(row, window), 6)}
    if row.errors is not None:
        figures["errors"] = {"4xx": row.errors.client, "5xx": row.errors.server}
    if row.times is not None:
        figures["p95"] = round(row.times.p95, 6)
    return figures
