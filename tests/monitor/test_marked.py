"""Incidents say which mark they follow: in a watch, after a restart, in a backlog, in a report."""

from pathlib import Path

from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import NEAR, Mark
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Report
from logmon_tui.state.state_file import StateFile
from tests.monitor.pictures import picture
from tests.traffic import START, batch_of, hit, settings_of

LOG = "/var/log/access.log"
SETTINGS = {"threshold": 5.0, "alert_window": 10, "ddos_threshold": 1_000.0}
MARK = Mark(START - 12, "api 4.12")


def loud(monitor: HTTPMonitor, second: int, now: float) -> list[Incident]:
    """Feed ten seconds of loud traffic that end with `second`; return what changed."""
    seconds = range(second - 9, second + 1)
    monitor.feed(batch_of([hit(each) for each in seconds for _ in range(10)]), now)
    return monitor.tick(now + 1, second + 1)


def test_what_fires_says_its_mark_and_keeps_it_when_it_recovers() -> None:
    monitor = HTTPMonitor(settings_of(**SETTINGS))
    monitor.alerts.incidents.set_marks((Mark(START - 100, "old"), MARK))
    changed = loud(monitor, START, 0.0)
    assert {each.mark for each in changed} == {MARK}
    fired = changed[0]
    assert fired.after_mark == f"{fired.triggered_at - MARK.second} s after mark api 4.12"
    assert picture(monitor, 1.0).marks == (Mark(START - 100, "old"), MARK)
    recovered = [each for each in monitor.tick(60.0, START + 60) if not each.firing]
    assert {each.id for each in recovered} == {each.id for each in changed}
    assert {each.mark for each in recovered} == {MARK}
    assert {each.mark for each in picture(monitor, 61.0).alerts.incidents} == {MARK}


def test_a_mark_from_afterwards_is_said_of_nothing_and_one_told_late_still_is() -> None:
    monitor = HTTPMonitor(settings_of(**SETTINGS))
    (fired, *_) = loud(monitor, START, 0.0)
    assert (fired.mark, fired.after_mark) == (None, "")
    monitor.alerts.incidents.set_marks((Mark(fired.triggered_at + 1, "too late"),))
    assert {each.mark for each in monitor.alerts.incidents.all()} == {None}
    monitor.alerts.incidents.set_marks((MARK, Mark(fired.triggered_at + 1, "too late")))
    assert {each.mark for each in monitor.alerts.incidents.all()} == {MARK}
    # A correction is one, too; what users said of the incident stays.
    monitor.alerts.incidents.set_note(fired.id, "rolled back")
    better = MARK._replace(text="api 4.13")
    monitor.alerts.incidents.set_marks((better,))
    found = {each.id: each for each in monitor.alerts.incidents.all()}
    assert (found[fired.id].mark, found[fired.id].note) == (better, "rolled back")
    monitor.alerts.incidents.set_marks(())
    assert {each.mark for each in monitor.alerts.incidents.all()} == {None}


def test_marks_of_other_times_change_no_incident_so_that_the_screen_need_not_repaint() -> None:
    monitor = HTTPMonitor(settings_of(**SETTINGS))
    monitor.alerts.incidents.set_marks((MARK,))
    loud(monitor, START, 0.0)
    monitor.tick(60.0, START + 60)
    before = monitor.alerts.incidents.all()
    assert [each.firing for each in before] == [False]
    monitor.alerts.incidents.set_marks((MARK, Mark(START + 50, "web 7")))
    assert monitor.alerts.incidents.all() is before
    # That an old mark was forgotten takes it from no incident.
    monitor.alerts.incidents.set_marks((Mark(START + 50, "web 7"),))
    assert monitor.alerts.incidents.all() is before


def test_a_restarted_watch_says_the_same_with_or_without_the_marks_file(tmp_path: Path) -> None:
    settings = settings_of(**SETTINGS)
    first = HTTPMonitor(settings, journal=True)
    first.alerts.incidents.set_marks((MARK,))
    loud(first, START, 0.0)
    store = StateFile(tmp_path / "s.sqlite", [LOG])
    store.save({}, first, 2.0, START + 2.0)
    store.close()

    store = StateFile(tmp_path / "s.sqlite", [LOG])
    saved = store.load()
    assert saved is not None
    again = HTTPMonitor(settings, journal=True)
    again.restore(saved.monitor, 0.0)
    assert {each.mark for each in again.alerts.incidents.all()} == {MARK}
    again.count_downtime(0.0, START + 2.0)
    recovered = again.tick(60.0, START + 62.0)
    assert {each.mark for each in recovered} == {MARK}
    again.alerts.incidents.set_marks((MARK,))
    assert {each.mark for each in again.alerts.incidents.all()} == {MARK}
    store.close()


def test_incidents_of_a_backlog_say_their_marks_too() -> None:
    monitor = HTTPMonitor(settings_of(**SETTINGS))
    end = START + 7_200
    monitor.begin_backlog(end)
    monitor.alerts.incidents.set_marks((MARK, Mark(end - 20, "web 7")))
    loud(monitor, START, 0.0)
    loud(monitor, end, 1.0)
    monitor.end_backlog(2.0)
    found = {each.mark for each in monitor.alerts.incidents.all()}
    assert found == {MARK, Mark(end - 20, "web 7")}
    firing = [each for each in monitor.alerts.incidents.all() if each.firing]
    assert {each.mark for each in firing} == {Mark(end - 20, "web 7")}


def test_a_report_has_the_marks_of_its_time_and_incidents_that_say_theirs() -> None:
    monitor = HTTPMonitor(settings_of(**SETTINGS))
    (fired, *_) = loud(monitor, START, 0.0)
    far = replace(fired, triggered_at=fired.triggered_at + NEAR + 60)
    report = Report(first_hit=START - 9, last_hit=START + 50, incidents=(fired, far))
    assert report.marks is None
    inside = Mark(START + 5, "web 7")
    later = Mark(START + 60, "later")
    found = report.with_marks((MARK, inside, later))
    assert found.marks == (inside,)
    assert [each.mark for each in found.incidents] == [MARK, later]
    assert Report().with_marks((MARK,)).marks == ()
