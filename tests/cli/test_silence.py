"""`silence`, `unsilence` and `ack` reach a running watch, and one that starts later."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from logmon_tui.cli import cli
from logmon_tui.state.requests import request_names
from logmon_tui.state.state_file import StateFile
from logmon_tui.state.summary import history_of
from tests.cli.test_marks import log, watch
from tests.cli.test_metrics_listen import lines_now
from tests.state.restarts import LOG
from tests.state.stores import busy, save
from tests.watching import Watch, objects, wait_until

__all__ = ["log", "watch"]  # fixtures

Start = Callable[..., Watch]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def run(*arguments: object, state: Path) -> Result:
    environment = {"XDG_CONFIG_HOME": "/nonexistent"}
    words = [str(each) for each in arguments]
    return CliRunner().invoke(cli, [*words, "--state", str(state)], env=environment)


def alerts_of(state: Path, **wanted: object) -> list[dict[str, Any]]:
    found = json.loads(run("alerts", "--output", "json", state=state).output)
    alerts: list[dict[str, Any]] = found["alerts"] if isinstance(found, dict) else found
    return [each for each in alerts if all(each[key] == value for key, value in wanted.items())]


def fired(running: Watch, log: Path, state: Path) -> dict[str, Any]:
    """Let traffic fire, and return the alert once it is saved."""
    running.wait_for(lambda output: any(each["time"] for each in objects(output)))
    with log.open("ab") as opened:
        opened.write(lines_now(100))
    wait_until(lambda: state.exists() and bool(alerts_of(state, rule="traffic")))
    return alerts_of(state, rule="traffic")[0]


def test_a_running_watch_takes_what_is_asked_and_keeps_it(
    watch: Start, log: Path, state: Path
) -> None:
    running = watch(log)
    alert = fired(running, log, state)
    assert run("ack", "--note", "rolling back", alert["id"][:8], state=state).exit_code == 0
    result = run("silence", "--rule", "traffic", "--for", "2h", state=state)
    assert result.exit_code == 0
    assert result.output.startswith("silenced rule traffic until ")
    assert "no watch" not in result.output
    began = time.monotonic()
    wait_until(lambda: not request_names(state))
    assert time.monotonic() - began < 10
    told = alerts_of(state, id=alert["id"])[0]
    assert (told["note"], told["acknowledged_at"] is not None) == ("rolling back", True)
    assert "rule traffic until" in run("silence", "--list", state=state).output
    # It is in the state itself, and the next run has it from there.
    running.end(signal.SIGKILL)
    assert [each.rule for each in history_of(state).silences] == ["traffic"]
    again = watch(log)
    again.wait_for(lambda output: any(each["time"] for each in objects(output)))
    assert run("ack", "--undo", alert["id"], state=state).exit_code == 0
    assert run("unsilence", "--all", state=state).exit_code == 0
    wait_until(lambda: not request_names(state))
    assert alerts_of(state, id=alert["id"])[0]["acknowledged_at"] is None
    assert run("silence", "--list", state=state).output == "nothing is silenced\n"


def test_a_silence_holds_for_the_last_messages_of_a_watch(
    watch: Start, log: Path, state: Path, tmp_path: Path
) -> None:
    called, config = tmp_path / "called", tmp_path / "config.toml"
    config.write_text(
        "[notify.hook]\ntype = 'command'\ngroup_wait = 300\n"
        f"command = ['/bin/sh', '-c', 'cat >> {called}']\n"
    )
    running = watch(log, f"--config={config}")
    fired(running, log, state)
    assert run("silence", state=state).exit_code == 0
    running.end(signal.SIGTERM)  # before it has looked for requests
    assert not called.exists()


def test_what_is_asked_of_an_ended_watch_counts_at_once_and_in_the_next_one(
    watch: Start, log: Path, state: Path
) -> None:
    running = watch(log)
    alert = fired(running, log, state)
    running.end(signal.SIGTERM)
    before = state.read_bytes()
    result = run("silence", "--id", alert["id"], state=state)
    assert "; no watch is running, the next one begins with it" in result.output
    assert run("ack", alert["id"], state=state).exit_code == 0
    assert state.read_bytes() == before, "no command touches the state"
    told = alerts_of(state, id=alert["id"])[0]
    assert (told["acknowledged_at"] is not None, told["id"]) == (True, alert["id"])
    assert "rule traffic until" in run("silence", "--list", state=state).output
    watch(log)
    wait_until(lambda: not request_names(state))
    assert [each.rule for each in history_of(state).silences] == ["traffic"]
    assert alerts_of(state, id=alert["id"])[0]["acknowledged_at"] == told["acknowledged_at"]


def test_nothing_is_lost_however_often_the_watch_is_killed(
    watch: Start, log: Path, state: Path
) -> None:
    fired(watch(log), log, state)
    for number in range(4):
        running = watch(log)
        for each in range(5):
            client = f"10.{number}.0.{each}"
            assert run("silence", "--rule", "ddos", "--subject", client, state=state).exit_code == 0
            time.sleep(0.05)
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait(60)
    watch(log)
    wait_until(lambda: not request_names(state))
    found = [each.subject for each in history_of(state).silences]
    assert sorted(found) == sorted(b"10.%d.0.%d" % (n, each) for n in range(4) for each in range(5))


@pytest.fixture
def ended(state: Path) -> dict[str, Any]:
    """The state of a watch that has ended, and an alert that fires in it."""
    store = StateFile(state, [LOG])
    save(store, busy())
    store.close()
    return alerts_of(state, rule="traffic")[0]


def test_silences_are_of_what_the_options_say(ended: dict[str, Any], state: Path) -> None:
    for options, text in (
        ((), "everything"),
        (("--rule", "ddos"), "rule ddos"),
        (("--rule", "ddos", "--subject", "10.0.0.7"), "rule ddos, client 10.0.0.7"),
        (("--scope", "user_agent", "--subject", "curl"), "user agent curl"),
        (("--where", "label.team:web"), "alerts where label.team:web"),
        (("--rule", "ddos", "--where", "q:x"), "rule ddos, alerts where q:x"),
        (("--id", ended["id"][:6]), "rule traffic"),
    ):
        assert f"silenced {text} until" in run("silence", *options, state=state).output
    listed = run("silence", "--list", state=state).output.splitlines()
    assert len(listed) == 7
    result = run("unsilence", "--rule", "ddos", state=state)
    assert result.output.startswith("ended the silence of rule ddos until")
    assert len(run("silence", "--list", state=state).output.splitlines()) == 6
    result = run("unsilence", "--where", "label.team:web", state=state)
    assert result.output.startswith("ended the silence of alerts where label.team:web until")
    assert len(run("silence", "--list", state=state).output.splitlines()) == 5
    assert run("unsilence", "--all", state=state).exit_code == 0
    assert run("silence", "--list", state=state).output == "nothing is silenced\n"


@pytest.mark.usefixtures("ended")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["silence", "--rule", "ddoss"], "--rule ddoss: no rule is called so; did you mean ddos?"),
        (["silence", "--subject", "x"], "--scope says what a --subject is"),
        (["silence", "--rule", "traffic", "--subject", "x"], "--scope says what a --subject is"),
        (["silence", "--scope", "client"], "--scope is for a --subject"),
        (["silence", "--for", "soon"], "'soon' is no time such as 30m"),
        (["silence", "--id", "zz"], "--id zz: no alert that is listed"),
        (["silence", "--id", "0", "--rule", "ddos"], "--id says which rule and subject"),
        (["silence", "--id", "0", "--where", "q:x"], "--id says which rule and subject"),
        (["silence", "--where", "team:web"], "--where: team is no field"),
        (["silence", "--where", "severity:bad"], "--where: severity:bad is none of"),
        (["unsilence", "--where", "label.team:web"], "no such silence is in force"),
        (["silence", "--rule", "q"], "; those of another settings file need --config"),
        (["unsilence", "--all"], "nothing is silenced; maintenance windows need"),
        (["unsilence"], "say what is silenced"),
        (["unsilence", "--all", "--rule", "ddos"], "say what is silenced"),
        (["unsilence", "--rule", "ddos"], "no such silence is in force"),
        (["ack", "zz"], "no alert that is listed"),
        (["ack", "--note", "x" * 501, "0"], "a note has 500 characters at most"),
    ],
)
def test_mistakes_are_one_line(state: Path, words: list[str], message: str) -> None:
    result = run(*words, state=state)
    told = str(result.exception) + result.output
    assert message in told
    assert getattr(result.exception, "exit_code", result.exit_code) == 2
    assert request_names(state) == []


def test_without_a_state_there_is_nothing_to_silence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "logmon_tui", "silence", "none.log"]
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 2
    assert "no state is kept of none.log" in done.stderr
