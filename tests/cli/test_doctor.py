"""`logmon-tui doctor`: a line for each check, with what to do where it is not fine."""

import errno
import fcntl
import json
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from logmon_tui.cli import cli
from logmon_tui.cli.doctor import command, machine, registry
from logmon_tui.cli.doctor.findings import SIGNS, Asked, Finding, State
from logmon_tui.cli.doctor.machine import event_comes
from logmon_tui.state.location import default_state_file
from logmon_tui.state.state_file import StateFile
from tests.state.stores import busy, save

Lines = dict[str, list[str]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let settings and state lie in a folder of the test's own; wait for no event of files."""
    monkeypatch.setattr(machine, "event_comes", lambda: True)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("TMUX", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def line_at(second: float) -> str:
    moment = datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'10.0.0.1 - - [{moment}] "GET /pages HTTP/1.1" 200 5\n'


def log_in(folder: Path, name: str = "access.log", age: float = 5, lines: int = 3) -> Path:
    log = folder / name
    log.write_text("".join(line_at(time.time() - age) for _ in range(lines)))
    return log


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["doctor", *map(str, arguments)])


def lines_of(result: Result) -> Lines:
    """Return the lines of each check: its sign, and what stands behind the name."""
    found: Lines = {}
    for line in result.stdout.splitlines()[:-1]:
        sign, name, text = line.split(None, 2)
        assert sign in SIGNS.values()
        found.setdefault(name, []).append(f"{sign} {text}")
    return found


def test_where_all_is_fine_each_check_has_its_line_and_the_code_is_0(home: Path) -> None:
    result = run(log_in(home))
    assert result.exit_code == 0
    found = lines_of(result)
    assert set(found) == {name for name, _ in registry.CHECKS} - {"tmux", "variables"}
    assert not any(line[0] in "✗!" for lines in found.values() for line in lines)
    assert result.stdout.splitlines()[-1].endswith("0 failed, 0 warnings")
    assert found["logs"][1:] == [
        f"✓ {home}/access.log is common, recognised: 3 of the first 3 lines are hits",
        found["logs"][2],
    ]
    assert found["logs"][2].startswith(f"✓ the newest hit of {home}/access.log is ")
    assert "will be made" in found["state"][0]


def test_warnings_alone_end_with_code_0(home: Path) -> None:
    result = run(home / "missing.log")
    assert result.exit_code == 0
    (told,) = lines_of(result)["logs"]
    assert told.startswith(f"! {home}/missing.log is not there yet: it is waited for; see whether")
    assert result.stdout.splitlines()[-1].endswith("0 failed, 1 warning")


def test_json_tells_the_same(home: Path) -> None:
    asked = [log_in(home), home / "missing.log", home]
    text, found = run(*asked), run("--output", "json", *asked)
    assert text.exit_code == found.exit_code == 1
    told = json.loads(found.stdout)
    assert (told["failed"], told["warnings"]) == (1, 1)
    lines = [(each["check"], SIGNS[State(each["state"])]) for each in told["checks"]]
    assert lines == [(line.split()[1], line.split()[0]) for line in text.stdout.splitlines()[:-1]]
    assert all(each["mend"] for each in told["checks"] if each["state"] in {"failed", "warning"})


# Logs


@pytest.mark.parametrize(
    ("content", "sign", "text"),
    [
        ("", "!", "is empty; see whether the server writes it"),
        ("2026/11/22 08:26:40 [error] 7#7: x\n" * 5, "✗", "is an nginx error log, not an access"),
        ("what is this\n" * 5, "✗", "is in no format that is known; logmon-tui formats "),
        (line_at(0) + "what is this\n" * 3, "!", "1 of the first 4 lines are hits; logmon-tui"),
    ],
)
def test_what_is_odd_about_a_log_is_told(home: Path, content: str, sign: str, text: str) -> None:
    log = home / "access.log"
    log.write_text(content)
    result = run(log)
    assert result.exit_code == (1 if sign == "✗" else 0)
    assert any(told.startswith(sign) and text in told for told in lines_of(result)["logs"])


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (3 * 86_400, "! the newest hit of LOG is 3 d 00 h old; see whether the server still"),
        (-7_500, "! the newest hit of LOG is 2 h 0"),
        (60, "✓ the newest hit of LOG is 1 m 0"),
    ],
)
def test_the_age_of_the_newest_hit_is_told(home: Path, age: float, text: str) -> None:
    log = log_in(home, age=age)
    found = lines_of(run(log))["logs"]
    assert any(told.startswith(text.replace("LOG", str(log))) for told in found)


