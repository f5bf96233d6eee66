"""All that was measured, as it is kept in a file of JSON from run to run."""

from contextlib import suppress
from pathlib import Path

import msgspec

from tests.benchmarks.live import Live
from tests.benchmarks.opening import Opening
from tests.benchmarks.processes import Machine
from tests.benchmarks.report import Comparison, Keys, Speed
from tests.benchmarks.tick import Tick


class Results(msgspec.Struct):
    """What was measured on a machine; what was not is empty."""

    machine: Machine
    comparisons: list[Comparison] = []
    variants: list[Speed] = []
    presets: list[Comparison] = []
    starts: list[Speed] = []
    keys: Keys | None = None
    live: list[Live] = []
    opening: Opening | None = None
    ticks: list[Tick] = []


def saved_results(path: Path, machine: Machine) -> Results:
    """Return what `path` has of earlier parts measured on this machine, else nothing.

    Nothing, too, if another version of these benchmarks wrote it.
    """
    if path.exists():
        with suppress(msgspec.ValidationError):
            found = msgspec.json.decode(path.read_bytes(), type=Results)
            if found.machine == machine:
                return found
    return Results(machine)


def save(results: Results, path: Path) -> None:
    """Write all of it to `path`."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results)))
