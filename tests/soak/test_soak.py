"""Hours of a live log in minutes: memory, descriptors and delay stay what they are."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROTATIONS = 24
MORE_MEMORY_KIB = 10 * 1024
SLOWER = 2.0


def test_memory_descriptors_and_delay_stay_flat(
    tmp_path: Path, pytestconfig: pytest.Config, figure: Callable[[str], None]
) -> None:
    hours: float = pytestconfig.getoption("soak_hours")
    started = time.monotonic()
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("run.py")), str(tmp_path), str(hours)],
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    minutes = (time.monotonic() - started) / 60
    found: dict[str, Any] = json.loads(run.stdout)
    quarter = len(found["samples"]) // 4

    def typical(what: str, start: int) -> float:
        """Return the median of a quarter of the run."""
        return median(sample[what] for sample in found["samples"][start : start + quarter])

    before, after = (
        {what: typical(what, start) for what in ("memory", "descriptors", "threads", "took")}
        for start in (quarter, len(found["samples"]) - quarter)
    )
    figure(
        f"soak: {hours:g} h in {minutes:.1f} min, {found['hits']:,} hits, {ROTATIONS} rotations, "
        f"{found['incidents']} incidents; from the second quarter to the last: memory "
        f"{before['memory'] / 1024:.1f} to {after['memory'] / 1024:.1f} MB, descriptors "
        f"{before['descriptors']:g} to {after['descriptors']:g}, threads {before['threads']:g} to "
        f"{after['threads']:g}, a second's work {before['took']:.2f} to {after['took']:.2f} ms"
    )
    assert found["hits"] == found["written"] > 0
    assert found["others"] == 0
    assert found["rotations"] == ROTATIONS
    assert found["incidents"] > 0
    assert after["memory"] <= before["memory"] + MORE_MEMORY_KIB
    assert after["descriptors"] <= before["descriptors"] + 1  # a rotated log is kept for a while
    assert after["threads"] <= before["threads"]
    assert after["took"] <= before["took"] * SLOWER
