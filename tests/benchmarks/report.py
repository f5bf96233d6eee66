"""`logmon-tui report` beside others over the same file, in turn; and by itself in other settings.

others      GoAccess with one and two jobs, plain Python, `wc -l`: sizes of logs
variants    one core, common format, gzip
keys        a million distinct paths and clients, against exact sums
"""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from tests.benchmarks.processes import OURS, Run, in_turn, median_of, read_ahead
from tests.benchmarks.shape import Shape, log_in

LOGMON, PLAIN, WC = "logmon-tui", "plain Python", "wc -l"
MOST_LINES_FOR_OTHERS = 10_000_000
GZIP_LEVEL = 6


class Speed(msgspec.Struct, frozen=True):
    """How one program did with one log; `hits` is what it counted."""

    program: str
    lines: int
    hits: int
    runs: list[Run]


class Comparison(msgspec.Struct, frozen=True):
    """All programs with one log; `size` is in bytes."""

    format: str
    lines: int
    size: int
    speeds: list[Speed]


class Keys(msgspec.Struct, frozen=True):
    """What many distinct keys cost, and what they do to the figures.

    The peaks are in bytes; `hosts` and `told_hosts` are distinct clients, exact and as reported;
    `p50` and `p95` the relative errors of the quantiles of response size.
    """

    lines: int
    few_peak: int
    many_peak: int
    few_cpu: float
    many_cpu: float
    paths: int
    hosts: int
    told_hosts: int
    top_exact: bool
    p50: float
    p95: float


def compare(folder: Path, shape: Shape, rounds: int, goaccess: str | None) -> Comparison:
    """Let all programs read a log of that shape; ours alone, if it is a very long one."""
    log = log_in(folder, shape)
    read_ahead(log)
    programs: dict[str, Sequence[str]] = {LOGMON: ours(log)}
    if shape.lines <= MOST_LINES_FOR_OTHERS:
        programs |= goaccess_commands(goaccess, log, shape.format)
        programs[PLAIN] = plain(log)
    programs[WC] = ["wc", "-l", str(log)]
    click.echo(f"{shape.lines:,} lines, {shape.format}", err=True)
    runs, outputs = in_turn({name: (command, None) for name, command in programs.items()}, rounds)
    speeds = [Speed(name, shape.lines, hits_of(outputs[name]), runs[name]) for name in programs]
    return Comparison(shape.format, shape.lines, log.stat().st_size, speeds)


def ours(log: Path) -> list[str]:
    """Return the command of our report."""
    return [*OURS, "report", "--output", "json", "--top", "10", str(log)]


def plain(log: Path) -> list[str]:
    """Return the command of the plain reader."""
    return [sys.executable, "-m", "tests.benchmarks.plain_reader", str(log)]


def goaccess_commands(program: str | None, log: Path, log_format: str) -> dict[str, list[str]]:
    """Return GoAccess's commands by name, with one and two jobs where it knows them."""
    if program is None:
        return {}
    about = _told([program, "--version"]).split()
    name = f"GoAccess {about[2].rstrip('.')}"
    command = [program, str(log), f"--log-format={log_format.upper()}", "--no-global-config"]
    command += ["--no-progress", "--output=json"]
    if "--jobs" not in _told([program, "--help"]):
        return {name: command}
    return {f"{name} -j {jobs}": [*command, f"--jobs={jobs}"] for jobs in (1, 2)}


def _told(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def hits_of(output: bytes) -> int:
    """Return how many lines a program says it counted: as JSON, or as `wc` does."""
    if not output.startswith(b"{"):
        return int(output.split()[0])
    told = json.loads(output)
    return int(told["general"]["valid_requests"] if "general" in told else told["hits"])


def variants(folder: Path, lines: int, rounds: int) -> list[Speed]:
    """Return how ours does on one core, with the common format, and with a compressed log."""
    combined, common = Shape(lines), Shape(lines, format="common")
    log = log_in(folder, combined)
    commands: dict[str, tuple[Sequence[str], int | None]] = {
        "combined": (ours(log), None),
        "combined, one core": (ours(log), 1),
        "common": (ours(log_in(folder, common)), None),
    }
    if _reads_gzip(folder):
        commands["combined, gzip"] = (ours(compressed(log)), None)
    for command, _ in commands.values():
        read_ahead(Path(command[-1]))
    click.echo(f"{lines:,} lines, variants", err=True)
    runs, outputs = in_turn(commands, rounds)
    return [Speed(name, lines, hits_of(outputs[name]), runs[name]) for name in commands]


def compressed(log: Path) -> Path:
    """Return the log, compressed now if it was not yet."""
    path = log.with_name(f"{log.name}.gz")
    if not path.exists():
        unfinished = path.with_suffix(".part")
        with log.open("rb") as plain_log, gzip.open(unfinished, "wb", GZIP_LEVEL) as packed:
            shutil.copyfileobj(plain_log, packed, 1 << 20)
        unfinished.rename(path)
    return path


def _reads_gzip(folder: Path) -> bool:
    shape = Shape(1_000)
    _, outputs = in_turn({"gzip": (ours(compressed(log_in(folder, shape))), None)}, rounds=1)
    return hits_of(outputs["gzip"]) == shape.lines


def many_keys(folder: Path, lines: int, rounds: int) -> Keys:
    """Compare a log of a million distinct paths and clients with one of few, and with the truth."""
    few = log_in(folder, Shape(lines))
    many = log_in(folder, Shape(lines, paths=1_000_000, clients=1_000_000, spread=0.8))
    click.echo(f"{lines:,} lines, many keys", err=True)
    commands: dict[str, tuple[Sequence[str], int | None]]
    commands = {"few": (ours(few), None), "many": (ours(many), None)}
    runs, outputs = in_turn(commands, rounds)
    _, exact = in_turn({"few": (plain(few), None), "many": (plain(many), None)}, rounds=1)
    told, truth = json.loads(outputs["many"]), json.loads(exact["many"])
    few_run, many_run = median_of(runs["few"]), median_of(runs["many"])
    p50, p95 = (_size_error(outputs, exact, name) for name in ("p50", "p95"))
    return Keys(
        lines=lines,
        few_peak=few_run.peak,
        many_peak=many_run.peak,
        few_cpu=few_run.cpu,
        many_cpu=many_run.cpu,
        paths=truth["unique_paths"],
        hosts=truth["unique_hosts"],
        told_hosts=told["unique_hosts"],
        top_exact=_same_top(told, truth),
        p50=p50,
        p95=p95,
    )


def _same_top(told: dict[str, Any], truth: dict[str, Any]) -> bool:
    paths = [[row["path"], row["hits"]] for row in told["paths"]]
    hosts = [[row["host"], row["hits"]] for row in told["hosts"]]
    return bool(paths == truth["paths"] and hosts == truth["hosts"])


def _size_error(told: dict[str, bytes], exact: dict[str, bytes], name: str) -> float:
    """Return the larger relative error of a quantile of response size in both logs."""
    errors = []
    for log, truth in exact.items():
        right = float(json.loads(truth)[name])
        reported = float(json.loads(told[log])["response_size"][name])
        errors.append(abs(reported - right) / right)
    return max(errors)
