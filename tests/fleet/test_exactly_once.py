"""A watch of a broker, while broker and watch are killed: 0 lines lost, 0 double."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logmon_tui.state.state_file import StateFile
from tests.brokers import Broker, FakeAgent, access_lines, needs_broker
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


def told(output: str, words: str) -> bool:
    return any(words in str(each) for each in objects(output))


def test_two_watches_of_a_stream_see_the_same_and_one_saves(broker: Broker, tmp_path: Path) -> None:
    agent = FakeAgent()
    broker.publish(agent.lines(access_lines(range(50))))
    (tmp_path / "second").mkdir()
    state = str(tmp_path / "state.sqlite")
    one = watch(broker, tmp_path)
    try:
        one.wait_for(lambda output: total(output) == 50)
        two = watch(broker, tmp_path / "second", "--state", state)
        try:
            two.wait_for(lambda output: total(output) == 50)
            two.wait_for(lambda output: told(output, "another"))
            broker.publish(agent.lines(access_lines(range(50, 80))))
            for each in (one, two):
                each.wait_for(lambda output: total(output) == 80)
            assert not told(one.output, "another")
            one.kill()
            # The one that is left takes over, and saves what both have counted.
            broker.publish(agent.lines(access_lines(range(80, 100))))
            two.wait_for(lambda output: total(output) == 100)
            two.wait_for(lambda output: not told(output.splitlines()[-1], "another"))
            assert two.end(signal.SIGTERM)[0] == 0
        finally:
            two.kill()
    finally:
        one.kill()
    assert saved(broker, tmp_path) == Counted(100, 500)


def test_a_watch_goes_on_from_its_state_without_counting_twice(
    broker: Broker, tmp_path: Path
) -> None:
    agent = FakeAgent()
    for number in range(3):
        broker.publish(agent.lines(access_lines(range(40))))
        running = watch(broker, tmp_path)
        try:
            expected = 40 * (number + 1)
            running.wait_for(lambda output, expected=expected: total(output) == expected)  # type: ignore[misc]
            assert running.end(signal.SIGTERM)[0] == 0
        finally:
            running.kill()
        assert saved(broker, tmp_path).lines == expected


def test_record_keeps_what_a_stream_brings(broker: Broker, tmp_path: Path) -> None:
    broker.publish(FakeAgent().lines(access_lines(range(50))))
    state = tmp_path / "state.sqlite"
    command = [sys.executable, "-m", "logmon_tui", "record", "--from-start", "--state", str(state)]
    recording = subprocess.Popen([*command, broker.url], stdout=subprocess.PIPE)
    try:
        wait_until(lambda: state.exists() and hits(broker, tmp_path) == 50)
        recording.send_signal(signal.SIGTERM)
        out, _ = recording.communicate(timeout=60)
        assert recording.returncode == 0
        assert out.decode() == f"recording {broker.url} in {state}\n"
    finally:
        recording.kill()
        recording.wait()
    assert saved(broker, tmp_path) == Counted(50, 250)


def hits(broker: Broker, folder: Path) -> int:
    """Return what a run that goes on has saved by now."""
    store = StateFile(folder / "state.sqlite", [broker.url])
    try:
        left = store.load()
        return 0 if left is None else left.monitor.state.hits
    finally:
        store.close()


def test_what_cannot_be_watched_is_told_in_one_line(tmp_path: Path) -> None:
    for log, options, words in (
        ("nats://user:secret@broker", (), "address holds a user or a secret"),
        ("nats://broker/eu/web1/more", (), "a path names a site"),
        ("tls://broker", ("--ca", "/no/such"), "/no/such: cannot be read"),
        ("nats://broker", ("--user", "me"), "user needs a password"),
    ):
        running = Watch(log, tmp_path, *options)
        _, error = running.process.communicate(timeout=60)
        assert running.process.returncode == 2
        assert words in error.decode()
        assert len(error.splitlines()) == 1
        assert b"secret@" not in error
