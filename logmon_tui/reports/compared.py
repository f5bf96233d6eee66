"""Two reports that are compared, and what their text, JSON and CSV share."""

from collections.abc import Sequence
from typing import NamedTuple

from logmon_tui.reports.rows import tables
from logmon_tui.snapshot import Report
from logmon_tui.snapshot.comparison import STATUS, Changes, Comparison
from logmon_tui.snapshot.verdicts import Verdict


class ComparedReports(NamedTuple):
    """The present report and that of the baseline, each with the names of its logs.

    `notes` say in words what restricts the comparison, such as logs that do not go back so far.
    """

    present: Report
    baseline: Report
    present_names: Sequence[str]
    baseline_names: Sequence[str]
    comparison: Comparison
    notes: Sequence[str] = ()
    limits: Sequence[Verdict] = ()

    @property
    def sides(self) -> tuple[tuple[Report, Sequence[str]], ...]:
        """Both reports, each with the names of its logs."""
        return (self.present, self.present_names), (self.baseline, self.baseline_names)


class ChangeTable(NamedTuple):
    """The changes of a ranking, with its `name` (`paths`) and its `key` (`path`) in reports."""

    name: str
    key: str
    changes: Changes


def change_tables(comparison: Comparison) -> list[ChangeTable]:
    """Return the changes by status code, then those of all rankings that a report has."""
    windows = comparison.present, comparison.baseline
    keys = {table.name: table.key for window in windows for table in tables(window)}
    names = {STATUS: STATUS, **keys}
    return [
        ChangeTable(name, key, changes)
        for name, key in names.items()
        if (changes := comparison.changes.get(name)) is not None
    ]
