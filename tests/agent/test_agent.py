"""A real agent and a real broker: kills, rotations and lost backlogs."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logmon_tui.fleet.protocol import Health
from tests.agent.agents import AgentProcess, heard
from tests.brokers import Broker, needs_broker
from tests.watching import wait_until

pytestmark = needs_broker

Start = Callable[..., AgentProcess]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    folder = tmp_path / "broker"
    folder.mkdir()
    broker = Broker(folder)
    broker.setup(allow_msg_ttl=True)
    yield broker
    broker.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    log = tmp_path / "access.log"
    log.touch()
    return log


@pytest.fixture
def start(tmp_path: Path, broker: Broker, log: Path) -> Iterator[Start]:
    started: list[AgentProcess] = []
    folder = tmp_path / "agent"
    folder.mkdir()

    def start(*options: str) -> AgentProcess:
        started.append(AgentProcess(broker.url, log, folder, options))
        return started[-1]

    yield start
    for each in started:
        each.close()


def write(log: Path, first: int, last: int) -> list[bytes]:
    lines = [b"line %d" % number for number in range(first, last)]
    with log.open("ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))
    return lines


def all_there(broker: Broker, lines: list[bytes]) -> None:
    """Wait until a broker has all lines; each of them counts once."""

    def there() -> bool:
        return len(heard(broker).dashboard.lines) >= len(lines)

    wait_until(there, lambda: f"{len(heard(broker).dashboard.lines)} of {len(lines)}")
    assert sorted(heard(broker).dashboard.lines) == sorted(lines)


def told(broker: Broker, expected: Callable[[Health], bool]) -> Health:
    """Wait until the last that an agent said is as expected; return it."""
    found: list[Health] = []

    def is_expected() -> bool:
        found[:] = heard(broker).health
        return bool(found) and expected(found[-1])

    wait_until(is_expected, lambda: str(found[-3:]))
    return found[-1]


class Writer(threading.Thread):
    """Writes lines for some seconds, and rotates the log meanwhile."""

    def __init__(self, log: Path, count: int = 6_000, rotations: int = 3) -> None:
        super().__init__()
        self.lines: list[bytes] = []
        self._log, self._count, self._turn = log, count, count // (rotations + 1)
        self._rotations = 0

    def run(self) -> None:
        for number in range(0, self._count, 20):
            self.lines += write(self._log, number, number + 20)
            if number // self._turn > self._rotations:
                self._rotations += 1
                self._log.rename(self._log.with_name(f"access.log.{9 - self._rotations}"))
                self._log.touch()
            time.sleep(0.01)


def test_a_broker_that_is_killed_costs_no_line(broker: Broker, log: Path, start: Start) -> None:
    start()
    writer = Writer(log)
    writer.start()
    for _ in range(4):
        time.sleep(0.4)
        broker.restart()
    writer.join()
    all_there(broker, writer.lines)


def test_an_agent_that_is_killed_costs_no_line(broker: Broker, log: Path, start: Start) -> None:
    agent = start()
    writer = Writer(log)
    writer.start()
    while writer.is_alive():
        time.sleep(0.8)
        agent.kill()
        agent.start()
    all_there(broker, writer.lines)


def test_rotations_while_the_broker_is_away_cost_no_line(
    broker: Broker, log: Path, start: Start
) -> None:
    lines = write(log, 0, 100)
    agent = start()
    all_there(broker, lines)
    broker.kill()
    for turn in range(1, 6):
        lines += write(log, 100 * turn, 100 * turn + 100)
        time.sleep(0.6)
        log.rename(log.with_name("access.log.1"))  # so each deletes the one before
        log.touch()
        time.sleep(0.6)
    assert agent.process.poll() is None
    broker.start()
    all_there(broker, lines)
    assert told(broker, lambda health: health.backlog == 0).lost == 0


def test_what_is_deleted_while_nobody_reads_counts_as_lost(
    broker: Broker, log: Path, start: Start
) -> None:
    lines = write(log, 0, 1_000)
    agent = start()
    all_there(broker, lines)
    broker.kill()
    write(log, 1_000, 1_100)
    states = agent.folder.glob("*.agent")
    saved = next(states)
    before = saved.stat().st_mtime_ns
    wait_until(lambda: saved.stat().st_mtime_ns > before)  # it has seen them
    agent.kill()
    log.unlink()
    lines += write(log, 2_000, 2_010)
    broker.start()
    agent.start()
    all_there(broker, lines)
    lost = told(broker, lambda health: health.lost > 0)
    assert lost.lost_bytes == 100 * len(b"line 1000\n")


def test_it_says_how_it_is_even_without_traffic_and_that_it_ends(
    broker: Broker, log: Path, start: Start
) -> None:
    agent = start()
    wait_until(lambda: len(heard(broker).health) > 1, lambda: str(heard(broker).health))
    first = heard(broker).health[0]
    assert (first.host, first.site, first.logs) == ("web1", "eu", (str(log),))
    assert agent.end() == 0
    assert heard(broker).health[-1].state == "ended"


def test_the_last_lines_before_a_signal_are_sent_by_the_next_run(
    broker: Broker, log: Path, start: Start
) -> None:
    agent = start()
    lines = write(log, 0, 50)
    agent.end()
    lines += write(log, 50, 60)
    agent.start()
    all_there(broker, lines)


def test_without_a_stream_it_says_so_and_waits_for_one(
    broker: Broker, log: Path, start: Start
) -> None:
    broker.ask("STREAM.DELETE.LOGMON")
    lines = write(log, 0, 10)
    agent = start()
    wait_until(lambda: b"no stream takes lines there" in agent.output.read_bytes())
    broker.setup()
    all_there(broker, lines)
    wait_until(lambda: b"all is well again" in agent.output.read_bytes())
    assert agent.output.read_bytes().count(b"\n") <= 4


def test_it_begins_without_a_broker_and_waits_for_it(
    broker: Broker, log: Path, start: Start
) -> None:
    broker.kill()
    lines = write(log, 0, 10)
    agent = start()
    wait_until(lambda: b"nothing listens there" in agent.output.read_bytes())
    agent.kill()
    log.rename(log.with_name("access.log.1"))
    lines += write(log, 10, 20)
    agent.start()
    broker.start()
    all_there(broker, lines)


def test_lines_wait_while_the_state_cannot_be_saved(
    broker: Broker, log: Path, start: Start
) -> None:
    lines = write(log, 0, 10)
    agent = start()
    all_there(broker, lines)
    (state,) = agent.folder.glob("*.agent")
    new = state.with_name(state.name + ".new")
    new.mkdir()
    more = write(log, 10, 20)
    wait_until(
        lambda: b"the state cannot be saved, so nothing is sent" in agent.output.read_bytes()
    )
    told(broker, lambda health: "the state cannot be saved" in health.message)
    assert heard(broker).dashboard.lines == lines
    new.rmdir()
    all_there(broker, [*lines, *more])


def test_logs_of_a_pattern_come_and_go(broker: Broker, tmp_path: Path) -> None:
    logs, folder = tmp_path / "pods", tmp_path / "agent"
    logs.mkdir()
    folder.mkdir()
    lines = write(logs / "a.log", 0, 10)
    agent = AgentProcess(broker.url, logs / "*.log", folder)
    try:
        all_there(broker, lines)
        lines += write(logs / "b.log", 10, 20)
        all_there(broker, lines)
        (logs / "a.log").unlink()
        told(broker, lambda health: health.logs == (str(logs / "b.log"),))
        lines += write(logs / "a.log", 20, 30)
        all_there(broker, lines)
    finally:
        agent.close()
