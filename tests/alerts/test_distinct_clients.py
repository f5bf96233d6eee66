"""The metric `clients`: exact while clients are few, within the stated error when they are many."""

import tracemalloc
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.evaluation import clients, ring
from logmon_tui.alerts.evaluation.admission import LeftOut
from logmon_tui.alerts.evaluation.clients import COARSE, FULL, Precision, SlotClients, precision_of
from logmon_tui.alerts.evaluation.counts import Counts, SlidingCounts
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.metrics.sketch import Sketch
from logmon_tui.native.sketches import REGISTERS, stable_hashes
from logmon_tui.native.texts import Texts
from logmon_tui.state.records import DamagedError
from logmon_tui.state.rule_slots import _ClientsRecord, _counts, _CountsRecord, _record
from tests.effort import examples
from tests.traffic import START

FEW = 6
SMALL = Precision(hashes=4, registers=REGISTERS)


def hashes(names: Iterable[int]) -> np.ndarray:
    return stable_hashes(Texts.of([b"10.0.0.%d" % name for name in names]))


def counts_of(names: Iterable[int]) -> Counts:
    counts, named = Counts(), list(names)
    if named:
        counts.hits = {None: len(named)}
        counts.clients = {None: SlotClients.of(hashes(named))}
    return counts


def expected(slots: Sequence[set[int]]) -> int:
    """The number of clients in some slots, or what a sketch of them all estimates."""
    every = set().union(*slots)
    if len(every) <= FEW and all(len(slot) <= SMALL.hashes for slot in slots):
        return len(every)
    sketch = Sketch()
    sketch.enter(hashes(every))
    return sketch.distinct


