"""The command line: its help, and its errors in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from logmon_tui import __version__
from tests.cli.usage.running import LINE, RunCommand, assert_one_line
from tests.formats.strategies import COMBINED


def test_version(run: RunCommand) -> None:
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith(f"logmon-tui, version {__version__} (")


@pytest.mark.parametrize("command", [[], ["watch"], ["report"], ["simulate"]])
def test_help_groups_the_options_and_gives_examples(run: RunCommand, command: list[str]) -> None:
    code, out, _ = run(*command, "--help")
    assert code == 0
    assert "--threshold REQ_PER_S" in out
    assert "\nAlerts:\n" in out or command == ["simulate"]
    assert "\nExamples:\n" in out or command == ["watch"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run: RunCommand, shell: str) -> None:
    code, out, _ = run("completion", shell)
    assert code == 0
    assert "_LOGMON_TUI_COMPLETE" in out


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--threshold", "abc"], ["--threshold: 'abc' is not a valid number"]),
        (["--threshold", "0"], ["--threshold", "x>0"]),
        (["--threshold", "nan"], ["--threshold", "'nan'"]),
        (["--error-rate", "5"], ["--error-rate", "0<x<1"]),
        (["--show", "traffic,nope"], ["--show: 'nope' is no panel; known are traffic, sections"]),
        (["--nope"], ["--nope"]),
        (["--treshold", "5"], ["--treshold: no such option; did you mean --threshold? ("]),
        (["report", "--treshold=5"], ["did you mean --threshold? (logmon-tui report --help"]),
        (["rules", "list", "--tresh", "5"], ["--tresh: no such option; did you mean --threshold?"]),
        (["report", "--hlep"], ["--hlep: no such option; did you mean --help?"]),
        (["report", "--logs", "5"], ["--logs: no such option"]),
        (["simulate", "--raet", "5", "x"], ["--raet: no such option; did you mean --rate?"]),
        (
            ["rules", "chek"],
            ["chek: no such command; did you mean check? known are check, list, t"],
        ),
        (["state", "shw"], ["shw: no such command; did you mean show? known are "]),
        (["notify", "tst"], ["tst: no such command; did you mean test? known are "]),
        (["notify", "zzz"], ["zzz: no such command; known are "]),
        (["alrts", "--firing", "a.log"], ["alrts: no such file; did you mean logmon-tui alerts?"]),
        (["--top", "5", "reprot"], ["reprot: no such file; did you mean logmon-tui report?"]),
        (["reprot", "access.log"], ["reprot: no such file; did you mean logmon-tui report?"]),
        (["--format", "nope"], ["'nope' is not known; logmon-tui formats lists the names"]),
        (["--bucket-size", "7"], ["--alert-window 120", "multiple of --bucket-size 7"]),
        (["--from-start", "--from-end"], ["exclude each other"]),
        (["--with-rotated", "a.log"], ["--with-rotated", "give --from-start with it"]),
        (["report", "/nonexistent/*.log"], ["/nonexistent/*.log: matches no file"]),
        (["--demo", "a.log"], ["--demo watches a log of its own"]),
        (["--output", "screen"], ["needs a terminal"]),
        (["-", "-"], ["give it once"]),
        (["--show", ""], ["--show: names no panel; known are traffic"]),
        (["--format", '%h %t "%r" %>s %Z'], ["'%Z' is no directive"]),
        (["--format", '%h %t "%r" %>s %{X'], ["'%{X' is no directive"]),
        (["--format", "$remote_addr [$time_local]"], ["no request"]),
        (["--css", "/nonexistent.tcss"], ["/nonexistent.tcss", "--css"]),
        (["--theme", "nope"], ["nope", "logmon-dark"]),
        (["report", "--output", "xml"], ["--output", "'json'"]),
        (["simulate", "--rate", "many", "x.log"], ["many"]),
        (["simulate"], ["FILE"]),
        (["completion", "tcsh"], ["tcsh"]),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    run: RunCommand, arguments: list[str], parts: list[str]
) -> None:
    assert_one_line(run(*arguments), *parts)


def test_a_wrong_environment_variable_is_named(run: RunCommand) -> None:
    assert_one_line(run(LOGMON_THRESHOLD="abc"), "LOGMON_THRESHOLD in the environment", "'abc'")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("LOGMON_TRESHOLD", "did you mean LOGMON_THRESHOLD?"),
        ("LOGMON_RATEE", "did you mean LOGMON_RATE?"),
        ("LOGMON_COLOUR_SCHEME", "logmon-tui --help lists the options"),
    ],
)
def test_an_unknown_variable_is_told_and_nothing_fails(
    run: RunCommand, log: Path, name: str, told: str
) -> None:
    line = f"logmon-tui: {name} in the environment is not known; {told}\n"
    code, out, error = run("report", "--output", "json", str(log), **{name: "5"})
    assert (code, error) == (0, line)
    assert json.loads(out)["hits"] == 3


@pytest.mark.parametrize(
    "words", [["rules", "list"], ["formats"], ["notify", "list"], ["completion", "bash"]]
)
def test_an_unknown_variable_is_told_by_every_command(run: RunCommand, words: list[str]) -> None:
    code, _, error = run(*words, LOGMON_TRESHOLD="5", LOGMON_THRESHOLD="7")
    assert code == 0
    assert error.count("\n") == 1
    assert "LOGMON_TRESHOLD in the environment is not known; did you mean LOGMON_THR" in error


def test_variables_of_others_are_left_alone(run: RunCommand, log: Path) -> None:
    """Those of options, of commands run for an alert, of our tests; secrets; other programs'."""
    file = log.with_name("c.toml")
    file.write_text('notify.a = {type = "webhook", url = {env = "LOGMON_MY_URL"}}\n')
    fine = {
        "LOGMON_TOP": "3",
        "LOGMON_RATE": "5",
        "LOGMON_NO_BELL": "1",
        "LOGMON_INCIDENT_ID": "1",
        "LOGMON_EXAMPLES": "5",
        "LOGMON_REAL_LOGS": "/x",
        "LOGMON_MY_URL": "http://x",
        "LOGMONITOR": "1",
        "_LOGMON_TUI_COMPLETE": "",
    }
    assert run("report", "--config", str(file), str(log), **fine)[2] == ""
    assert "LOGMON_MY_URL" in run("report", str(log))[2]
    assert run("completion", "bash")[2] == ""


