"""`logmon-tui report` beside GoAccess over a log of every preset, each recognised by itself.

A log is a documented line over and over, with the clients and paths of busy sites in it. Light:
this process is the parent of what is measured.
"""

import itertools
import random
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from tests.benchmarks.report import Comparison, Others, compared
from tests.formats.examples_data import Example, Line, load, presets

PATHS, CLIENTS = 2_000, 5_000


def preset_speeds(
    folder: Path, chosen: Sequence[str], lines: int, rounds: int, others: Others
) -> Iterator[Comparison]:
    """Yield how fast `lines` of the `chosen` presets are read; of all, if none is."""
    for preset in chosen or presets():
        example = load(preset)
        line = _usable(example)
        log = folder / f"preset-{preset}-{lines}.log"
        if not log.exists():
            _write(log, example, line, lines)
        commands = others.commands(log, _their_format(example))
        try:
            yield compared(log, preset, lines, commands, rounds)
        except subprocess.CalledProcessError as error:  # GoAccess has crashed before
            click.echo(f"{preset}: {error}", err=True)
            yield compared(log, preset, lines, {}, rounds)


def _usable(example: Example) -> Line:
    """Return the first line of the file's own form that says where its host and path stand."""
    for line in example.lines:
        own = line.definition in {"", example.definition} and not line.header
        if own and line.values["host"] in line.text and line.values["path"] in line.text:
            return line
    raise ValueError(example.source)


def _write(log: Path, example: Example, line: Line, lines: int) -> None:
    chance = random.Random(1)
    path, host = line.values["path"], line.values["host"]
    paths = [f"/s{n % 40}/page{n}" for n in range(PATHS)]
    hosts = [f"10.{n % 200}.{n // 200}.{n % 250}" for n in range(CLIENTS)]
    before, _, behind = line.text.rpartition(_mark(line.text, path))
    unfinished = log.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        if example.header:
            file.write(example.header + "\n")
        for _ in itertools.repeat(None, lines):
            text = f"{before}{_mark(line.text, chance.choice(paths), path)}{behind}"
            file.write(text.replace(host, chance.choice(hosts), 1) + "\n")
    unfinished.rename(log)


def _mark(text: str, path: str, own: str | None = None) -> str:
    """Return `path` as it stands in `text`, where its `own` one may be a lone slash."""
    in_json = f'"{own or path}"' in text
    return f'"{path}"' if in_json else path


def _their_format(example: Example) -> list[str]:
    """Return what tells GoAccess how lines read; nothing if it cannot read them."""
    told = {
        "log": example.goaccess,
        "date": example.goaccess_date,
        "time": example.goaccess_time,
    }
    return [f"--{name}-format={text}" for name, text in told.items() if text]