STEPS = st.lists(
    st.tuples(
        st.integers(0, 4),  # how many slots time moves on before
        st.lists(st.tuples(st.integers(0, 6), st.sets(st.integers(0, 14), max_size=7)), max_size=4),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=examples(400))
@given(steps=STEPS, slots=st.integers(1, 5), looks=st.integers(1, 3), cut=st.booleans())
def test_a_window_tells_the_clients_in_it_however_they_came(
    steps: list[tuple[int, list[tuple[int, set[int]]]]], slots: int, looks: int, *, cut: bool
) -> None:
    """Clients come in order and late, in one batch or in several; slots leave one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients, "EXACT", FEW)
        kept: dict[int, Counts] = {}
        known: dict[int, set[int]] = {}
        window = SlidingCounts(kept, slots, precision=SMALL)
        now = 10
        for number, (step, arrivals) in enumerate(steps):
            for back, names in arrivals:
                slot = now + 2 - back
                known.setdefault(slot, set()).update(names)
                for some in [[name] for name in sorted(names)] if cut else [sorted(names)]:
                    newcomers = counts_of(some)
                    here = kept.setdefault(slot, Counts())
                    here.add(newcomers)
                    window.include(slot, newcomers, here.add_clients(newcomers, SMALL))
            now += step
            window.advance(now)
            if number % looks == 0:
                inside = [known.get(slot, set()) for slot in range(now - slots + 1, now + 1)]
                assert window.total.distinct(None) == expected(inside)


@settings(max_examples=examples(200))
@given(names=st.sets(st.integers(0, 5_000), max_size=1_500), more=st.integers(0, 3_000))
def test_a_slot_is_saved_and_read_as_it_was(names: set[int], more: int) -> None:
    counts = counts_of([*names, *range(10_000, 10_000 + more)])
    again = _counts(_record(KEY, counts))
    assert again.clients.keys() == counts.clients.keys()
    for subject, each in counts.clients.items():
        assert (again.clients[subject].hashes is None) == (each.hashes is None)
        assert again.clients[subject].cells.tolist() == each.cells.tolist()


def test_clients_of_an_older_state_are_read() -> None:
    """They were saved as texts with their hits, and there was no list of clients."""
    old = msgspec.msgpack.encode([KEY, [None], [3], [0], [[(b"10.0.0.1", 2), (b"10.0.0.2", 1)]]])
    counts = _counts(msgspec.msgpack.decode(old, type=_CountsRecord))
    assert (counts.hits, counts.parts) == ({None: 3}, {})
    (each,) = counts.clients.values()
    assert each.hashes is not None
    assert each.hashes.tolist() == sorted(hashes([1, 2]).tolist())


@pytest.mark.parametrize(
    ("subject", "exact", "numbers"),
    [(None, True, bytes(9)), (None, False, b"1"), (b"/", True, b"")],
)
def test_damaged_clients_are_refused(subject: bytes | None, numbers: bytes, *, exact: bool) -> None:
    clients = _ClientsRecord(subject, exact=exact, numbers=numbers)
    with pytest.raises(DamagedError):
        _counts(_CountsRecord(KEY, [None], [3], [0], [[]], [clients]))


def rule_of(window: int, **more: Scope) -> Rule:
    return Rule(name="many", title="Many", metric=Metric.CLIENTS, window=window, critical=1, **more)


KEY = RuleEvaluator([rule_of(60)], 1).ring.counter_keys()[0]


def crowd(second: int, first: int, count: int, section: bytes = b"/") -> HitBatch:
    """A hit of each of `count` clients in a second."""
    names = Texts.of([b"%d" % number for number in range(first, first + count)])
    ones = np.ones(count, dtype=np.int64)
    zeros = np.zeros(count, dtype=np.int32)
    columns = {
        Dimension.HOST: Column(names, np.arange(count, dtype=np.int32)),
        Dimension.SECTION: Column([section], zeros),
    }
    return HitBatch((START + second) * ones, 200 * ones, ones, columns)


def fed(engine: RuleEvaluator, batches: Iterable[HitBatch]) -> RuleEvaluator:
    for number, batch in enumerate(batches):
        if not number:
            engine.begin(int(batch.seconds[0]))
        engine.take(batch)
        engine.judge_up_to(int(batch.seconds[-1]))
    return engine


def distinct(engine: RuleEvaluator, rule: Rule, subject: bytes | None = None) -> int:
    return engine.ring.windows.of(rule).now.total.distinct(subject)


@pytest.mark.parametrize(
    ("window", "a_second"), [(10, 8_000), pytest.param(3_600, 1_500, marks=pytest.mark.slow)]
)
def test_crowds_are_counted_within_the_stated_error(window: int, a_second: int) -> None:
    rule = rule_of(window)
    seconds = range(window + 5)
    engine = fed(RuleEvaluator([rule], 1), (crowd(s, s * a_second, a_second) for s in seconds))
    assert distinct(engine, rule) == pytest.approx(window * a_second, rel=0.05)


def test_steady_crowds_are_counted_once() -> None:
    rule = rule_of(60)
    engine = fed(RuleEvaluator([rule], 1), (crowd(s, 0, 3_000) for s in range(80)))
    assert distinct(engine, rule) == pytest.approx(3_000, rel=0.05)


def test_a_thousand_clients_are_counted_exactly_before_and_after_a_crowd() -> None:
    rule = rule_of(5)
    engine = RuleEvaluator([rule], 1)
    before = [crowd(second, 0, 1_000) for second in range(6)]
    assert distinct(fed(engine, before), rule) == 1_000
    fed(engine, [crowd(7, 0, 20_000)])
    assert distinct(engine, rule) == pytest.approx(20_000, rel=0.05)
    fed(engine, [crowd(second, 0, 1_000) for second in range(8, 20)])
    assert distinct(engine, rule) == 1_000


def test_of_many_sections_each_has_its_clients() -> None:
    rule = rule_of(10, scope=Scope.SECTION)
    batches = [
        crowd(second, 10_000 * part, 200 + part, b"/%d" % part)
        for second in range(12)
        for part in range(100)
    ]
    engine = fed(RuleEvaluator([rule], 1), batches)
    assert [distinct(engine, rule, b"/%d" % part) for part in range(100)] == [*range(200, 300)]


def test_a_restart_tells_the_same() -> None:
    rule = rule_of(30)
    batches = [crowd(second, second * 900, 1_800) for second in range(60)]
    whole = fed(RuleEvaluator([rule], 1), batches)
    first = fed(RuleEvaluator([rule], 1), batches[:40])
    slots = [(slot, first.ring.slot_counts(slot)) for slot in sorted(first.ring.slots)]
    saved = [
        (slot, {key: _counts(_record(key, each)) for key, each in counts.items()})
        for slot, counts in slots
    ]
    second = RuleEvaluator([rule], 1)
    second.restore(first.state(), saved, first.open)
    assert distinct(second, rule) == distinct(first, rule)
    for batch in batches[40:]:
        second.take(batch)
        second.judge_up_to(int(batch.seconds[-1]))
    assert distinct(second, rule) == distinct(whole, rule)


SCANNERS, TRIED = 50, 12
"""Clients that look for paths, and how many each tries in a second."""
SCAN = Rule(
    name="scan",
    title="Scan",
    metric=Metric.PATHS,
    scope=Scope.CLIENT,
    window=60,
    critical=5,
    max_incidents=1,
)


def scan(second: int) -> HitBatch:
    """Each scanner tries paths that nobody has tried before."""
    hits = SCANNERS * TRIED
    clients = Texts.of([b"10.0.0.%d" % number for number in range(SCANNERS)])
    paths = Texts.of([b"/%d" % (second * hits + number) for number in range(hits)])
    numbers = np.arange(hits, dtype=np.int32)
    columns = {
        Dimension.HOST: Column(clients, numbers % SCANNERS),
        Dimension.PATH: Column(paths, numbers),
    }
    ones = np.ones(hits, dtype=np.int64)
    return HitBatch((START + second) * ones, 404 * ones, ones, columns)


def numbers_kept(engine: RuleEvaluator) -> int:
    slots = engine.ring.counts(SCAN).values()
    return sum(len(each) for counts in slots for each in counts.clients.values())


def test_scanners_take_little_memory() -> None:
    batches = [scan(second) for second in range(130)]
    engine = RuleEvaluator([SCAN], 1)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    fed(engine, batches)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    kept = numbers_kept(engine)
    assert kept == 121 * SCANNERS * TRIED
    # Of a client's dozen paths in a second the objects around them take the most.
    assert after - before < 70 * kept
    assert engine.ring.left_out(SCAN) == LeftOut()


def test_what_is_counted_exactly_needs_no_sketch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making one for each client in each second would take most of the time."""
    monkeypatch.setattr(clients, "places_and_ranks", None)
    engine = fed(RuleEvaluator([SCAN], 1), map(scan, range(80)))
    assert distinct(engine, SCAN, b"10.0.0.7") == 60 * TRIED


def test_more_than_there_is_room_for_is_cut_fairly_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = 12_000
    monkeypatch.setattr(ring, "MAX_CLIENTS", room)
    engine = RuleEvaluator([SCAN], 1)
    for second in range(150):
        fed(engine, [scan(second)])
        assert numbers_kept(engine) <= 2 * room
    found = [distinct(engine, SCAN, b"10.0.0.%d" % number) for number in range(SCANNERS)]
    share = room // 120 // SCANNERS * 60
    assert min(found) >= share
    assert max(found) <= 60 * TRIED
    assert engine.ring.left_out(SCAN).subjects == SCANNERS


@given(sizes=st.lists(st.integers(1, 30), min_size=1, max_size=20), room=st.integers(-5, 300))
def test_those_with_the_most_lose_first(sizes: list[int], room: int) -> None:
    counts = Counts()
    counts.clients = {
        b"%d" % n: SlotClients.of(hashes(range(size))) for n, size in enumerate(sizes)
    }
    cut = counts.cut_clients(room)
    left = [len(each) for each in counts.clients.values()]
    assert cut == sum(now < before for now, before in zip(left, sizes, strict=True))
    assert sum(left) <= max(0, room)
    most = max(left)
    assert all(now == before or now >= most - 1 for now, before in zip(left, sizes, strict=True))
    if cut:
        assert sum(left) > room - len(sizes)


@pytest.mark.parametrize(
    ("size", "precision"),
    [
        (10**9, FULL),
        (64_000_000 // 7_500, FULL),
        (64_000_000 // 86_700, Precision(92, 256)),
        (1, COARSE),
    ],
)
def test_more_slots_keep_less_each(size: int, precision: Precision) -> None:
    assert precision_of(size) == precision


def test_the_coarsest_estimate_is_within_its_error() -> None:
    window = clients.WindowClients(list, COARSE)
    slot = SlotClients(precision=COARSE)
    names = range(50_000)
    slot.add(SlotClients.of(hashes(names)))
    window = clients.WindowClients(lambda: [slot], COARSE)
    window.enter(slot.whole())
    assert window.distinct == pytest.approx(50_000, rel=4 * COARSE.error)
