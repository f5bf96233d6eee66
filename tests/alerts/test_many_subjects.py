"""Beside thousands of clients that come once, rules find the few heavy ones, exactly."""

import json
import random
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import msgspec
import pytest

from logmon_tui.alerts.evaluation import counts, crowd
from logmon_tui.alerts.evaluation.admission import LeftOut
from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.evaluation.evaluator_state import EvaluatorState
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.reports.json import watch_json
from logmon_tui.reports.prometheus import SnapshotCollector
from logmon_tui.tui.alerts.rules_text import rules_line
from tests.alerts.fed_engine import Fed, assert_stands
from tests.alerts.many_subjects import HEAVY, RULES, crowd_of, lines_in_a_crowd, without_crowd
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.alerts.raw_verdict import Found, as_rows
from tests.alerts.rule_brute_force import judged, slot_ends
from tests.alerts.rule_strategies import Case
from tests.alerts.ways import Ruled, Way, reported, watch_backlog, watch_live, watch_whole_log
from tests.state.restarts import Run
from tests.traffic import START

WAYS = (watch_live, watch_backlog, watch_whole_log, reported)


@lru_cache
def expected_of(seed: int, seconds: int, a_second: int, size: int, last: int) -> list[Found]:
    lines = without_crowd(lines_in_a_crowd(seed, seconds, a_second))
    return judged(rules_of(size), lines, size, last).incidents


