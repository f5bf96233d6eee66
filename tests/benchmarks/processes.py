"""Whole processes, measured: time, processor's seconds, peak memory; and the machine they ran on.

Whoever starts processes here stays small: Linux counts what a parent held before `exec` to the
child's peak memory, so nothing in this process may import numpy or hold a log's keys.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

OURS = (sys.executable, "-m", "logmon_tui")
BUFFER = 1 << 20


class Run(msgspec.Struct, frozen=True):
    """One run of a process: seconds by the clock, of the processors, and peak memory in bytes."""

    seconds: float
    cpu: float
    peak: int


class Machine(msgspec.Struct, frozen=True):
    """Where the figures come from."""

    processor: str
    cores: int
    memory: int  # bytes
    system: str
    python: str


def machine() -> Machine:
    """Return this machine."""
    cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in cpu if line.startswith("model name")]
    return Machine(
        processor=names[0] if names else platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
    )


def run(command: Sequence[str], cores: int | None = None) -> tuple[Run, bytes]:
    """Run a command to its end, on the first `cores` cores; return its measures and output.

    Raises CalledProcessError if it fails.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryDirectory() as home:
        homes = {"XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home}
        with on_cores(cores):
            started = time.monotonic()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **homes},
            )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        output.seek(0)
        cpu = usage.ru_utime + usage.ru_stime
        return Run(seconds, cpu, usage.ru_maxrss * 1024), output.read()


@contextmanager
def on_cores(count: int | None) -> Iterator[None]:
    """Let what is started meanwhile have the first `count` cores only; None for all of them."""
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_of_them)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


def read_ahead(path: Path) -> None:
    """Read a file once, so that whoever measures does not measure the disk."""
    with path.open("rb", buffering=0) as file:
        while file.read(BUFFER):
            pass


def in_turn(
    commands: Mapping[str, tuple[Sequence[str], int | None]], rounds: int
) -> tuple[dict[str, list[Run]], dict[str, bytes]]:
    """Run commands, each with its number of cores, one after the other, and so for some rounds.

    Returns the runs and the last output of each.
    """
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    outputs: dict[str, bytes] = {}
    for number in range(rounds):
        for name, (command, cores) in commands.items():
            measured, outputs[name] = run(command, cores)
            runs[name].append(measured)
            told = f"  round {number + 1}  {name}  {measured.seconds:.2f} s"
            click.echo(f"{told}  {measured.cpu:.2f} s CPU  {measured.peak / 1e6:.0f} MB", err=True)
    return runs, outputs


def median_of(runs: Sequence[Run]) -> Run:
    """Return the medians of some runs; of the peaks the highest."""
    return Run(
        statistics.median(each.seconds for each in runs),
        statistics.median(each.cpu for each in runs),
        max(each.peak for each in runs),
    )


def _seconds(run: Run) -> float:
    return run.seconds


def ratio(
    theirs: Sequence[Run], ours: Sequence[Run], figure: Callable[[Run], float] = _seconds
) -> float:
    """Return how many times longer theirs took: the median over rounds of each round's ratio.

    `figure` tells what is compared of a run, if not its seconds by the clock.
    """
    pairs = zip(theirs, ours, strict=True)
    return statistics.median(figure(one) / figure(other) for one, other in pairs)