def test_the_same_log_twice_is_refused(run: RunCommand, log: Path) -> None:
    link = log.with_name("link.log")
    link.symlink_to(log)
    for command in ([], ["report"]):
        assert_one_line(run(*command, str(log), str(link)), "link.log", "give it once")


def test_the_nearer_of_two_exclusive_settings_wins(run: RunCommand, log: Path) -> None:
    file = log.with_name("config.toml")
    file.write_text("from-start = true\nfrom-end = true\n")
    assert_one_line(run("--config", str(file), str(log)), "exclude each other")
    file.write_text("from-start = true\nbucket-size = 7\n")
    result = run("--config", str(file), "--from-end", str(log))
    assert_one_line(result, "multiple of --bucket-size 7")


def test_a_report_needs_no_stats_interval(run: RunCommand, log: Path) -> None:
    assert run("report", "--bucket-size", "3", str(log))[0] == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("logmon-tui re", "plain,report"),
        ("logmon-tui --dem", "plain,--demo"),
        ("logmon-tui x", "file,x"),
    ],
)
def test_the_first_word_completes_to_commands_options_and_files(words: str, expected: str) -> None:
    environment = {
        **os.environ,
        "COMP_WORDS": words,
        "COMP_CWORD": "1",
        "_LOGMON_TUI_COMPLETE": "bash_complete",
    }
    program = [sys.executable, "-c", "from logmon_tui.cli import main; main()"]
    done = subprocess.run(program, capture_output=True, text=True, env=environment, check=False)
    assert expected in done.stdout.split()


def test_a_directory_as_log_is_refused(run: RunCommand, tmp_path: Path) -> None:
    assert_one_line(run(str(tmp_path)), str(tmp_path), "is a directory; give a log file in it")
    assert_one_line(run("report", str(tmp_path)), str(tmp_path), "directory")


def test_a_missing_log_is_an_error_for_a_report_only(run: RunCommand, tmp_path: Path) -> None:
    missing = str(tmp_path / "none.log")
    assert_one_line(run("report", missing), missing, "No such file")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run the program as someone else")
def test_an_unreadable_log_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "secret.log"
    log.write_bytes(LINE)
    log.chmod(0)
    program = "import os, sys; os.seteuid(65534); from logmon_tui.cli import main; main()"
    # Imports are done before the user changes, for the environment may be readable to root only.
    preload = (
        "import logmon_tui.cli.watch, logmon_tui.cli.report, logmon_tui.cli.headless, "
        "logmon_tui.pipeline.whole_logs;"
    )
    environment = {**os.environ, "XDG_CONFIG_HOME": "/nonexistent"}
    for arguments in ([str(log)], ["report", str(log)]):
        done = subprocess.run(
            [sys.executable, "-c", preload + program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        assert_one_line((done.returncode, done.stdout, done.stderr), "cannot be read", "Permission")


def test_commands_without_a_screen_do_not_import_its_library(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(COMBINED + b"\n")
    code = (
        "import sys; from logmon_tui.cli import cli; "
        "cli.main(['report', sys.argv[1]], standalone_mode=False); "
        "print(sorted({'textual', 'rich.console', 'watchdog'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(log)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
