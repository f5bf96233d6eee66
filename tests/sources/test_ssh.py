"""Logs followed through a real ssh and a real sshd, with connections that are killed."""

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

import pytest

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.sources import ssh, ssh_connection
from logmon_tui.sources.base import Chunk, LogPosition, SourceState
from logmon_tui.sources.registry import Opening, kind_of
from logmon_tui.sources.seek import FROM_START
from logmon_tui.sources.ssh import SshLog, first_bytes
from tests.faults.following import NONE, faults
from tests.sources.sshd import MISSING, WHY, Sshd, sshd
from tests.watching import DEADLINE, wait_until

pytestmark = pytest.mark.skipif(MISSING, reason=WHY)

Opened = Callable[..., SshLog]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
def opened(server: Sshd, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Open logs of the server; connections are made anew at once, so that a test takes less."""
    monkeypatch.setattr(ssh, "FIRST_RETRY", 0.1)
    monkeypatch.setattr(ssh, "LAST_RETRY", 0.5)
    monkeypatch.setattr(ssh, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(ssh, "IDLE_SECONDS", 0.1)
    made: list[SshLog] = []

    def make(log: str, position: LogPosition | None = None) -> SshLog:
        fleet = FleetSettings(ssh=server.words)
        made.append(SshLog(log, Opening(start=FROM_START, position=position, fleet=fleet)))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "access.log"


def read_until(source: SshLog, ended: Callable[[bytes], bool]) -> bytes:
    lines = b""
    deadline = time.monotonic() + DEADLINE
    while not ended(lines):
        assert time.monotonic() < deadline, source.status()
        source.wait(0.05)
        lines += source.read()
    return lines


def test_lines_come_with_their_server(opened: Opened, log: Path) -> None:
    log.write_bytes(b"one\ntwo\nthr")
    source = opened(f"web1:{log}")
    wait_until(lambda: source.status().state is not SourceState.CATCHING_UP or source._ready)
    chunk = b""
    while not chunk:
        source.wait(0.1)
        chunk = source.read()
    assert isinstance(chunk, Chunk)
    assert chunk == b"one\ntwo\n"
    assert [tuple(each) for each in chunk.origins] == [(b"web1", b"", 2)]
    (known,) = source.servers()
    assert known.server == b"web1"
    assert known.beats
    assert known.heard is not None
    before = known.heard
    wait_until(lambda: (source.servers()[0].heard or 0) > before)  # without a single line
    assert source.status().state is SourceState.LIVE


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("unknown", "its host key is not known; run "),
        ("changed", "its host key has CHANGED"),
        ("stranger", "asks for a password or knows none of your keys"),
        ("no-such-host.invalid", "its name cannot be resolved"),
    ],
)
def test_what_is_wrong_is_told_in_the_row_of_the_host(
    opened: Opened, log: Path, host: str, message: str
) -> None:
    source = opened(f"{host}:{log}")
    read_until(source, lambda _lines: source.status().state is SourceState.FAILED)
    assert message in source.status().message
    assert source.status().message.endswith("; trying again")
    assert source.servers()[0].message == source.status().message
    assert source.position().feed == b""  # so that it does not keep others from being saved


def test_a_missing_log_is_waited_for(opened: Opened, log: Path) -> None:
    source = opened(f"web1:{log}")
    read_until(source, lambda _lines: source.status().state is SourceState.WAITING)
    assert source.status().message == "waiting for the log to appear"
    log.write_bytes(b"here\n")
    assert read_until(source, bool) == b"here\n"


def test_a_server_that_is_down_and_comes_back(tmp_path: Path, opened: Opened, log: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    with sshd(folder) as other:
        log.write_bytes(b"one\n")
        fleet = FleetSettings(ssh=other.words)
        source = SshLog(f"web1:{log}", Opening(start=FROM_START, fleet=fleet))
        try:
            assert read_until(source, bool) == b"one\n"
            other.stop()
            read_until(source, lambda _lines: "refuses" in source.status().message)
            with log.open("ab") as file:
                file.write(b"two\n")
            other.start()
            assert read_until(source, bool) == b"two\n"
            assert source.status().message == ""
        finally:
            source.close()


class Writer(threading.Thread):
    """Writes numbered lines by halves, and rotates the log now and then, until it is `enough`."""

    def __init__(self, log: Path, seed: int, *, copytruncate: bool) -> None:
        super().__init__(daemon=True)
        self._log = log
        self._seed = seed
        self._copytruncate = copytruncate
        self.lines: list[bytes] = []
        self.rotations = 0
        self.enough = threading.Event()

    def run(self) -> None:
        file = self._log.open("ab", buffering=0)
        while not self.enough.is_set() or len(self.lines) < _LEAST_LINES:
            number = len(self.lines)
            line = b"%d of seed %d %b\n" % (number, self._seed, b"x" * (number % 90))
            self.lines.append(line)
            half = len(line) // 2
            file.write(line[:half])
            file.write(line[half:])
            if number % 400 == 399:
                time.sleep(0.02)
            if number % 2_000 == 1_999:
                file = self._rotate(file)
        file.close()

    def _rotate(self, file: FileIO) -> FileIO:
        self.rotations += 1
        for place in range(self.rotations - 1, 0, -1):
            Path(f"{self._log}.{place}").rename(f"{self._log}.{place + 1}")
        if self._copytruncate:
            shutil.copy(self._log, f"{self._log}.1")
            os.truncate(self._log, 0)
            return file
        self._log.rename(f"{self._log}.1")
        file.close()
        return self._log.open("ab", buffering=0)


_LEAST_LINES, _KILLS = 10_000, 5


@pytest.mark.parametrize("copytruncate", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_connections_killed_in_the_middle_of_lines_and_rotations(
    server: Sshd, opened: Opened, log: Path, seed: int, copytruncate: bool
) -> None:
    writer = Writer(log, seed, copytruncate=copytruncate)
    chance = random.Random(seed)
    log.touch()
    source = opened(f"web1:{log}")
    read_until(source, lambda _lines: source.status().state is SourceState.LIVE)
    writer.start()
    lines = b""
    kills = 0
    kill_at = time.monotonic() + 0.2
    while writer.is_alive():
        source.wait(0.05)
        lines += source.read()
        if kills < _KILLS and time.monotonic() > kill_at:
            kills += server.cut()
            kill_at = time.monotonic() + chance.uniform(0.1, 0.5)
        elif kills == _KILLS:
            writer.enough.set()
    wanted = sum(map(len, writer.lines))
    lines += read_until(source, lambda more: len(lines) + len(more) >= wanted)
    assert writer.rotations >= _LEAST_LINES // 2_000
    assert faults(lines, writer.lines) == NONE


def test_a_run_that_was_killed_is_resumed(server: Sshd, opened: Opened, log: Path) -> None:
    log.write_bytes(b"one\ntwo\nthr")
    first = opened(f"web1:{log}")
    assert read_until(first, bool) == b"one\ntwo\n"
    position = first.position()
    first.close()
    assert first.read() == b""
    assert first.status().state is SourceState.ENDED
    with log.open("ab") as file:
        file.write(b"ee\nfour\n")
    log.rename(f"{log}.1")
    log.write_bytes(b"five\n")
    second = opened(f"web1:{log}", position)
    wanted = b"three\nfour\nfive\n"
    assert read_until(second, lambda lines: len(lines) >= len(wanted)) == wanted
    assert second.position().rotations == 1


def test_a_flood_waits_there_until_it_is_read(opened: Opened, log: Path) -> None:
    log.write_bytes(b"a line of a flood that nobody reads yet\n" * 400_000)
    source = opened(f"web1:{log}")
    wait_until(lambda: sum(len(lines) for lines, _ in source._ready) >= ssh.WAITING_BYTES)
    time.sleep(0.5)  # in which it must not grow
    assert sum(len(lines) for lines, _ in source._ready) < 2 * ssh.WAITING_BYTES
    size = log.stat().st_size
    lines = read_until(source, lambda lines: len(lines) == size)
    assert lines.count(b"\n") == 400_000


def test_a_host_that_falls_silent_is_given_up_and_reached_anew(
    server: Sshd, opened: Opened, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_connection, "ANSWER_SECONDS", 1.0)
    log.write_bytes(b"one\n")
    source = opened(f"web1:{log}")
    assert read_until(source, bool) == b"one\n"
    silent = server.sessions()
    for each in silent:
        os.kill(each, signal.SIGSTOP)  # as if the network were gone: not a byte, and no end
    try:
        read_until(source, lambda _lines: "has said nothing" in source.status().message)
        with log.open("ab") as file:
            file.write(b"two\n")
        assert read_until(source, bool) == b"two\n"
    finally:
        for each in silent:
            os.kill(each, signal.SIGCONT)
    wait_until(lambda: not set(server.sessions()) & set(silent))


def test_closing_leaves_no_process_behind(server: Sshd, opened: Opened, log: Path) -> None:
    log.touch()
    source = opened(f"web1:{log}")
    read_until(source, lambda _lines: source.status().state is SourceState.LIVE)
    assert source._connection is not None
    process = source._connection._process
    assert server.sessions()
    source.close()
    assert process.returncode is not None
    wait_until(lambda: not server.sessions())


def test_the_registry_knows_the_kind() -> None:
    kind = kind_of("web1:/var/log/access.log")
    assert kind is not None
    assert kind.resumes


def test_first_bytes(server: Sshd, log: Path) -> None:
    fleet = FleetSettings(ssh=server.words)
    assert first_bytes(f"web1:{log}", fleet, 10) == b""
    log.write_bytes(b"0123456789 and more")
    assert first_bytes(f"web1:{log}", fleet, 10) == b"0123456789"
