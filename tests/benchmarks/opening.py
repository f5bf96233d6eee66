"""A long log opened from its start on the full screen: first paint, progress, keys, the end."""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from tests.benchmarks.live import HEADER, PATIENCE, from_start, press_keys, screen
from tests.benchmarks.notes import Notes, Spread, read_notes, spread
from tests.benchmarks.processes import OURS, in_turn, median_of, read_ahead
from tests.benchmarks.report import reported
from tests.benchmarks.shape import Shape, log_in
from tests.benchmarks.terminal import TimedTerminal

STARTS = 5
WATCHES = 3
KEYS = 100
"""Keys that are pressed at least, in as many watches as it takes."""

Watch = tuple[float, Notes, list[float | None]]
"""When a watch began, its pictures, and how long keys took to be answered."""


class Opening(msgspec.Struct, frozen=True):
    """A long log opened from its start: seconds from the command on, and a report's beside it.

    Catching up is timed when nobody presses a key.
    """

    size: int
    lines: int
    first_paint: Spread
    caught_up: float | None
    pictures: int
    keys: Spread
    unanswered: int
    report: float


def opening(folder: Path, lines: int) -> Opening:
    """Open a long log from its start; time the first paint, keys, the end, and a report."""
    log = log_in(folder, Shape(lines))
    read_ahead(log)
    click.echo(f"opening {log.stat().st_size / 1e9:.2f} GB", err=True)
    paints = spread([_first_paint(log) for _ in range(STARTS)])
    left_alone = [_watched(log, lines, []) for _ in range(WATCHES)]
    times = list[float | None]()
    while len(times) < KEYS:
        times += _watched(log, lines, [0.2, 0.2])[-1]
    runs, _ = in_turn({"report": (reported(log), None)}, rounds=3)
    answered = [each for each in times if each is not None]
    return Opening(
        size=log.stat().st_size,
        lines=lines,
        first_paint=paints,
        caught_up=_caught_up(left_alone, lines),
        pictures=sum(0 < count < lines for _, count in left_alone[-1][1]),
        keys=spread(answered),
        unanswered=len(times) - len(answered),
        report=median_of(runs["report"]).seconds,
    )


def _caught_up(watches: Sequence[Watch], lines: int) -> float | None:
    """Return the median time until all was shown; None if it never was in a watch."""
    found = [
        next((at - began for at, count in pictures if count >= lines), None)
        for began, pictures, _ in watches
    ]
    times = [each for each in found if each is not None]
    return statistics.median(times) if len(times) == len(found) else None


def _watched(log: Path, lines: int, pauses: Sequence[float]) -> Watch:
    """Watch until all is shown, pressing keys once there is a screen to see them on."""
    with tempfile.TemporaryDirectory() as place:
        home, times = Path(place), list[float | None]()
        shown = home / "shown"
        with screen(home, log, shown) as terminal:
            terminal.arrival(HEADER, 0)
            deadline = time.monotonic() + PATIENCE
            while not _shows(shown, lines) and time.monotonic() < deadline:
                times += press_keys(terminal, pauses)
                time.sleep(0.2)
            began = terminal.started
        return began, read_notes(shown), times


def _shows(notes: Path, lines: int) -> bool:
    return any(count >= lines for _, count in read_notes(notes))


def _first_paint(log: Path) -> float:
    """Return how long it takes from the command, as users give it, to the header's text."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        terminal = TimedTerminal([*OURS, *from_start(home), str(log)], home)
        try:
            arrived = terminal.arrival(HEADER, 0)
            terminal.type("q")
            terminal.wait()
        finally:
            terminal.close()
    if arrived is None:
        raise RuntimeError(f"{HEADER} was never painted")
    return arrived - terminal.started
