"""Evidence equals counting hit by hit."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.evidence.buffer import EvidenceBuffer
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope, When
from logmon_tui.filters import masks
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.model.values import split_request
from logmon_tui.formats.user_agents import family_of
from tests.alerts.evidence_cases import WINDOW, incident_of, rule_of
from tests.alerts.raw_traffic import server_of
from tests.alerts.rule_strategies import COUNTING
from tests.effort import examples
from tests.traffic import HOSTS, START, hit, measured_batch_of, pieces, told_of

AGENTS = (b"curl/8.5", b"curl/7.1", b"Wget/1.21", b"-")
PATHS = (b"/", b"/api/a", b"/api/b", b"/pages")

WHERES: dict[str, Callable[[Hit], bool]] = {
    "": lambda _hit: True,
    "user:anna": lambda hit: hit.user == b"anna",
    "method:GET !user:anna": lambda hit: hit.user != b"anna",
    "time>=1ms,agent:wget": lambda hit: told_of(hit)[0] >= 1_000 or hit.user_agent[:1] == b"W",
    "in>500": lambda hit: told_of(hit)[2] > 500,
}
"""Filters of rules, most of which look at what no evidence shows."""


# The same, hit by hit


def keys_of(each: Hit) -> dict[Kind, bytes]:
    _, path, section = split_request(each.request)
    return {
        Kind.SECTION: section,
        Kind.PATH: path,
        Kind.STATUS: b"%d" % each.status,
        Kind.CLIENT: each.host,
        Kind.USER_AGENT: family_of(each.user_agent).browser,
        Kind.SERVER: server_of(each),
    }


def served_batch_of(hits: Sequence[Hit]) -> HitBatch:
    """Return a batch with every measure, and with the servers that wrote its hits."""
    batch = measured_batch_of(hits)
    names = list(dict.fromkeys(map(server_of, hits)))
    codes = np.array([names.index(server_of(each)) for each in hits], dtype=np.int32)
    return replace(batch, columns={**batch.columns, Dimension.SERVER: Column(names, codes)})


SUBJECT_KINDS = {
    Scope.SECTION: Kind.SECTION,
    Scope.PATH: Kind.PATH,
    Scope.ROUTE: Kind.PATH,  # as the measured batches of the tests have it
    Scope.CLIENT: Kind.CLIENT,
    Scope.STATUS: Kind.STATUS,
    Scope.USER_AGENT: Kind.USER_AGENT,
    Scope.SERVER: Kind.SERVER,
}


def matters(each: Hit, rule: Rule, incident: Incident) -> bool:
    keys = keys_of(each)
    if rule.scope is not Scope.ALL and keys[SUBJECT_KINDS[rule.scope]] != incident.subject:
        return False
    if rule.paths and not any(keys[Kind.PATH].startswith(p[:-1].encode()) for p in rule.paths):
        return False
    if rule.status and not 500 <= each.status < 600:
        return False
    if not WHERES[rule.where](each):
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
        draw(st.sampled_from([m for m in COUNTING if m is not Metric.UNPARSED_SHARE])),
        draw(st.sampled_from([Scope.ALL, *SUBJECT_KINDS])),
        paths=draw(st.sampled_from([(), ("/api/*",), ("/pages*", "/api/a*")])),
        status=draw(st.sampled_from([(), ("5xx",)])),
        where=draw(st.sampled_from(sorted(WHERES))),
        when=draw(st.sampled_from(When)),
    )
    subject = None
    if rule.scope is not Scope.ALL:
        subject = keys_of(chance.choice(hits))[SUBJECT_KINDS[rule.scope]]
    second = START + draw(st.integers(2 * WINDOW - 1, 3 * WINDOW))
    threshold = draw(st.sampled_from((0.0, 0.5, 1_500.0)))
    return hits, rule, incident_of(rule, second, subject, threshold)


def replace_hit(each: Hit, chance: random.Random) -> Hit:
    user = chance.choice((b"anna", b"bob", b"-"))
    return each._replace(user_agent=chance.choice(AGENTS), user=user)


@settings(deadline=None, max_examples=examples(150))
@given(cases(), st.integers(0, 2**32))
def test_evidence_is_what_counting_hit_by_hit_finds(
    case: tuple[list[Hit], Rule, Incident], seed: int
) -> None:
    hits, rule, incident = case
    memory = EvidenceBuffer((rule,))
    gone = [hit(START - 90, path=b"/gone/%d" % n, host=b"10.9.0.%d" % n) for n in range(5)]
    memory.take(served_batch_of(gone))  # forgotten, once the newest is of long after
    for part in pieces(hits, random.Random(seed)):
        memory.take(served_batch_of(part))
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


def test_the_filter_of_a_rule_is_applied_when_hits_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a rule fires, the agents of all its hits may be too many to look at."""
    rule = rule_of(where="is:human")
    memory = EvidenceBuffer((rule,))
    agents = (b"curl/8.5", b"Googlebot/2.1", b"-")
    hits = [hit(START + n)._replace(user_agent=agents[n % 3]) for n in range(12)]
    memory.take(served_batch_of(hits[:6]))
    memory.take(served_batch_of(hits[6:]))
    monkeypatch.setattr(masks, "mask_of", None)
    found = memory.evidence(incident_of(rule, START + 11))
    assert found is not None
    assert found.now == sum(not family_of(each.user_agent).bot for each in hits)
    assert 0 < found.now < len(hits)
