"""`logmon-tui alerts`: incidents chosen by options, and files and moments that are none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.moments import moment
from logmon_tui.state.location import default_state_file
from tests.cli.alerts.history import LOG, OLD, RunCommand, kept
from tests.traffic import START


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ([], ["570", "c11", "0ld"]),
        (["--firing"], ["570"]),
        (["--rule", "ddos"], ["c11"]),
        (["--rule", "*r*", "--rule", "d?os"], ["570", "c11", "0ld"]),
        (["--rule", "slow_endpoint"], []),
        (["--severity", "warning"], ["570", "0ld"]),
        (["--severity", "critical"], ["c11", "0ld"]),
        (["--scope", "client"], ["c11"]),
        (["--grep", "DEPLOY"], ["0ld"]),
        (["--grep", "client =1"], ["c11"]),
        (["--grep", "team=web"], ["0ld"]),
        (["--grep", "nothing of it"], []),
        (["--since", "23h"], ["570", "c11"]),
        (["--since", "-23h"], ["570", "c11"]),
        (["--since", "yesterday 12:02:14"], ["570", "c11"]),
        (["--since", "82799s"], ["570", "c11"]),
        (["--since", "82798s"], ["570"]),
        (["--since", "2026-11-21T12:02:13Z"], ["570", "c11", "0ld"]),
        (["--since", "2026-11-21T12:02:14"], ["570", "c11"]),
        (["--until", "2026-11-21 14:00:00"], ["c11", "0ld"]),
        (["--until", "2026-11-21"], []),
        (["--since", "2026-11-21T12:30", "--until", "2026-11-21T13:30"], ["c11"]),
        (["--severity", "critical", "--rule", "t*", "--since", "2d"], ["0ld"]),
    ],
)
def test_options_choose(
    listed: Callable[..., list[str]], options: list[str], ids: list[str]
) -> None:
    assert listed(*options) == ids


def test_nothing_found_is_no_error(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG, incidents=()).close()
    assert run(LOG) == (0, "Alerts: 0, 0 firing\n", "")
    assert run("--output", "json", LOG) == (0, "[]\n", "")
    assert len(run("--output", "csv", LOG)[1].splitlines()) == 1


def test_a_time_that_ends_before_it_begins_is_refused(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG).close()
    code, out, error = run("--since", "1h", "--until", "2h", LOG)
    assert (code, out) == (2, "")
    assert error == (
        "logmon-tui: nothing is between --since 2026-11-22T11:00:00Z "
        "and --until 2026-11-22T10:00:00Z; swap them\n"
    )


def test_several_logs_and_a_named_file_are_found(run: RunCommand, tmp_path: Path) -> None:
    kept(default_state_file(["/b.log", "/a.log"]), "/a.log", "/b.log").close()
    kept(tmp_path / "mine", LOG, incidents=(OLD,)).close()
    assert run("/a.log", "/b.log")[1].startswith("Alerts: 3,")
    assert run("--state", str(tmp_path / "mine"))[1].startswith("Alerts: 1,")


def test_without_a_state_one_line_says_so(run: RunCommand, tmp_path: Path) -> None:
    hint = "; `logmon-tui state show` lists the logs that have one\n"
    assert run() == (2, "", f"logmon-tui: no state is kept of /tmp/access.log{hint}")
    assert run("/a\x1b", "/b") == (2, "", f"logmon-tui: no state is kept of /a\\x1b, /b{hint}")
    gone = tmp_path / "gone"
    assert run("--state", str(gone)) == (2, "", f"logmon-tui: no state is kept of {gone}{hint}")


def test_what_is_no_state_is_told_in_one_line(run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "s.sqlite"
    file.write_bytes(b"broken")
    code, out, error = run("--state", str(file))
    assert (code, out) == (2, "")
    assert error.startswith(f"logmon-tui: {file} is damaged: ")
    log = tmp_path / "a.log"
    log.write_bytes(b"a line\n")
    code, _, error = run("--state", str(log))
    assert code == 2
    assert "is no state of logmon-tui" in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--since", "tomorrow"],
        ["--since", "2026-13-01"],
        ["--until", "--3h"],
        ["--until", ""],
        ["--severity", "bad"],
        ["--scope", "country"],
    ],
)
def test_wrong_choices_are_refused_in_one_line(run: RunCommand, options: list[str]) -> None:
    code, out, error = run(*options, LOG)
    assert (code, out, len(error.splitlines())) == (2, "", 1)
    assert options[0] in error


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("90s", START - 90),
        ("2m", START - 120),
        ("2h", START - 7_200),
        ("3d", START - 259_200),
        ("1w", START - 604_800),
        ("2026-11-21", START - 43_200),
        ("2026-11-21T12:00", START),
        ("2026-11-21 12:00:00.5", START + 0.5),
        ("2026-11-21T14:00:00+02:00", START),
        ("20261121T120000Z", START),
    ],
)
def test_moments_are_utc(text: str, found: float) -> None:
    assert moment(text, START) == found


@pytest.mark.parametrize("text", ["h", "2 h", "2H", "-1d", "1.5h", "12:00", "٣d", "9" * 30 + "d"])
def test_what_is_no_moment_is_told_with_some_that_are(text: str) -> None:
    with pytest.raises(ValueError, match="is no moment such as 2h, 3d, 2026-11-22 or 2026-11-22T"):
        moment(text, START)
