"""The command line: its help, its errors, where settings come from."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui import __version__
from logmon_tui.cli import main
from tests.formats.strategies import COMBINED

LINE = b'10.0.0.1 - - [09/May/2018:16:00:39 +0000] "GET /report HTTP/1.0" 200 123\n'
Run = tuple[int, str, str]
RunCommand = Callable[..., Run]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> RunCommand:
    """Run the command line in this process, away from the user's own settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def call(*arguments: str, **environment: str) -> Run:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["logmon-tui", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "access.log"
    path.write_bytes(LINE * 3)
    return path


def assert_one_line(result: Run, *parts: str) -> None:
    code, _, error = result
    assert code == 2
    assert error.count("\n") == 1
    assert error.startswith("logmon-tui: ")
    for part in parts:
        assert part in error


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


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--output", "csv"]])
def test_a_full_disk_is_one_line(log: Path, arguments: list[str]) -> None:
    target = [str(log)] if "report" in arguments else []
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "logmon_tui", *arguments, *target],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "logmon-tui: output cannot be written: No space left on device\n"


def test_a_report_reads_a_pipe_to_its_end(log: Path) -> None:
    log.write_bytes(LINE * 5_000)
    command = f"{sys.executable} -m logmon_tui report --output csv <(cat {log}) < /dev/null"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "total,hits,5000," in done.stdout


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


class TestRoutes:
    """Rules of the user's own are checked before anything is read."""

    @pytest.mark.parametrize(
        ("pattern", "replacement", "reason"),
        [("(", "x", "missing )"), ("a(?!b)", "x", "lookaround"), ("a", r"\1", "only has 0")],
    )
    def test_one_that_cannot_be_followed_is_told(
        self, run: RunCommand, log: Path, pattern: str, replacement: str, reason: str
    ) -> None:
        command = ("report", "--routes", pattern, replacement, str(log))
        assert_one_line(run(*command), "--routes", pattern, reason)
        rules = f"{pattern} {replacement}"
        assert_one_line(run("report", str(log), LOGMON_ROUTES=rules), "LOGMON_ROUTES", reason)

    def test_the_environment_must_name_a_replacement_too(self, run: RunCommand, log: Path) -> None:
        assert_one_line(run("report", str(log), LOGMON_ROUTES="a b c"), "LOGMON_ROUTES", "'c'")

    def test_those_of_file_environment_and_options_are_taken(
        self, run: RunCommand, log: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / "routes.toml"
        file.write_text("routes = [{pattern = '^/u/[^/]+', replace = '/u/:name'}]")
        assert run("report", "--config", str(file), str(log))[0] == 0
        assert run("report", "--routes", "a", "b", "--routes", "c", "d", str(log))[0] == 0
        assert run("report", str(log), LOGMON_ROUTES="a b c d", LOGMON_SECTION_DEPTH="3")[0] == 0


class TestSettingsFile:
    """Defaults < settings file < environment < options."""

    def threshold_of(self, run: RunCommand, log: Path, *arguments: str, **environment: str) -> bool:
        """Whether three hits in a window of 1 s are too many."""
        _, out, _ = run(
            *(
                "report",
                "--output",
                "csv",
                "--alert-window",
                "1",
                "--ddos-threshold",
                "99",
                *arguments,
                str(log),
            ),
            **environment,
        )
        return "alerts" in out

    def test_each_source_of_settings_beats_the_one_before(self, run: RunCommand, log: Path) -> None:
        file = log.with_name("config.toml")
        file.write_text("threshold = 2\ncss = 'unused-by-report.tcss'\n")
        assert not self.threshold_of(run, log)
        assert self.threshold_of(run, log, "--config", str(file))
        assert not self.threshold_of(run, log, "--config", str(file), LOGMON_THRESHOLD="5")
        assert self.threshold_of(run, log, "--threshold", "2", LOGMON_THRESHOLD="5")

    @pytest.mark.parametrize(("output", "start"), [("json", "{"), ("csv", "table,key,")])
    def test_the_file_says_as_what_a_report_is_printed(
        self, run: RunCommand, log: Path, output: str, start: str
    ) -> None:
        file = log.with_name("config.toml")
        file.write_text(f'output = "{output}"\n')
        code, out, error = run("report", "--config", str(file), str(log))
        assert (code, error) == (0, "")
        assert out.startswith(start)

    def test_the_users_own_file_is_found(self, run: RunCommand, log: Path, tmp_path: Path) -> None:
        file = tmp_path / "config" / "logmon-tui" / "config.toml"
        file.parent.mkdir(parents=True)
        file.write_text("threshold = 2\n")
        assert self.threshold_of(run, log)

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("threshold = 'x'", ["threshold: expected"]),
            ("alert-window = 0", ["alert_window: expected"]),
            ("treshold = 1", ["treshold: is not known; did you mean threshold?"]),
            ("show = 'traffic,nope'", ["show", "nope"]),
            ("routes = [{pattern = '(', replace = ''}]", ["routes[0]", "missing )"]),
            ("threshold = ", [":1: not valid TOML"]),
        ],
    )
    def test_errors_name_file_and_key(
        self, run: RunCommand, tmp_path: Path, text: str, parts: list[str]
    ) -> None:
        file = tmp_path / "bad.toml"
        file.write_text(text)
        assert_one_line(run("--config", str(file)), str(file), *parts)

    def test_a_missing_file_is_an_error_when_named(self, run: RunCommand) -> None:
        assert_one_line(run("--config", "/nonexistent.toml"), "/nonexistent.toml: cannot be read")


