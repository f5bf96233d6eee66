"""Evidence: bounded in memory and time, and marked where it estimates."""

import random
from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace

from logmon_tui.alerts.evidence import buffer
from logmon_tui.alerts.evidence.buffer import EvidenceBuffer
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import SeverityChange
from logmon_tui.alerts.model.rule import Scope, Severity, When
from logmon_tui.alerts.rules.builtin import builtin_rules
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.presets.clf import COMMON
from logmon_tui.formats.user_agents import family_of
from tests.alerts.evidence_cases import WINDOW, incident_of, line_of, rule_of
from tests.traffic import HOSTS, START, batch_of, hit

SPAN = 2 * WINDOW + buffer.MAX_AHEAD


def test_shares_of_what_rose_and_what_fell() -> None:
    rule = rule_of(when=When.BELOW)
    memory = EvidenceBuffer((rule,))
    before = [hit(START, path=b"/a/x")] * 6 + [hit(START, path=b"/b/x")] * 4
    memory.take(batch_of([*before, *[hit(START + WINDOW, path=b"/b/x")] * 5]))
    found = memory.evidence(incident_of(rule, START + 2 * WINDOW - 1))
    assert found is not None
    assert dict(found.movers)[Kind.SECTION] == (Mover(b"/a", 6, 0, 6 / 5),)


def test_where_nothing_rose_the_loudest_are_told_with_their_part() -> None:
    rule = rule_of()
    memory = EvidenceBuffer((rule,))
    memory.take(batch_of([hit(START)] * 9 + [hit(START + WINDOW)] * 3))
    found = memory.evidence(incident_of(rule, START + 2 * WINDOW - 1))
    assert found is not None
    assert dict(found.movers)[Kind.PATH] == (Mover(b"/", 9, 3, 1.0),)


def test_kinds_that_a_log_does_not_tell_are_left_out() -> None:
    rule = rule_of()
    memory = EvidenceBuffer((rule,))
    memory.take(recent_batch(COMMON.columnar().parse, b"10.0.0.1"))
    found = memory.evidence(incident_of(rule, START))
    assert found is not None
    assert Kind.USER_AGENT not in dict(found.movers)
    assert dict(found.movers)[Kind.CLIENT] == (Mover(b"10.0.0.1", 0, 1, 1.0),)


def recent_batch(parse: Callable[[bytes], HitBatch], host: bytes) -> HitBatch:
    batch = parse(line_of(host).replace(b' "-" "x"', b"") + b"\n")
    assert len(batch) == 1
    return replace(batch, seconds=np.array([START]))


# Bounds


def test_what_is_older_than_two_windows_is_forgotten() -> None:
    memory = EvidenceBuffer((rule_of(),))
    for second in range(2_000):
        memory.take(batch_of([hit(START + second)]))
    assert len(memory._join().weights) == SPAN
    assert memory._since == START + 2_000 - SPAN
    assert len(memory._seen) <= SPAN


def test_a_busy_log_is_sampled_and_its_counts_are_estimates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(buffer, "MAX_HITS_PER_SECOND", 50)
    rule = rule_of(scope=Scope.CLIENT)
    memory = EvidenceBuffer((rule, *builtin_rules(1, 0.5, 1, WINDOW)))
    chance = random.Random(3)
    for second in range(2 * WINDOW):
        loud = 100 if second < WINDOW else 400
        hosts = [HOSTS[0]] * loud + [HOSTS[1]] * 200
        chance.shuffle(hosts)
        for part in range(4):
            memory.take(batch_of([hit(START + second, host=each) for each in hosts[part::4]]))
    assert len(memory._join().weights) <= 2 * WINDOW * 50 * 1.2
    found = memory.evidence(incident_of(rule, START + 2 * WINDOW - 1, HOSTS[0]))
    assert found is not None
    assert found.sampled
    assert found.before == pytest.approx(100 * WINDOW, rel=0.15)
    assert found.now == pytest.approx(400 * WINDOW, rel=0.15)


