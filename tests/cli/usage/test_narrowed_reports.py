"""A report is narrowed by options: filters, and times that count from the end of the log."""

import json
from pathlib import Path

import pytest

from tests.cli.usage.running import LINE, RunCommand, assert_one_line


def test_a_report_is_narrowed_by_options(run: RunCommand, log: Path) -> None:
    late = LINE.replace(b"16:00:39", b"18:00:39").replace(b" 200 ", b" 500 ")
    log.write_bytes(LINE * 3 + late * 6)

    def hits(*options: str, **environment: str) -> int:
        code, out, error = run("report", "--output", "json", *options, str(log), **environment)
        assert (code, error) == (0, "")
        return int(json.loads(out)["hits"])

    assert hits() == 9
    assert hits("--where", "status:5xx") == 6
    assert hits("--since", "-1h") == 6
    assert hits("--until", "1h") == 3
    assert hits("--since", "17:00") == 6
    assert hits("--since", "today", "--until", "2018-05-09T16:00:40") == 3
    assert hits("--since", "yesterday 16:00") == 9
    assert hits("--where", "status:3xx") == 0  # no error: the log has hits
    assert hits("--where", "!status:5xx", LOGMON_WHERE="status:5xx") == 3
    assert hits() == 6


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--where", "tme>1s"], ["--where: tme is no field; did you mean time?", "character 1"]),
        (["--where", "@x"], ["--where: @x is no saved filter", "known: static"]),
        (["--since", "noon"], ["--since: 'noon' is no moment such as -2h, 14:00, 'yesterday 14"]),
        (["--since", "25:00"], ["--since: '25:00' is no moment"]),
        (
            ["--since", "today", "--until", "yesterday"],
            ["--since today is 2018-05-09"],
        ),
    ],
)
def test_a_report_cannot_be_narrowed_by_what_is_none(
    run: RunCommand, log: Path, options: list[str], parts: list[str]
) -> None:
    assert_one_line(run("report", *options, str(log)), *parts)


def test_without_an_end_no_time_counts_from_it(run: RunCommand, tmp_path: Path) -> None:
    empty = tmp_path / "empty.log"
    empty.write_bytes(b"")
    assert_one_line(run("report", "--since", "-2h", str(empty)), "does not show; give a time such")
