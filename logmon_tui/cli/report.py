"""`logmon-tui report`: read whole logs once, print a summary, exit."""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource
from msgspec.structs import replace

from logmon_tui.cli import in_force, options
from logmon_tui.cli.choosing import resolve_inputs
from logmon_tui.cli.comparing import (
    CROSSED,
    Comparing,
    comparing_options,
    print_verdicts,
    read_compared,
    spans_of,
    with_length,
)
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.cli.parameters import LogMoment
from logmon_tui.cli.periods import Logs, Span, When
from logmon_tui.cli.terminal import columns, takes_colour
from logmon_tui.config.output import By, Output
from logmon_tui.config.settings import Settings, check_windows
from logmon_tui.errors import SourceError
from logmon_tui.escape import printable
from logmon_tui.formats.clients import Locate
from logmon_tui.reports.registry import Layout, comparison_as, outputs_of, written_as
from logmon_tui.sources.given import check_distinct
from logmon_tui.sources.patterns import expanded, is_pattern

if TYPE_CHECKING:
    from logmon_tui.alerts.model.mark import Mark
    from logmon_tui.reports.compared import ComparedReports
    from logmon_tui.snapshot import Report

_Command = TypeVar("_Command", bound=Callable[..., Any])

TOP_OF_PAGE = 10
"""Rows of each table of a page, which has room for more, unless another number is given."""

_UNSET = {ParameterSource.DEFAULT, None}

_EXAMPLES = """
logmon-tui report access.log                     a readable summary
logmon-tui report --output json --top 0 a.log    everything, for scripts
logmon-tui report 'logs/*.log' old.log.gz        several logs, merged by time; they may be
                                                 compressed (gz, bz2, xz, zst)
logmon-tui report --with-rotated access.log      with access.log.1, access.log.2.gz and so on
logmon-tui report --where 'status:5xx section:/api' access.log      only these hits
logmon-tui report --output html access.log > page.html              a page for a browser
logmon-tui report --by day access.log            hits and visitors of each day
logmon-tui report --since 14:00 --until 14:30 access.log            only these minutes (UTC)
logmon-tui report --compare old.log access.log   what changed since another log
logmon-tui report --since -10m --against -1d access.log             since the same time yesterday
logmon-tui report --against -1h --fail-if '5xx_share>+1%' access.log    exit code 3 if crossed
"""


def _moment(name: str, about: str) -> Callable[[_Command], _Command]:
    return option(name, group="Reading", type=LogMoment(), metavar="WHEN", help=about)


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@options.logs_argument()
@options.alert_options
@options.bucket_size
@options.where
@_moment(
    "--since",
    "Show only hits and alerts from then on: -2h before the last hit, 14:00, 'yesterday 14:00', "
    "2026-11-22T08:26:40Z (UTC).",
)
@_moment("--until", "Show only hits and alerts before then.")
@options.log_format
@options.with_rotated
@options.path_options
@options.geoip
@comparing_options
@options.marks
@options.output_option(*outputs_of("report"))
@option(
    "--by",
    group="Output",
    type=click.Choice([each.value for each in By]),
    help="Sum up hits and visitors by hour or by day (UTC); by default by what the log spans.",
)
@options.top
@options.config
@click.pass_context
def report(ctx: click.Context, /, logs: tuple[str, ...], **parameters: Any) -> None:
    """Read whole logs once, and print a summary.

    It has the alerts that the logs would have caused. With --compare or --against, print what
    changed instead. If no line was a hit, the exit code is 2; 3 if a limit of --fail-if is crossed,
    and 4 if one could not be judged.
    """
    gc.disable()  # imports create many objects, and all of them stay
    ctx.call_on_close(gc.enable)
    settings = in_force.settings_from(parameters)
    when = When(parameters["since"], parameters["until"])
    comparing = Comparing.of(parameters)
    output = settings.output or Output.TEXT
    comparing.check(output)
    if output == Output.HTML and ctx.get_parameter_source("top") in _UNSET:
        settings = settings.changed(top=TOP_OF_PAGE)
    layout = Layout(settings.top, columns(), takes_colour())
    if comparing:
        compared = _compared(ctx, settings, logs, when, comparing)
        verdicts = comparing.verdicts(compared.present, compared.comparison)
        text = comparison_as(output, compared._replace(limits=verdicts), layout)
        read = compared.sides
    else:
        marks = _marks(ctx, settings)  # before the logs, which take longer
        found = _asked(ctx, settings, logs)
        span = when.span(found)
        summary = _read(settings, found, span)
        summary = summary if marks is None else summary.with_marks(marks)
        judged = with_length(summary, span)
        verdicts = comparing.verdicts(judged)
        text = written_as(output, replace(summary, limits=verdicts), found.names, layout)
        read = ((summary, found.names),)
    click.echo(text, nl=False, color=layout.colour)
    code = print_verdicts(verdicts)
    if code != CROSSED:
        for each in read:
            check_hits(*each)
    if code:
        ctx.exit(code)


