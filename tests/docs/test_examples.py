"""The examples of the documents work: commands are understood, most run, settings are valid."""

import gzip
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from logmon_tui.cli import cli
from logmon_tui.config.settings_file import read_settings_file
from logmon_tui.errors import UsageError
from logmon_tui.notify.message import Event, EventKind, Group, Message
from logmon_tui.notify.registry import check_patterns, read_targets
from tests.docs.pages import FILES, code_of, commands_in, manual, text_of
from tests.tui.incidents import incident

EXAMPLES = sorted({tuple(each) for file in FILES for each in commands_in(file.read_text("utf-8"))})
SETTINGS = [each for each in code_of(manual(), "toml") if "[[test]]" not in each]

LINE = b'203.0.113.5 - - [22/Nov/2026:08:26:%02d +0000] "GET /api HTTP/1.1" 200 612 "-" "curl/8"\n'
LOGS = ("access.log", "access.log.1", "a.log", "api.log", "logs/x.log")
COMPRESSED = ("access.log.2.gz", "old.log.gz")

RUN = (
    ("report",),
    ("formats",),
    ("rules", "check"),
    ("rules", "list"),
    ("rules", "test"),
    ("rules", "expect"),
    ("completion",),
    ("help",),
    ("state", "show"),
    ("state", "clear", "access.log"),
    ("notify", "list"),
)
"""Commands that end by themselves and reach nobody."""


def _id(arguments: tuple[str, ...]) -> str:
    return " ".join(arguments) or "(none)"


def runnable(arguments: tuple[str, ...]) -> bool:
    """Tell whether a command can run here: one that reads standard input waits for somebody."""
    return any(arguments[: len(each)] == each for each in RUN) and "-" not in arguments


def understood(arguments: tuple[str, ...]) -> click.Command:
    """Return the command of an example. Raises a click error for what it does not take."""
    command: click.Command = cli
    words = list(arguments)
    while isinstance(command, click.Group):
        below = command.commands
        command = below[words.pop(0)] if words and words[0] in below else below["watch"]
    root = click.Context(cli, info_name="logmon-tui", **cli.context_settings)
    context = click.Context(command, parent=root, info_name="example")
    values, rest, _ = command.make_parser(context).parse_args(words)
    assert not rest
    for parameter in command.params:
        value = values.get(parameter.name)
        if isinstance(parameter, click.Argument) or not parameter.is_flag:
            parameter.process_value(context, value)
    return command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the examples name, and settings from the manual."""
    (tmp_path / "logs").mkdir()
    lines = b"".join(LINE % second for second in range(60))
    for name in LOGS:
        (tmp_path / name).write_bytes(lines)
    for name in COMPRESSED:
        (tmp_path / name).write_bytes(gzip.compress(lines))
    (tmp_path / "config.toml").write_text(code_of(text_of("rules"), "toml")[0])
    (tmp_path / "expected.toml").write_text("[[test]]\nname = 'quiet'\nlog = 'access.log'\n")
    (tmp_path / "alerts.toml").write_text('[notify.pager]\ntype = "bell"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", EXAMPLES, ids=_id)
def test_an_example_is_understood(arguments: tuple[str, ...]) -> None:
    if arguments not in {("--help",), ("--version",)}:
        understood(arguments)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("report", "--tpo", "5", "x"), "--tpo"),
        (("--top", "many"), "many"),
        (("rules", "test"), "file"),
    ],
    ids=str,
)
def test_a_wrong_example_is_noticed(arguments: tuple[str, ...], part: str) -> None:
    with pytest.raises(click.UsageError, match=part):
        understood(arguments)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", list(filter(runnable, EXAMPLES)), ids=_id)
def test_an_example_runs(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exception is None, result.exception
    assert result.exit_code == 0, result.output


def test_examples_are_found_at_all() -> None:
    assert len(EXAMPLES) > 40
    assert sum(map(runnable, EXAMPLES)) > 15


@pytest.mark.parametrize("number", range(len(SETTINGS)))
def test_settings_of_the_manual_are_valid(tmp_path: Path, number: int) -> None:
    file = tmp_path / "config.toml"
    file.write_text(SETTINGS[number])
    read = read_settings_file(file)
    assert read.given
    targets = read_targets(read.settings.notify)
    check_patterns(targets, ["endpoint_errors", "ddos"])


def test_a_wrong_setting_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(SETTINGS[0] + "\n[rules.x]\nmetrik = 1\n")
    with pytest.raises(UsageError, match="metrik"):
        read_settings_file(file)


def test_the_json_of_webhooks_has_the_fields_that_the_manual_shows() -> None:
    (shown,) = map(json.loads, code_of(text_of("notifications"), "json"))
    sent = Message(Group((Event(EventKind.FIRED, incident()),)), "web1", ["access.log"]).body()
    assert shown.keys() == sent.keys()
    assert shown["events"][0].keys() == sent["events"][0].keys()
