"""`watch` without a screen, as a process: lines as they come, alerts, signals."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logmon_tui.cli.headless import Problems
from logmon_tui.snapshot import Snapshot
from logmon_tui.snapshot.alerts import AlertState
from logmon_tui.tui.paint.keys import PICTURE_KEYS
from tests.watching import DEADLINE, Watch, objects, of_kind, wait_until


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    running: list[Watch] = []

    def start(log: str, *options: str, stdin: int | None = None) -> Watch:
        running.append(Watch(log, tmp_path, *options, stdin=stdin))
        return running[-1]

    yield start
    for each in running:
        each.kill()


def lines_now(count: int, path: str = "/api/user") -> bytes:
    stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
    return (f'10.0.0.1 - - [{stamp}] "GET {path} HTTP/1.1" 200 10\n' * count).encode()


def append(log: Path, data: bytes) -> None:
    with log.open("ab") as file:
        file.write(data)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_json_ends_with_exact_totals_on_a_signal(
    watch: Callable[..., Watch], tmp_path: Path, number: signal.Signals
) -> None:
    log = tmp_path / "access.log"
    running = watch(str(log), "--output", "json", "--stats-interval", "1")
    running.wait_for(lambda output: bool(objects(output)))
    append(log, lines_now(50))
    append(log, b"no log line\n")
    running.wait_for(lambda output: objects(output)[-1]["total_hits"] == 50)
    append(log, lines_now(7))
    code, error = running.end(number)
    assert (code, error) == (0, "")
    last = objects(running.output)[-1]
    assert (last["total_hits"], last["total_unparsed"]) == (57, 1)


def test_alert_fires_and_recovers_in_text(watch: Callable[..., Watch], tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.touch()
    options = ("--threshold", "5", "--alert-window", "2", "--ddos-threshold", "1000")
    running = watch(str(log), "--output", "text", "--stats-interval", "1", *options)
    append(log, lines_now(40))
    running.wait_for(lambda output: "High traffic generated an alert - hits = 40" in output)
    running.wait_for(lambda output: "High traffic recovered - hits = " in output)
    assert running.end(signal.SIGINT)[0] == 0
    assert "\x1b" not in running.output
    assert "sections  /api 40 (100 %)" in running.output


def test_json_tells_an_alert_long_before_its_interval_ends(
    watch: Callable[..., Watch], tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.touch()
    options = ("--threshold", "5", "--alert-window", "2", "--ddos-threshold", "1000")
    running = watch(str(log), "--output", "json", "--stats-interval", "600", *options)
    append(log, lines_now(40))
    running.wait_for(lambda output: len(of_kind("alert", output)) == 2)
    assert not any(line["alerts"] for line in objects(running.output))
    assert running.end(signal.SIGINT)[0] == 0
    told = [line["alert"] for line in of_kind("alert", running.output)]
    assert objects(running.output)[-1]["alerts"] == told
    assert [(each["rule"], each["firing"]) for each in told] == [  # type: ignore[index]
        ("traffic", True),
        ("traffic", False),
    ]


def test_standard_input_is_read_to_its_end(watch: Callable[..., Watch]) -> None:
    reader, writer = os.pipe()
    running = watch("-", "--output", "json", stdin=reader)
    os.close(reader)
    os.write(writer, lines_now(123) + lines_now(1).rstrip(b"\n"))
    os.close(writer)
    assert running.process.wait(timeout=DEADLINE) == 0
    assert objects(running.output)[-1]["total_hits"] == 124


def test_standard_input_and_logs_are_watched_together(
    watch: Callable[..., Watch], tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(lines_now(10))
    reader, writer = os.pipe()
    running = watch(str(log), "--output", "json", "--stats-interval", "1", "-", stdin=reader)
    os.close(reader)
    os.write(writer, lines_now(5))
    running.wait_for(lambda out: bool(objects(out)) and objects(out)[-1]["total_hits"] == 15)
    os.write(writer, lines_now(3))  # after a pause, as docker logs -f does
    os.close(writer)
    append(log, lines_now(7))
    running.wait_for(lambda out: objects(out)[-1]["total_hits"] == 25)
    assert running.end(signal.SIGINT) == (0, "")


def test_a_replay_prints_every_hit_and_every_row_once(
    watch: Callable[..., Watch], tmp_path: Path
) -> None:
    """Read far faster than it was written, with hosts in plenty and some lines late."""
    log = tmp_path / "old.log"
    with log.open("wb") as file:
        for n in range(60_000):
            second = n // 100 - (7 if n % 50 == 0 and n > 1_000 else 0)
            stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(1_795_000_000 + second))
            file.write(
                b'10.0.0.%d - - [%b] "GET /%d HTTP/1.1" 200 1\n' % (n % 250, stamp.encode(), n % 3)
            )
    with log.open("rb") as lines:
        running = watch("-", "--output", "json", "--top", "0", stdin=lines.fileno())
        assert running.process.wait(timeout=DEADLINE) == 0
    printed = objects(running.output)
    assert printed[-1]["total_hits"] == sum(each["hits"] for each in printed) == 60_000
    assert max(len(each["hosts"]) for each in printed) == 250


def test_simulate_ends_on_a_signal(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    command = [sys.executable, "-m", "logmon_tui", "simulate", "--rate", "50", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        wait_until(lambda: log.exists() and log.stat().st_size > 0)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0
    assert out.decode() == f"{log.read_bytes().count(10)} lines written to {log}\n"


def test_a_log_in_no_known_format_says_so(watch: Callable[..., Watch], tmp_path: Path) -> None:
    log = tmp_path / "other.log"
    log.write_bytes(b"\x1b[31mkernel: panic\n" * 3)
    running = watch(str(log), "--output", "text", "--stats-interval", "1")
    running.wait_for(lambda output: "no line parses: no known log format, in \\x1b[31m" in output)
    assert "give its format with --format" in running.output


def test_demo_shows_traffic(watch: Callable[..., Watch]) -> None:
    running = watch("--demo", "--output", "json", "--stats-interval", "1")
    running.wait_for(lambda output: any(each["total_hits"] for each in objects(output)))
    assert running.end(signal.SIGTERM) == (0, "")


def test_a_moved_threshold_is_told_with_the_key_that_takes_it_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    key = next(each.key for each in PICTURE_KEYS.bindings if each.action == "unset_threshold")
    Problems().warn(Snapshot(alerts=AlertState(threshold=20.0, configured=10.0)))
    error = capsys.readouterr().err
    assert "the traffic threshold is 20 req/s, set by key on the screen; configured is 10" in error
    assert f"press {key} there to return to it" in error
