"""`logmon-tui doctor`: a line for each check, with what to do where it is not fine."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from logmon_tui.cli.doctor import command, registry
from logmon_tui.cli.doctor.findings import SIGNS, Asked, Finding, State
from tests.cli.doctor.checked import lines_of, log_in, run


def test_where_all_is_fine_each_check_has_its_line_and_the_code_is_0(home: Path) -> None:
    result = run(log_in(home))
    assert result.exit_code == 0
    found = lines_of(result)
    assert set(found) == {name for name, _ in registry.CHECKS} - {"geoip", "tmux", "variables"}
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


def test_wrong_usage_is_code_2(home: Path) -> None:
    assert run("--threshold", "x").exit_code == 2


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
