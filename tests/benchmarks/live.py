"""The full-screen program on a pseudo-terminal: while a log is written.

Lag is measured from outside: the writer notes when it had written how many lines, `watched` when
the screen showed how many.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from tests.benchmarks.notes import Spread, delays, lags, rate_of, read_notes, spread
from tests.benchmarks.terminal import TimedTerminal

HEADER, OPENED, CLOSED = "logmon", "Clients", "Sections"
KEY = "5"
"""Shows or hides the clients' panel; then the title of it, or of what has the focus, is painted."""

WATCHED = Path(__file__).with_name("watched.py")
PRESSES = 100
PATIENCE = 600.0
SETTLING = 3.0
IDLE_LINES_PER_SECOND, IDLE_WRITING = 1_000, 5.0


class Live(msgspec.Struct, frozen=True):
    """The screen over a log that is being written, first left alone, then with keys pressed.

    `rate` is what was asked for, `written_rate` what was reached. `lag` is how old, at each
    picture, the oldest line was that it lacked; `shown` how long each line took until a picture
    had it. `cpu` and `cpu_keys` are shares of one core; memory is in bytes.
    """

    rate: int
    seconds: float
    written_rate: float
    written: int
    counted: int
    lag: Spread | None
    shown: Spread | None
    keys: Spread
    unanswered: int
    cpu: float
    cpu_keys: float
    memory: list[int]


def live(folder: Path, rate: int, seconds: float) -> Live:
    """Watch a log that grows by `rate` lines a second: so long untouched, as long with keys."""
    click.echo(f"live, {rate:,} lines/s", err=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        home = Path(place)
        log, told, shown = home / "access.log", home / "written", home / "shown"
        log.touch()
        with screen(home, log, shown) as terminal:
            terminal.arrival(HEADER, 0)
            with _writer(log, told, rate, 2 * seconds + 2 * SETTLING):
                if not rate:
                    _wait(lambda: _caught_up(told, shown))
                time.sleep(SETTLING)
                cpu, memory = _left_alone(terminal, seconds)
                cpu_keys, times = _with_keys(terminal, seconds)
                memory.append(terminal.memory())
            _wait(lambda: _caught_up(told, shown))
        writes, pictures = read_notes(told), read_notes(shown)
    answered = [each for each in times if each is not None]
    return Live(
        rate=rate,
        seconds=seconds,
        written_rate=rate_of(writes),
        written=writes[-1][1],
        counted=pictures[-1][1],
        lag=spread(lags(writes, pictures)) if rate else None,
        shown=spread(delays(writes, pictures)) if rate else None,
        keys=spread(answered),
        unanswered=len(times) - len(answered),
        cpu=cpu,
        cpu_keys=cpu_keys,
        memory=memory,
    )


@contextmanager
def screen(home: Path, log: Path, notes: Path) -> Iterator[TimedTerminal]:
    """Run the full-screen program, and leave it with its key at the end."""
    program = [sys.executable, str(WATCHED), str(notes), "--no-bell"]
    terminal = TimedTerminal([*program, *from_start(home), str(log)], home)
    try:
        yield terminal
        terminal.type("q")
        terminal.wait()
    finally:
        terminal.close()


def from_start(home: Path) -> list[str]:
    return ["--from-start", "--state", str(home / "state.sqlite")]


@contextmanager
def _writer(log: Path, notes: Path, rate: int, seconds: float) -> Iterator[None]:
    """Write to the log meanwhile; for an idle log only a little at the beginning."""
    limits = [f"--rate={rate}", f"--seconds={seconds}"]
    if not rate:
        limits = [f"--rate={IDLE_LINES_PER_SECOND}", f"--seconds={IDLE_WRITING}"]
    command = [sys.executable, "-m", "tests.benchmarks.live_writer", str(log), *limits]
    process = subprocess.Popen([*command, f"--notes={notes}"])
    try:
        if not rate:
            process.wait()
        _wait(lambda: notes.exists() and bool(read_notes(notes)))
        yield
    finally:
        process.terminate()
        process.wait()


def _left_alone(terminal: TimedTerminal, seconds: float) -> tuple[float, list[int]]:
    """Return the share of a core that was taken meanwhile, and memory at each second."""
    began, before = time.monotonic(), terminal.cpu()
    memory = [terminal.memory()]
    while time.monotonic() < began + seconds:
        time.sleep(1)
        memory.append(terminal.memory())
    return (terminal.cpu() - before) / (time.monotonic() - began), memory


def _with_keys(terminal: TimedTerminal, seconds: float) -> tuple[float, list[float | None]]:
    """Return the share of a core while keys were pressed, and when each was answered."""
    began, before = time.monotonic(), terminal.cpu()
    times = press_keys(terminal, [seconds / PRESSES] * PRESSES)
    return (terminal.cpu() - before) / (time.monotonic() - began), times


def press_keys(terminal: TimedTerminal, pauses: Sequence[float]) -> list[float | None]:
    """Press the key after each of these pauses, more or less; return when it was answered."""
    chance = random.Random(1)  # so that presses do not keep step with the pictures
    return [
        _press(terminal, OPENED if number % 2 == 0 else CLOSED, pause * chance.uniform(0.6, 1.4))
        for number, pause in enumerate(pauses)
    ]


def _press(terminal: TimedTerminal, answer: str, pause: float) -> float | None:
    """Return how long after a key's press its answer was painted, None if it never was."""
    time.sleep(pause)
    mark, pressed = terminal.mark(), time.monotonic()
    terminal.type(KEY)
    arrived = terminal.arrival(answer, mark)
    return None if arrived is None else arrived - pressed


def _wait(condition: Callable[[], bool]) -> None:
    """Wait for a condition; after a long time go on, the figures will tell."""
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


def _caught_up(told: Path, shown: Path) -> bool:
    written, pictures = read_notes(told), read_notes(shown)
    return bool(written and pictures) and pictures[-1][1] >= written[-1][1]
