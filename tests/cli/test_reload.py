"""SIGHUP has a running watch read its rules and targets again, and loses nothing."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import click
import pytest

from logmon_tui.cli.reloading import Reloader
from logmon_tui.config.settings import Settings
from logmon_tui.monitor.commands import Reload
from logmon_tui.state.files import RefusedError
from logmon_tui.state.summary import history_of
from tests.cli.test_metrics_listen import lines_now
from tests.watching import DEADLINE, Watch, objects, wait_until

Start = Callable[..., Watch]
QUIET = "threshold = 1000\nerror-rate = 0.9\nddos-threshold = 1000\nalert-window = 5\n"
BUSY = '[rules.busy]\nmetric = "hits"\nwindow = 3600\ncritical = 50\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(QUIET)
    return path


@pytest.fixture
def watch(tmp_path: Path, config: Path) -> Iterator[Start]:
    running: list[Watch] = []

    def start(log: Path, *options: str) -> Watch:
        state = f"--state={tmp_path / 'state.sqlite'}"
        options = (f"--config={config}", "--output=json", "--stats-interval=1", state, *options)
        running.append(Watch(str(log), tmp_path, *options))
        running[-1].wait_for(lambda output: any(each["time"] for each in objects(output)))
        return running[-1]

    yield start
    for each in running:
        each.kill()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "access.log"
    path.write_bytes(lines_now(100))
    return path


def alerts(output: str, rule: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        each
        for line in objects(output)
        for each in line.get("alerts", [])  # type: ignore[attr-defined]
    ]
    return [each for each in found if each["rule"] == rule]


def test_new_rules_count_from_then_on_and_gone_ones_end(
    watch: Start, log: Path, config: Path, tmp_path: Path
) -> None:
    called = tmp_path / "called"
    running = watch(log)
    config.write_text(
        f"{QUIET}{BUSY}[notify.hook]\ntype = 'command'\n"
        f"command = ['/bin/sh', '-c', 'cat >> {called}']\n"
    )
    running.process.send_signal(signal.SIGHUP)
    with log.open("ab") as opened:
        opened.write(lines_now(100))
    running.wait_for(lambda output: bool(alerts(output, "busy")))
    wait_until(called.exists)
    config.write_text(QUIET.replace("threshold = 1000\ne", "threshold = 2\ne"))
    running.process.send_signal(signal.SIGHUP)
    running.wait_for(lambda output: any(each["recovered_at"] for each in alerts(output, "busy")))
    (recovered,) = (each for each in alerts(running.output, "busy") if each["recovered_at"])
    assert recovered["message"] == "The rule is no longer there."
    with log.open("ab") as opened:
        opened.write(lines_now(100))
    running.wait_for(lambda output: bool(alerts(output, "traffic")))
    code, error = running.end(signal.SIGTERM)
    assert code == 0
    assert f"settings reloaded from {config}: 5 rules on, 1 target" in error
    assert f"settings reloaded from {config}: 4 rules on, 0 targets" in error


def test_bad_settings_are_one_line_and_change_nothing(
    watch: Start, log: Path, config: Path
) -> None:
    config.write_text(QUIET + BUSY)
    running = watch(log)
    config.write_text(QUIET + BUSY.replace("critical", "critcal"))
    running.process.send_signal(signal.SIGHUP)
    with log.open("ab") as opened:
        opened.write(lines_now(100))
    running.wait_for(lambda output: bool(alerts(output, "busy")))
    _, error = running.end(signal.SIGTERM)
    lines = [line for line in error.splitlines() if "reloaded" in line]
    assert lines == [
        f"logmon-tui: settings not reloaded, the rules stay as they are: {config}:8: "
        "rules.busy.critcal: is not known; did you mean critical? "
        + lines[0].partition("critical? ")[2]
    ]


def test_without_a_settings_file_there_is_nothing_to_reload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = tmp_path / "none" / "config.toml"
    monkeypatch.setattr("logmon_tui.cli.reloading.default_settings_file", lambda: missing)
    posted: list[Reload] = []
    context = click.Context(click.Command("watch"))
    reloader = Reloader(context, Settings(), None, posted.append)
    assert reloader.reload() == (
        False,
        f"there are no settings to reload: no --config was given, nor is there {missing}",
    )
    missing.parent.mkdir()
    missing.write_text(QUIET)  # made since
    assert reloader.reload().done
    assert len(posted) == 1


def test_the_delay_of_alerts_is_read_again(watch: Start, log: Path, config: Path) -> None:
    def delays(output: str) -> list[object]:
        found = (each.get("ingest") for each in objects(output))
        return [each["evaluation_delay"] for each in found if isinstance(each, dict)]

    running = watch(log)
    config.write_text(f"evaluation-delay = 7\n{QUIET}")
    running.process.send_signal(signal.SIGHUP)
    running.wait_for(lambda output: 7 in delays(output))
    config.write_text(QUIET)
    running.process.send_signal(signal.SIGHUP)
    running.wait_for(lambda output: delays(output)[-1] != 7)


HEEDING = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Runs Python anew, to which SIGHUP means something: the tests may run under nohup."""


