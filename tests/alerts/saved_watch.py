"""A watch that is saved, killed, restarted and reloaded while it reads a log."""

import random
from pathlib import Path

from tests.alerts.fed_engine import assert_stands
from tests.alerts.raw_verdict import as_rows
from tests.alerts.rule_brute_force import judged
from tests.alerts.rule_strategies import Case
from tests.alerts.ways import Batches, Ruled
from tests.state.restarts import Run


def assert_goes_on_from_its_state_file(
    case: Case, seed: int, folder: Path, stats_interval: int = 10
) -> None:
    """Watch a log second by second, and compare each second with brute force."""
    chance = random.Random(seed)
    verdict = judged(case.rules, case.lines, case.size, case.last)
    ruled = Ruled(given=case.rules, bucket_size=case.size, stats_interval=stats_interval)
    run = Run(folder / "s.sqlite", ruled)
    batches, first = Batches(case.lines), case.lines.hits[0].second
    for second in range(first, case.last + 1):
        now = float(second - first)
        for batch in batches.of(case.lines.between(second, second), chance, 40):
            run.feed(batch, now)
            maybe_restart(run, now, first, chance)
        maybe_restart(run, now + 0.5, first, chance)
        run.tick(now + 1, second + 1)
        maybe_restart(run, now + 1, first, chance)
        if (second + 1) % case.size == 0:
            assert_stands(run.monitor.alerts.evaluator.alerts.values(), verdict, second)
    run.store.close()
    assert as_rows(run.monitor.alerts.incidents.all()) == as_rows(verdict.incidents)


def maybe_restart(run: Run, now: float, first: int, chance: random.Random) -> None:
    """Save, restart, reload, or do nothing."""
    if chance.random() < 0.05:
        run.monitor.alerts.reload(run.given)
    if chance.random() < 0.1:
        run.save(now, first + now)
        if chance.random() < 0.5:
            run.restart(now, uptime=float(chance.randrange(10_000)))
            run.monitor.count_downtime(run.now(now), first + now)
