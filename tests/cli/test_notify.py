"""`notify list` and `notify test`: each target a line, secrets never."""

import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.cli import cli
from logmon_tui.config.logs import DEFAULT_LOG
from logmon_tui.errors import OutputError, UsageError
from tests.notify.sinks import HttpSink, serving

SECRET = "s3cret-t0ken"


def run(tmp_path: Path, settings: str, *arguments: str) -> Result:
    config = tmp_path / "config.toml"
    config.write_text(settings)
    command, *rest = arguments
    return CliRunner().invoke(cli, ["notify", command, "--config", str(config), *rest])


def targets(url: str) -> str:
    return f"""
[notify.hook]
type = "webhook"
url = "{url}/{SECRET}"
[notify.failing]
type = "command"
command = ["{sys.executable}", "-c", "import sys; sys.exit('no such pager')"]
severity = "critical"
rules = ["endpoint_*", "!ddos"]
[notify.bell]
type = "bell"
"""


def test_each_target_gets_a_test_message_and_a_line_says_how_that_went(tmp_path: Path) -> None:
    sink = HttpSink()
    with serving(sink):
        result = run(tmp_path, targets(sink.url), "test")
        assert result.output.splitlines() == [
            f"✓ hook     webhook  sent to {sink.url}/…",
            "✗ failing  command  ended with code 1: no such pager",
            "· bell     bell     nothing to send: the screen does it",
        ]
        assert isinstance(result.exception, OutputError)
        assert str(result.exception) == "1 of 3 targets failed"
        assert result.exception.exit_code == 1
        assert sink.events() == [("test", "test")]
        fine = run(tmp_path, targets(sink.url), "test", "hook", "bell")
        assert (fine.exit_code, len(sink.requests)) == (0, 2)


def test_targets_are_listed_without_their_secrets(tmp_path: Path) -> None:
    result = run(tmp_path, targets("https://example.com"), "list")
    name = Path(sys.executable).name
    address = "https://example.com/…"
    assert result.output.splitlines() == [
        f"● hook     webhook  {address}  warning and worse, all rules",
        f"● failing  command  {name.ljust(len(address))}  critical, endpoint_*, !ddos",
        f"● bell     bell     {'the screen'.ljust(len(address))}  warning and worse, all rules",
    ]
    assert result.exit_code == 0
    assert SECRET not in result.output


def test_a_target_that_cannot_be_opened_is_listed_with_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_NAME", raising=False)
    table = '[notify.hook]\ntype = "webhook"\nurl = { env = "NO_SUCH_NAME" }\n'
    listed = run(tmp_path, table, "list")
    why = "✗ hook  webhook  NO_SUCH_NAME is not set in the environment; set it"
    assert listed.output == f"{why}  warning and worse, all rules\n"
    assert isinstance(listed.exception, OutputError)
    assert listed.exception.exit_code == 1
    tested = run(tmp_path, table, "test")
    assert tested.output == f"{why}\n"
    assert isinstance(tested.exception, OutputError)


def test_a_test_message_is_of_now_with_an_id_of_its_own(tmp_path: Path) -> None:
    sink = HttpSink()
    with serving(sink):
        before = int(time.time())
        for _ in range(2):
            run(tmp_path, targets(sink.url), "test", "hook")
    first, second = (body["events"][0] for body in sink.bodies)
    assert first["triggered_at"] >= iso_time(before)
    assert first["id"] != second["id"]
    assert sink.bodies[0]["logs"] == [DEFAULT_LOG]


@pytest.mark.parametrize(
    ("settings", "arguments", "told"),
    [
        ("", ("test",), "no targets are set; add a table [notify.NAME] to "),
        (targets("http://x"), ("test", "pager"), "pager: no such target; there are hook, fail"),
        (
            f'top = 3\n[notify.hook]\ntype = "webhook"\nurl = "{SECRET}"\ntimeout = -1\n',
            ("list",),
            ":5: notify.hook.timeout: expected a number of seconds above 0",
        ),
        (
            '[notify.bell]\ntype = "bell"\nrules = "trafic"\n',
            ("list",),
            ":3: notify.bell.rules: no rule matches 'trafic'; did you mean traffic?",
        ),
        ("notify = 1\n", ("list",), "notify: expected "),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_key(
    tmp_path: Path, settings: str, arguments: tuple[str, ...], told: str
) -> None:
    result = run(tmp_path, settings, *arguments)
    assert isinstance(result.exception, UsageError)
    assert told in str(result.exception)
    assert SECRET not in str(result.exception)


def test_without_targets_list_says_where_to_add_them(tmp_path: Path) -> None:
    told = f"no targets are set; add a table [notify.NAME] to {tmp_path / 'config.toml'}\n"
    assert run(tmp_path, "", "list").output == told
