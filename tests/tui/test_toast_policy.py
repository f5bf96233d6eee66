import pytest
from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.snapshot import AlertState, Ingest, Saving, Snapshot
from logmon_tui.sources.base import SourceState
from logmon_tui.tui.alerts.toast_policy import FRESH_SECONDS, News, Toast, ToastPolicy
from tests.tui.fakes import HOSTILE, NOW, hostile_snapshot, incident, snapshot


class Watcher:
    """An toasts that has read all, and the time, which a test moves."""

    def __init__(self, *incidents: Incident) -> None:
        self.toasts = ToastPolicy()
        self.now = 0.0
        self.see(*incidents)

    def see(self, *incidents: Incident, silences: tuple[Silence, ...] = ()) -> list[Toast]:
        picture = snapshot(incidents=incidents)
        alerts = replace(picture.alerts, silences=silences)
        return self.look(replace(picture, alerts=alerts))

    def look(self, picture: Snapshot) -> list[Toast]:
        return self.toasts.step(picture, NOW, self.now)


def clients(number: int, first: int = 0) -> tuple[Incident, ...]:
    return tuple(
        incident("Noisy client", "ddos", b"10.0.0.%d" % n) for n in range(first, first + number)
    )


WARNING = replace(incident(), severity=Severity.WARNING)


def test_an_alert_that_fires_makes_one_toast() -> None:
    watcher = Watcher()
    (toast,) = watcher.see(incident())
    assert toast.title == "▲ Firing: High traffic"
    assert toast.message == incident().message
    assert toast.severity == "error"
    assert watcher.see(incident()) == []


def test_a_warning_is_told_as_one() -> None:
    (toast,) = Watcher().see(WARNING)
    assert (toast.title, toast.severity) == ("! Warning: High traffic", "warning")


def test_a_recovery_is_told_as_information() -> None:
    (toast,) = Watcher(incident()).see(incident(lasted=60))
    assert (toast.title, toast.severity) == ("✓ Recovered: High traffic", "information")


def test_many_alerts_at_once_make_one_toast_that_names_a_few() -> None:
    watcher = Watcher()
    (toast,) = watcher.see(*clients(200))
    assert toast.title == "▲ 200 alerts fired"
    names = "Noisy client 10.0.0.0, Noisy client 10.0.0.1, Noisy client 10.0.0.2"
    assert toast.message == f"{names} and 197 more"
    watcher.now = 60
    over = tuple(replace(each, recovered_at=NOW) for each in clients(200))
    (toast,) = watcher.see(*over)
    assert (toast.title, toast.message) == ("✓ 200 alerts recovered", f"{names} and 197 more")


def test_fires_and_recoveries_of_one_picture_make_a_toast_each() -> None:
    watcher = Watcher(*clients(3))
    over = tuple(replace(each, recovered_at=NOW) for each in clients(3))
    toasts = watcher.see(*clients(4, first=10), *over)
    assert [toast.title for toast in toasts] == ["▲ 4 alerts fired", "✓ 3 alerts recovered"]


def test_what_fires_soon_after_is_told_together_with_what_fired() -> None:
    watcher = Watcher()
    watcher.see(*clients(1))
    watcher.now = FRESH_SECONDS - 1
    (toast,) = watcher.see(*clients(3))
    assert (toast.news, toast.title) == (News.FIRED, "▲ 3 alerts fired")
    assert toast.message.startswith("Noisy client 10.0.0.1, ")
    watcher.now = 2 * FRESH_SECONDS
    (toast,) = watcher.see(*clients(4))
    assert toast.title == "▲ Firing: Noisy client 10.0.0.3"


def test_a_severity_that_rises_or_falls_is_told() -> None:
    watcher = Watcher(WARNING)
    (toast,) = watcher.see(incident())
    assert (toast.title, toast.severity) == ("▲ Now critical: High traffic", "error")
    assert toast.message == "peak 431/s, firing since 12:03:10 UTC"
    watcher.now = 60
    (toast,) = watcher.see(WARNING)
    assert (toast.title, toast.severity) == ("! Now a warning: High traffic", "warning")


def test_of_several_that_changed_those_that_are_critical_now_are_told() -> None:
    warned = tuple(replace(each, severity=Severity.WARNING) for each in clients(3))
    watcher = Watcher(*warned[:2], clients(3)[2])
    (toast,) = watcher.see(*clients(2), warned[2])
    assert toast.title == "▲ 2 alerts now critical"


