"""When the bell rings, and what the desktop is told."""

import pytest
from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.config.settings import Settings
from logmon_tui.errors import UsageError
from logmon_tui.notify.registry import read_targets
from logmon_tui.notify.screen import Bell, Desktop
from logmon_tui.snapshot import Ingest, Snapshot
from logmon_tui.sources.base import SourceState
from logmon_tui.tui.alerts.bell_policy import BellPolicy, Call
from logmon_tui.tui.alerts.notification_center import bell_policy
from tests.tui.fakes import NOW, incident, snapshot

QUIET, RING = Call(), Call(ring=True)
SOON = Desktop(group_wait=0.0)
WARNING = replace(incident(), severity=Severity.WARNING)


class Desk:
    """Calls that have read all, and the time, which a test moves."""

    def __init__(self, calls: BellPolicy, *incidents: Incident) -> None:
        self.calls = calls
        self.now = 0.0
        self.see(*incidents)

    def see(self, *incidents: Incident, silences: tuple[Silence, ...] = ()) -> Call:
        self.now += 1.0
        picture = snapshot(incidents=incidents)
        picture = replace(picture, alerts=replace(picture.alerts, silences=silences))
        return self.calls.step(picture, NOW + self.now, self.now)


def test_the_bell_rings_once_for_what_fires_and_not_for_what_recovers() -> None:
    desk = Desk(BellPolicy())
    assert desk.see(incident()) == RING
    assert desk.see(incident()) == QUIET
    assert desk.see(incident(lasted=60)) == QUIET


def test_a_bell_that_is_off_does_not_ring() -> None:
    assert Desk(BellPolicy(silent=True)).see(incident()) == QUIET


def test_what_fired_before_all_was_read_is_old_news() -> None:
    calls = BellPolicy()
    picture = snapshot(incidents=(incident(),))
    assert calls.step(Snapshot(), NOW, 0.0) == QUIET  # before any log is open
    catching_up = snapshot(incidents=(incident(),), state=SourceState.CATCHING_UP)
    assert calls.step(catching_up, NOW, 1.0) == QUIET
    assert calls.step(picture, NOW, 2.0) == QUIET
    assert calls.step(picture, NOW, 3.0) == QUIET


def test_after_a_fault_of_the_reading_it_does_not_ring_again() -> None:
    desk = Desk(BellPolicy())
    desk.see(incident())
    assert desk.calls.step(Snapshot(ingest=Ingest(failure="gone")), NOW, desk.now) == QUIET
    assert desk.see(incident()) == QUIET


def test_it_rings_when_a_warning_becomes_critical() -> None:
    desk = Desk(BellPolicy())
    assert desk.see(WARNING) == RING
    assert desk.see(incident()) == RING
    assert desk.see(WARNING) == QUIET


def test_of_what_is_silenced_nobody_hears() -> None:
    desk = Desk(BellPolicy((SOON,)))
    everything = Silence(0, NOW + 9_999)
    assert desk.see(incident(), silences=(everything,)) == QUIET
    assert desk.see(incident(lasted=9), silences=(everything,)) == QUIET


def test_what_flaps_rings_once_in_the_time_of_its_rule() -> None:
    desk = Desk(BellPolicy(renotify={"traffic": 100}))
    rung = 0
    for n in range(200):
        at = NOW + 2 * n
        rung += desk.see(incident(at=at)).ring
        rung += desk.see(incident(at=at, lasted=1)).ring
    assert rung == 4


def test_targets_choose_severity_and_rules() -> None:
    critical = Bell(severity=Severity.CRITICAL, group_wait=0.0)
    others = Desktop(rules=("!traffic",), group_wait=0.0)
    desk = Desk(BellPolicy((critical, others)))
    assert desk.see(WARNING) == QUIET
    assert desk.see(incident(), incident("Noisy client", "ddos", b"10.0.0.1")).ring


def test_the_desktop_hears_of_fires_and_recoveries_in_a_line() -> None:
    desk = Desk(BellPolicy((SOON,), silent=True))
    fired = desk.see(incident(), incident("Noisy client", "ddos", b"10.0.0.1"))
    (text,) = fired.texts
    assert text.startswith("critical: High traffic generated an alert")
    assert text.endswith("(and 1 more)")
    recovered = desk.see(incident(lasted=60), incident("Noisy client", "ddos", b"10.0.0.1"))
    (text,) = recovered.texts
    assert text.startswith("recovered: High traffic recovered - hits = 47001, recovered at 20")


def test_targets_come_from_the_settings() -> None:
    targets = {
        "near": {"type": "desktop", "severity": "critical", "group_wait": 0},
        "far": {"type": "command", "command": ["true"]},
    }
    desk = Desk(bell_policy(Settings(), tuple(read_targets(targets).values())))
    assert desk.see(WARNING) == RING
    assert desk.see(incident()).texts
    assert not Desk(bell_policy(Settings(), ())).see(incident()).texts


def test_a_target_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match=r"notify\.near\.type"):
        read_targets({"near": {"type": "smoke"}})
