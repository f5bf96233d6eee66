"""What an agent costs the host that it runs on."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.agent.agents import AgentProcess, heard
from tests.brokers import Broker, access_lines, needs_broker

pytestmark = [
    needs_broker,
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc"),
]

MEMORY = 40.0
"""Maximum megabytes."""
SHARE = 0.02
"""Maximum share of a processor at 1,000 lines a second."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    folder = tmp_path / "broker"
    folder.mkdir()
    broker = Broker(folder)
    broker.setup(allow_msg_ttl=True)
    yield broker
    broker.close()
    shutil.rmtree(folder)


def seconds_used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(pid: int) -> float:
    """Return the largest memory so far (MB)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1_024


def test_an_agent_is_small_at_a_thousand_lines_a_second(
    broker: Broker, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    log, folder = tmp_path / "access.log", tmp_path / "agent"
    folder.mkdir()
    backlog, rounds, a_round = 300_000, 200, 100
    log.write_bytes(access_lines(range(backlog)))
    agent = AgentProcess(broker.url, log, folder)
    try:
        while len(heard(broker).dashboard.lines) < backlog:
            time.sleep(0.5)
        before, began = seconds_used(agent.process.pid), time.monotonic()
        with log.open("ab", buffering=0) as file:
            for number in range(rounds):
                first = backlog + number * a_round
                file.write(access_lines(range(first, first + a_round)))
                time.sleep(max(0.0, began + (number + 1) * a_round / 1_000 - time.monotonic()))
        share = (seconds_used(agent.process.pid) - before) / (time.monotonic() - began)
        memory = peak(agent.process.pid)
    finally:
        agent.close()
    figure(f"an agent takes {share:.2%} of a core at 1,000 lines/s, and {memory:.1f} MB at most")
    assert memory < MEMORY
    assert share < SHARE
