"""Whatever an option, a file's name or its content holds, messages and help only show it."""

import sys
from pathlib import Path

import pytest

from logmon_tui.cli import main
from logmon_tui.errors import UsageError
from logmon_tui.tui.paint.styles import check_css
from tests.hostile import harm

BAD = "x\x1b]0;owned\x07\x9d\u202e\u200b[red]\u2028\ny"
SHOWN = "x\\x1b]0;owned\\x07"


def run(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> bytes:
    """Run the command line in this process; return what it printed, on either stream."""
    monkeypatch.setattr(sys, "argv", ["logmon-tui", *arguments])
    with pytest.raises(SystemExit):
        main()
    printed = capfdbinary.readouterr()
    return printed.out + printed.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--threshold", BAD],
        ["--show", BAD],
        ["--format", BAD],
        ["--format", f'%h %t "%r" %>s {BAD}'],
        ["--output", BAD],
        ["--css", BAD],
        ["--theme", BAD],
        ["--config", BAD],
        ["--config", "bad.toml"],
        ["--config", f"{BAD}.toml"],
        ["report", "--config", "help.toml", "--help"],
        [f"--{BAD}"],
        ["report", BAD],
        ["report", "a\udc9db\udcff"],
        ["report", f"{BAD}.d"],
        [f"{BAD}.d"],
        [f"{BAD}.toml", f"{BAD}.toml"],
        ["simulate", f"{BAD}.d"],
        ["simulate", "--duration", "0.01", BAD],
        ["simulate", "--rate", BAD, "x"],
        ["completion", BAD],
        ["rules", "check", BAD],
        ["rules", "check", "rule.toml"],
        ["rules", "check", "metric.toml"],
        ["rules", "test", "key.toml", BAD],
    ],
)
def test_messages_and_help_obey_nothing(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    Path("bad.toml").write_text('show = "x\\u001b]0;owned\\u0007\\u202e"')
    Path("help.toml").write_text('format = "x\\u001b]0;owned\\u0007\\u202e"')
    Path(f"{BAD}.toml").write_text("show = ")
    Path("rule.toml").write_text('[rules."x\\u001b]0;owned\\u0007\\u202e"]')
    Path("metric.toml").write_text('rules.a.metric = "x\\u001b]0;owned\\u0007\\u202e"')
    Path("key.toml").write_text('rules.a."x\\u001b]0;owned\\u0007\\u202e" = 5')
    Path(f"{BAD}.d").mkdir()
    printed = run(arguments, monkeypatch, capfdbinary)
    assert harm(printed) == set()
    assert SHOWN.encode() in printed or "a\udc9db\udcff" in arguments


def test_an_environment_variable_is_told_but_not_obeyed(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("LOGMON_THRESHOLD", BAD)
    printed = run([], monkeypatch, capfdbinary)
    assert harm(printed) == set()
    assert SHOWN.encode() in printed


@pytest.mark.parametrize(
    "sheet", [None, "Panel { \x1b]0;owned\x07: red }", "\u202e\x9d {", "[red] {"]
)
def test_a_stylesheet_and_its_name_are_told_but_not_obeyed(
    sheet: str | None, tmp_path: Path
) -> None:
    path = tmp_path / BAD
    if sheet is not None:
        path.write_text(sheet)
    with pytest.raises(UsageError) as told:
        check_css(path)
    assert harm(str(told.value).encode()) == set()
