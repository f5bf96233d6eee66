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
import msgspec

from tests.benchmarks.processes import Run, in_turn, read_ahead
from tests.benchmarks.report import LOGMON, hits_of, ours
from tests.formats.examples_data import Example, Line, load, presets

LINES = 1_000_000
PATHS, CLIENTS = 2_000, 5_000
GOACCESS = "GoAccess"


class PresetSpeed(msgspec.Struct, frozen=True):
    """How both did with one preset; `theirs` is empty where GoAccess does not read it.

    `hits` and `their_hits` are what they counted.
    """

    preset: str
    lines: int
    size: int
    hits: int
    ours: list[Run]
    their_hits: int
    theirs: list[Run]


def preset_speeds(
    folder: Path, chosen: Sequence[str], rounds: int, goaccess: str | None
) -> Iterator[PresetSpeed]:
    """Yield how fast the `chosen` presets are read; all, if none is."""
    for preset in chosen or presets():
        example = load(preset)
        line = _usable(example)
        log = folder / f"preset-{preset}-{LINES}.log"
        if not log.exists():
            _write(log, example, line)
        read_ahead(log)
        commands = {LOGMON: ours(log)}
        if goaccess is not None and example.goaccess:
            commands[GOACCESS] = _their_command(goaccess, example, log)
        click.echo(f"{LINES:,} lines, {preset}", err=True)
        yield _measured(preset, log, commands, rounds)


def _measured(preset: str, log: Path, commands: dict[str, list[str]], rounds: int) -> PresetSpeed:
    try:
        runs, outputs = in_turn({name: (each, None) for name, each in commands.items()}, rounds)
    except subprocess.CalledProcessError as error:
        if GOACCESS not in commands:
            raise
        click.echo(f"{preset}: {error}", err=True)
        return _measured(preset, log, {LOGMON: commands[LOGMON]}, rounds)
    return PresetSpeed(
        preset,
        LINES,
        log.stat().st_size,
        hits_of(outputs[LOGMON]),
        runs[LOGMON],
        hits_of(outputs[GOACCESS]) if GOACCESS in outputs else 0,
        runs.get(GOACCESS, []),
    )


def _usable(example: Example) -> Line:
    """Return the first line of the file's own form that says where its host and path stand."""
    for line in example.lines:
        own = line.definition in {"", example.definition} and not line.header
        if own and line.values["host"] in line.text and line.values["path"] in line.text:
            return line
    raise ValueError(example.source)


def _write(log: Path, example: Example, line: Line) -> None:
    chance = random.Random(1)
    path, host = line.values["path"], line.values["host"]
    paths = [f"/s{n % 40}/page{n}" for n in range(PATHS)]
    hosts = [f"10.{n % 200}.{n // 200}.{n % 250}" for n in range(CLIENTS)]
    before, _, behind = line.text.rpartition(_mark(line.text, path))
    unfinished = log.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        if example.header:
            file.write(example.header + "\n")
        for _ in itertools.repeat(None, LINES):
            text = f"{before}{_mark(line.text, chance.choice(paths), path)}{behind}"
            file.write(text.replace(host, chance.choice(hosts), 1) + "\n")
    unfinished.rename(log)


def _mark(text: str, path: str, own: str | None = None) -> str:
    """Return `path` as it stands in `text`, where its `own` one may be a lone slash."""
    in_json = f'"{own or path}"' in text
    return f'"{path}"' if in_json else path


def _their_command(program: str, example: Example, log: Path) -> list[str]:
    command = [program, str(log), f"--log-format={example.goaccess}", "--no-global-config"]
    if example.goaccess_date:
        command += [f"--date-format={example.goaccess_date}"]
    if example.goaccess_time:
        command += [f"--time-format={example.goaccess_time}"]
    return [*command, "--no-progress", "--output=json", "--jobs=2"]
