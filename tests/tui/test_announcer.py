from dataclasses import replace

import pytest

from logmon_tui.snapshot import Saving
from logmon_tui.sources.base import SourceState
from logmon_tui.tui.announcer import MAX_TOASTS, Announcer
from tests.tui.fakes import HOSTILE, hostile_snapshot, incident, snapshot


def test_an_alert_that_fires_makes_one_toast_that_rings() -> None:
    announcer = Announcer()
    announcer.announce(snapshot(incidents=()))
    firing = snapshot(incidents=(incident(),))
    (toast,) = announcer.announce(firing)
    assert (toast.firing, toast.ring) == (True, True)
    assert "High traffic" in toast.title
    assert announcer.announce(firing) == []


def test_a_recovery_makes_a_toast_that_does_not_ring() -> None:
    announcer = Announcer()
    announcer.announce(snapshot(incidents=(incident(),)))
    (toast,) = announcer.announce(snapshot(incidents=(incident(lasted=60),)))
    assert (toast.firing, toast.ring) == (False, False)


def test_alerts_of_the_backlog_make_one_toast_and_do_not_ring() -> None:
    announcer = Announcer()
    incidents = tuple(incident(at=at) for at in range(1_000, 1_040))
    catching_up = snapshot(incidents=incidents, state=SourceState.CATCHING_UP)
    assert announcer.announce(catching_up) == []
    (toast,) = announcer.announce(snapshot(incidents=incidents))
    assert "40 alerts" in toast.message
    assert not toast.ring


def test_alerts_of_the_backlog_that_recovered_make_no_toast() -> None:
    assert Announcer().announce(snapshot(incidents=(incident(lasted=5),))) == []


def test_hundreds_of_alerts_at_once_make_few_toasts() -> None:
    announcer = Announcer()
    announcer.announce(snapshot(incidents=()))
    incidents = tuple(incident(subject=b"10.0.0.%d" % n) for n in range(200))
    toasts = announcer.announce(snapshot(incidents=incidents))
    assert len(toasts) == MAX_TOASTS
    assert toasts[-1].message == "and 198 more alerts fired"


@pytest.mark.parametrize("subject", HOSTILE)
def test_toasts_are_safe_to_show(subject: bytes) -> None:
    announcer = Announcer()
    announcer.announce(snapshot(incidents=()))
    hostile = replace(incident(subject=subject), message=subject.decode("latin-1"))
    (toast,) = announcer.announce(snapshot(incidents=(hostile,)))
    assert (toast.title + toast.message).isprintable()


def test_what_was_found_about_the_saved_state_is_told_once_as_no_alert() -> None:
    announcer = Announcer()
    saving = Saving("state.sqlite", note="state.sqlite was damaged: set aside")
    catching_up = snapshot(incidents=(), state=SourceState.CATCHING_UP)
    (toast,) = announcer.announce(replace(catching_up, saving=saving))
    assert toast.message == "state.sqlite was damaged: set aside"
    assert (toast.firing, toast.ring) == (False, False)
    assert announcer.announce(replace(snapshot(incidents=()), saving=saving)) == []


def test_a_hostile_note_is_safe_to_show() -> None:
    (toast,) = Announcer().announce(replace(hostile_snapshot(), alerts=snapshot().alerts))[-1:]
    assert "set aside /esc\\x1b]0;owned" in toast.message
    assert toast.message.isprintable()
