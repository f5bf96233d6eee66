"""Measure how fast the program is: `python -m tests.benchmarks --help`."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tests.benchmarks import live, opening, report
from tests.benchmarks.presets import preset_speeds
from tests.benchmarks.processes import machine
from tests.benchmarks.results import Results, save, saved_results
from tests.benchmarks.shape import Shape
from tests.benchmarks.tables import tables, write_tables
from tests.benchmarks.tick import ticks

PAGE = Path(__file__).parents[2] / "logmon_tui" / "docs" / "performance.md"
LINES = (100_000, 1_000_000, 2_000_000, 5_000_000)
PRESET_LINES = 1_000_000
RATES = (0, 1_000, 100_000)


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line."""

    only: tuple[str, ...]
    lines: tuple[int, ...]
    rounds: int
    rates: tuple[int, ...]
    seconds: float
    goaccess: str | None
    before: str | None
    preset: tuple[str, ...]
    preset_lines: int
    folder: Path
    file: Path | None
    docs: bool

    @property
    def usual(self) -> int:
        """The longest log that all parts can take."""
        few = [lines for lines in self.lines if lines <= report.MAX_LINES_FOR_OTHERS]
        return max(few, default=LINES[-1])

    @property
    def others(self) -> report.Others:
        """The programs to compare with."""
        return report.Others(self.goaccess, self.before)


def _compare(results: Results, options: Options) -> None:
    others = [each for each in results.comparisons if each.lines not in options.lines]
    results.comparisons = others + [
        report.compare(options.folder, Shape(lines), options.rounds, options.others)
        for lines in options.lines
    ]


def _vary(results: Results, options: Options) -> None:
    results.variants = report.variants(options.folder, options.usual, options.rounds)


def _read_presets(results: Results, options: Options) -> None:
    speeds = preset_speeds(
        options.folder, options.preset, options.preset_lines, options.rounds, options.others
    )
    measured = {each.format: each for each in results.presets if each.lines == options.preset_lines}
    results.presets = list((measured | {each.format: each for each in speeds}).values())


def _start(results: Results, options: Options) -> None:
    results.starts = report.starts(options.folder, options.rounds)


def _count_keys(results: Results, options: Options) -> None:
    results.keys = report.many_keys(options.folder, options.usual, options.rounds)


def _watch(results: Results, options: Options) -> None:
    others = [each for each in results.live if each.rate not in options.rates]
    results.live = others + [
        live.live(options.folder, rate, options.seconds) for rate in options.rates
    ]


def _open(results: Results, options: Options) -> None:
    results.opening = opening.opening(options.folder, options.usual)


def _tick(results: Results, _options: Options) -> None:
    results.ticks = ticks()


PARTS: dict[str, Callable[[Results, Options], None]] = {
    "report": _compare,
    "variants": _vary,
    "start": _start,
    "presets": _read_presets,
    "keys": _count_keys,
    "live": _watch,
    "opening": _open,
    "ticks": _tick,
}


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(PARTS)), help="Parts; else all anew.")
@click.option("--lines", multiple=True, type=int, default=LINES, help="Sizes of logs to report on.")
@click.option("--rounds", default=3, show_default=True, help="How often each program has its turn.")
@click.option("--preset", multiple=True, help="Formats to report on; else all of them.")
@click.option("--preset-lines", default=PRESET_LINES, show_default=True, help="Of each format.")
@click.option("--rates", multiple=True, type=int, default=RATES, help="Lines/s of live logs.")
@click.option("--seconds", default=60.0, show_default=True, help="Of each half of a live run.")
@click.option("--goaccess", default=shutil.which("goaccess"), help="Another GoAccess.")
@click.option("--before", help="An older `logmon-tui` to compare with.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(tempfile.gettempdir(), "logmon-benchmarks"),
    show_default=True,
    help="Where the logs are, and are written if they are not there: 5 GB of them.",
)
@click.option(
    "--json",
    "file",
    type=click.Path(path_type=Path),
    help="Where raw results go; with --only beside those of other parts.  [default: in the folder]",
)
@click.option("--docs", is_flag=True, help="Write the tables into the manual.")
def main(**given: Any) -> None:
    """Measure the program, and print what was found as tables."""
    # A program that was installed does not compile itself anew at each start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    options = Options(**given)
    options.folder.mkdir(parents=True, exist_ok=True)
    file = options.file or options.folder / "results.json"
    results = saved_results(file, machine()) if options.only else Results(machine())
    for name in options.only or PARTS:
        PARTS[name](results, options)
        save(results, file)
    click.echo(tables(results), nl=False)
    if options.docs:
        write_tables(results, PAGE)


if __name__ == "__main__":
    main()