def test_headers_are_no_lines_that_should_be_hits(home: Path) -> None:
    log = home / "iis.log"
    fields = "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\n"
    now = datetime.fromtimestamp(time.time() - 100, UTC).strftime("%Y-%m-%d %H:%M:%S")
    log.write_text(f"{fields}{now} 10.0.0.1 GET /x 200\n")
    found = lines_of(run(log))["logs"]
    assert found[1] == f"✓ {log} is w3c, recognised: 1 of the first 1 lines are hits"
    assert found[2].startswith(f"✓ the newest hit of {log} is 1 m 4")


def test_the_newest_hit_is_found_behind_lines_that_are_none(home: Path) -> None:
    log = log_in(home, age=100)
    with log.open("a") as file:
        file.write("no hit\n" * 20)
    assert any("newest hit" in told and "1 m 4" in told for told in lines_of(run(log))["logs"])


def test_rotated_files_patterns_and_compressed_logs_are_told(home: Path) -> None:
    log = log_in(home)
    for name in ("access.log.1", "access.log.2"):
        log_in(home, name)
    subprocess.run(["gzip", str(home / "access.log.2")], check=True)
    found = lines_of(run(log, home / "nothing*.log", home / "access.log.2.gz"))["logs"]
    assert any("2 rotated files" in told and "--with-rotated" in told for told in found)
    assert any("nothing*.log matches no file yet" in told for told in found)
    assert any("access.log.2.gz can be read" in told and "compressed" in told for told in found)


def test_logs_come_from_the_settings_where_none_is_named(home: Path) -> None:
    log = log_in(home, "edge.log")
    settings = home / "settings.toml"
    settings.write_text(f'[logs."{log}"]\nformat = "combined"\n')
    result = run("--config", settings)
    assert result.exit_code == 1
    (told,) = [told for told in lines_of(result)["logs"] if "combined" in told]
    assert told.startswith(f"✗ {log} is combined, as it was chosen: 0 of the first 3 lines are h")


def test_a_format_that_is_none_is_told(home: Path) -> None:
    result = run("--format", "combinedd", log_in(home))
    assert result.exit_code == 1
    assert any("'combinedd' is not known" in told for told in lines_of(result)["logs"])


# Settings, environment, targets


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("treshold = 5", ":1: treshold: is not known; did you mean threshold?"),
        ("top = ", ":1: not valid TOML: invalid value"),
        ("alert-window = 7\nbucket-size = 2", "--alert-window 7 is not a multiple of --bucket-si"),
        ("theme = 'no-such'", "theme"),
        ("[rules.traffic]\nwarning = 12", "critical 10 must be above warning 12"),
        ("[notify.x]\ntype = 'smoke'", ":2: notify.x.type: expected one of webhook, apprise"),
    ],
)
def test_settings_that_cannot_be_gone_by_fail(home: Path, text: str, told: str) -> None:
    settings = home / "settings.toml"
    settings.write_text(text)
    result = run("--config", settings, log_in(home))
    assert result.exit_code == 1
    (found,) = lines_of(result)["settings"]
    assert found.startswith("✗")
    assert told in found


