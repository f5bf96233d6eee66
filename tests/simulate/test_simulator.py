"""The simulator: what its lines look like, the scenario's alerts, and the driver that writes."""

import math
import os
import re
import stat
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import apache_log_parser
import pytest

from logmon_tui.errors import OutputError, SourceError, UsageError
from logmon_tui.simulate.scenario import PHASES, Scenario
from logmon_tui.simulate.simulator import (
    MAX_LATE,
    TICKS,
    DemoTraffic,
    LineFormat,
    Rate,
    Simulator,
    parse_rate,
    simulate,
)

START = 1_763_800_000  # 2025-11-22 08:26:40 UTC

COMBINED = re.compile(
    rb"(?P<host>[0-9a-f.:]+) - (?P<user>[a-z]+|-) \[22/Nov/2025:08:26:40 \+0000\] "
    rb'"(?P<method>[A-Z]+) (?P<path>/[^ "]*) HTTP/[0-9.]+" (?P<status>\d{3}) (?P<size>\d+)'
    rb'(?P<rest> "[^"]+" "[^"]+")?\n'
)


def fields(lines: list[bytes]) -> list[dict[str, bytes]]:
    found = []
    for line in lines:
        match = COMBINED.fullmatch(line)
        assert match, line
        found.append(match.groupdict())
    return found


@pytest.fixture(scope="module")
def many() -> list[dict[str, bytes]]:
    """Twenty thousand lines of one second, taken apart."""
    return fields(Simulator(seed=1, rate=Rate(20_000, 20_000)).lines(START))


# --- lines ---------------------------------------------------------------------------------


def test_same_seed_and_second_give_the_same_bytes() -> None:
    one, other = Simulator(seed=7), Simulator(seed=7)
    other.lines(START + 5)  # asking out of order changes nothing
    seconds = range(START, START + 30)
    assert [one.lines(s) for s in seconds] == [other.lines(s) for s in seconds]


def test_other_seeds_and_no_seed_give_other_lines() -> None:
    rate = Rate(50, 50)
    makers = [Simulator(seed=seed, rate=rate) for seed in (1, 2, None, None)]
    assert len({b"".join(maker.lines(START)) for maker in makers}) == 4


def test_default_rate_is_anything_from_0_to_20_lines_a_second() -> None:
    simulator = Simulator(seed=3)
    counts = {len(simulator.lines(second)) for second in range(START, START + 600)}
    assert counts == set(range(21))


@pytest.mark.parametrize(
    ("line_format", "directives"),
    [
        ("common", '%h %l %u %t "%r" %>s %b'),
        ("combined", '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'),
    ],
)
def test_lines_are_what_apaches_directives_say(line_format: LineFormat, directives: str) -> None:
    parser = apache_log_parser.Parser(directives)
    lines = Simulator(seed=4, line_format=line_format, rate=Rate(300, 300)).lines(START)
    assert len(lines) == 300
    for line in lines:
        assert line.endswith(b"\n")
        hit = parser.parse(line[:-1].decode("ascii"))
        assert hit["time_received_utc_isoformat"] == "2025-11-22T08:26:40+00:00"
        assert hit["request_url_path"].startswith("/")


def test_common_lines_carry_neither_referrer_nor_agent() -> None:
    lines = Simulator(seed=4, line_format="common", rate=Rate(50, 50)).lines(START)
    assert all(found["rest"] is None for found in fields(lines))


def test_traffic_is_skewed_as_real_traffic_is(many: list[dict[str, bytes]]) -> None:
    sections = Counter(re.split(rb"[/?]", found["path"])[1] for found in many)
    hosts = Counter(found["host"] for found in many)
    assert len(sections) >= 8
    assert sections.most_common(1)[0][1] > 5 * sections.most_common()[5][1]
    assert len(hosts) > 100
    assert hosts.most_common(1)[0][1] > 3 * hosts.most_common()[100][1]
    assert any(b":" in host for host in hosts)
    assert any(b"?" in found["path"] for found in many)


def test_most_hits_succeed_and_few_fail(many: list[dict[str, bytes]]) -> None:
    statuses = Counter(found["status"] for found in many)
    assert {b"200", b"301", b"304", b"403", b"404", b"500", b"503"} <= statuses.keys()
    assert statuses[b"200"] > 0.7 * len(many)
    failing = sum(count for status, count in statuses.items() if status[:1] == b"5")
    assert 0 < failing < 0.03 * len(many)


def test_static_files_rarely_name_a_user_and_the_api_mostly_does(
    many: list[dict[str, bytes]],
) -> None:
    def named(section: bytes) -> float:
        users = [found["user"] != b"-" for found in many if found["path"].startswith(section)]
        return sum(users) / len(users)

    assert named(b"/static") < 0.1
    assert named(b"/api") > 0.4


