"""Commands of users reach the alerts from any thread, and what they set outlasts the program."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.monitor.alert_manager import AlertManager
from logmon_tui.monitor.commands import (
    Acknowledge,
    AddSilence,
    Command,
    EndSilence,
    SetNote,
    SetThreshold,
)
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.saved import ManagerState
from logmon_tui.pipeline.command_queue import CommandQueue
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.pipeline.thread import PipelineThread
from logmon_tui.snapshot import AlertState, Snapshot
from tests.traffic import settings_of
from tests.watching import wait_until

Start = Callable[..., "Watched"]


class Watched:
    """An engine and the pictures that it published."""

    def __init__(self, log: Path, state: Path, settings: Settings) -> None:
        self.pictures: list[Snapshot] = [Snapshot()]
        self.engine = PipelineThread([str(log)], settings, FormatSelector(), state_file=state)

    @property
    def alerts(self) -> AlertState:
        return self.pictures[-1].alerts

    def incident(self) -> Incident:
        """Return the traffic alert, once there is one."""
        wait_until(lambda: any(each.rule == "traffic" for each in self.alerts.incidents))
        return next(each for each in self.alerts.incidents if each.rule == "traffic")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    log = tmp_path / "access.log"
    stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
    log.write_text(f'10.0.0.1 - - [{stamp}] "GET / HTTP/1.1" 200 10\n' * 100)
    watched: list[Watched] = []

    def begin(threshold: float = 0.001) -> Watched:
        # A window that outlasts the test: the alert fires all the time.
        given = settings_of(threshold=threshold, alert_window=3_600)
        watched.append(Watched(log, tmp_path / "state.sqlite", given))
        watched[-1].engine.start(watched[-1].pictures.append)
        return watched[-1]

    yield begin
    for each in watched:
        each.engine.stop()


def test_a_user_sees_to_an_incident_and_silences_it(start: Start) -> None:
    watched = start()
    engine, found = watched.engine, watched.incident()
    before = time.time()
    engine.post(Acknowledge(found.id, time.time()))
    engine.post(SetNote(found.id, "scraper"))
    silence = Silence(before, before + 600, rule="traffic")
    engine.post(AddSilence(silence))
    wait_until(lambda: watched.alerts.silences == (silence,))
    assert watched.incident().note == "scraper"
    acknowledged_at = watched.incident().acknowledged_at
    assert acknowledged_at is not None
    assert before <= acknowledged_at <= time.time()
    engine.post(Acknowledge(found.id, None))
    engine.post(EndSilence(silence))
    wait_until(lambda: watched.alerts.silences == () and not watched.incident().acknowledged)


def test_the_last_commands_before_the_end_are_applied_and_kept(start: Start) -> None:
    first = start()
    found = first.incident()
    first.engine.post(Acknowledge(found.id, time.time()))
    first.engine.post(AddSilence(Silence(0, 2**40)))
    first.engine.stop()
    second = start()
    assert second.incident().acknowledged
    assert second.alerts.silences == (Silence(0, 2**40),)


def test_a_command_before_the_log_is_open_is_applied_once_it_is(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "none.log", tmp_path / "s.sqlite", Settings())
    watched.engine.post(AddSilence(Silence(0, 2**40)))
    watched.engine.start(watched.pictures.append)
    wait_until(lambda: watched.alerts.silences == (Silence(0, 2**40),))
    watched.engine.stop()


def test_the_threshold_outlasts_a_pipeline_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No state keeps it here; what was meant for one incident is applied once only."""
    fails, applied = [False, True], list[Command]()
    run, apply = Pipeline.run, CommandQueue._apply

    def run_once_in_vain(pipeline: Pipeline) -> Snapshot:
        pipeline.commands.apply()
        if fails.pop():
            raise OSError("gone")
        return run(pipeline)

    def note(commands: CommandQueue, command: Command) -> None:
        applied.append(command)
        apply(commands, command)

    monkeypatch.setattr(Pipeline, "run", run_once_in_vain)
    monkeypatch.setattr(CommandQueue, "_apply", note)
    pictures: list[Snapshot] = []
    log = tmp_path / "access.log"
    log.touch()
    engine = PipelineThread([str(log)], settings_of(threshold=5), FormatSelector())
    engine.post(SetThreshold(6))
    engine.post(SetNote("an id", "once"))
    engine.post(SetThreshold(7))
    engine.start(pictures.append)
    try:
        wait_until(lambda: any("gone" in each.ingest.failure for each in pictures))
        wait_until(lambda: pictures[-1].alerts.configured == 5)
        assert pictures[-1].alerts.threshold == 7
    finally:
        engine.stop()
    assert applied == [SetThreshold(7), SetNote("an id", "once"), SetThreshold(7)]