def test_options_and_environment_count_as_for_a_watch(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = home / "settings.toml"
    settings.write_text("[rules.traffic]\nwarning = 12")
    assert run("--config", settings, "--threshold", 50, log_in(home)).exit_code == 0
    monkeypatch.setenv("LOGMON_THRESHOLD", "50")
    assert run("--config", settings, log_in(home)).exit_code == 0


def test_wrong_usage_is_code_2(home: Path) -> None:
    assert run("--threshold", "x").exit_code == 2


def test_variables_that_set_nothing_are_warnings(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGMON_TRESHOLD", "5")
    result = run(log_in(home))
    (told,) = lines_of(result)["variables"]
    assert told == (
        "! LOGMON_TRESHOLD in the environment is not known; did you mean LOGMON_THRESHOLD?"
    )
    assert result.stderr == ""
    assert result.exit_code == 0


def test_targets_are_opened_and_only_sent_to_when_asked(home: Path) -> None:
    sent = home / "sent"
    settings = home / "settings.toml"
    settings.write_text(
        f'[notify.run]\ntype = "command"\ncommand = ["touch", "{sent}"]\n'
        '[notify.bell]\ntype = "bell"\n[notify.bad]\ntype = "command"\ncommand = ["false"]\n'
        '[notify.hook]\ntype = "webhook"\nurl = { env = "NO_SUCH_URL" }\n'
    )
    asked = ["--config", settings, log_in(home)]
    found = lines_of(run(*asked))["notify"]
    assert not sent.exists()
    assert [told[0] for told in found] == ["✓", "✓", "✓", "✗"]
    assert found[3].endswith("hook, webhook: NO_SUCH_URL is not set in the environment; set it")
    found = lines_of(run("--notify", *asked))["notify"]
    assert sent.exists()
    assert [told[0] for told in found] == ["✓", "·", "✗", "✗"]
    assert "ended with code 1" in found[2]


# State and disk


def test_a_state_is_told_with_its_version_and_size(home: Path) -> None:
    log = log_in(home)
    store = StateFile(default_state_file([str(log)]), [str(log)])
    save(store, busy())
    used = lines_of(run(log))["state"]
    store.close()
    (told,) = lines_of(run(log))["state"]
    assert told.startswith("✓ ")
    assert ": version " in told
    assert told.endswith("B")
    assert used[0].endswith("B, in use by a watch")


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"SQLite format 3\0 and nonsense", "damaged"), (b"[section]\n" * 9, "")],
)
def test_a_state_that_cannot_be_read_fails(home: Path, content: bytes, text: str) -> None:
    state = home / "state.sqlite"
    state.write_bytes(content)
    result = run("--state", state, log_in(home))
    (told,) = lines_of(result)["state"]
    assert told.startswith(f"✗ {state} ")
    assert text in told
    assert result.exit_code == 1
    assert state.read_bytes() == content


def test_a_folder_that_cannot_be_written_to_fails(home: Path) -> None:
    (home / "file").touch()
    result = run("--state", home / "file" / "state.sqlite", log_in(home))
    (told,) = lines_of(result)["state"]
    assert told.startswith(f"✗ {home}/file cannot be written to: ")
    assert result.exit_code == 1


