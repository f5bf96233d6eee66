"""`logmon-tui report`: read whole logs once, print a summary, exit."""

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from logmon_tui.cli import in_force, options
from logmon_tui.cli.choosing import resolve_inputs
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.cli.terminal import columns, takes_colour
from logmon_tui.config.settings import Output, Settings, check_windows
from logmon_tui.errors import SourceError
from logmon_tui.escape import printable
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.lookups.places import opened
from logmon_tui.reports.registry import OUTPUTS, Layout, written_as
from logmon_tui.sources.given import check_distinct
from logmon_tui.sources.patterns import expanded, is_pattern

if TYPE_CHECKING:
    from logmon_tui.snapshot import Report

_EXAMPLES = """
logmon-tui report access.log                     a readable summary
logmon-tui report --output json --top 0 a.log    everything, for scripts
logmon-tui report 'logs/*.log' old.log.gz        several logs, merged by time; they may be
                                                 compressed (gz, bz2, xz, zst)
logmon-tui report --with-rotated access.log      with access.log.1, access.log.2.gz and so on
"""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument(
    "logs", metavar="[LOG]...", nargs=-1, type=click.Path(allow_dash=True, readable=False)
)
@options.alert_options
@options.bucket_size
@options.log_format
@options.with_rotated
@options.path_options
@options.geoip
@option(
    "--output",
    group="Output",
    type=click.Choice(OUTPUTS),
    default="text",
    show_default=True,
    help="The format of the output.",
)
@options.top
@options.config
@click.pass_context
def report(ctx: click.Context, /, logs: tuple[str, ...], **parameters: Any) -> None:
    """Read whole logs once, print a summary with the alerts they would have caused.

    If no line was a hit, the exit code is 2.
    """
    settings = in_force.settings_from(parameters)
    summary, names = read_asked(ctx, settings, logs)
    _print(summary, names, settings)
    check_hits(summary, names)


def read_asked(
    ctx: click.Context, settings: Settings, logs: tuple[str, ...]
) -> tuple["Report", Sequence[str]]:
    """Return the report of the logs on the command line, and their names.

    Raises UsageError for settings that contradict each other, SourceError for unreadable logs.
    """
    check_windows(settings, "alert_window")
    in_force.check_alerts(settings)
    formats, logs = resolve_inputs(ctx, settings, logs, live=False)
    names = found_logs(logs)
    return read_logs(names, settings, formats), names


def read_logs(logs: Sequence[str], settings: Settings, formats: FormatSelector) -> "Report":
    """Return the report of whole logs.

    Raises SourceError when one cannot be read, UsageError for a database of places.
    """
    locate = opened(settings.geoip)
    # Imported late, as numpy is slow to import and `--help` needs none.
    from logmon_tui.pipeline.whole_logs import read_report

    return read_report(logs, settings, formats, locate)


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
    if report.hits.hits:
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
