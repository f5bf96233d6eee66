"""`report --compare`, `--against` and `--fail-if`: the options, the reading and the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from msgspec.structs import replace

from logmon_tui.cli.options import chain, option
from logmon_tui.cli.parameters import LimitText, LogMoment
from logmon_tui.cli.periods import Logs, Span, When, check_apart
from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.config.settings import Settings
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.formats.clients import Locate
from logmon_tui.sources.given import check_distinct
from logmon_tui.units import date_time, duration

if TYPE_CHECKING:
    from logmon_tui.reports.compared import ComparedReports
    from logmon_tui.reports.limits import Limit
    from logmon_tui.snapshot import Report
    from logmon_tui.snapshot.comparison import Comparison
    from logmon_tui.snapshot.verdicts import Verdict

CROSSED, NOT_JUDGED = 3, 4
"""Exit codes: a limit was crossed; none was, but one of them could not be judged."""

COMPARED_KEYS = 10_000
"""Keys of each ranking that are compared, those with the most hits."""

FAILING_KEYS = 1_000
"""Keys that join them: those with the most errors, and those with the longest times."""

_QUIET = 60
"""Seconds without a hit at the end of a time that are not worth a note."""

_GROUP = "Comparing"

_compare = option(
    "--compare",
    group=_GROUP,
    type=click.Path(allow_dash=True, readable=False),
    multiple=True,
    metavar="OTHER",
    help="Print what changed since this log, the baseline; repeatable.",
)
_against = option(
    "--against",
    group=_GROUP,
    type=LogMoment(),
    metavar="WHEN",
    help="Print what changed since a former time of the same length: -1d for the same time one "
    "day before, or when it began, such as 'yesterday 14:00'.",
)
_fail_if = option(
    "--fail-if",
    group=_GROUP,
    type=LimitText(),
    multiple=True,
    metavar="LIMIT",
    help="End with exit code 3 if a limit is crossed, such as '5xx_share>+1%' or 'p95>500ms'; "
    "repeatable; `help compare` tells how.",
)
_min_hits = option(
    "--min-hits",
    group=_GROUP,
    type=click.IntRange(1),
    metavar="N",
    default=20,
    show_default=True,
    help="With fewer hits than these a limit is not judged, and the exit code is 4.",
)
comparing_options = chain(_compare, _against, _fail_if, _min_hits)


class Comparing(msgspec.Struct, frozen=True):
    """What was asked for: logs and a time to compare with, and the limits of the report."""

    others: tuple[str, ...]
    against: str | None
    limits: "tuple[Limit, ...]"
    min_hits: int

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "Comparing":
        """Return what the parameters of a command ask for."""
        return cls(*(parameters[name] for name in ("compare", "against", "fail_if", "min_hits")))

    def __bool__(self) -> bool:
        """Tell whether anything is compared."""
        return bool(self.others) or self.against is not None

    def check(self, output: str) -> None:
        """Raise UsageError for a limit that has no baseline, and for a wrong output."""
        from logmon_tui.reports.registry import prints_comparisons

        for limit in self.limits:
            if limit.needs_baseline and not self:
                what = f"--fail-if {printable(limit.text)} needs a baseline"
                raise UsageError(f"{what}; give --compare or --against")
        if self and not prints_comparisons(output):
            raise UsageError(f"--output {output} prints no comparison; choose another output")

    def verdicts(
        self, report: "Report", comparison: "Comparison | None" = None
    ) -> "tuple[Verdict, ...]":
        """Return how a report stands to each limit."""
        if not self.limits:
            return ()
        from logmon_tui.reports.limits import judged

        return tuple(judged(limit, report.hits, comparison, self.min_hits) for limit in self.limits)


def read_compared(
    settings: Settings,
    sides: tuple[Logs, Logs],
    spans: tuple[Span, Span],
    locate: Locate | None,
) -> "ComparedReports":
    """Return the reports of two `sides`, the present logs and the baseline, within their times.

    Raises SourceError for unreadable logs.
    """
    # Imported late, as numpy is slow to import and `--help` needs none.
    from logmon_tui.pipeline.whole_logs import have_rotated_files, read_report
    from logmon_tui.reports.compared import ComparedReports
    from logmon_tui.snapshot.comparison import compare

    wider = settings.changed(top=settings.top and max(settings.top, COMPARED_KEYS))
    reports: list[Report] = []
    notes: list[str] = []
    for label, logs, span in zip(("now", "was"), sides, spans, strict=True):
        read = read_report(
            logs.names, wider, logs.formats, *span, locate=locate, extra_rows=FAILING_KEYS
        )
        reports.append(with_length(read, span))
        notes += (f"{label}: {note}" for note in _notes(span, read))
        if (
            not settings.with_rotated
            and _begins_late(span, read)
            and have_rotated_files(logs.names, logs.formats)
        ):
            notes.append(f"{label}: the log has rotated files; --with-rotated reads them too")
    present, baseline = reports
    names = sides[0].names, sides[1].names
    comparison = compare(baseline.hits, present.hits)
    return ComparedReports(present, baseline, *names, comparison, notes)


def spans_of(
    present: Logs, baseline: Logs | None, when: When, against: str | None
) -> tuple[Span, Span]:
    """Return the times to be compared, of the `present` logs and of the `baseline`.

    Without a baseline, it is a former time of the present logs. Raises UsageError for times and
    logs that cannot be compared.
    """
    if against is None:
        others = baseline or present
        check_distinct([*present.names, *others.names])
        return when.span(present), when.span(others)
    if baseline is None:
        for name in present.names:
            if name == STANDARD_INPUT or (Path(name).exists() and not Path(name).is_file()):
                problem = "is no file, and can be read only once"
                raise UsageError(f"{printable(name)}: {problem}; --against reads a log twice")
    spans = when.spans_against(present, against)
    if baseline is None:
        check_apart(*spans, against)
    return spans


def with_length(report: "Report", span: Span) -> "Report":
    """Return the report of a time with the length of that time, from where its logs begin.

    Without bounds, a report is as long as its hits. A time without hits at its end counts: nothing
    tells the end of the traffic from the end of the log.
    """
    since = report.first_hit if span.since is None else span.since
    if since is not None and report.extent is not None:
        since = max(since, report.extent[0])
    end = report.last_hit if span.until is None else span.until - 1
    if since is None or end is None or end < since:
        return report
    return replace(report, hits=replace(report.hits, end=end, seconds=end - since + 1))


def _notes(span: Span, report: "Report") -> Iterator[str]:
    """Yield what the logs do not have of a time."""
    if report.extent is None:
        return
    first, last = report.extent
    if span.until is not None and first >= span.until:
        yield f"the log begins only at {date_time(first)} UTC, so nothing is known of that time"
    elif span.since is not None and first > span.since:
        missing = duration(first - span.since)
        yield f"the log begins only at {date_time(first)} UTC; the first {missing} are not known"
    if span.since is not None and last < span.since:
        yield f"the log ends at {date_time(last)} UTC, before that time"
    elif span.until is not None and last < span.until - _QUIET:
        yield f"the last hit is of {date_time(last)} UTC; the time after it counts as silent"


def _begins_late(span: Span, report: "Report") -> bool:
    """Tell whether the logs begin only after the beginning of a time."""
    return report.extent is not None and span.since is not None and report.extent[0] > span.since


def print_verdicts(verdicts: "Sequence[Verdict]") -> int:
    """Print a line on standard error for each limit that is not kept; return the exit code."""
    if not verdicts:
        return 0
    from logmon_tui.snapshot.verdicts import LimitState

    said = {LimitState.CROSSED: "limit crossed", LimitState.UNKNOWN: "limit not judged"}
    for verdict in verdicts:
        if verdict.state in said:
            text = f"{said[verdict.state]}: {verdict.limit}: {verdict.message}"
            click.echo(f"logmon-tui: {printable(text)}", err=True)
    states = {verdict.state for verdict in verdicts}
    if LimitState.CROSSED in states:
        return CROSSED
    return NOT_JUDGED if LimitState.UNKNOWN in states else 0
