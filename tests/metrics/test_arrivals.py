"""How late hits come, and how much later they are judged."""

import numpy as np
import pytest

from logmon_tui.metrics.arrivals import (
    ARRIVALS,
    CAUTION,
    FORGOTTEN,
    GENERATION_SECONDS,
    GENERATIONS,
    MAX_DELAY,
    ArrivalDelay,
)
from logmon_tui.metrics.lateness import LATEST

LOG = b"access.log"


def observe(
    delay: ArrivalDelay, late: float, now: float, hits: int = 100, log: bytes = LOG
) -> None:
    """Note hits that came `late` seconds after their second was over."""
    delay.observe(log, np.full(hits, 1_000, np.int64), 1_001 + late, now)


@pytest.mark.parametrize(
    ("late", "lateness", "waits"),
    [(-5, 0, 0), (0, 0, 0), (0.2, 0.25, 0.5), (0.75, 0.75, 1.5), (3, 3, 4), (9.9, 10, 11)],
)
def test_the_delay_is_the_lateness_and_a_margin(late: float, lateness: float, waits: float) -> None:
    delay = ArrivalDelay(None, cautious=False)
    observe(delay, late, 0)
    assert (delay.lateness, delay.delay) == (lateness, waits)


def test_the_delay_has_a_bound_and_what_is_later_has_no_say() -> None:
    delay = ArrivalDelay(None, cautious=False)
    observe(delay, 14.8, 0)
    assert delay.delay == MAX_DELAY
    delay = ArrivalDelay(None, cautious=False)
    observe(delay, 2, 0)
    observe(delay, 10_000, 1, hits=10_000)
    assert delay.delay == 3
    assert delay.lateness > LATEST


@pytest.mark.parametrize(("late_ones", "waits"), [(0, 0), (1, 0), (5, 0), (6, 4)])
def test_one_hit_of_two_hundred_may_come_later(late_ones: int, waits: float) -> None:
    delay = ArrivalDelay(None, cautious=False)
    observe(delay, 0, 0, hits=1_000 - late_ones)
    observe(delay, 3, 1, hits=late_ones)
    assert delay.delay == waits


def test_the_log_that_comes_latest_decides_until_it_is_forgotten() -> None:
    delay = ArrivalDelay(None, cautious=False)
    observe(delay, 3, 0, log=b"late")
    observe(delay, 0, 1, hits=100_000)
    assert delay.delay == 4
    observe(delay, 0, FORGOTTEN + 1)
    assert delay.delay == 0


def test_a_given_delay_stays_and_lateness_is_measured_all_the_same() -> None:
    delay = ArrivalDelay(2.5, cautious=True)
    assert delay.judged_time(1_000.0, 999) == 997.5
    observe(delay, 20, 0)
    assert (delay.delay, delay.lateness) == (2.5, 20)


def test_the_delay_falls_when_no_generation_has_late_hits_any_more() -> None:
    delay = ArrivalDelay(None, cautious=False)
    observe(delay, 3, 0)
    now, falls = 0.0, 0.0
    while not falls:
        now += 1
        observe(delay, 0, now, hits=2)
        falls = now if delay.delay == 0 else 0.0
    assert falls == pytest.approx(GENERATIONS * GENERATION_SECONDS, abs=GENERATIONS)


def test_while_no_hit_comes_nothing_is_forgotten() -> None:
    delay = ArrivalDelay(None, cautious=False)
    observe(delay, 3, 0)
    observe(delay, 0, 1e6, hits=1)
    assert delay.delay == 4


def test_at_first_quiet_waits_until_hits_have_come_at_once() -> None:
    delay = ArrivalDelay(None, cautious=True)
    assert delay.judged_time(1_003.0, 1_000) == 1_000
    assert delay.judged_time(1_009.0, 1_000) == 1_009 - CAUTION
    delay.observe(LOG, np.array([1_000, 1_001]), None, 5.0)
    assert delay.judged_time(1_003.0, 1_000) == 1_003


def test_at_first_quiet_waits_while_hits_come_in_blocks_for_some_of_them() -> None:
    delay = ArrivalDelay(None, cautious=True)
    for number in range(ARRIVALS + 1):
        assert delay.judged_time(1_003.0, 1_000) == 1_000
        delay.observe(LOG, np.array([1_000, 1_003]), None, 3.0 * number)
    assert delay.judged_time(1_003.0, 1_000) == 1_003


def test_another_run_goes_on_with_what_was_known() -> None:
    delay = ArrivalDelay(None, cautious=True)
    observe(delay, 3, 0)
    observe(delay, 0, 1, hits=500, log=b"other.log")
    another = ArrivalDelay(None, cautious=True)
    another.restore(delay.state(2.0), 77.0)
    assert (another.delay, another.lateness) == (4, 3)
    assert another.state(80.0) == delay.state(5.0)
    assert another.judged_time(1_003.0, 1_000) == 999
