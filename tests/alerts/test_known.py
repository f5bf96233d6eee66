"""What a rule has met: it is bounded, saved in pages, and a flood drives out its own only."""

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest

from logmon_tui.alerts.evaluation import known
from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.evaluation.counter_keys import counter_key_of
from logmon_tui.alerts.evaluation.known import HOUR, Known, KnownSubjects, Page
from logmon_tui.alerts.evaluation.novelties import KnownPage
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.formats.model.hit import Hit
from logmon_tui.reports.json import watch_json
from logmon_tui.reports.prometheus import SnapshotCollector
from logmon_tui.snapshot import Snapshot
from logmon_tui.state.known_pages import read_pages, write_pages
from logmon_tui.state.records import DamagedError
from logmon_tui.tui.alerts.rules_text import rules_line
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.alerts.raw_verdict import as_rows
from tests.alerts.test_rules_changed import another
from tests.alerts.ways import Ruled
from tests.state.restarts import Run
from tests.traffic import START

RULE = Rule(
    name="new",
    title="New path",
    metric=Metric.FIRST_SEEN,
    scope=Scope.PATH,
    window=60,
    learning=HOUR,
    warning=0,
)


def some(chance: random.Random, count: int, hour: int) -> Known:
    """Return subjects of few hashes, so that many come again."""
    hashes = np.unique([chance.randrange(3_000) for _ in range(count)]).astype(np.uint64)
    firsts = np.full(len(hashes), hour * HOUR)
    return Known(hashes, firsts, np.full(len(hashes), hour))


def rows_of(subjects: KnownSubjects) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in subjects.all), strict=True))


@pytest.mark.parametrize("most", [10_000, 1_000])
def test_what_is_known_is_that_of_the_pages_after_any_saves(most: int) -> None:
    """Also where some are forgotten, a save fails, and all is saved anew."""
    chance = random.Random(most)
    subjects, disk = KnownSubjects(5, most), dict[int, Page]()
    numbers = set()
    for hour in range(400):
        subjects.learn(some(chance, chance.choice((1, 10, 100)), hour))
        subjects.bound(hour)
        assert len(subjects) <= most
        pages = subjects.unsaved(everything=chance.random() < 0.02)
        if chance.random() < 0.1:  # that save fails
            continue
        for page in pages:
            disk.pop(page.number, None)
            if page.known is not None:
                disk[page.number] = page
        numbers.add(len(disk))
        subjects.saved()
        restored = KnownSubjects(5, most)
        for number in sorted(disk):
            restored.restore(disk[number])
        assert rows_of(restored) == rows_of(subjects)
        assert sum(len(page.known.hashes) for page in disk.values() if page.known) < 2 * 3_200
        if chance.random() < 0.1:
            subjects = restored
    assert max(numbers) > 5


def test_nothing_is_saved_while_nothing_changes() -> None:
    subjects = KnownSubjects(5)
    subjects.learn(some(random.Random(1), 50, hour=3))
    assert len(subjects.unsaved(everything=False)) == 1
    subjects.saved()
    subjects.learn(some(random.Random(1), 50, hour=3))
    assert subjects.unsaved(everything=False) == []


REGULAR = [b"/page/%d" % number for number in range(50)]


def flood() -> Iterator[list[Hit]]:
    """Yield the hits of seconds: hours of regular paths, then random ones, and one that persists.

    With the last second the regular paths come once more.
    """
    chance = random.Random(5)
    for minute in range(130):
        yield [raw_hit(START + 60 * minute, path=path) for path in REGULAR]
    begin = START + 60 * 130
    for second in range(100):
        hits = [raw_hit(begin + second, path=b"/%d" % chance.randrange(10**9)) for _ in range(40)]
        again = [raw_hit(begin + second, path=b"/.env")] if second > 50 else []
        yield [*hits, *again]
    yield [raw_hit(begin + 100, path=path) for path in REGULAR]


def fed(engine: RuleEvaluator, hits: list[Hit]) -> list[Incident]:
    engine.begin(hits[0].second)
    engine.take(raw_batch(hits))
    return list(engine.judge_up_to(hits[0].second))


@pytest.fixture
def _little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MAX_KNOWN", 200)


