"""Judging by columns gives the same however the log is cut, also where hosts wait for room."""

import pytest

from logmon_tui.alerts.incident import Incident
from logmon_tui.log_judge import LogJudge
from tests.traffic import START, batch_of, hit, settings_of


@pytest.mark.parametrize("cut", [None, 100, 120, 139, 140, 144, 146])
def test_a_peak_is_the_same_when_the_host_had_to_wait_for_room(cut: int | None) -> None:
    """Nothing else changes while `x` waits, so only the full room tells that it must be watched."""
    hits = [hit(START + 20, host=b"b")] * 6  # leaves the window at 140
    hits += [hit(START + 100, host=b"a%d" % n) for n in range(99) for _ in range(6)]
    hits += [hit(START + at, host=b"x") for at in (14, 18, 101, 101, 101, 130, 130, 130, 145)]
    hits.sort(key=lambda each: each.second)
    given = settings_of(alert_window=120, threshold=1_000, ddos_threshold=2.5 / 120)
    judge = LogJudge(given.alert_rules(), given.bucket_size)
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
