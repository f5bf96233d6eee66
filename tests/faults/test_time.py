"""Fault 8: zones, leap seconds, hours that come twice, and clocks that jump."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.presets.clf import COMMON
from logmon_tui.metrics.future_gate import JUMP
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.window_view import GRAPH_SECONDS
from tests.traffic import START, batch_at, settings_of

HOUR, DAY = 3_600, 86_400
END_OF_SUMMER = 1_792_890_000  # 2026-10-25 01:00:00 UTC, 03:00 becomes 02:00 in Berlin
Figure = Callable[[str], None]

TIMES = {
    "09/May/2018:16:00:39 +0000": "2018-05-09T16:00:39+00:00",
    "09/May/2018:16:00:39 +0530": "2018-05-09T10:30:39+00:00",
    "09/May/2018:16:00:39 -0330": "2018-05-09T19:30:39+00:00",
    "01/Jan/2027:00:15:00 +0530": "2026-12-31T18:45:00+00:00",
    "31/Dec/2026:21:00:00 -0330": "2027-01-01T00:30:00+00:00",
    "25/Oct/2026:02:59:59 +0200": "2026-10-25T00:59:59+00:00",  # the hour that comes twice
    "25/Oct/2026:02:00:00 +0100": "2026-10-25T01:00:00+00:00",
    "25/Oct/2026:02:59:59 +0100": "2026-10-25T01:59:59+00:00",
    "29/Mar/2026:01:59:59 +0100": "2026-03-29T00:59:59+00:00",  # the hour that is left out
    "29/Mar/2026:03:00:00 +0200": "2026-03-29T01:00:00+00:00",
    "31/Dec/2016:23:59:60 +0000": "2017-01-01T00:00:00+00:00",  # a leap second
    "01/Jan/2017:05:29:60 +0530": "2017-01-01T00:00:00+00:00",
    "29/Feb/2028:23:59:59 -1200": "2028-03-01T11:59:59+00:00",
}


def line_at(stamp: str) -> bytes:
    return f'10.0.0.1 - - [{stamp}] "GET / HTTP/1.1" 200 99\n'.encode()


def test_both_parsers_give_the_exact_utc_second(figure: Figure) -> None:
    expected = [int(datetime.fromisoformat(utc).timestamp()) for utc in TIMES.values()]
    lines = [line_at(stamp) for stamp in TIMES]
    hits = [COMMON.line_parser().parse(line.rstrip(b"\n")) for line in lines]
    assert [hit and hit.second for hit in hits] == expected
    for chunk in (b"".join(lines), b"".join(lines * 100)):
        batch = COMMON.columnar().parse(chunk)
        assert batch.seconds.tolist() == expected * (len(batch) // len(lines))
        assert batch.unparsed == 0
    figure(
        f"fault 8: {len(TIMES)} times in +0000, +0530, -0330, +0200/+0100 and -1200, "
        "leap seconds among them: exact UTC seconds from both parsers"
    )


def local_time(second: int) -> str:
    """Return how servers in Berlin write a second around the end of summer time in 2026."""
    hours = 2 if second < END_OF_SUMMER else 1
    local = datetime.fromtimestamp(second + hours * HOUR, UTC)
    return f"{local:%d/%b/%Y:%H:%M:%S} +0{hours}00"


@pytest.mark.slow
def test_the_hour_that_comes_twice_is_two_hours_of_even_traffic(figure: Figure) -> None:
    monitor = HTTPMonitor(settings_of(threshold=2, ddos_threshold=2))
    parser = Parser()
    changed: list[Incident] = []
    begin = END_OF_SUMMER - HOUR
    for elapsed in range(0, 2 * HOUR, 10):
        seconds = range(begin + elapsed, begin + elapsed + 10)
        lines = b"".join(line_at(local_time(second)) * 2 for second in seconds)
        now, wall = elapsed + 9.5, begin + elapsed + 9.5
        monitor.feed(parser.parse(lines), now)
        changed += monitor.tick(now, wall)
        if elapsed % GRAPH_SECONDS == 0 and elapsed:
            picture = monitor.snapshot(now, wall)
            assert picture.log_time == seconds[-1]
            assert {sum(second) for second in picture.traffic.seconds} == {2}
    ingest = monitor.snapshot(2.0 * HOUR, begin + 2 * HOUR).ingest
    figure(
        f"fault 8: the hour of a DST change that comes twice: {ingest.hits:,} hits of "
        f"{4 * HOUR:,} in {2 * HOUR:,} seconds, 2 in each; {ingest.late} late, "
        f"{ingest.future} future, {len(changed)} alerts"
    )
    assert (ingest.hits, ingest.late, ingest.future) == (4 * HOUR, 0, 0)
    assert changed == []


@pytest.mark.parametrize("step", [HOUR, -HOUR])
@pytest.mark.parametrize("rate", [20, 2, 0], ids=["firing", "busy", "idle"])
def test_a_step_of_the_wall_clock_neither_fires_nor_resolves(
    figure: Figure, step: int, rate: int
) -> None:
    monitor = HTTPMonitor(settings_of(alert_window=60, ddos_threshold=1_000))
    monitor.feed(batch_at(*[START] * 10), 0.0)
    before: list[Incident] = []
    by_step: list[Incident] = []
    for second in range(600):
        now, stepped = float(second), second >= 300
        wall = START + second + step * stepped
        monitor.feed(batch_at(*[START + second] * rate), now)
        (by_step if stepped else before).extend(monitor.tick(now, wall))
        assert monitor.snapshot(now, wall).log_time == START + second
    firing = [incident.triggered_at for incident in before]
    figure(
        f"fault 8: the wall clock steps by {step / HOUR:+.0f} h at {rate} req/s (threshold 10), "
        f"{len(firing)} alert firing: {len(by_step)} fired or resolved"
    )
    assert by_step == []
    assert firing == [START + 29] * (rate == 20)
    assert monitor.alerts.picture(START).firing == len(firing)


@pytest.mark.parametrize("rate", [20, 0], ids=["firing", "idle"])
def test_waking_from_an_hour_of_suspension_neither_fires_nor_resolves(
    figure: Figure, rate: int
) -> None:
    """The monotonic clock stands still meanwhile, the wall clock does not."""
    monitor = HTTPMonitor(settings_of(alert_window=60, ddos_threshold=1_000))
    seconds = [START + number // 20 for number in range(1_200)] if rate else [START] * 10
    monitor.feed(batch_at(*seconds), 60.0)
    assert [incident.firing for incident in monitor.tick(60.0, START + 60)] == [True] * bool(rate)
    woken = START + HOUR + 60
    changed = monitor.tick(60.5, woken + 0.5)
    changed += monitor.tick(63.0, woken + 3.0)
    state = "firing" if rate else "idle"
    figure(f"fault 8: awake after an hour of suspension, {state}: {len(changed)} fired or resolved")
    assert changed == []
    assert monitor.alerts.picture(START).firing == bool(rate)


def test_late_and_future_lines_leave_every_second_exact(figure: Figure) -> None:
    """Of 20 lines a second some are late, now and then one is a day ahead or eight days old."""
    chance = random.Random(8)
    monitor = HTTPMonitor(settings_of(threshold=30, ddos_threshold=1_000))
    expected: Counter[int] = Counter()
    late = future = 0
    for elapsed in range(GRAPH_SECONDS + 100):
        now, second = float(elapsed), START + elapsed
        lateness = [chance.choice((0, 0, 0, 1, 7, min(JUMP, elapsed))) for _ in range(20)]
        seconds = [second - each for each in lateness]
        expected.update(seconds)
        if elapsed and elapsed % 50 == 0:
            seconds[10:10] = [second + DAY]
            future += 1
        if elapsed and elapsed % 70 == 0:
            seconds[5:5] = [second - 8 * DAY]
            late += 1
        monitor.feed(batch_at(*seconds), now)
        assert monitor.tick(now, second) == []
    picture = monitor.snapshot(now, second)
    counts = [sum(each) for each in picture.traffic.seconds]
    ingest = picture.ingest
    figure(
        f"fault 8: {ingest.hits:,} lines, up to {JUMP} s late: {GRAPH_SECONDS} seconds exact; "
        f"{ingest.future} of {future} a day ahead counted as future, "
        f"{ingest.late} of {late} eight days old as late"
    )
    start = picture.traffic.start
    assert counts == [expected[start + place] for place in range(len(counts))]
    assert (ingest.future, ingest.late) == (future, late)
