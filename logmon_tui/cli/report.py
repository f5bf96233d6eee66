"""`logmon-tui report`: read whole logs once, print a summary, exit."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logmon_tui.cli import options
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.config import DEFAULT_LOG, STANDARD_INPUT, Settings, check_windows
from logmon_tui.errors import SourceError
from logmon_tui.formats.log_format import LogFormat, named_format
from logmon_tui.sources.chunks import read_chunks, read_descriptor
from logmon_tui.sources.file_observer import check_distinct
from logmon_tui.sources.lines import LineSplitter

if TYPE_CHECKING:
    from logmon_tui.snapshot import Report

_PEEK = 64 * 1024

_EXAMPLES = """
logmon-tui report access.log                     a readable summary
logmon-tui report --output json --top 0 a.log    everything, for scripts
logmon-tui report access.log.2.gz access.log     several, in the order of their times; they may
                                                 be compressed (gz, bz2, xz)
"""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument(
    "logs", metavar="[LOG]...", nargs=-1, type=click.Path(allow_dash=True, readable=False)
)
@options.alert_options
@options.bucket_size
@options.log_format
@options.path_options
@option(
    "--output",
    group="Output",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="As what the summary is printed.",
)
@options.top
@options.config
def report(logs: tuple[str, ...], **parameters: Any) -> None:
    """Read whole logs once, print a summary with the alerts they would have caused."""
    settings = options.settings_from(parameters)
    check_windows(settings, "alert_window")
    log_format = named_format(settings.format)
    names = logs or (DEFAULT_LOG,)
    check_distinct(names)
    summary = _read(names, settings, log_format)
    _print(summary, names, settings)


def _read(logs: tuple[str, ...], settings: Settings, log_format: LogFormat | None) -> "Report":
    # numpy and pyarrow take their time, which `--help` need not.
    import pyarrow as pa

    from logmon_tui.formats.parser import Parser
    from logmon_tui.log_report import ReportBuilder, counted_batch
    from logmon_tui.parse_ahead import parsed_ahead, threads_here

    pa.set_memory_pool(pa.system_memory_pool())  # its own keeps 50 MB more than it needs
    builder = ReportBuilder(settings)
    splitter = LineSplitter()
    if len(logs) > 1:
        logs = tuple(sorted(logs, key=lambda log: _first_second(log, log_format)))
    for log in logs:
        parser = Parser(log_format)
        chunks = _chunks(log, splitter)
        for counted in parsed_ahead(chunks, parser, threads_here(), counted_batch):
            builder.feed(*counted)
    return builder.finish(oversize=splitter.oversize)


def _chunks(log: str, splitter: LineSplitter) -> Iterator[bytes]:
    if log == STANDARD_INPUT:
        return read_descriptor(0, splitter=splitter)
    return read_chunks(Path(log), splitter=splitter)


def _first_second(log: str, log_format: LogFormat | None) -> float:
    """Return the first timestamp of a log, so that rotated logs are read oldest first."""
    from logmon_tui.formats.line_parser import timestamp_reader
    from logmon_tui.formats.log_format import PRESETS

    if not Path(log).is_file():
        return float("inf")  # standard input and pipes can be read but once
    timestamp = timestamp_reader([log_format] if log_format else PRESETS)
    try:
        lines = next(read_chunks(Path(log), _PEEK), b"").splitlines()
    except SourceError:
        return float("inf")  # told when it is read
    return next((second for line in lines if (second := timestamp(line)) is not None), float("inf"))


def _print(summary: "Report", names: tuple[str, ...], settings: Settings) -> None:
    from logmon_tui.reports.csv import report_csv
    from logmon_tui.reports.json import report_json
    from logmon_tui.reports.text import TextReport

    if settings.output == "json":
        click.echo(report_json(summary, settings.top))
    elif settings.output == "csv":
        click.echo(report_csv(summary, settings.top), nl=False)
    else:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        text = TextReport(top=settings.top, show=None, colour=colour)
        click.echo("\n".join(text.summary(summary, names)), color=colour)