def rules_of(size: int) -> tuple[Rule, ...]:
    """Return the rules, with windows of whole slots."""
    return tuple(msgspec.structs.replace(rule, window=rule.window // size * size) for rule in RULES)


@pytest.mark.parametrize("size", [1, 5])
@pytest.mark.parametrize("way", WAYS)
def test_heavy_clients_in_a_crowd(way: Way, size: int) -> None:
    traffic = size, 40, 30
    ruled = Ruled(given=rules_of(size), bucket_size=size)
    found, last = way(lines_in_a_crowd(*traffic), ruled, random.Random(size))
    expected = expected_of(*traffic, size, last)
    assert {each.rule for each in expected} == {rule.name for rule in RULES}
    assert as_rows(found) == as_rows(expected)


def test_of_many_a_second_live_and_in_a_report() -> None:
    traffic = 7, 30, 1_500
    lines = lines_in_a_crowd(*traffic)
    batches = [
        raw_batch(list(hits)) for _, hits in groupby(lines.hits, lambda each: each.second // 2)
    ]
    live, columns = RuleEvaluator(RULES, 1), BatchEvaluator(RULES, 1)
    last = lines.hits[-1].second + 60
    for engine in (live, columns):
        known: dict[str, Incident] = {}
        for batch in batches:
            if engine is live:
                live.begin(START)
            engine.take(batch)
            if engine is live:
                second = int(batch.seconds[-1])
                known.update((each.id, each) for each in engine.judge_up_to(second))
        known.update((each.id, each) for each in engine.judge_up_to(last))
        assert as_rows(known.values()) == as_rows(expected_of(*traffic, 1, last))
    assert [live.ring.left_out(rule) for rule in RULES] == [LeftOut()] * len(RULES)


@pytest.mark.parametrize("seed", range(3))
def test_every_state_through_restarts(seed: int) -> None:
    lines = lines_in_a_crowd(seed, seconds=50, a_second=30)
    case = Case(lines, RULES, 1)
    verdict = judged(RULES, without_crowd(lines), 1, case.last)
    chance = random.Random(seed)
    fed = Fed(case, chance)
    for second in slot_ends(START, case.last, 1):
        fed.feed_up_to(second)
        if chance.random() < 0.2:
            fed.restart_or_reload()
        fed.judge_up_to(second)
        assert_stands(fed.engine.alerts.values(), verdict, second)
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)


def one_by_one(name: str, critical: float, window: int = 60) -> Rule:
    return Rule(
        name=name,
        title=name,
        metric=Metric.HITS,
        scope=Scope.CLIENT,
        window=window,
        critical=critical,
    )


@pytest.mark.parametrize("rows", [5_000, 20_000])
def test_of_a_crowd_that_is_too_large_what_can_be_lost_is_known(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten clients are heavy; ten others come every fifth second, as rarely as some of the crowd."""
    monkeypatch.setattr(crowd, "MAX_ROWS", rows)
    rule = one_by_one("rule", 40)
    engine = RuleEvaluator([rule], 1)
    chance = random.Random(rows)
    found = set()
    for second in range(150):
        hits = [*crowd_of(chance, 1, 500), *(raw_hit(START, host=host) for host in HEAVY)]
        if not second % 5:
            hits += [raw_hit(START, host=b"rare %d" % number) for number in range(10)]
        chance.shuffle(hits)
        hits = [each._replace(second=START + second) for each in hits]
        engine.begin(START)
        engine.take(raw_batch(hits))
        found |= {each.subject for each in engine.judge_up_to(START + second)}
    assert found == set(HEAVY)
    assert {each.hits for each in engine.open} <= set(range(41, 61))
    subjects, lost, forgotten = engine.ring.left_out(rule)
    assert not subjects
    assert not forgotten
    assert 0 < lost < 60
    hits_of = engine.ring.windows.of(rule).now.total.hits
    assert [hits_of[host] for host in HEAVY] == [60] * 10


def gone_on(engine: RuleEvaluator, rule: Rule, *, reloads: bool) -> RuleEvaluator:
    """Return an evaluator that goes on after a reload, or after a restart."""
    if reloads:
        return engine.renewed([rule])[0]
    made = RuleEvaluator([rule], engine.bucket_size)
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(engine.state()), type=EvaluatorState)
    slots = [(slot, engine.ring.slot_counts(slot)) for slot in engine.ring.slots]
    made.restore(state, slots, engine.open)
    return made


def test_who_finds_no_room_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "FULL_SLOTS", 1)
    monkeypatch.setattr(counts, "MIN_SUBJECTS", 10)
    rule = msgspec.structs.replace(one_by_one("rule", 2, window=30), max_incidents=1_000)
    engine = RuleEvaluator([rule], 1)
    hosts = [b"%d" % number for number in range(150)]
    told = []
    for second in range(60):
        engine.begin(START)
        now = hosts[second % 10 :: 10]
        engine.take(raw_batch([raw_hit(START + second, host=host) for host in now]))
        engine.judge_up_to(START + second)
        told.append(engine.ring.left_out(rule).subjects)
        if second in {12, 20}:
            engine = gone_on(engine, rule, reloads=second == 20)
            assert engine.ring.left_out(rule).subjects == told[-1]
    assert max(told) == 5  # of the fifteen of a second, ten find room
    assert not told[0]
    assert not told[-1]
    assert {each.subject for each in engine.open} == set(hosts)
    assert {each.hits for each in engine.open} == {3}


def test_a_watch_tells_what_it_could_not_count_also_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "MAX_ROWS", 2_000)
    heavy = one_by_one("heavy", 12, window=20)
    run = Run(tmp_path / "s.sqlite", Ruled(given=(heavy,)))
    chance = random.Random(1)
    for second in range(40):
        hits = [each._replace(second=START + second) for each in crowd_of(chance, 1, 300)]
        hits += [raw_hit(START + second, host=host) for host in HEAVY]
        run.feed(raw_batch(hits), float(second))
        run.tick(second + 1.0, START + second + 1.0)
        if second in {10, 25}:
            run.save(second + 1.0, START + second + 1.0)
            run.restart(second + 1.0)
    snapshot = run.snapshot(40.0, START + 40.0)
    run.store.close()
    assert {(each.subject, each.triggered_at) for each in snapshot.alerts.incidents} == {
        (host, START + 12) for host in HEAVY
    }
    (status,) = snapshot.alerts.rules
    assert not status.left_out
    assert 0 < status.lost <= 20
    line = json.loads(watch_json(snapshot, (), 5))
    told = {"rule": "heavy", "subjects": 0, "lost": status.lost, "forgotten": 0}
    assert line["left_out"] == [told]
    collector = SnapshotCollector()
    collector.snapshot = snapshot
    assert f'logmon_alert_lost{{rule="heavy"}} {status.lost}.0' in collector.page().decode()
    assert rules_line(snapshot.alerts.rules).endswith(
        f"not all counted: heavy (at most {status.lost} hits missing)"
    )