@pytest.mark.usefixtures("_little_room")
@pytest.mark.parametrize("least", [0, 9])
def test_a_flood_of_random_paths_neither_pages_for_each_nor_hides_what_persists(least: int) -> None:
    rule = msgspec.structs.replace(RULE, warning=least, max_incidents=20)
    engine, found = RuleEvaluator([rule], 1), dict[str, Incident]()
    columns = BatchEvaluator([rule], 1)
    most = 0
    for hits in flood():
        found.update((each.id, each) for each in fed(engine, hits))
        columns.take(raw_batch(hits))
        (alert,) = engine.alerts.values()
        most = max(most, len(alert.open))
        novelty = engine.ring.novelties.of(counter_key_of(rule))
        assert novelty is not None
        assert len(novelty.known) <= 200
    subjects = {each.subject for each in found.values()}
    assert not subjects & set(REGULAR)  # who came again in another hour is not forgotten
    assert most <= 20
    assert len(found) < 100  # of four thousand: one that had to wait is soon new no longer
    assert subjects == {b"/.env"} if least else len(subjects) > 1
    assert engine.ring.left_out(rule).forgotten > 1_000
    told = {each.id: each for each in columns.judge_up_to(hits[0].second)}
    told |= {each.id: each for each in columns.open}
    found |= {each.id: each for each in engine.open}
    assert as_rows(told.values()) == as_rows(found.values())


@pytest.mark.usefixtures("_little_room")
def test_a_watch_tells_that_it_learns_and_what_it_forgot_also_after_a_restart(
    tmp_path: Path,
) -> None:
    rule = msgspec.structs.replace(RULE, learning=20)
    run = Run(tmp_path / "s", Ruled(given=(rule,)))
    chance = random.Random(3)
    for second in range(40):
        paths = [b"/%d" % chance.randrange(10**9) for _ in range(20)]
        run.feed(raw_batch([raw_hit(START + second, path=path) for path in paths]), float(second))
        run.tick(second + 1.0, START + second + 1.0)
        if second in {10, 30}:
            run.save(second + 1.0, START + second + 1.0)
            run.restart(second + 1.0)
        if second == 10:
            snapshot = run.snapshot(11.0, START + 11.0)
            until = {"rule": "new", "until": iso_time(START + 20)}
            assert json.loads(watch_json(snapshot, (), 5))["learning"] == [until]
            assert "◍ learning: New path (until" in rules_line(snapshot.alerts.rules)
            assert 'logmon_alert_learning{rule="new"} 1.0' in page_of(snapshot)
    snapshot = run.snapshot(40.0, START + 40.0)
    run.store.close()
    (status,) = snapshot.alerts.rules
    assert status.learns_until is None
    assert status.forgotten == 20 * 39 - len_of(run)  # the last second is not judged
    line = json.loads(watch_json(snapshot, (), 5))
    told = {"rule": "new", "subjects": 0, "lost": 0, "forgotten": status.forgotten}
    assert (line["left_out"], "learning" in line) == ([told], False)
    text = f"not all counted: New path ({status.forgotten} forgotten in a day)"
    assert rules_line(snapshot.alerts.rules).endswith(text)
    page = page_of(snapshot)
    assert f'logmon_alert_forgotten{{rule="new"}} {status.forgotten}.0' in page
    assert 'logmon_alert_learning{rule="new"}' not in page


def page_of(snapshot: Snapshot) -> str:
    collector = SnapshotCollector()
    collector.snapshot = snapshot
    return collector.page().decode()


def len_of(run: Run) -> int:
    """Return how many subjects the rule of a run knows."""
    ring = run.monitor.alerts.evaluator.ring
    (key,) = ring.counter_keys()
    novelty = ring.novelties.of(key)
    assert novelty is not None
    return len(novelty.known)


def test_one_unseen_for_long_is_new_again_and_one_seen_is_not() -> None:
    rule = msgspec.structs.replace(RULE, learning=0, forget=24 * HOUR)
    engine = RuleEvaluator([rule], 1)
    fired = []
    for hour in (0, 20, 40, 64, 90):
        hit = raw_hit(START + hour * HOUR, path=b"/a")
        fired += [hour for each in fed(engine, [hit]) if each.firing]
    assert fired == [0, 90]