@pytest.mark.parametrize("command", [[], ["watch"]])
def test_a_reload_asked_while_the_watch_starts_is_done_once_it_can(
    log: Path, config: Path, tmp_path: Path, command: list[str]
) -> None:
    config.unlink()
    os.mkfifo(config)  # so that the program waits for its settings
    options = [f"--config={config}", "--output=json", f"--state={tmp_path / 'state.sqlite'}"]
    process = subprocess.Popen(
        [sys.executable, "-c", HEEDING, "-m", "logmon_tui", *command, *options, str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    overdue = Timer(DEADLINE, process.kill)
    overdue.start()
    try:
        with config.open("w") as opened:  # once the program reads it
            config.unlink()
            config.write_text(QUIET + BUSY)
            process.send_signal(signal.SIGHUP)
            opened.write(QUIET)
        assert process.stderr is not None
        told = process.stderr.readline()
        assert told.startswith(f"logmon-tui: settings reloaded from {config}: 5 rules on")
        assert process.poll() is None
    finally:
        overdue.cancel()
        process.terminate()
        process.communicate(timeout=DEADLINE)
    assert process.returncode == 0


def test_an_option_beats_the_file_after_a_reload_too(watch: Start, log: Path, config: Path) -> None:
    running = watch(log, "--threshold=5000")
    config.write_text(f"threshold = 1\n{BUSY}")
    running.process.send_signal(signal.SIGHUP)
    with log.open("ab") as opened:
        opened.write(lines_now(100))
    running.wait_for(lambda output: bool(alerts(output, "busy")))
    assert alerts(running.output, "traffic") == []


def test_a_watch_whose_terminal_is_gone_ends(log: Path, config: Path, tmp_path: Path) -> None:
    """It has no screen, but a terminal that controls it."""
    out = tmp_path / "out.txt"
    process, terminal = pty.fork()
    if not process:  # pragma: no cover - in the child
        os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT), 1)
        options = [f"--config={config}", "--no-state", "--output=json", "--stats-interval=1"]
        os.execv(sys.executable, [sys.executable, "-m", "logmon_tui", "watch", *options, str(log)])
    try:
        wait_until(lambda: out.exists() and "time" in out.read_text())
        os.kill(process, signal.SIGHUP)  # the terminal is there: a reload
        begun = len(out.read_text())
        wait_until(lambda: len(out.read_text()) > begun + 500)
        os.close(terminal)
        wait_until(lambda: os.waitpid(process, os.WNOHANG)[0] == process)
    except BaseException:
        os.kill(process, signal.SIGKILL)
        raise
    last = json.loads(out.read_text().splitlines()[-1])
    assert last["total_hits"] == 100


def has_saved(state: Path) -> bool:
    try:
        return history_of(state).saved_at is not None
    except RefusedError:
        return False


def test_a_recorder_reloads_too(log: Path, config: Path, tmp_path: Path) -> None:
    options = [f"--config={config}", f"--state={tmp_path / 'state.sqlite'}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "logmon_tui", "record", *options, str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("recording ")
        wait_until(lambda: has_saved(tmp_path / "state.sqlite"))
        config.write_text(QUIET + BUSY)
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        told = process.stderr.readline()
        assert told == f"logmon-tui: settings reloaded from {config}: 5 rules on, 0 targets\n"
    finally:
        process.terminate()
        process.communicate(timeout=DEADLINE)