def test_no_state_and_little_room_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_in(home)
    assert lines_of(run("--no-state", log))["state"][0].startswith("· none is kept")
    usage = SimpleNamespace(free=5_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    (told,) = lines_of(run(log))["disk"]
    assert told.startswith("! 5.0 kB free for ")


# The machine


def test_a_missing_scanner_is_a_warning(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "problem", lambda: "no scanner was compiled at installation")
    (told,) = lines_of(run(log_in(home)))["scanner"]
    assert told.startswith("! logs are read line by line, some 20 times slower: no scanner was")
    assert told.endswith("; install a C compiler (cc, gcc or clang), then install logmon-tui anew")


def test_limits_that_are_low_and_events_that_do_not_come_are_warnings(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    for name, number in (("max_user_watches", 100), ("max_user_instances", 128)):
        (home / name).write_text(f"{number}\n")
    monkeypatch.setattr(machine, "_LIMITS", home)
    monkeypatch.setattr("logmon_tui.sources.hints.Observer", refuse)
    monkeypatch.setattr(machine, "event_comes", event_comes)
    limits, event = lines_of(run(log_in(home)))["events"]
    assert limits.startswith("! 100 watches and 128 instances are allowed to a user; raise fs.ino")
    assert event.startswith("! no change of a file is reported: logs are looked at again and a")


def test_a_change_of_a_file_is_reported() -> None:
    assert event_comes()


def on_terminal(rows: int, columns: int, **environment: str) -> Lines:
    """Return what is told on a terminal of this size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    variables = {"TERM": "xterm-256color", "COLUMNS": "400", "LC_ALL": "C.UTF-8"} | environment
    program = [sys.executable, "-m", "logmon_tui", "doctor"]
    started = subprocess.Popen(program, stdout=theirs, env={**os.environ, **variables})
    os.close(theirs)
    read = b""
    try:
        while block := os.read(ours, 65_536):
            read += block
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert started.wait() == 0
    return lines_of(SimpleNamespace(stdout=read.decode()))  # type: ignore[arg-type]


def test_a_terminal_is_told_with_size_and_colours() -> None:
    found = on_terminal(40, 120, COLORTERM="truecolor")
    assert found["terminal"] == [
        "✓ 120 × 40 cells, TERM is xterm-256color",
        "✓ 16 million colours",
    ]
    found = on_terminal(10, 30, TERM="xterm", COLORTERM="", TMUX="/tmp/x,1,0")
    assert found["terminal"][0].startswith("! 30 × 10 cells, TERM is xterm: too small for the sc")
    assert found["terminal"][1].startswith("! 16 colours; set COLORTERM=truecolor if ")
    assert found["tmux"][0].startswith("! inside tmux, but TERM is xterm; leave TERM to tmux")


def test_a_dumb_terminal_and_a_locale_without_utf_8_are_warnings() -> None:
    found = on_terminal(40, 120, TERM="dumb", LC_ALL="C")
    assert found["terminal"][0].startswith("! TERM is dumb: a watch prints text in place of")
    assert found["text"][0].startswith("! the locale writes ")
    assert found["text"][0].endswith(
        "; set LC_ALL=C.UTF-8, or another locale of UTF-8, in the environment"
    )


def test_signs_are_spelt_out_where_the_output_has_none() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "logmon_tui", "doctor"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.startswith(rb"\u2713 python")


# All checks


def test_nothing_hostile_reaches_the_terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = "\x1b]0;x\x07\u202e"
    log = log_in(home, f"a{bad}.log")
    (home / "b.log").write_text(f"{bad} what is this\n")
    monkeypatch.setenv(f"LOGMON_{bad}", bad)
    monkeypatch.setenv("TMUX", "1")
    monkeypatch.setenv("TERM", bad)
    asked = [log, home / "b.log", home / f"no{bad}*.log", "--format", f"x{bad}"]
    settings = home / f"{bad}.toml"
    settings.write_text(f'[notify."n{bad.encode("unicode_escape").decode()}"]\ntype = "bell"')
    for more in ([], ["--config", settings], ["--state", home / f"{bad}.sqlite"]):
        result = run(*asked, *more)
        assert result.exit_code == 1
        assert all(line.isprintable() for line in result.output.splitlines())
        result = run(*asked, *more, "--output", "json")
        told = json.loads(result.stdout)["checks"]
        assert all(each["text"].isprintable() and each["mend"].isprintable() for each in told)


def test_a_new_check_is_a_function_and_a_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def weather(asked: Asked) -> list[Finding]:
        return [Finding(State.WARNING, f"rain over {len(asked.logs)} log", "take an umbrella")]

    monkeypatch.setattr(command, "CHECKS", (*registry.CHECKS, ("weather", weather)))
    found = lines_of(run(log_in(home)))
    assert found["weather"] == ["! rain over 1 log; take an umbrella"]


def test_a_check_that_the_system_refuses_fails_and_others_go_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_asked: Asked) -> list[Finding]:
        raise PermissionError(errno.EACCES, "Permission denied", "/x\x1b")

    monkeypatch.setattr(command, "CHECKS", (("first", refused), *registry.CHECKS))
    result = run(log_in(home))
    assert lines_of(result)["first"] == ["✗ /x\\x1b: Permission denied"]
    assert result.exit_code == 1
    assert lines_of(result)["disk"]
