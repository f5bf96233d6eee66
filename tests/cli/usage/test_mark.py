"""`mark` writes what `report` and `mark --list` read; bad input costs one line."""

import json
import stat
from pathlib import Path

import pytest

from logmon_tui.state.location import default_state_file
from tests.cli.usage.running import LINE, RunCommand, assert_one_line

AT = "2018-05-09T16:00:30Z"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))


def test_a_mark_goes_beside_the_state_of_its_log(run: RunCommand, log: Path) -> None:
    state = default_state_file([str(log)])
    file = state.with_name(f"{state.name}.marks")
    assert run("mark", "--list", str(log)) == (0, f"nothing is marked in {file}\n", "")
    code, out, error = run("mark", "--at", AT, "api 4.12", str(log))
    assert (code, out, error) == (0, f"marked {AT} api 4.12 in {file}\n", "")
    assert file.read_text() == f"{AT} api 4.12\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run("mark", "now", str(log))[0] == 0
    code, out, error = run("mark", "--list", str(log))
    assert (code, error) == (0, "")
    assert out.splitlines()[0] == f"{AT} api 4.12"
    assert out.splitlines()[1].endswith("Z now")


def test_a_state_or_a_file_chooses_where(run: RunCommand, log: Path, tmp_path: Path) -> None:
    assert run("mark", "x", "--state", str(tmp_path / "own.sqlite"), str(log))[0] == 0
    assert (tmp_path / "own.sqlite.marks").exists()
    assert run("mark", "x", "--marks", str(tmp_path / "deploys.txt"))[0] == 0
    assert run("mark", "y", LOGMON_MARKS=str(tmp_path / "deploys.txt"))[0] == 0
    lines = (tmp_path / "deploys.txt").read_text().splitlines()
    assert [line.split()[1] for line in lines] == ["x", "y"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ((), "a mark needs a text"),
        (("",), "a mark needs a text"),
        (("a\nb",), "one line of plain text"),
        (("a\x1b[2J",), "one line of plain text"),
        (("x" * 201,), "200 characters at most"),
        (("x", "--at", "soon"), "'soon' is no moment"),
        (("x", "--at", "999999999w"), "--at: '999999999w' is no moment"),
        (("x", "--at", "1969-12-31T23:59:58"), "a mark's time is in the years 1970 to 9999"),
        (("x", "--marks", "/"), "is no plain file; name another with --marks"),
        (("x", "--marks", "/proc/none/marks"), "cannot be written"),
        (("--list", "--marks", "/dev/zero"), "is no plain file"),
    ],
)
def test_bad_input_costs_one_line(run: RunCommand, arguments: tuple[str, ...], part: str) -> None:
    assert_one_line(run("mark", *arguments), part)


def test_a_link_is_not_followed(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert_one_line(run("mark", "x", "--marks", str(tmp_path / "link")), "symbolic link")
    assert not (tmp_path / "target").exists()


def test_lines_that_are_no_marks_are_told_beside_the_others(
    run: RunCommand, tmp_path: Path
) -> None:
    file = tmp_path / "deploys.txt"
    file.write_bytes(b"api\x1b[2J\n" + f"{AT} a\x1b[2J\n".encode())
    code, out, error = run("mark", "--list", "--marks", str(file))
    assert (code, out) == (0, f"{AT} a\\x1b[2J\n")
    assert error.startswith(f"logmon-tui: {file}: line 1 is no mark such as ")
    assert error.endswith(": api\\x1b[2J\n")


# Reports


@pytest.fixture
def loud(log: Path) -> Path:
    log.write_bytes(b"".join(LINE.replace(b"39 +", b"%02d +" % n) * 20 for n in range(30, 60)))
    return log


def report(run: RunCommand, log: Path, *options: str) -> dict[str, object]:
    code, out, error = run("report", "--output", "json", "--alert-window", "10", *options, str(log))
    assert (code, error) == (0, "")
    found: dict[str, object] = json.loads(out)
    return found


def test_a_report_has_the_marks_within_it_and_alerts_say_theirs(
    run: RunCommand, loud: Path, tmp_path: Path
) -> None:
    file = tmp_path / "deploys.txt"
    marks = [("2018-05-09T15:59:00Z", "web 7"), (AT, "api =4.12"), ("2018-05-10T00:00:00Z", "far")]
    file.write_text("".join(f"{at} {text}\n" for at, text in marks))
    plain, found = report(run, loud), report(run, loud, "--marks", str(file))
    assert "marks" not in plain
    assert {str(each["mark"]) for each in plain["alerts"]} == {"None"}  # type: ignore[attr-defined]
    assert found["marks"] == [{"at": AT, "text": "api =4.12"}]
    alerts = found["alerts"]
    assert isinstance(alerts, list)
    assert alerts
    for each in alerts:
        after = int(each["triggered_at"][-3:-1]) - 30
        assert each["mark"] == {"at": AT, "text": "api =4.12", "seconds": after}
    options = ("--alert-window", "10", "--marks", str(file), str(loud))
    _, text, _ = run("report", *options)
    assert "Marks: 1\n  ⚑ 2018-05-09 16:00:30 UTC  api =4.12\n" in text
    assert text.count("s after mark api =4.12") == len(alerts)
    _, csv, _ = run("report", "--output", "csv", *options)
    assert f"\nmarks,{AT} api =4.12,,,,,,,,,,\n" in csv


def test_a_file_that_only_settings_name_may_be_missing(
    run: RunCommand, log: Path, tmp_path: Path
) -> None:
    missing = str(tmp_path / "none.txt")
    assert_one_line(run("report", "--marks", missing, str(log)), f"{missing}: cannot be read")
    config = tmp_path / "config.toml"
    config.write_text(f'marks = "{missing}"\n')
    assert report(run, log, "--config", str(config))["marks"] == []


# Tokens


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("0123456789abcdef\n")
    file.chmod(0o600)
    return file


def test_tokens_that_others_know_or_guess_are_refused(
    run: RunCommand, log: Path, token: Path
) -> None:
    options = ("watch", "--metrics-listen", "127.0.0.1:1", "--output", "json", "--no-state")
    by_file = (*options, "--marks-token-file", str(token), str(log))
    token.chmod(0o644)
    assert_one_line(run(*by_file), "may be read by others", "chmod 600")
    token.chmod(0o600)
    for short in ("short", "has a blank in it, and is long", "ünïcödé-ünïcödé-ünïcödé"):
        token.write_text(short)
        assert_one_line(run(*by_file), f"--marks-token-file {token}: a token has 16 ASCII")
    token.unlink()
    assert_one_line(run(*by_file), f"{token}: cannot be read")
    result = run(*options, str(log), LOGMON_MARKS_TOKEN="short")
    assert_one_line(result, "LOGMON_MARKS_TOKEN: a token has 16 ASCII")
    assert "short" not in result[2].replace("LOGMON", "")


def test_a_log_without_a_text_is_no_mark(run: RunCommand, log: Path, tmp_path: Path) -> None:
    assert_one_line(run("mark", str(log)), "is a file; give a text first: logmon-tui mark 'api")
    marks = tmp_path / "deploys.txt"
    assert run("mark", "--marks", str(marks), str(log))[0] == 0  # no log is named with a file


def test_a_token_needs_a_place_where_marks_come_in(run: RunCommand, log: Path, token: Path) -> None:
    result = run("watch", "--output", "json", "--marks-token-file", str(token), str(log))
    assert_one_line(result, "--marks-token-file needs --metrics-listen")
