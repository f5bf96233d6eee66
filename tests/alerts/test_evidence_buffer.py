"""Evidence: equal to counting hit by hit, bounded in memory, and marked where it estimates."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.evidence import buffer
from logmon_tui.alerts.evidence.buffer import EvidenceBuffer
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident, SeverityChange, incident_id
from logmon_tui.alerts.model.rule import Metric, Rule, Scope, Severity, When
from logmon_tui.alerts.rules.builtin import builtin_rules
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.values import split_request
from logmon_tui.formats.newest_lines import MAX_LINES, NewestLines
from logmon_tui.formats.presets.clf import COMBINED, COMMON
from logmon_tui.formats.routes import Routing
from logmon_tui.formats.user_agents import family_of
from tests.effort import examples
from tests.traffic import HOSTS, START, batch_of, hit, measured_batch_of, pieces, told_of

AGENTS = (b"curl/8.5", b"curl/7.1", b"Wget/1.21", b"-")
PATHS = (b"/", b"/api/a", b"/api/b", b"/pages")
WINDOW = 20
SPAN = 2 * WINDOW + buffer.MAX_AHEAD


def rule_of(metric: Metric = Metric.RATE, scope: Scope = Scope.ALL, **given: Any) -> Rule:
    return Rule(
        name="it", title="It", metric=metric, scope=scope, window=WINDOW, critical=1.0, **given
    )


def incident_of(
    rule: Rule, second: int, subject: bytes | None = None, threshold: float = 1.0
) -> Incident:
    return Incident(
        id=incident_id(rule.name, subject, second),
        rule=rule.name,
        title=rule.title,
        severity=Severity.CRITICAL,
        unit=rule.unit,
        subject=subject,
        triggered_at=second,
        threshold=threshold,
        hits=1,
        value=2.0,
        peak=2.0,
        message="",
        scope=rule.scope,
        window=rule.window,
    )


# The same, hit by hit


def keys_of(each: Hit) -> dict[Kind, bytes]:
    _, path, section = split_request(each.request)
    return {
        Kind.SECTION: section,
        Kind.PATH: path,
        Kind.STATUS: b"%d" % each.status,
        Kind.CLIENT: each.host,
        Kind.USER_AGENT: family_of(each.user_agent).browser,
    }


SUBJECT_KINDS = {
    Scope.SECTION: Kind.SECTION,
    Scope.PATH: Kind.PATH,
    Scope.ROUTE: Kind.PATH,  # as the measured batches of the tests have it
    Scope.CLIENT: Kind.CLIENT,
    Scope.STATUS: Kind.STATUS,
    Scope.USER_AGENT: Kind.USER_AGENT,
}


def matters(each: Hit, rule: Rule, incident: Incident) -> bool:
    keys = keys_of(each)
    if rule.scope is not Scope.ALL and keys[SUBJECT_KINDS[rule.scope]] != incident.subject:
        return False
    if rule.paths and not any(keys[Kind.PATH].startswith(p[:-1].encode()) for p in rule.paths):
        return False
    if rule.status and not 500 <= each.status < 600:
        return False
    value: float | None = None
    if rule.metric is Metric.RESPONSE_SIZE:
        value = each.size
    elif rule.metric is Metric.RESPONSE_TIME:
        value = told_of(each)[0] / 1e6
        if value < 0:
            return False
    return value is None or rule.beyond(value, incident.threshold)


def by_brute_force(hits: Sequence[Hit], rule: Rule, incident: Incident) -> Evidence:
    now: dict[Kind, Counter[bytes]] = {kind: Counter() for kind in Kind}
    before: dict[Kind, Counter[bytes]] = {kind: Counter() for kind in Kind}
    totals = [0, 0]
    for each in hits:
        age = incident.triggered_at - each.second
        if 0 <= age < 2 * WINDOW and matters(each, rule, incident):
            amount = each.size if rule.metric is Metric.BYTES_RATE else 1
            totals[age < WINDOW] += amount
            for kind, key in keys_of(each).items():
                (now if age < WINDOW else before)[kind][key] += amount
    sign = 1 if rule.when is When.ABOVE else -1
    rise = sign * (totals[1] - totals[0])
    movers = []
    for kind in Kind:
        found = []
        for key in now[kind] | before[kind]:
            was, is_ = before[kind][key], now[kind][key]
            part, whole = (sign * (is_ - was), rise) if rise > 0 else (is_, totals[1])
            if part > 0:
                found.append((-part, key, Mover(key, was, is_, part / whole)))
        movers.append((kind, tuple(mover for _, _, mover in sorted(found)[:5])))
    return Evidence(totals[0], totals[1], tuple(movers))


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Hit], Rule, Incident]:
    chance = random.Random(draw(st.integers(0, 2**32)))
    hits = [
        replace_hit(
            hit(
                START + chance.randrange(3 * WINDOW),
                host=chance.choice(HOSTS),
                status=chance.choice((200, 200, 404, 500, 503)),
                size=chance.randrange(3_000),
                path=chance.choice((*PATHS, b"/api/%d" % chance.randrange(30))),
            ),
            chance,
        )
        for _ in range(draw(st.integers(1, 400)))
    ]
    rule = rule_of(
        draw(st.sampled_from([m for m in Metric if m is not Metric.UNPARSED_SHARE])),
        draw(st.sampled_from([Scope.ALL, *SUBJECT_KINDS])),
        paths=draw(st.sampled_from([(), ("/api/*",), ("/pages*", "/api/a*")])),
        status=draw(st.sampled_from([(), ("5xx",)])),
        when=draw(st.sampled_from(When)),
    )
    subject = None
    if rule.scope is not Scope.ALL:
        subject = keys_of(chance.choice(hits))[SUBJECT_KINDS[rule.scope]]
    second = START + draw(st.integers(2 * WINDOW - 1, 3 * WINDOW))
    threshold = draw(st.sampled_from((0.0, 0.5, 1_500.0)))
    return hits, rule, incident_of(rule, second, subject, threshold)


def replace_hit(each: Hit, chance: random.Random) -> Hit:
    return each._replace(user_agent=chance.choice(AGENTS))


@settings(deadline=None, max_examples=examples(150))
@given(cases(), st.integers(0, 2**32))
def test_evidence_is_what_counting_hit_by_hit_finds(
    case: tuple[list[Hit], Rule, Incident], seed: int
) -> None:
    hits, rule, incident = case
    memory = EvidenceBuffer((rule,))
    gone = [hit(START - 90, path=b"/gone/%d" % n, host=b"10.9.0.%d" % n) for n in range(5)]
    memory.take(measured_batch_of(gone))  # forgotten, once the newest is of long after
    for part in pieces(hits, random.Random(seed)):
        memory.take(measured_batch_of(part))
    found = memory.evidence(incident)
    assert found is not None
    expected = by_brute_force(hits, rule, incident)
    assert (found.before, found.now) == (expected.before, expected.now)
    for (kind, movers), (expected_kind, expected_movers) in zip(
        found.movers, expected.movers, strict=True
    ):
        assert kind is expected_kind
        assert [mover[:3] for mover in movers] == [mover[:3] for mover in expected_movers]
        shares = [mover.share for mover in expected_movers]
        assert [mover.share for mover in movers] == pytest.approx(shares)
    assert not found.sampled
    assert found.since is None


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


def line_of(host: bytes, status: int = 200, second: int = 0, path: bytes = b"/a") -> bytes:
    return b'%b - - [21/Nov/2026:12:00:%02d +0000] "GET %b HTTP/1.1" %d 512 "-" "x"' % (
        *(host, second, path),
        status,
    )


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


# Sample lines


def newest_of(*lines: bytes) -> NewestLines:
    newest = NewestLines(Routing(routes=True))
    newest.note(COMBINED, lines)
    return newest


def samples_of(rule: Rule, incident: Incident, newest: NewestLines) -> tuple[bytes, ...]:
    memory = EvidenceBuffer((rule,))
    memory.take(batch_of([hit(START)]))
    found = memory.evidence(incident, newest.parsed())
    assert found is not None
    return found.samples


def test_samples_are_the_newest_lines_of_the_incident() -> None:
    rule = rule_of(Metric.SHARE, Scope.CLIENT, status=("5xx",))
    mine = [line_of(b"10.0.0.1", 500, n) for n in range(8)]
    others = [line_of(b"10.0.0.1", 200, 9), line_of(b"10.0.0.2", 500, 9), b"no hit at all"]
    later = line_of(b"10.0.0.1", 500, 30)
    incident = incident_of(rule, START + 10, b"10.0.0.1")
    assert samples_of(rule, incident, newest_of(*mine, *others, later)) == tuple(mine[-5:])


def test_samples_are_cut() -> None:
    rule = rule_of()
    line = line_of(b"10.0.0.1", path=b"/" + b"x" * 1_500)
    assert samples_of(rule, incident_of(rule, START), newest_of(line)) == (line[:1_000],)


def test_samples_of_several_formats_are_the_newest_of_all() -> None:
    rule = rule_of()
    newest = newest_of(*(line_of(b"10.0.0.1", second=n) for n in range(4)))
    common = line_of(b"10.0.0.9", second=2).replace(b' "-" "x"', b"")
    newest.note(COMMON, [common])
    samples = samples_of(rule, incident_of(rule, START + 10), newest)
    assert common in samples
    assert len(samples) == 5


def test_samples_of_lines_that_are_no_hits() -> None:
    rule = rule_of(Metric.UNPARSED_SHARE)
    newest = newest_of(line_of(b"10.0.0.1"), b"\x16\x03\x01", b"what?")
    newest.note(None, [b"of no format"])
    found = EvidenceBuffer((rule,)).evidence(incident_of(rule, START), newest.parsed())
    assert found is not None
    assert found.samples == (b"\x16\x03\x01", b"what?", b"of no format")
    assert found.movers == ()


def test_where_traffic_stopped_samples_are_the_last_lines_there_were() -> None:
    rule = rule_of(when=When.BELOW)
    line = line_of(b"10.0.0.1", second=1)
    incident = incident_of(rule, START + WINDOW + 5)
    assert samples_of(rule, incident, newest_of(line)) == (line,)


def test_few_lines_are_kept() -> None:
    newest = NewestLines(Routing())
    for n in range(100):
        newest.note(COMBINED, [line_of(b"10.0.0.1", second=n % 60)] * 100)
    (part,) = newest.parsed()
    assert MAX_LINES - 100 <= len(part.lines) <= MAX_LINES
    assert part.hits is not None
    assert len(part.hits) == len(part.lines)


@given(
    st.lists(
        st.sampled_from(
            (
                line_of(b"10.0.0.1"),
                line_of(b"10.0.0.2", 500, 3, path=b'/a\\"b'),
                line_of(b"10.0.0.3", path=b"/" + b"x" * 1_500),
                b"no hit at all",
                b"",
            )
        ),
        min_size=1,
        max_size=30,
    )
)
def test_lines_parse_at_once_are_those_parsed_one_by_one(lines: list[bytes]) -> None:
    newest = newest_of(*lines)
    parsed = newest.parsed()
    singly = newest._parse_singly(COMBINED, lines)
    assert [(part.lines, part.unparsed) for part in parsed] == [(singly.lines, singly.unparsed)]
    hits = [list(part.hits.hits()) for part in (*parsed, singly) if part.hits is not None]
    assert hits[:1] == hits[1:]
    assert (not hits) == (not singly.lines)
