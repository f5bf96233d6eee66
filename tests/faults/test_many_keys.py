"""Fault 9: a crowd of paths and clients, each of which comes once."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

LIMIT_KIB = 50 * 1024
Figure = Callable[[str], None]


def start(kind: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("many_keys.py")), kind],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )


def test_a_million_distinct_paths_and_clients(figure: Figure) -> None:
    with start("few") as few, start("many") as many:
        found: list[dict[str, Any]] = [json.loads(run.communicate()[0]) for run in (few, many)]
    small, large = found
    grown = large["peak"] - small["peak"]
    exact = (large["paths"], large["hosts"]) == (large["true_paths"], large["true_hosts"])
    figure(
        f"fault 9: {large['hits']:,} hits of a million paths and clients: peak of memory "
        f"{large['peak'] / 1024:.0f} MB, with few keys {small['peak'] / 1024:.0f} MB: "
        f"grown by {grown / 1024:.0f} MB; top ten {'exact' if exact else 'wrong'}"
    )
    assert small["hits"] == large["hits"] >= 1_000_000
    assert large["paths"] == large["true_paths"]
    assert large["hosts"] == large["true_hosts"]
    assert len(large["paths"]) == len(large["hosts"]) == 10
    assert grown <= LIMIT_KIB
