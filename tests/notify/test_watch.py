"""A watch that tells a server: what fires live, what still fires at the end of a backlog."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.notify.examples import wait_for
from tests.notify.sinks import HttpSink
from tests.watching import Watch, objects

pytestmark = pytest.mark.slow

OPTIONS = ("--output", "json", "--stats-interval", "1", "--threshold", "5", "--alert-window", "2")
SECRET = "s3cret-t0ken"


@pytest.fixture
def watch(tmp_path: Path, http_sink: HttpSink) -> Iterator[Callable[..., Watch]]:
    """Start a watch of a log, whose settings file has the sink for a target."""
    running: list[Watch] = []
    (tmp_path / "config.toml").write_text(
        f'[notify.hook]\ntype = "webhook"\nurl = "{http_sink.url}/{SECRET}"\n'
        'group_wait = 0\nrules = "traffic"\n',
    )

    def start(log: Path, *options: str) -> Watch:
        config = ("--config", str(tmp_path / "config.toml"))
        running.append(Watch(str(log), tmp_path, *config, *OPTIONS, *options))
        return running[-1]

    yield start
    for each in running:
        each.kill()


def append(log: Path, count: int, second: float) -> None:
    stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second))
    with log.open("a") as file:
        file.write(f'10.0.0.1 - - [{stamp}] "GET /x HTTP/1.1" 200 10\n' * count)


def test_what_fires_and_recovers_live_is_told_once(
    watch: Callable[..., Watch], tmp_path: Path, http_sink: HttpSink
) -> None:
    log = tmp_path / "access.log"
    log.touch()
    running = watch(log, "--no-state")
    running.wait_for(lambda output: bool(objects(output)))
    append(log, 100, time.time())
    wait_for(lambda: len(http_sink.requests) == 2, 60)
    assert http_sink.events() == [("fired", "traffic"), ("recovered", "traffic")]
    fired, recovered = (body["events"][0] for body in http_sink.bodies)
    assert fired["id"] == recovered["id"]
    assert (fired["hits"], fired["recovered_at"]) == (100, None)
    assert recovered["duration"] == 2
    assert http_sink.bodies[0]["logs"] == [str(log)]
    code, error = running.end(signal.SIGTERM)
    assert (code, error) == (0, "")
    assert SECRET not in running.output


def test_of_a_backlog_only_what_still_fires_at_its_end_is_told(
    watch: Callable[..., Watch], tmp_path: Path, http_sink: HttpSink
) -> None:
    log = tmp_path / "access.log"
    now = time.time()
    append(log, 1_000, now - 600)
    append(log, 1, now - 300)
    append(log, 1_000, now)
    running = watch(log, "--no-state", "--from-start", "--alert-window", "100")
    wait_for(lambda: http_sink.requests, 60)
    (event,) = http_sink.bodies[0]["events"]
    assert (event["event"], event["hits"]) == ("fired", 1_000)
    assert running.end(signal.SIGINT)[0] == 0
    assert len(http_sink.requests) == 1
    told = [alert for line in objects(running.output) for alert in line["alerts"]]
    assert len([alert for alert in told if alert["rule"] == "traffic"]) == 3


def test_another_run_tells_the_recovery_of_what_the_former_one_told(
    watch: Callable[..., Watch], tmp_path: Path, http_sink: HttpSink
) -> None:
    log = tmp_path / "access.log"
    log.touch()
    options = ("--state", str(tmp_path / "state"), "--alert-window", "10")
    running = watch(log, *options)
    running.wait_for(lambda output: bool(objects(output)))
    append(log, 100, time.time())
    wait_for(lambda: http_sink.requests, 60)
    assert running.end(signal.SIGTERM)[0] == 0
    running = watch(log, *options)
    wait_for(lambda: len(http_sink.requests) == 2, 60)
    assert http_sink.events() == [("fired", "traffic"), ("recovered", "traffic")]
    assert running.end(signal.SIGTERM)[0] == 0


def test_that_an_incident_ended_with_its_rule_between_two_runs_is_told(
    watch: Callable[..., Watch], tmp_path: Path, http_sink: HttpSink
) -> None:
    log, config = tmp_path / "access.log", tmp_path / "config.toml"
    log.touch()
    targets = config.read_text().replace('"traffic"', '"busy"')
    rule = '[rules.busy]\nmetric = "hits"\nwindow = 600\ncritical = 50\n'
    config.write_text(targets + rule)
    former = watch(log)
    former.wait_for(lambda output: bool(objects(output)))
    append(log, 100, time.time())
    wait_for(lambda: http_sink.events() == [("fired", "busy")], 60)
    former.end(signal.SIGTERM)
    config.write_text(targets.replace('"busy"', '"*"') + "[rules.error_rate]\nenabled = false\n")
    later = watch(log)
    wait_for(lambda: ("recovered", "busy") in http_sink.events(), 60)
    events = [event for body in http_sink.bodies for event in body["events"]]
    (ended,) = [each for each in events if (each["event"], each["rule"]) == ("recovered", "busy")]
    assert "no longer there" in ended["message"]

    def told(output: str) -> bool:
        alerts = [alert for line in objects(output) for alert in line["alerts"]]
        return any(alert["rule"] == "busy" and alert["recovered_at"] for alert in alerts)

    later.wait_for(told)
    later.end(signal.SIGTERM)


def test_a_message_says_how_it_is_when_it_is_told(
    watch: Callable[..., Watch], tmp_path: Path, http_sink: HttpSink
) -> None:
    """A warning that becomes critical, fires still, and recovers, in the words of its rule."""
    log, config = tmp_path / "access.log", tmp_path / "config.toml"
    log.touch()
    config.write_text(
        config.read_text().replace('"traffic"', '"busy"')
        + '[rules.busy]\nmetric = "hits"\nwindow = 5\nwarning = 5\ncritical = 50\n'
        'message = "{severity}: {value} of {threshold}, {hits} hits"\n'
        'recovery = "no longer {severity} beyond {threshold}: {value}"\nrenotify = 2\n'
    )
    running = watch(log, "--no-state", "--threshold", "1000")
    running.wait_for(lambda output: bool(objects(output)))

    def kinds() -> list[str]:
        return [kind for kind, _ in http_sink.events()]

    def go_on_until(kind: str, lines: int) -> None:
        """Append lines each half second until that is told."""
        deadline = time.monotonic() + 60
        while kind not in kinds():
            assert time.monotonic() < deadline, kinds()
            append(log, lines, time.time())
            time.sleep(0.5)

    go_on_until("fired", 1)
    go_on_until("severity", 100)
    go_on_until("firing", 100)
    wait_for(lambda: "recovered" in kinds(), 60)
    running.end(signal.SIGTERM)
    events = [event for body in http_sink.bodies for event in body["events"]]
    said = {event["event"]: event["message"] for event in events}
    assert re.fullmatch(r"warning: \d of 5, \d hits", said["fired"])
    assert re.match(r"critical: \d{3,} of 50, \d{3,} hits; by now ", said["severity"])
    assert re.fullmatch(r"critical: \d{3,} of 50, \d{3,} hits", said["firing"])
    assert re.fullmatch(r"no longer (warning beyond 5|critical beyond 50): \d", said["recovered"])
    for event in events:
        assert event["severity"] in event["message"]
    told = [
        alert["message"]
        for line in objects(running.output)
        for alert in line["alerts"]
        if alert["rule"] == "busy" and alert["severity"] == "critical" and not alert["recovered_at"]
    ]
    assert told
    assert all(message.startswith("critical: ") for message in told)


def test_a_dead_target_delays_nothing_and_ends_with_the_watch(
    watch: Callable[..., Watch], tmp_path: Path, http_sink: HttpSink
) -> None:
    log = tmp_path / "access.log"
    log.touch()
    http_sink.statuses = [0] * 100
    running = watch(log, "--no-state")
    running.wait_for(lambda output: bool(objects(output)))
    append(log, 100, time.time())
    wait_for(lambda: http_sink.requests, 60)
    running.wait_for(lambda output: objects(output)[-1]["total_hits"] == 100)
    began = time.monotonic()
    assert running.end(signal.SIGTERM)[0] == 0
    assert time.monotonic() - began < 30


def test_of_two_watches_of_a_log_only_the_one_that_saves_tells(
    watch: Callable[..., Watch], tmp_path: Path, http_sink: HttpSink
) -> None:
    log = tmp_path / "access.log"
    log.touch()
    options = ("--state", str(tmp_path / "state"), "--alert-window", "30")
    first = watch(log, *options)
    first.wait_for(lambda output: bool(objects(output)))
    (tmp_path / "second").mkdir()
    second = Watch(
        str(log), tmp_path / "second", "--config", str(tmp_path / "config.toml"), *OPTIONS, *options
    )
    try:
        second.wait_for(lambda output: bool(objects(output)))
        (target,) = objects(second.output)[-1]["ingest"]["targets"]
        assert target["problem"] == "another logmon-tui watches these logs and notifies"
        append(log, 300, time.time())
        wait_for(lambda: http_sink.requests, 60)
        second.wait_for(lambda output: any(each["alerts"] for each in objects(output)))
        assert first.end(signal.SIGTERM)[0] == 0
        wait_for(lambda: len(http_sink.requests) == 2, 60)
        assert http_sink.events() == [("fired", "traffic"), ("recovered", "traffic")]
        second.wait_for(lambda output: objects(output)[-1]["ingest"]["targets"][0]["sent"] == 1)
        assert objects(second.output)[-1]["ingest"]["targets"][0]["problem"] == ""
        code, error = second.end(signal.SIGTERM)
        assert code == 0
        assert error.count("notify.hook: another logmon-tui watches these logs") == 1
    finally:
        second.kill()


def test_a_watch_with_a_dead_target_begins_and_says_once_why_it_is_dead(
    watch: Callable[..., Watch], tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.touch()
    with (tmp_path / "config.toml").open("a") as file:
        file.write('[notify.pager]\ntype = "webhook"\nurl = { env = "NO_SUCH_NAME" }\n')
    running = watch(log, "--no-state")
    running.wait_for(lambda output: len(objects(output)) >= 3)
    hook, pager = objects(running.output)[-1]["ingest"]["targets"]
    assert (hook["name"], hook["kind"], hook["problem"]) == ("hook", "webhook", "")
    why = "NO_SUCH_NAME is not set in the environment; set it"
    assert (pager["name"], pager["problem"], pager["sent_at"]) == ("pager", why, None)
    code, error = running.end(signal.SIGTERM)
    assert (code, error) == (0, f"logmon-tui: notify.pager: {why}\n")