def test_sizes_are_spread_around_each_endpoints_own(many: list[dict[str, bytes]]) -> None:
    def sizes(path: bytes) -> list[int]:
        return [int(f["size"]) for f in many if (f["path"], f["status"]) == (path, b"200")]

    script, knights = sizes(b"/static/app.js"), sizes(b"/api/knights")
    assert max(knights) > 3 * min(knights) > 0
    assert sum(script) / len(script) > 20 * sum(knights) / len(knights)


def test_a_hundred_thousand_lines_take_much_less_than_a_second() -> None:
    simulator = Simulator(seed=1, rate=Rate(100_000, 100_000))
    best = math.inf
    for second in range(START, START + 3):
        begun = time.process_time()
        assert len(simulator.lines(second)) == 100_000
        best = min(best, time.process_time() - begun)
    assert best < 0.8


@pytest.mark.parametrize(
    ("text", "rate"), [("5", Rate(5, 5)), ("0-20", Rate(0, 20)), ("100000", Rate(100_000, 100_000))]
)
def test_rate_is_a_number_or_a_range(text: str, rate: Rate) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "-", "5-", "-5", "1-2-3", "20-10", "a", "1.5", "²"])
def test_a_wrong_rate_is_told_with_what_is_right(text: str) -> None:
    with pytest.raises(UsageError, match="rate"):
        parse_rate(text)


# --- scenario ------------------------------------------------------------------------------


Crossing = tuple[str, int, bool]


def crossings(simulator: Simulator, scenario: Scenario, seconds: int) -> list[Crossing]:
    """Judge each second by plain sums over its window; returns (rule, second, fired)."""
    window = scenario.alert_window
    hits: list[Counter[bytes]] = []
    errors: list[int] = []
    active: set[str] = set()
    found: list[Crossing] = []
    for second in range(seconds):
        parsed = [line.split(b" ") for line in simulator.lines(START + second, second)]
        hits.append(Counter(part[0] for part in parsed))
        errors.append(sum(part[8][:1] == b"5" for part in parsed))
        by_host: Counter[bytes] = Counter()
        for counter in hits[-window:]:
            by_host.update(counter)
        total = by_host.total()
        now = set()
        if total / window > scenario.threshold:
            now.add("traffic")
        if total >= 20 and sum(errors[-window:]) / total > 0.05:
            now.add("errors")
        over = scenario.ddos_threshold * window
        now |= {f"ddos {host.decode()}" for host, n in by_host.items() if n > over}
        found += [(rule, second, True) for rule in sorted(now - active)]
        found += [(rule, second, False) for rule in sorted(active - now)]
        active = now
    return found


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(alert_window=10),
        Scenario(alert_window=20),
        Scenario(alert_window=15, threshold=40, ddos_threshold=10),
        Scenario(alert_window=12, threshold=100, ddos_threshold=3),
    ],
    ids=str,
)
def test_in_one_round_each_alert_fires_and_recovers_once_and_no_other_does(
    scenario: Scenario, seed: int
) -> None:
    length = round(scenario.seconds)
    found = crossings(Simulator(seed=seed, scenario=scenario), scenario, length)
    assert [(rule, fired) for rule, _, fired in found] == [
        ("traffic", True),
        ("traffic", False),
        ("errors", True),
        ("errors", False),
        ("ddos 203.0.113.66", True),
        ("ddos 203.0.113.66", False),
    ]


def test_with_a_window_of_ten_seconds_a_round_is_two_minutes() -> None:
    assert Scenario(alert_window=10).seconds == pytest.approx(120)


def test_rounds_repeat_without_alerts_between_them() -> None:
    scenario = Scenario(alert_window=10)
    found = crossings(Simulator(seed=5, scenario=scenario), scenario, 360)
    assert len(found) == 18
    assert all(a[2] != b[2] for a, b in pairwise(found)), "no two alerts at once"


def test_every_phase_has_its_turn_in_order() -> None:
    scenario = Scenario(alert_window=10)
    names = [scenario.phase(elapsed).name for elapsed in range(120)]
    turns = [name for name, before in zip(names, ["", *names], strict=False) if name != before]
    assert turns == [phase.name for phase in PHASES]


def test_the_storm_hits_one_section_only() -> None:
    scenario = Scenario(alert_window=10)
    simulator = Simulator(seed=5, scenario=scenario)
    failing = [
        line.split(b" ")[6]
        for second in range(120)
        for line in simulator.lines(START + second, second)
        if line.split(b" ")[8][:1] == b"5"
    ]
    assert len(failing) > 20
    assert all(path.startswith(b"/api/") for path in failing)


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
    thread.join(10)
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


def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
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
