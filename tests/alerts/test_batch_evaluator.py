"""Judging by columns does not depend on how the log is cut, even with suppressed hosts."""

import gc
import tracemalloc

import pytest

from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.shipped import shipped_rules
from tests.traffic import START, batch_of, hit, settings_of


@pytest.mark.parametrize("cut", [None, 100, 120, 139, 140, 144, 146])
def test_a_peak_is_the_same_when_the_host_had_to_wait_for_room(cut: int | None) -> None:
    """While `x` is suppressed nothing changes, so only the suppression shows it must be judged."""
    hits = [hit(START + 20, host=b"b")] * 6  # leaves the window at 140
    hits += [hit(START + 100, host=b"a%d" % n) for n in range(99) for _ in range(6)]
    hits += [hit(START + at, host=b"x") for at in (14, 18, 101, 101, 101, 130, 130, 130, 145)]
    hits.sort(key=lambda each: each.second)
    given = settings_of(alert_window=120, threshold=1_000, ddos_threshold=2.5 / 120)
    judge = BatchEvaluator(given.alert_rules(), given.bucket_size)
    found: dict[str, Incident] = {}
    for end in (cut, 200):
        if end is not None:
            part = [each for each in hits if each.second <= START + end]
            hits = hits[len(part) :]
            if part:
                judge.take(batch_of(part))
            found |= {each.id: each for each in judge.judge_up_to(START + end)}
    found |= {each.id: each for each in judge.open}
    waited = next(each for each in found.values() if each.subject == b"x")
    assert (waited.triggered_at - START, waited.peak * 120) == (140, pytest.approx(7))


@pytest.mark.slow
def test_a_log_twice_as_long_takes_no_more_memory() -> None:
    """All shipped rules are on, clients come and go, and some rule always fires."""
    on = {rule.name: {"enabled": True} for rule in shipped_rules(120)}
    given = settings_of(rules=on | {"traffic_drop": {"enabled": True, "baseline": 600}})
    judge = BatchEvaluator(given.alert_rules(), given.bucket_size)
    batches, sizes, incidents = 60, [], 0
    tracemalloc.start()
    try:
        for number in range(batches):
            first = START + number * 100
            hits = [
                hit(first + at // 20, host=b"%d.%d" % (number, at % 40), status=404 + at % 2 * 99)
                for at in range(2_000)
            ]
            judge.take(batch_of([each._replace(host=each.host * 9) for each in hits]))
            incidents += len(judge.judge_up_to(first - 60))
            gc.collect()  # what waits for it is more at some times than at others
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    half, whole = max(sizes[batches // 4 : batches // 2]), max(sizes[batches // 2 :])
    print(f"after half of it {half:,} bytes, after all {whole:,}; {incidents} changes")
    assert incidents
    assert whole < 1.05 * half
