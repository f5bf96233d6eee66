"""`report --compare`, `--against` and `--fail-if`: which times are compared, and the exit codes."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.usage.running import LINE, RunCommand, assert_one_line

DAY = b"09/May/2018"


def lines(number: int, day: bytes = DAY, time: bytes = b"16:00", status: int = 200) -> bytes:
    """Return so many lines, one each second of a minute."""
    template = LINE.replace(b" 200 ", b" %d " % status)
    return b"".join(
        template.replace(b"09/May/2018:16:00:39", b"%b:%b:%02d" % (day, time, second % 60))
        for second in range(number)
    )


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "old.log"
    path.write_bytes(lines(60, b"08/May/2018"))
    return path


@pytest.fixture
def days(log: Path) -> Path:
    """A log of two days: a quiet one, then one with more hits and with errors."""
    log.write_bytes(
        lines(60, b"08/May/2018", b"15:59")
        + lines(60, b"08/May/2018")
        + lines(60, b"09/May/2018", b"15:59")
        + lines(60)
        + lines(60, status=500)
    )
    return log


def compared(run: RunCommand, *arguments: object) -> Any:
    code, out, error = run("report", "--output", "json", *map(str, arguments))
    assert (code, error) == (0, "")
    return json.loads(out)


def times(side: Any) -> tuple[str, str, int, int]:
    return side["since"], side["until"], side["seconds"], side["hits"]


def test_two_logs_are_compared_whole(run: RunCommand, days: Path, other: Path) -> None:
    found = compared(run, "--compare", other, days)
    assert times(found["baseline"]) == ("2018-05-08T16:00:00Z", "2018-05-08T16:01:00Z", 60, 60)
    assert found["present"]["logs"] == [str(days)]
    assert found["baseline"]["logs"] == [str(other)]
    assert found["totals"]["hits"]["baseline"] == 60
    code, out, _ = run("report", "--compare", str(other), str(days))
    assert code == 0
    assert f"was  {other}\n" in out
    assert "/report" in out
    assert (
        "total,hits,,60,300,"
        in run("report", "--output", "csv", "--compare", str(other), str(days))[1]
    )


def test_several_logs_and_patterns_may_be_the_baseline(
    run: RunCommand, log: Path, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / f"was-{name}.log").write_bytes(lines(30))
    found = compared(run, "--compare", tmp_path / "was-*.log", log)
    assert found["baseline"]["hits"] == 60


def test_the_last_day_is_compared_with_the_day_before(run: RunCommand, days: Path) -> None:
    found = compared(run, "--against", "-1d", days)
    assert times(found["present"])[2:] == (86_400, 240 - 60)
    # The log begins in the midst of the day before.
    assert found["notes"] == [
        "was: the log begins only at 2018-05-08 15:59:00 UTC; the first 23 h 58 m are not known"
    ]
    assert found["baseline"]["seconds"] == 120


def test_a_time_is_compared_with_the_same_time_a_day_before(run: RunCommand, days: Path) -> None:
    options = "--since", "16:00", "--until", "16:00:30"
    found = compared(run, *options, "--against", "-1d", days)
    assert times(found["present"]) == ("2018-05-09T16:00:00Z", "2018-05-09T16:00:30Z", 30, 60)
    assert times(found["baseline"]) == ("2018-05-08T16:00:00Z", "2018-05-08T16:00:30Z", 30, 30)
    assert found["notes"] == []
    assert found["totals"]["5xx_share"]["present"] == 0.5
    assert compared(run, *options, "--against", "yesterday 16:00", days) == found
    assert compared(run, *options, "--against", "2018-05-08T16:00:00Z", days) == found
    minute_before = compared(run, "--since", "-30s", "--against", "-1m", days)
    assert times(minute_before["baseline"])[:3] == (
        "2018-05-09T15:59:29Z",
        "2018-05-09T16:00:00Z",
        31,
    )


def test_a_filter_holds_for_both_times(run: RunCommand, days: Path) -> None:
    found = compared(run, "--where", "status:5xx", "--since", "16:00", "--against", "-1d", days)
    assert (found["present"]["hits"], found["baseline"]["hits"]) == (60, 0)
    assert found["filter"] == {"where": "status:5xx"}
    out = run("report", "--where", "status:2xx", "--since", "16:00", "--against", "-1d", str(days))[
        1
    ]
    assert "only where status:2xx\n" in out
    assert "Nothing changed by much." in out


def test_times_count_in_each_log_from_its_own_end(run: RunCommand, days: Path, other: Path) -> None:
    found = compared(run, "--since", "-30s", "--compare", other, days)
    assert times(found["present"])[:3] == ("2018-05-09T16:00:29Z", "2018-05-09T16:01:00Z", 31)
    assert times(found["baseline"]) == ("2018-05-08T16:00:29Z", "2018-05-08T16:01:00Z", 31, 31)
    found = compared(run, "--since", "-30s", "--against", "-1d", "--compare", other, days)
    assert times(found["baseline"]) == ("2018-05-08T16:00:29Z", "2018-05-08T16:01:00Z", 31, 31)


def test_silence_at_the_end_counts_and_is_told(run: RunCommand, days: Path) -> None:
    options = "--since", "2018-05-09T16:00", "--until", "2018-05-09T16:10"
    found = compared(run, *options, "--against", "-1d", days)
    assert [found[side]["seconds"] for side in ("present", "baseline")] == [600, 600]
    assert found["notes"] == [
        "now: the last hit is of 2018-05-09 16:00:59 UTC; the time after it counts as silent"
    ]


def test_rotated_files_belong_to_the_former_time(run: RunCommand, log: Path) -> None:
    log.write_bytes(lines(60))
    log.with_name("access.log.1").write_bytes(lines(60, b"08/May/2018"))
    options = "--since", "16:00", "--against", "-1d"
    found = compared(run, "--with-rotated", *options, log)
    assert (times(found["baseline"])[2:], found["notes"]) == ((60, 60), [])
    without = compared(run, *options, log)
    assert without["notes"] == [
        "was: the log begins only at 2018-05-09 16:00:00 UTC, so nothing is known of that time",
        "was: the log has rotated files; --with-rotated reads them too",
    ]
    assert (without["baseline"]["hits"], without["baseline"]["seconds"]) == (0, 0)
    assert {row["mark"] for row in without["paths"]} == {None}


def test_a_log_that_was_just_rotated_ends_in_its_newest_rotated_file(
    run: RunCommand, log: Path
) -> None:
    log.write_bytes(b"")
    log.with_name("access.log.1").write_bytes(lines(60))
    log.with_name("access.log.2.gz").write_bytes(gzip.compress(lines(60, b"08/May/2018")))
    found = compared(run, "--with-rotated", "--since", "-29s", "--against", "-1d", log)
    assert times(found["present"]) == ("2018-05-09T16:00:30Z", "2018-05-09T16:01:00Z", 30, 30)
    assert (times(found["baseline"])[2:], found["notes"]) == ((30, 30), [])


def test_only_times_that_count_from_the_last_hit_need_one(run: RunCommand, log: Path) -> None:
    log.write_bytes(b"")
    options = "--since", "2018-05-09T16:00", "--until", "2018-05-09T16:01", "--against"
    for against in ("-1d", "2018-05-08T16:00"):
        assert_one_line(run("report", *options, against, str(log)), "access.log is empty")
    for given in ([*options, "yesterday 16:00"], [*options[:2], "--against", "-1d"]):
        told = "--against must know the last hit, which the end of"
        assert_one_line(run("report", *given, str(log)), told, "does not show")


def test_an_empty_rotated_file_hides_no_silence_at_the_beginning(
    run: RunCommand, log: Path
) -> None:
    log.write_bytes(lines(60))
    former = lines(60, b"08/May/2018", b"15:00") + lines(60, b"08/May/2018")
    log.with_name("access.log.1").write_bytes(former)
    log.with_name("access.log.2").write_bytes(b"")
    options = "--since", "15:59", "--until", "2018-05-09T16:01", "--against", "-1d"
    found = compared(run, "--with-rotated", *options, log)
    assert (times(found["baseline"])[2:], found["notes"]) == ((120, 60), [])


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--against", "noon"], ["--against: 'noon' is no moment such as -2h, 14:00"]),
        (["--against", "yesterday"], ["--against yesterday needs --since"]),
        (
            ["--since", "-2h", "--against", "-1h"],
            ["--against -1h is 2018-05-09 13:00:59 to", "overlaps the time from", "--since"],
        ),
        (["--since", "2019-01-01", "--against", "-1d"], ["after the last hit"]),
        (["--compare", "{log}"], ["is the same log as", "give it once"]),
        (["--compare", "{log}.no"], ["access.log.no"]),
        (["--against", "-1d", "{log}.no"], ["access.log.no: cannot be read: No such file"]),
        (["--fail-if", "5xx>1%"], ["--fail-if: 5xx is no metric; did you mean 5xx_share?"]),
        (["--fail-if", "rate>+1%"], ["--fail-if rate>+1% needs a baseline; give --compare"]),
        (["--fail-if", "new_5xx_paths>0"], ["needs a baseline; give --compare or --against"]),
        (["--min-hits", "0"], ["--min-hits", "x>=1"]),
        (["--since", "999999999w"], ["'999999999w' is no moment such as"]),
        (["--until", "9999-12-31T23:59:59.5"], ["is no moment such as"]),
        (["--against", "999999999w"], ["'999999999w' is no moment such as"]),
        (
            ["--since", "-1h", "--against", "9999-12-31T23:59:59"],
            ["--against 9999-12-31T23:59:59 leads out of the years 1 to 9999"],
        ),
        (
            ["--since", "0001-01-01", "--until", "0001-01-02", "--against", "-1d"],
            ["--against -1d leads out of the years 1 to 9999"],
        ),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    run: RunCommand, days: Path, options: list[str], parts: list[str]
) -> None:
    given = [each.format(log=days) for each in options]
    assert_one_line(run("report", *given, str(days)), *parts)


def test_a_pipe_is_no_log_of_two_times(days: Path) -> None:
    command = f"{sys.executable} -m logmon_tui report --against -1d"
    for log in ("-", f"<(cat {days})"):
        done = subprocess.run(
            ["bash", "-c", f"{command} {log} < {days}"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert "is no file, and can be read only once; --against reads a log twice" in done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "logmon_tui", "report", "--compare", str(days), "-"],
        input=lines(60).decode(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_pipe_is_compared_like_the_log_itself(run: RunCommand, days: Path, other: Path) -> None:
    options = "--since", "2018-05-09T12:00", "--until", "2018-05-09T16:01"
    command = "report", "--output", "json", "--compare", str(other), *options
    piped = subprocess.run(
        [sys.executable, "-m", "logmon_tui", *command, "-"],
        input=days.read_text(),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(piped.stdout)
    assert found["present"] == {**compared(run, *command[3:], days)["present"], "logs": ["-"]}
    # The log begins before that time, only its hits are later.
    assert [note for note in found["notes"] if note.startswith("now")] == []
    assert found["present"]["seconds"] == 4 * 3_600 + 60


GATE = "--since", "16:00", "--against", "-1d", "--fail-if"


def test_a_limit_that_is_kept_ends_with_0(run: RunCommand, days: Path) -> None:
    code, _, error = run("report", *GATE, "5xx_share>+60%", "--fail-if", "rate<1", str(days))
    assert (code, error) == (0, "")


def test_a_crossed_limit_ends_with_3_and_says_which(run: RunCommand, days: Path) -> None:
    options = *GATE, "5xx_share>+1%", "--fail-if", "rate>+50%", "--fail-if", "hits>1k"
    code, out, error = run("report", *options, str(days))
    assert code == 3
    assert error == (
        "logmon-tui: limit crossed: 5xx_share>+1%: was 0.0 %, is 50.0 % (+50.0 points)\n"
        "logmon-tui: limit crossed: rate>+50%: was 1.0 req/s, is 2.0 req/s (+100.0 %)\n"
    )
    assert "5xx rose from 0.0 % to 50.0 % of hits" in out
    code, out, _ = run("report", "--output", "json", *options, str(days))
    assert code == 3
    assert [(each["limit"], each["state"]) for each in json.loads(out)["limits"]] == [
        ("5xx_share>+1%", "crossed"),
        ("rate>+50%", "crossed"),
        ("hits>1k", "kept"),
    ]


def test_a_limit_that_too_few_hits_can_judge_ends_with_4(run: RunCommand, days: Path) -> None:
    options = *GATE, "5xx_share>+1%", "--until", "16:00:10", str(days)
    code, _, error = run("report", *options)
    assert code == 4
    told = "the baseline has 10 hits, fewer than 20"
    assert error == f"logmon-tui: limit not judged: 5xx_share>+1%: {told}\n"
    assert run("report", "--min-hits", "10", *options)[0] == 3
    # A crossed limit beats one that is not judged.
    assert run("report", "--fail-if", "hits>19", *options)[0] == 3
    assert run("report", "--fail-if", "hits>20", *options)[0] == 4


def test_without_a_baseline_limits_are_absolute(run: RunCommand, days: Path) -> None:
    code, _, error = run("report", "--fail-if", "5xx_share>10%", str(days))
    assert (code, error) == (3, "logmon-tui: limit crossed: 5xx_share>10%: is 20.0 %\n")
    code, out, _ = run("report", "--output", "json", "--fail-if", "5xx_share>20%", str(days))
    assert code == 0
    assert json.loads(out)["limits"] == [
        {
            "limit": "5xx_share>20%",
            "state": "kept",
            "baseline": None,
            "present": 0.2,
            "message": "is 20.0 %",
        }
    ]
    assert run("report", "--fail-if", "p95>1s", str(days))[0] == 4
    environment = {"LOGMON_FAIL_IF": "hits>10, 5xx_share>10%"}
    assert run("report", str(days), **environment)[2].count("limit crossed") == 2


def test_without_a_baseline_silence_at_the_end_counts_too(run: RunCommand, days: Path) -> None:
    options = "--since", "2018-05-09T16:00", "--until", "2018-05-09T16:10", "--fail-if", "rate<1"
    told = "logmon-tui: limit crossed: rate<1: is 0.2 req/s\n"
    for more in ((), ("--against", "-1d")):
        code, _, error = run("report", *options, *more, str(days))
        assert (code, error) == (3, told)


def test_a_log_without_a_hit_ends_with_2(run: RunCommand, days: Path, other: Path) -> None:
    other.write_bytes(b"no line\n")
    options = "report", "--compare", str(other), "--fail-if"
    code, _, error = run(*options, "5xx_share>+1%", str(days))
    assert code == 2
    assert "limit not judged" in error
    assert "nothing was a hit in 1 line of" in error
    assert run(*options, "5xx_share>1%", str(days))[0] == 3


def test_a_path_that_fails_anew_is_found_among_many(
    run: RunCommand, log: Path, other: Path
) -> None:
    many = b"".join(lines(1).replace(b"/report", b"/%d" % number) for number in range(12_000))
    other.write_bytes(many * 2)
    fails = lines(1, status=500).replace(b"/report", b"/zzz")
    log.write_bytes(many * 2 + fails + lines(1, status=500).replace(b"/report", b"/1"))
    limit = "new_5xx_paths>0"
    code, _, error = run("report", "--compare", str(other), "--fail-if", limit, str(log))
    assert code == 3
    assert error.endswith(f"{limit}: 2 paths with 5xx that had none in the baseline\n")
