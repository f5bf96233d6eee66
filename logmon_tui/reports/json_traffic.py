"""The objects of traffic that several JSON outputs share: rows, status codes, times and sizes."""

from typing import Any

from logmon_tui.escape import decoded
from logmon_tui.reports.rows import Table, chosen, classes, is_timed
from logmon_tui.snapshot import Times, Window


def status_of(window: Window) -> dict[str, int]:
    """Return the hits by status code."""
    return {f"{code:03}": hits for code, hits in window.status}


def measures_of(window: Window) -> dict[str, Any]:
    """Return the response times in seconds, and the optional measures that the log has."""
    measures: dict[str, Any] = {"response_time": times_of(window.response_times)}
    if window.total_time is not None:
        measures["total_time"] = round(window.total_time, 6)
    if window.upstream_times is not None:
        measures["upstream_time"] = times_of(window.upstream_times)
    if window.bytes_in is not None:
        measures["bytes_in"] = window.bytes_in
    return measures


def row_objects(table: Table, top: int) -> list[dict[str, Any]]:
    """Return the first `top` rows of a ranking (0: all), each with its name under the key."""
    rows, timed = [], is_timed(table)
    for row in chosen(table.ranking.rows, top):
        fields: dict[str, Any] = {table.key: decoded(row.key), "hits": row.hits, "bytes": row.bytes}
        if table.name == "sections":
            fields["status"] = classes(row.status)
        if row.errors is not None:
            fields["errors"] = {"4xx": row.errors.client, "5xx": row.errors.server}
        if timed:
            fields["response_time"] = times_of(row.times)
        if row.total_time is not None:
            fields["total_time"] = round(row.total_time, 6)
        rows.append(fields)
    return rows


def times_of(times: Times | None) -> dict[str, float] | None:
    """Return the quantiles of times in seconds; None stays None."""
    if times is None:
        return None
    return {name: round(seconds, 6) for name, seconds in times.quantiles.items()}


def sizes_of(window: Window) -> dict[str, float]:
    """Return the sizes of responses in bytes."""
    sizes = window.sizes
    return {
        "mean": round(sizes.mean, 1),
        "p50": round(sizes.p50),
        "p95": round(sizes.p95),
        "max": sizes.max,
    }