def test_hits_beyond_the_bound_are_forgotten_and_it_says_since_when(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = rule_of()
    memory = EvidenceBuffer((rule,))
    monkeypatch.setattr(buffer, "MAX_HITS", 100)
    for second in range(2 * WINDOW):
        memory.take(batch_of([hit(START + second)] * 10))
    found = memory.evidence(incident_of(rule, START + 2 * WINDOW - 1))
    assert found is not None
    assert found.since is not None
    assert found.since >= START + 2 * WINDOW - 10
    assert memory._rows == found.before + found.now == 100


def test_a_flood_of_long_texts_takes_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer, "MAX_BYTES", 100_000)
    rule = rule_of()
    memory = EvidenceBuffer((rule,))
    for second in range(2 * WINDOW):
        paths = [b"/%d/" % n + b"x" * 900 for n in range(second * 20, second * 20 + 20)]
        memory.take(batch_of([hit(START + second, path=path) for path in paths]))
        assert memory._bytes <= 150_000
    found = memory.evidence(incident_of(rule, START + 2 * WINDOW - 1))
    assert found is not None
    assert found.since is not None
    assert found.now > 0


def test_nothing_is_told_of_a_time_before_anything_was_known() -> None:
    rule = rule_of()
    memory = EvidenceBuffer((rule,))
    assert memory.evidence(incident_of(rule, START)) is None
    memory.take(batch_of([hit(START)]))
    assert memory.evidence(incident_of(rule, START - 1)) is None
    assert memory.evidence(replace(incident_of(rule, START), rule="of another file")) is None


def test_what_is_old_beside_the_newest_of_a_backlog_is_passed_over() -> None:
    rule = rule_of()
    memory = EvidenceBuffer((rule,))
    memory.begin_at(START + 10_000)
    memory.take(batch_of([hit(START)]))
    assert memory._rows == 0
    memory.take(batch_of([hit(START + 10_000 - second) for second in range(2 * SPAN)]))
    assert memory._rows == SPAN


def test_of_a_crowd_the_first_incidents_are_explained() -> None:
    rule = rule_of(scope=Scope.CLIENT)
    memory = EvidenceBuffer((rule,))
    hosts = [b"10.1.0.%d" % n for n in range(30)]
    memory.take(batch_of([hit(START, host=host) for host in hosts]))
    fired = [incident_of(rule, START, host) for host in hosts]
    explained = memory.explained(fired, list)
    assert list(explained) == [incident.id for incident in fired[: buffer.MAX_EXPLAINED]]


def test_only_what_fired_just_now_is_explained() -> None:
    rule = rule_of()
    memory = EvidenceBuffer((rule,))
    memory.take(batch_of([hit(START)]))
    first = incident_of(rule, START)
    changes = (SeverityChange(START, Severity.WARNING), SeverityChange(START, Severity.CRITICAL))
    assert memory.explained([replace(first, changes=changes)], list) == {}
    assert memory.explained([replace(first, recovered_at=START)], list) == {}
    kept = replace(first, evidence=Evidence(0, 0, (), start=START, values=(1.0,)))
    explained = memory.explained([first, replace(kept, recovered_at=START + 1)], list)
    assert explained[first.id].values == (1.0,), "what the engine noted stays"
    assert explained[first.id].now == 1


def test_hostile_agents_cost_bounded_time_in_a_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer, "MAX_NEW_AGENTS", 5)
    rule = rule_of()
    memory = EvidenceBuffer((rule,))
    strangers = [hit(START)._replace(user_agent=b"stranger%d/1.0" % n) for n in range(50)]
    memory.take(batch_of(strangers))
    misses = family_of.cache_info().misses
    found = memory.explained([incident_of(rule, START)], list)
    assert family_of.cache_info().misses - misses <= 5
    assert next(iter(found.values())).now == 50, "those not looked up count all the same"
