"""The driver that writes simulated lines into a log, and the demo."""

import os
import re
import stat
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logmon_tui.errors import OutputError, SourceError
from logmon_tui.simulate.scenario import Scenario
from logmon_tui.simulate.simulator import (
    MAX_LATE,
    TICKS,
    DemoTraffic,
    Rate,
    Simulator,
    simulate,
)
from tests.simulate.start import START

# --- driver --------------------------------------------------------------------------------


class FakeTime:
    """A clock that only `sleep` moves; `lags` are extra seconds that single sleeps take."""

    def __init__(self, start: float, lags: dict[int, float] | None = None) -> None:
        self.now = start
        self.sleeps = 0
        self._lags = lags or {}

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= 1 / TICKS
        self.now += seconds + self._lags.get(self.sleeps, 0.0)
        self.sleeps += 1


def run(path: Path, simulator: Simulator, fake: FakeTime, duration: float) -> int:
    return simulate(
        path,
        simulator,
        duration=duration,
        stop=threading.Event(),
        clock=fake.clock,
        sleep=fake.sleep,
    )


def test_a_run_appends_exactly_the_lines_of_its_seconds(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(b"before\n")
    simulator = Simulator(seed=1)
    expected = [line for second in range(START, START + 10) for line in simulator.lines(second)]
    written = run(log, simulator, FakeTime(START + 0.7), 10)
    assert log.read_bytes() == b"before\n" + b"".join(expected)
    assert written == len(expected)


def test_lines_come_spread_over_the_second_and_never_before_their_time(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    fake = FakeTime(START)
    seen: list[tuple[float, int]] = []

    def sleep(seconds: float) -> None:
        seen.append((fake.now, log.read_bytes().count(b"\n")))
        fake.sleep(seconds)

    simulator = Simulator(seed=1, rate=Rate(20, 20))
    simulate(log, simulator, duration=2, stop=threading.Event(), clock=fake.clock, sleep=sleep)
    assert seen == [(START + tick / 4, 5 * (tick + 1)) for tick in range(7)]


def test_a_late_writer_catches_up(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    fake = FakeTime(START, lags={6: 3.0})
    simulator = Simulator(seed=1)
    expected = [line for second in range(START, START + 8) for line in simulator.lines(second)]
    run(log, simulator, fake, 8)
    assert log.read_bytes() == b"".join(expected)
    assert fake.now == pytest.approx(START + 8, abs=1 / TICKS)


@pytest.mark.parametrize("step", [3_600.0, -3_600.0])
def test_after_a_step_of_the_clock_lines_bear_its_new_time(tmp_path: Path, step: float) -> None:
    log = tmp_path / "access.log"
    fake = FakeTime(START, lags={5: step})
    run(log, Simulator(seed=1, rate=Rate(8, 8)), fake, 6)
    hours = Counter(re.findall(rb":(\d\d):\d\d:\d\d ", log.read_bytes()))
    after = b"09" if step > 0 else b"07"
    assert hours.keys() == {b"08", after}
    assert hours.total() == 48
    assert hours[after] >= 8 * (6 - 2) - 8
    assert abs(fake.now - (START + step + 6)) < MAX_LATE


def test_stop_ends_a_run_at_once(tmp_path: Path) -> None:
    stop = threading.Event()
    log = tmp_path / "access.log"
    thread = threading.Thread(
        target=simulate, args=(log, Simulator(rate=Rate(40, 40))), kwargs={"stop": stop}
    )
    thread.start()
    until(lambda: log.exists() and log.stat().st_size > 0)
    stop.set()
    thread.join(60)
    assert not thread.is_alive()
    assert log.read_bytes().endswith(b"\n")


def test_readers_never_see_half_a_line(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    fake = FakeTime(START)

    def sleep(seconds: float) -> None:
        assert log.read_bytes()[-1:] in (b"", b"\n")
        fake.sleep(seconds)

    simulate(
        log, Simulator(seed=2), duration=5, stop=threading.Event(), clock=fake.clock, sleep=sleep
    )
    assert log.stat().st_size > 0


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("usual_umask")
def test_a_new_log_can_be_read_by_everyone(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    run(log, Simulator(seed=1), FakeTime(START), 1)
    assert stat.S_IMODE(log.stat().st_mode) == 0o644


@pytest.mark.parametrize("name", [".", "missing/access.log"])
def test_a_path_that_cannot_be_opened_is_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="cannot be written: ") as caught:
        run(tmp_path / name, Simulator(), FakeTime(START), 1)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_is_one_line() -> None:
    with pytest.raises(OutputError, match="No space left"):
        run(Path("/dev/full"), Simulator(rate=Rate(9, 9)), FakeTime(START), 1)


# --- demo ----------------------------------------------------------------------------------


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_demo_writes_live_into_a_private_log_and_removes_it() -> None:
    with DemoTraffic(Simulator(scenario=Scenario(alert_window=10))) as log:
        assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(log.stat().st_mode) == 0o600
        until(lambda: log.exists() and log.read_bytes().count(b"\n") >= 3)
    assert not log.parent.exists()
    assert not any(thread.name == "demo-traffic" for thread in threading.enumerate())


def test_demo_tells_at_the_end_that_its_log_could_not_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(*_: object, **__: object) -> int:
        raise OutputError("disk full")

    monkeypatch.setattr("logmon_tui.simulate.simulator.simulate", failing)
    with pytest.raises(OutputError, match="disk full"), DemoTraffic(Simulator()) as log:
        pass
    assert not log.parent.exists()


def test_an_error_of_the_dashboard_is_not_hidden_by_one_of_the_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(*_: object, **__: object) -> int:
        raise OutputError("disk full")

    monkeypatch.setattr("logmon_tui.simulate.simulator.simulate", failing)
    with pytest.raises(ZeroDivisionError), DemoTraffic(Simulator()):
        _ = 1 / 0