def test_what_was_met_is_kept_if_the_rule_is_the_same_and_learnt_anew_if_not() -> None:
    engine = RuleEvaluator([RULE], 1)
    fed(engine, [raw_hit(START, path=b"/a")])
    fed(engine, [raw_hit(START + 2 * HOUR, path=b"/a")])
    for given, fires in (
        ({}, True),
        ({"window": 120, "warning": 0.5}, True),
        ({"where": "method:GET"}, False),
        ({"learning": 2 * HOUR}, False),
    ):
        rule = msgspec.structs.replace(RULE, **given)
        renewed, orphans = engine.renewed([rule])
        assert orphans == []
        changed = fed(
            renewed, [raw_hit(START + 2 * HOUR + 1, path=path) for path in (b"/a", b"/b")]
        )
        assert [each.subject for each in changed] == ([b"/b"] if fires else [])


def test_wider_slots_take_over_what_was_met() -> None:
    engine = RuleEvaluator([RULE], 1)
    fed(engine, [raw_hit(START, path=b"/a")])
    fed(engine, [raw_hit(START + 2 * HOUR, path=b"/a")])
    pages = engine.ring.novelties.unsaved(everything=True)
    after = RuleEvaluator([RULE], 10)
    slots = [(slot, engine.ring.slot_counts(slot)) for slot in engine.ring.slots]
    assert after.restore(engine.state(), slots, [], (), pages) == []
    hits = [raw_hit(START + 2 * HOUR + 20, path=path) for path in (b"/a", b"/b")]
    after.take(raw_batch(hits))
    assert [each.subject for each in after.judge_up_to(START + 2 * HOUR + 40)] == [b"/b"]


def test_without_pages_of_before_a_rule_learns_anew() -> None:
    engine = RuleEvaluator([RULE], 1)
    fed(engine, [raw_hit(START, path=b"/a")])
    old, _ = another(engine, msgspec.structs.replace(RULE, scope=Scope.CLIENT))
    assert fed(old, [raw_hit(START + 1, host=b"10.9.9.9")]) == []


def test_pages_of_a_rule_that_is_no_more_leave_the_state_file(tmp_path: Path) -> None:
    run = Run(tmp_path / "s", Ruled(given=(RULE,)))
    run.feed(raw_batch([raw_hit(START, path=b"/a") for _ in range(12)]), 0.0)
    run.tick(1.0, START + 1)
    run.save(1.0, START + 1)
    run.given = Ruled(given=(msgspec.structs.replace(RULE, scope=Scope.CLIENT),))
    run.restart(1.0)
    run.tick(2.0, START + 2)
    run.save(2.0, START + 2)
    run.restart(2.0)
    pages = run.monitor.alerts.evaluator.ring.novelties.unsaved(everything=True)
    assert [each.counter_key.scope for each in pages] == [Scope.CLIENT]
    run.store.close()


@pytest.mark.parametrize("hashes", [[2, 1], [1, 1], [1, 2, 3]])
def test_a_page_that_cannot_be_is_damage(hashes: list[int], tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "s")) as connection:
        connection.text_factory = bytes
        connection.execute("CREATE TABLE parts (name TEXT PRIMARY KEY, data BLOB NOT NULL)")
        key = counter_key_of(RULE)
        two = np.array([5, 6])
        page = Page(0, Known(np.array(hashes, dtype=np.uint64), two, two))
        write_pages(connection, [KnownPage(key, page)])
        with pytest.raises(DamagedError):
            read_pages(connection)
        write_pages(connection, [KnownPage(key, Page(0, None))])
        assert read_pages(connection) == []


def test_a_hit_that_comes_too_late_to_count_tells_that_its_subject_is_not_new() -> None:
    engine = RuleEvaluator([msgspec.structs.replace(RULE, learning=0)], 1)
    fed(engine, [raw_hit(START, path=b"/a")])
    fed(engine, [raw_hit(START + 1_000, path=b"/a")])
    engine.take(raw_batch([raw_hit(START + 700, path=b"/late")]))
    hits = [raw_hit(START + 1_001, path=path) for path in (b"/late", b"/new")]
    assert [each.subject for each in fed(engine, hits)] == [b"/new"]
