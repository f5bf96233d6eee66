from logmon_tui.config.own_panels import OwnPanel
from logmon_tui.config.settings import Settings
from logmon_tui.history.archive import MINUTE
from logmon_tui.history.recorder import AWAIT_SECONDS, RecorderState
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.recording import Recording
from logmon_tui.state.archive import MemoryArchive
from tests.traffic import START, batch_of, hit, settings_of

BEGIN = START // MINUTE * MINUTE
STATE = HTTPMonitor(settings_of()).state(0.0, START)
OTHERS = Settings(panels={"cache": OwnPanel("cache")})


def test_without_an_archive_nothing_is_recorded_and_saved_minutes_are_to_be_deleted() -> None:
    for recording in (
        Recording(settings_of(), None),
        Recording(settings_of(history={"enabled": False}), MemoryArchive()),
    ):
        assert not recording.records
        recording.restore(STATE, {BEGIN: MetricsBucket()}, {}, START)
        assert recording.recorder.unsaved(everything=False) == {BEGIN: None}


def test_minutes_that_are_over_are_handed_to_the_archive() -> None:
    archive = MemoryArchive()
    recording = Recording(settings_of(), archive)
    recording.recorder.add_old(batch_of([hit(BEGIN)]))
    recording.hand_over(BEGIN)
    assert archive.bucket(MINUTE, BEGIN, BEGIN + MINUTE) is None  # the minute is still open
    recording.recorder.advance({}, BEGIN + 2 * MINUTE + AWAIT_SECONDS)
    recording.hand_over(BEGIN + 2 * MINUTE)
    bucket = archive.bucket(MINUTE, BEGIN, BEGIN + MINUTE)
    assert bucket is not None
    assert bucket.hits == 1


def test_what_another_run_has_archived_is_left_to_it() -> None:
    recording = Recording(settings_of(), MemoryArchive())
    recording.take_over(None)
    recording.take_over(RecorderState(None, None))
    recording.recorder.add_old(batch_of([hit(BEGIN)]))
    assert len(recording.recorder.minutes()) == 1
    recording.take_over(RecorderState(BEGIN + MINUTE, None))
    assert recording.recorder.minutes() == []


def test_own_fields_are_known_from_when_they_changed() -> None:
    recording = Recording(settings_of(), MemoryArchive())
    recording.restore(STATE, {}, {}, START)
    assert recording.own_since == 0
    recording = Recording(OTHERS, MemoryArchive())
    recording.restore(STATE, {}, {}, START)
    assert recording.own_since == START + 1
