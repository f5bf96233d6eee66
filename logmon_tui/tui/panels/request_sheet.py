"""Requests as the rows of a sheet, to be exported with all of their fields."""

from collections.abc import Sequence

from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.formats.model.hit import Dimension, Measure
from logmon_tui.reports.sheet import Sheet, sheet_of
from logmon_tui.snapshot import Request


def request_sheet(title: str, rows: Sequence[Request]) -> Sheet:
    """Return requests in their order, with every field that one has; all times are in seconds."""
    texts = [each for each in Dimension if any(each in row.texts for row in rows)]
    own = dict.fromkeys(name for row in rows for name in row.texts if name not in texts)
    names = [*texts, *own]
    return sheet_of(
        title,
        ("time", "status", "bytes", *map(str, names), *map(str, Measure)),
        (
            (
                *(iso_time(row.second), row.status, row.size),
                *(row.texts.get(name) for name in names),
                *(_measured(row, measure) for measure in Measure),
            )
            for row in rows
        ),
    )


def _measured(request: Request, measure: Measure) -> float | None:
    """Return a measure of a request: times in seconds, sizes in bytes."""
    value = request.measures.get(measure)
    return value if value is None or measure is Measure.BYTES_IN else value / 1e6