def test_silenced_alerts_make_no_toast_nor_do_they_when_the_silence_ends() -> None:
    watcher = Watcher()
    everything = Silence(NOW - 1, NOW + 1)
    assert watcher.see(incident(), silences=(everything,)) == []
    assert watcher.see(replace(incident(), peak=9e9)) == []
    assert watcher.see(incident(lasted=60), silences=(everything,)) == []
    (toast,) = watcher.see(incident(), *clients(1), silences=(everything._replace(rule="traffic"),))
    assert "Noisy client" in toast.title


def test_alerts_of_the_backlog_make_one_toast() -> None:
    toasts = ToastPolicy()
    incidents = tuple(incident(at=at) for at in range(1_000, 1_040))
    catching_up = snapshot(incidents=incidents, state=SourceState.CATCHING_UP)
    assert toasts.step(catching_up, NOW, 0.0) == []
    (toast,) = toasts.step(snapshot(incidents=incidents), NOW, 1.0)
    assert (toast.title, toast.severity) == ("▲ 40 alerts still fire", "error")


def test_what_fires_still_after_a_restart_makes_one_toast() -> None:
    toasts = ToastPolicy()
    assert toasts.step(Snapshot(), NOW, 0.0) == []  # before any log is open
    (toast,) = toasts.step(snapshot(incidents=(incident(),)), NOW, 1.0)
    assert (toast.title, toast.severity) == ("▲ Still firing: High traffic", "error")
    assert toast.message == "since 12:03:10 UTC"
    assert toasts.step(snapshot(incidents=(incident(),)), NOW, 2.0) == []


@pytest.mark.parametrize(
    ("firing", "severity"),
    [
        ((WARNING,), "warning"),
        ((WARNING, *clients(1)), "error"),
        (tuple(replace(each, severity=Severity.WARNING) for each in clients(2)), "warning"),
    ],
)
def test_what_fires_still_is_told_in_the_colour_of_the_worst(
    firing: tuple[Incident, ...], severity: str
) -> None:
    (toast,) = ToastPolicy().step(snapshot(incidents=firing), NOW, 0.0)
    assert toast.severity == severity


def test_after_a_fault_of_the_reading_nothing_is_told_twice() -> None:
    watcher = Watcher()
    watcher.see(incident())
    assert watcher.look(Snapshot(alerts=AlertState(), ingest=Ingest(failure="gone"))) == []
    assert watcher.see(incident()) == []


def test_alerts_of_the_backlog_that_recovered_make_no_toast() -> None:
    assert Watcher().see() == []
    assert ToastPolicy().step(snapshot(incidents=(incident(lasted=5),)), NOW, 0.0) == []


@pytest.mark.parametrize("subject", HOSTILE)
def test_toasts_are_safe_to_show(subject: bytes) -> None:
    hostile = replace(
        incident(subject=subject),
        message=subject.decode("latin-1"),
        recovery=subject.decode("latin-1"),
        title=subject.decode("latin-1"),
    )
    second = replace(hostile, id="2")
    watcher = Watcher()
    toasts = [
        *watcher.see(hostile),
        *watcher.see(hostile, second),
        *watcher.see(*(replace(each, severity=Severity.WARNING) for each in (hostile, second))),
        *watcher.see(replace(hostile, recovered_at=NOW), second),
    ]
    assert len(toasts) == 5
    for toast in toasts:
        assert (toast.title + toast.message).isprintable()


def test_what_was_found_about_the_saved_state_is_told_once_as_no_alert() -> None:
    toasts = ToastPolicy()
    saving = Saving("state.sqlite", note="state.sqlite was damaged: set aside")
    picture = replace(snapshot(incidents=()), saving=saving)
    (toast,) = toasts.step(picture, NOW, 0.0)
    assert (toast.message, toast.severity) == (saving.note, "information")
    assert toasts.step(replace(snapshot(incidents=()), saving=saving), NOW, 0.0) == []


def test_a_hostile_note_is_safe_to_show() -> None:
    picture = replace(hostile_snapshot(), alerts=snapshot().alerts)
    (toast,) = ToastPolicy().step(picture, NOW, 0.0)[-1:]
    assert "set aside /esc\\x1b]0;owned" in toast.message
    assert toast.message.isprintable()
