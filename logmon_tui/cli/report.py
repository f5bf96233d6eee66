"""`logmon-tui report`: read whole logs once, print a summary, exit."""

import shlex
import sys
from collections.abc import Callable, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from logmon_tui.cli import in_force, options
from logmon_tui.cli.choosing import resolve_inputs
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.cli.terminal import columns, takes_colour
from logmon_tui.config.settings import Output, Settings, check_windows
from logmon_tui.errors import SourceError, UsageError
from logmon_tui.escape import printable
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.lookups.places import opened
from logmon_tui.moments import is_relative, moment_in_log
from logmon_tui.reports.registry import Layout, outputs_of, written_as
from logmon_tui.sources.given import check_distinct
from logmon_tui.sources.patterns import expanded, is_pattern
from logmon_tui.units import date_time

if TYPE_CHECKING:
    from logmon_tui.snapshot import Report

_Command = TypeVar("_Command", bound=Callable[..., Any])

_EXAMPLES = """
logmon-tui report access.log                     a readable summary
logmon-tui report --output json --top 0 a.log    everything, for scripts
logmon-tui report 'logs/*.log' old.log.gz        several logs, merged by time; they may be
                                                 compressed (gz, bz2, xz, zst)
logmon-tui report --with-rotated access.log      with access.log.1, access.log.2.gz and so on
logmon-tui report --where 'status:5xx section:/api' access.log      only these hits
logmon-tui report --since 14:00 --until 14:30 access.log            only these minutes (UTC)
"""


class LogMoment(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A point in the time of a log, as it is written."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text. Raises click's BadParameter if it is no moment."""
        try:
            moment_in_log(str(value), 0)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
        return str(value)


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
@options.output_option(*outputs_of("report"))
@options.top
@options.config
@click.pass_context
def report(ctx: click.Context, /, logs: tuple[str, ...], **parameters: Any) -> None:
    """Read whole logs once, print a summary with the alerts they would have caused.

    If no line was a hit, the exit code is 2.
    """
    settings = in_force.settings_from(parameters)
    when = When(parameters["since"], parameters["until"])
    summary, names = read_asked(ctx, settings, logs, when)
    _print(summary, names, settings)
    check_hits(summary, names)


class When(NamedTuple):
    """The time that a report is about, as it is written; None means without bound."""

    since: str | None = None
    until: str | None = None

    def seconds(self, logs: Sequence[str], formats: FormatSelector) -> tuple[int | None, ...]:
        """Return the seconds that are meant (epoch). Raises UsageError."""
        # Imported late, as numpy is slow to import and `--help` needs none.
        from logmon_tui.pipeline.whole_logs import last_second_of_logs

        last = None
        if any(each and is_relative(each) for each in self):
            last = last_second_of_logs(logs, formats)
            if last is None:
                which = printable(logs[0]) if len(logs) == 1 else "these logs"
                what = f"--since and --until count from the last hit, which the end of {which}"
                raise UsageError(f"{what} does not show; give a time such as 2026-11-22T14:00")
        since, until = (
            None if each is None else ceil(moment_in_log(each, last or 0)) for each in self
        )
        if since is not None and until is not None and since >= until:
            raise UsageError(
                f"--since {self.since} is {date_time(since)} UTC, and not before --until "
                f"{self.until}, {date_time(until)} UTC; change one of them"
            )
        return since, until


def read_asked(
    ctx: click.Context, settings: Settings, logs: tuple[str, ...], when: When | None = None
) -> tuple["Report", Sequence[str]]:
    """Return the report of the logs on the command line, and their names.

    Raises UsageError for settings that contradict each other, SourceError for unreadable logs.
    """
    check_windows(settings, "alert_window")
    in_force.check_alerts(settings)
    formats, logs = resolve_inputs(ctx, settings, logs, live=False)
    names = found_logs(logs)
    locate = opened(settings.geoip)
    # Imported late, as numpy is slow to import and `--help` needs none.
    from logmon_tui.pipeline.whole_logs import read_report

    period = (when or When()).seconds(names, formats)
    return read_report(names, settings, formats, *period, locate=locate), names


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
    how = f"logmon-tui formats {printable(shlex.quote(names[0]))} tells how they read"
    raise SourceError(
        f"nothing was a hit in {lines:,} line{'' if lines == 1 else 's'} of {which}: "
        f"{printable(reason)}; {how}"
    )


def _print(summary: "Report", names: Sequence[str], settings: Settings) -> None:
    layout = Layout(settings.top, columns(), takes_colour())
    text = written_as(settings.output or Output.TEXT, summary, names, layout)
    click.echo(text, nl=False, color=layout.colour)
