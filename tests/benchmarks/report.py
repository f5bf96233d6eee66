"""`logmon-tui report` beside others over the same file, in turn; and by itself in other settings.

others      GoAccess with one and two jobs, plain Python, `wc -l`, an older version: sizes of logs
variants    one core, common format, gzip, all rules
start       of the program, and of a report of a short log
keys        a million distinct paths and clients, against exact sums
"""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec

from logmon_tui.alerts.rules.shipped import shipped_rules
from tests.benchmarks.processes import OURS, Run, in_turn, median_of, read_ahead
from tests.benchmarks.shape import Shape, log_in

LOGMON, BEFORE, PLAIN, WC = "logmon-tui", "logmon-tui before", "plain Python", "wc -l"
MAX_LINES_FOR_OTHERS = 10_000_000
GZIP_LEVEL = 6
SHORT = 1_000
STARTS = 5
"""A start is short, so that it is measured so many times in each round."""


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


@dataclass(frozen=True)
class Others:
    """Programs to compare with: a GoAccess, and a `logmon-tui` of an older version."""

    goaccess: str | None = None
    before: str | None = None

    def commands(self, log: Path, goaccess_format: Sequence[str]) -> dict[str, list[str]]:
        """Return by name what reads `log` as we do; without a format for it, no GoAccess does."""
        found: dict[str, list[str]] = {}
        if self.goaccess is not None and goaccess_format:
            found |= goaccess_commands(self.goaccess, log, goaccess_format)
        if self.before is not None:
            found[BEFORE] = reported(log, [self.before])
        return found


def compare(folder: Path, shape: Shape, rounds: int, others: Others) -> Comparison:
    """Let all programs read a log of that shape; ours alone, if it is a very long one."""
    log = log_in(folder, shape)
    programs: dict[str, list[str]] = {}
    if shape.lines <= MAX_LINES_FOR_OTHERS:
        programs = others.commands(log, [f"--log-format={shape.format.upper()}"])
        programs[PLAIN] = plain(log)
    return compared(log, shape.format, shape.lines, programs, rounds)


def compared(
    log: Path, log_format: str, lines: int, others: Mapping[str, list[str]], rounds: int
) -> Comparison:
    """Let ours, `wc -l`, and the commands of others read a log in turn."""
    read_ahead(log)
    programs = {LOGMON: reported(log), **others, WC: ["wc", "-l", str(log)]}
    click.echo(f"{lines:,} lines, {log_format}", err=True)
    runs, outputs = in_turn({name: (command, None) for name, command in programs.items()}, rounds)
    speeds = [Speed(name, lines, hits_of(outputs[name]), runs[name]) for name in programs]
    return Comparison(log_format, lines, log.stat().st_size, speeds)


def reported(log: Path, program: Sequence[str] = OURS) -> list[str]:
    """Return the command of our report."""
    return [*program, "report", "--output", "json", "--top", "10", str(log)]


def plain(log: Path) -> list[str]:
    """Return the command of the plain reader."""
    return [sys.executable, "-m", "tests.benchmarks.plain_reader", str(log)]


def goaccess_commands(program: str, log: Path, log_format: Sequence[str]) -> dict[str, list[str]]:
    """Return GoAccess's commands by name, with one and two jobs where it knows them.

    `log_format` are the options that tell it how lines read.
    """
    about = _told([program, "--version"]).split()
    name = f"GoAccess {about[2].rstrip('.')}"
    command = [program, str(log), *log_format]
    command += ["--no-global-config", "--no-progress", "--output=json"]
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
    """Return how ours does on one core, in common format, compressed, and with all rules on."""
    combined, common = Shape(lines), Shape(lines, format="common")
    log = log_in(folder, combined)
    commands: dict[str, tuple[Sequence[str], int | None]] = {
        "combined": (reported(log), None),
        "combined, all shipped rules": (_with_rules(folder, log), None),
        "combined, one core": (reported(log), 1),
        "common": (reported(log_in(folder, common)), None),
    }
    if _reads_gzip(folder):
        commands["combined, gzip"] = (reported(compressed(log)), None)
    for command, _ in commands.values():
        read_ahead(Path(command[-1]))
    click.echo(f"{lines:,} lines, variants", err=True)
    runs, outputs = in_turn(commands, rounds)
    return [Speed(name, lines, hits_of(outputs[name]), runs[name]) for name in commands]


def _with_rules(folder: Path, log: Path) -> list[str]:
    settings = folder / "rules.toml"
    tables = [f"[rules.{rule.name}]\nenabled = true\n" for rule in shipped_rules(window=120)]
    settings.write_text("".join(tables), encoding="utf-8")
    *command, path = reported(log)
    return [*command, "--config", str(settings), path]


def starts(folder: Path, rounds: int) -> list[Speed]:
    """Return how long the program takes to tell its version, and to report on a short log."""
    commands: dict[str, tuple[Sequence[str], int | None]] = {
        "--version": ([*OURS, "--version"], None),
        f"report of {SHORT:,} lines": (reported(log_in(folder, Shape(SHORT))), None),
    }
    runs, _ = in_turn(commands, rounds * STARTS)
    return [Speed(name, 0, 0, runs[name]) for name in commands]


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
    shape = Shape(SHORT)
    _, outputs = in_turn({"gzip": (reported(compressed(log_in(folder, shape))), None)}, rounds=1)
    return hits_of(outputs["gzip"]) == shape.lines


def many_keys(folder: Path, lines: int, rounds: int) -> Keys:
    """Compare a log of a million distinct paths and clients with one of few, and with the truth."""
    few = log_in(folder, Shape(lines))
    many = log_in(folder, Shape(lines, paths=1_000_000, clients=1_000_000, spread=0.8))
    click.echo(f"{lines:,} lines, many keys", err=True)
    commands: dict[str, tuple[Sequence[str], int | None]]
    commands = {"few": (reported(few), None), "many": (reported(many), None)}
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
