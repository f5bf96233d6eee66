"""A watch of a broker, while broker and watch are killed: 0 lines lost, 0 double."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logmon_tui.state.state_file import StateFile
from tests.brokers import Broker, FakeAgent, needs_broker
from tests.publishers import Counted, Publisher
from tests.watching import Watch, objects, wait_until

pytestmark = needs_broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    running = Broker(tmp_path)
    running.setup()
    yield running
    running.close()


def watch(broker: Broker, folder: Path, *options: str) -> Watch:
    return Watch(
        broker.url,
        folder,
        *("--output", "json", "--stats-interval", "1", "--from-start"),
        *("--state", str(folder / "state.sqlite"), *options),
    )


def total(output: str) -> int:
    found = objects(output)
    return int(str(found[-1]["total_hits"])) if found else 0


def saved(broker: Broker, folder: Path) -> Counted:
    """Return what a watch that has ended counted, from its state."""
    store = StateFile(folder / "state.sqlite", [broker.url])
    try:
        left = store.load()
        assert left is not None
        return Counted(left.monitor.state.hits, left.monitor.state.bytes)
    finally:
        store.close()


@pytest.mark.slow
def test_kills_of_broker_and_watch_lose_and_double_nothing(
    broker: Broker,
    tmp_path: Path,
    pytestconfig: pytest.Config,
    figure: Callable[[str], None],
) -> None:
    kills = pytestconfig.getoption("kills")
    drawn = random.Random()
    agents = [
        FakeAgent(f"web{number}", log_format="combined" if number % 2 else "")
        for number in range(6)
    ]
    publisher = Publisher(
        broker.url, agents, chunks=150 * kills, pause=0.01, seed=drawn.random().__hash__()
    )
    publisher.start()
    running = watch(broker, tmp_path)
    try:
        for number in range(kills):
            time.sleep(drawn.uniform(0.2, 2.0))  # a moment at random is what is tried
            if number % 2:
                running.kill()
                running = watch(broker, tmp_path)
            else:
                broker.restart()
        wait_until(lambda: publisher.ended, lambda: publisher.counted)
        running.wait_for(lambda output: total(output) >= publisher.counted.lines)
        code, errors = running.end(signal.SIGTERM)
        assert code == 0, errors
    finally:
        running.kill()
    assert saved(broker, tmp_path) == publisher.counted
    figure(f"{publisher.counted.lines:,} lines, {kills} kills of broker and watch: each line once")
