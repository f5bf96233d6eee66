"""Which clients claim to be a crawler."""

import pytest

from logmon_tui.formats.model.hit import Hit
from logmon_tui.monitor import claims
from logmon_tui.monitor.claims import Claims
from logmon_tui.monitor.monitor import HTTPMonitor
from tests.traffic import START, batch_of, hit, settings_of

GOOGLEBOT = b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def sent(agent: bytes, host: bytes = b"192.0.2.1", second: int = START) -> Hit:
    return hit(second, host=host)._replace(user_agent=agent)


def test_the_last_claim_of_a_client_is_remembered() -> None:
    noted = Claims()
    noted.note(batch_of([sent(b"curl/8"), sent(GOOGLEBOT), sent(b"bingbot/2", b"192.0.2.2")]))
    assert noted.of_clients == {b"192.0.2.1": "Googlebot", b"192.0.2.2": "bingbot"}
    before = noted.of_clients
    noted.note(batch_of([sent(b"curl/8")]))
    noted.note(batch_of([sent(GOOGLEBOT)]))
    assert noted.of_clients is before
    noted.note(batch_of([sent(b"Applebot/0.1")]))
    assert noted.of_clients[b"192.0.2.1"] == "Applebot"
    assert before[b"192.0.2.1"] == "Googlebot"


def test_only_those_that_claimed_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MAX_CLIENTS", 3)
    monkeypatch.setattr(claims, "_MAX_AGENTS", 2)
    noted = Claims()
    for number in range(9):
        noted.note(batch_of([sent(b"Googlebot/%d" % number, b"192.0.2.%d" % number)]))
    assert list(noted.of_clients) == [b"192.0.2.6", b"192.0.2.7", b"192.0.2.8"]
    noted.note(batch_of([sent(GOOGLEBOT, b"10.0.0.%d" % number) for number in range(9)]))
    assert list(noted.of_clients) == [b"10.0.0.6", b"10.0.0.7", b"10.0.0.8"]


def test_a_client_that_claims_again_is_remembered_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MAX_CLIENTS", 2)
    noted = Claims()
    for host in (b"10.0.0.1", b"10.0.0.2", b"10.0.0.1", b"10.0.0.3"):
        noted.note(batch_of([sent(GOOGLEBOT, host)]))
    assert set(noted.of_clients) == {b"10.0.0.1", b"10.0.0.3"}
    noted.note(batch_of([sent(GOOGLEBOT, b"10.0.0.%d" % number) for number in (4, 5, 4)]))
    noted.note(batch_of([sent(GOOGLEBOT, b"10.0.0.6")]))
    assert set(noted.of_clients) == {b"10.0.0.4", b"10.0.0.6"}


def test_a_watch_tells_the_claims() -> None:
    monitor = HTTPMonitor(settings_of())
    hits = [sent(GOOGLEBOT), *(sent(b"curl/8", b"192.0.2.3", START + n) for n in range(9))]
    monitor.feed(batch_of(hits), now=0.0)
    monitor.tick(now=5.0, wall=START + 5)
    assert monitor.snapshot(now=5.0, wall=START + 5).claims == {b"192.0.2.1": "Googlebot"}
