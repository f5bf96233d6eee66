"""A log's lines lead to an incident with evidence of why it fired."""

from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.pipeline.publisher import Listener
from tests.pipeline.runs import FakeSource, Told, lines, run_to_the_end
from tests.traffic import HOSTS, START, batch_of, hit, settings_of

SETTINGS = settings_of(threshold=5, alert_window=10, ddos_threshold=4, error_rate=0.4)


def storm() -> list[bytes]:
    """Return half a minute with a hit each second, then one client that gets only 500s."""
    quiet = [lines(1, START + n, host="10.0.0.1") for n in range(30)]
    loud = [
        lines(2, START + 30 + n, host="10.0.0.1") + lines(9, START + 30 + n, "10.0.0.9", 500)
        for n in range(12)
    ]
    return [b"no access log line\n" + b"".join(quiet), b"".join(loud)]


def evidence_of(incidents: list[Incident], rule: str, subject: bytes | None = None) -> Evidence:
    fired = [each for each in incidents if (each.rule, each.subject) == (rule, subject)]
    assert fired[0].evidence is not None
    return fired[0].evidence


def test_what_fires_tells_what_rose_and_shows_lines() -> None:
    told = Told()
    last = run_to_the_end(FakeSource(*storm()), told=told, settings=SETTINGS)
    traffic = evidence_of(told.incidents, "traffic")
    clients = dict(traffic.movers)[Kind.CLIENT]
    assert clients[0].key == b"10.0.0.9"
    assert clients[0].share > 0.7
    assert len(traffic.samples) == 5
    noisy = evidence_of(told.incidents, "ddos", b"10.0.0.9")
    assert noisy.before == 0
    assert noisy.now == dict(noisy.movers)[Kind.STATUS][0].now
    assert all(line.startswith(b"10.0.0.9 ") for line in noisy.samples)
    errors = evidence_of(told.incidents, "error_rate")
    assert [mover.key for mover in dict(errors.movers)[Kind.STATUS]] == [b"500"]
    assert all(b" 500 " in line for line in errors.samples)
    for incident in last.alerts.incidents:
        assert incident.evidence is not None
        assert incident.evidence.values, "what its rule measured is kept with it"


def test_lines_of_each_log_are_read_in_its_own_format() -> None:
    told = Told()
    json = [
        b'{"time":"2026-11-21T12:00:%02d+00:00","remote_addr":"10.0.0.8","status":200,'
        b'"request":"GET /j HTTP/1.1","body_bytes_sent":1}\n' % (n % 60) * 9
        for n in range(30, 42)
    ]
    sources = (FakeSource(*storm(), name="one"), FakeSource(b"", b"".join(json), name="other"))
    Pipeline(SETTINGS, sources, FormatSelector(), told.listener(), headless=True).run()
    traffic = evidence_of(told.incidents, "traffic")
    clients = [mover.key for mover in dict(traffic.movers)[Kind.CLIENT]]
    assert {b"10.0.0.8", b"10.0.0.9"} <= set(clients)


def test_a_listener_is_told_of_the_evidence_with_the_incident() -> None:
    found: list[Incident] = []
    listener = Listener(lambda _picture: None, found.extend)
    Pipeline(SETTINGS, [FakeSource(*storm())], FormatSelector(), listener, headless=True).run()
    assert all(each.evidence for each in found)


def test_incidents_of_a_backlog_have_none_but_those_after_it_know_its_last_hits() -> None:
    monitor = HTTPMonitor(settings_of(threshold=5, alert_window=10, ddos_threshold=900))
    newest = START + 50_000
    monitor.begin_backlog(newest)
    for second in range(60):
        monitor.feed(batch_of([hit(START + second)] * 9), 0.0)
    for second in range(newest - 40, newest + 1):
        monitor.feed(batch_of([hit(second, host=HOSTS[1])]), 0.0)
    past = monitor.end_backlog(0.0)
    assert past
    assert all(incident.evidence is None for incident in past)
    for later in range(1, 15):
        monitor.feed(batch_of([hit(newest + later, host=HOSTS[2])] * 30), float(later))
        fired = [each for each in monitor.tick(float(later), newest + later) if each.firing]
        if fired:
            break
    evidence = fired[0].evidence
    assert evidence is not None
    assert evidence.before == 10, "the last hits of the backlog"
    assert dict(evidence.movers)[Kind.CLIENT][0] == Mover(HOSTS[2], 0, 60, 60 / 58)