def _marks(ctx: click.Context, settings: Settings) -> "tuple[Mark, ...] | None":
    """Return what was marked; None if no file of marks was named.

    Raises UsageError for a file that cannot be read. One that only settings name may be missing.
    """
    if settings.marks is None:
        return None
    file = Path(settings.marks)
    asked = ctx.get_parameter_source("marks") is ParameterSource.COMMANDLINE
    if not asked and not os.path.lexists(file):
        return ()
    # Imported late: a report without marks needs nothing of the state.
    from logmon_tui.cli.mark import marks_in
    from logmon_tui.state.files import shown

    read = marks_in(file)
    if read.problem:
        click.echo(f"logmon-tui: {shown(file)}: {read.problem}", err=True)
    return read.marks


def read_asked(
    ctx: click.Context, settings: Settings, logs: tuple[str, ...], *, seen: bool = False
) -> tuple["Report", Sequence[str]]:
    """Return the report of the logs on the command line, and their names.

    With `seen`, it tells what each rule saw.

    Raises UsageError for settings that contradict each other, SourceError for unreadable logs.
    """
    found = _asked(ctx, settings, logs)
    return _read(settings, found, Span(), seen=seen), found.names


def _read(settings: Settings, logs: Logs, span: Span, *, seen: bool = False) -> "Report":
    locate = _places(settings)
    # Imported late, as numpy is slow to import and `--help` needs none.
    from logmon_tui.pipeline.whole_logs import read_report

    _look_for_garbage()
    return read_report(logs.names, settings, logs.formats, *span, locate=locate, seen=seen)


def _places(settings: Settings) -> Locate | None:
    """Return what tells where clients are; None without databases. Raises UsageError."""
    if not settings.geoip:
        return None
    from logmon_tui.lookups.places import opened  # few users have databases of places

    return opened(settings.geoip)


def _look_for_garbage() -> None:
    """Let Python look for garbage from now on, but not among what is there."""
    gc.freeze()
    gc.enable()


def _compared(
    ctx: click.Context,
    settings: Settings,
    logs: Sequence[str],
    when: When,
    comparing: Comparing,
) -> "ComparedReports":
    """Return the reports that are compared. Raises errors like `read_asked`."""
    present = _asked(ctx, settings, logs)
    baseline = _asked(ctx, settings, comparing.others) if comparing.others else None
    spans = spans_of(present, baseline, when, comparing.against)
    _look_for_garbage()
    return read_compared(settings, (present, baseline or present), spans, _places(settings))


def _asked(ctx: click.Context, settings: Settings, logs: Sequence[str]) -> Logs:
    """Return logs as they are named on the command line. Raises UsageError, SourceError."""
    check_windows(settings, "alert_window")
    in_force.check_alerts(settings)
    formats, logs = resolve_inputs(ctx, settings, logs, live=False)
    return Logs(found_logs(logs), formats, settings.with_rotated)


def found_logs(logs: Sequence[str]) -> list[str]:
    """Return `logs` with each pattern replaced by the files it matches, each file once.

    Raises SourceError for a pattern that matches nothing, and for a file that is named twice.
    """
    for log in logs:
        if is_pattern(log) and not expanded([log]):
            raise SourceError(f"{printable(log)}: matches no file; give a log")
    names = expanded(logs)
    check_distinct(names)
    return names


def check_hits(report: "Report", names: Sequence[str]) -> None:
    """Raise SourceError if no line was a hit; it says what the logs are and how to mend it.

    To be called after the report is printed: an empty report is correct, but hardly what the user
    wanted.
    """
    if report.ingest.hits:
        return
    sys.stdout.flush()
    ingest = report.ingest
    if ingest.not_access_logs:
        first, *others = ingest.not_access_logs
        more = f"; and {len(others)} more without a hit" if others else ""
        raise SourceError(f"nothing was a hit: {first}{more}")
    lines = ingest.unparsed + ingest.others
    which = printable(names[0]) if len(names) == 1 else f"{len(names)} logs"
    reason = "they are too long" if ingest.oversize else "they are messages"
    if ingest.first_unparsed is not None:
        reason = ingest.first_unparsed.reason
    import shlex

    how = f"logmon-tui formats {printable(shlex.quote(names[0]))} tells how they read"
    raise SourceError(
        f"nothing was a hit in {lines:,} line{'' if lines == 1 else 's'} of {which}: "
        f"{printable(reason)}; {how}"
    )
