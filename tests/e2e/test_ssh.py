"""Watches of logs behind a real sshd, which are killed -9 and count each line once."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.doctor.checked import line_at, lines_of, log_in, run
from tests.sources.sshd import MISSING, WHY, Sshd, sshd
from tests.watching import Watch, objects, wait_until

pytestmark = pytest.mark.skipif(MISSING, reason=WHY)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
def config(server: Sshd, tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(f"[fleet]\nssh = {json.dumps(list(server.words))}\n")
    return file


def hits(output: str) -> int:
    found = objects(output)
    return int(str(found[-1]["total_hits"])) if found else 0


def test_a_watch_killed_again_and_again_counts_each_line_once(
    server: Sshd, config: Path, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.touch()
    state = ("--config", str(config), "--state", str(tmp_path / "state.sqlite"))
    options = (*state, "--from-start", "--output", "json", "--stats-interval", "1")

    def watched(wanted: int) -> Watch:
        watch = Watch(f"web1:{log}", tmp_path, *options)
        watch.wait_for(lambda output: hits(output) >= wanted)
        return watch

    for turn in range(4):
        with log.open("a") as file:
            file.write("".join(line_at(time.time()) for _ in range(50)))
        watch = watched(50 * (turn + 1))
        if turn == 1:
            log.rename(f"{log}.1")
            log.touch()
        watch.kill()
        wait_until(lambda: not server.sessions())  # ssh has ended, and the shell there
        if turn == 2:
            log.rename(f"{log}.2")
    watch = watched(200)
    code, error = watch.end(signal.SIGTERM)
    assert (code, error) == (0, "")
    assert hits(watch.output) == 200
    wait_until(lambda: not server.sessions())


def test_hits_know_their_host_and_a_broken_host_stops_no_other(
    config: Path, tmp_path: Path
) -> None:
    logs = [tmp_path / name for name in ("one.log", "two.log")]
    for log, lines in zip(logs, (3, 4), strict=True):
        log.write_text("".join(line_at(time.time()) for _ in range(lines)))
    with config.open("a") as file:
        named = [f"web1:{logs[0]}", f"web{{2..3}}:{logs[1]}", f"unknown:{logs[1]}"]
        file.write(f"logs = {json.dumps(named)}\n")
    options = ("--output", "json", "--no-state", "--stats-interval", "1", "--where", "server:web1")
    watch = Watch(
        "--from-start", tmp_path, *options, "--config", str(config)
    )  # no LOG: the fleet's are watched
    watch.wait_for(lambda output: hits(output) >= 11)
    code, _ = watch.end(signal.SIGTERM)
    assert code == 0
    last = objects(watch.output)[-1]
    assert last["total_hits"] == 11
    sources = {each["name"]: each for each in last["ingest"]["sources"]}  # type: ignore[index]
    assert "host key is not known" in sources[f"unknown:{logs[1]}"]["message"]
    assert sources[f"web3:{logs[1]}"]["state"] == "live"


def test_doctor_says_whether_a_log_can_be_read(
    server: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGMON_SSH", " ".join(server.words))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    log = log_in(tmp_path)
    found = lines_of(run(f"web1:{log}", f"unknown:{log}", f"web2:{log}.none"))["logs"]
    text = "\n".join(found)
    assert f"✓ web1:{log} can be read through ssh" in text
    assert f"✓ web1:{log} is common, recognised" in text
    assert f"✗ unknown:{log}: its host key is not known" in text
    assert f"! web2:{log}.none is empty, or not there yet" in text