def test_a_command_for_an_incident_that_is_no_more_does_no_harm(start: Start) -> None:
    watched = start()
    watched.engine.post(Acknowledge("no such id", time.time()))
    watched.engine.post(SetNote("no such id", "?"))
    watched.engine.post(EndSilence(Silence(0, 1)))
    watched.engine.post(SetNote(watched.incident().id, "after these"))
    wait_until(lambda: watched.incident().note == "after these")
    assert watched.pictures[-1].ingest.failure == ""


def test_a_threshold_set_by_key_is_kept_for_the_log(start: Start) -> None:
    """What fired with it goes on in the next run: it neither recovers nor fires anew."""
    first = start(5)
    wait_until(lambda: first.alerts.hits == 100)
    assert first.alerts.configured is None
    first.engine.post(SetThreshold(0.001))
    found = first.incident()
    assert (first.alerts.threshold, first.alerts.configured) == (0.001, 5)
    first.engine.stop()
    second = start(5)
    wait_until(lambda: second.alerts.hits == 100)
    judged = second.pictures[-1].log_time or 0
    wait_until(lambda: (second.pictures[-1].log_time or 0) > judged + 2)
    assert (second.alerts.threshold, second.alerts.configured) == (0.001, 5)
    assert [(each.id, each.firing) for each in second.alerts.incidents] == [(found.id, True)]
    second.engine.post(SetThreshold(None))
    wait_until(lambda: second.alerts.configured is None and not second.incident().firing)
    assert second.alerts.threshold == 5
    second.engine.stop()
    third = start(5)
    wait_until(lambda: third.alerts.hits == 100)
    assert (third.alerts.threshold, third.alerts.configured) == (5, None)


def test_another_configured_threshold_wins_over_one_that_a_key_set(start: Start) -> None:
    first = start(5)
    wait_until(lambda: first.alerts.hits == 100)
    first.engine.post(SetThreshold(7))
    wait_until(lambda: first.alerts.configured == 5)
    first.engine.stop()
    second = start(6)
    wait_until(lambda: second.alerts.hits == 100)
    assert (second.alerts.threshold, second.alerts.configured) == (6, None)


def test_the_configured_threshold_set_by_key_is_none_of_its_own(start: Start) -> None:
    watched = start(5)
    watched.engine.post(SetThreshold(6))
    wait_until(lambda: watched.alerts.configured == 5)
    watched.engine.post(SetThreshold(5))
    wait_until(lambda: watched.alerts.configured is None)
    assert watched.alerts.threshold == 5


def test_a_state_of_before_knows_of_no_threshold_set_by_key() -> None:
    former = msgspec.msgpack.decode(msgspec.msgpack.encode({"silences": []}), type=ManagerState)
    alerts = AlertManager(settings_of(threshold=5))
    alerts.restore(former, [], [])
    assert alerts.picture(0).configured is None


def test_states_keep_their_names_on_disk() -> None:
    """Those of before are read, and this one's by a program of before."""
    state = msgspec.to_builtins(HTTPMonitor(settings_of()).state(0.0, 0.0))
    assert set(state["judge"]) == {
        "engine",
        "silences",
        "by_key",
        "seconds",
        "applied",
        "ended",
    }
    assert "alerts" not in state