def test_a_reader_that_goes_away_is_no_traceback(log: Path) -> None:
    log.write_bytes(LINE * 50_000)
    command = f"{sys.executable} -m logmon_tui report --output json --top 0 {log} | head -c 10"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert done.stderr == b""


@pytest.mark.parametrize("order", [["new.log", "old.log"], ["old.log", "new.log"]])
def test_a_report_reads_several_logs_oldest_first(
    run: RunCommand, tmp_path: Path, order: list[str]
) -> None:
    (tmp_path / "old.log").write_bytes(LINE * 2)
    (tmp_path / "new.log").write_bytes(LINE.replace(b"2018", b"2019"))
    code, out, _ = run("report", "--output", "csv", *(str(tmp_path / name) for name in order))
    assert code == 0
    assert "total,hits,3,369" in out


def test_a_report_takes_patterns_and_rotated_files(run: RunCommand, tmp_path: Path) -> None:
    for name in ("a.log", "a.log.1", "deep/b.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(LINE * 2)
    pattern = str(tmp_path / "**" / "*.log")
    code, out, _ = run("report", "--output", "csv", pattern)
    assert code == 0
    assert "total,hits,4,492" in out
    assert "sources,a.log,2,246" in out
    assert "total,hits,6,738" in run("report", "--output", "csv", "--with-rotated", pattern)[1]


def test_a_report_says_in_one_line_what_is_no_access_log(run: RunCommand, tmp_path: Path) -> None:
    error, empty = tmp_path / "error.log", tmp_path / "empty.log"
    error.write_bytes(b"2026/11/22 12:00:00 [error] 123#0: *1 open() failed\n" * 3)
    empty.touch()
    code, out, _ = run("report", str(error), str(empty))
    assert code == 2
    assert f"{error} is an nginx error log, not an access log; give the access log\n" in out
    assert f"{empty} is empty\n" in out
    assert "--format" not in out


@pytest.mark.parametrize("output", ["text", "json", "csv"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "nothing was a hit: {log} is empty"),
        (
            b"no line\nof a log\n",
            (
                "nothing was a hit in 2 lines of {log}: no known log format; "
                "logmon-tui formats {log} tells how they read"
            ),
        ),
        (
            b"2026/11/22 12:00:00 [error] 123#0: *1 open() failed\n",
            (
                "nothing was a hit: {log} is an nginx error log, not an access log; "
                "give the access log"
            ),
        ),
    ],
)
def test_a_report_without_a_hit_is_printed_and_ends_with_code_2(
    run: RunCommand, log: Path, content: bytes, told: str, output: str
) -> None:
    log.write_bytes(content)
    code, out, error = run("report", "--output", output, str(log))
    assert (code, error) == (2, f"logmon-tui: {told.format(log=log)}\n")
    if output == "json":
        assert json.loads(out)["hits"] == 0
    else:
        assert "0 hits" in out or "total,hits,0," in out


def test_one_hit_among_several_logs_is_a_report(run: RunCommand, log: Path) -> None:
    empty = log.with_name("empty.log")
    empty.touch()
    code, out, error = run("report", str(empty), str(log))
    assert (code, error) == (0, "")
    assert f"{empty} is empty\n" in out


def test_several_logs_without_a_hit_are_counted(run: RunCommand, log: Path) -> None:
    other = log.with_name("it's other.log")
    log.write_bytes(b"no line\n")
    other.write_bytes(b"no line\n" * 1_233)
    code, _, error = run("report", str(other), str(log))
    assert code == 2
    assert error.startswith("logmon-tui: nothing was a hit in 1,234 lines of 2 logs: no known")
    other.write_bytes(b"")
    log.write_bytes(b"")
    error = run("report", str(other), str(log))[2]
    assert error == f"logmon-tui: nothing was a hit: {other} is empty; and 1 more without a hit\n"


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
