"""SshLog: a `Source` that follows a log on another machine through the system's `ssh`.

A thread holds the connection and asks the shell there again and again; see `ssh_script` for what is
asked, and `ssh_follower` for what follows from the answers. When the connection is cut it is made
anew, and reading goes on at the byte after the last one that came.
"""

import random
import shlex
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.errors import SourceError
from logmon_tui.escape import printable
from logmon_tui.formats.model.origin import Origin
from logmon_tui.sources.base import Chunk, LogPosition, ServerStatus, SourceState, SourceStatus
from logmon_tui.sources.lines import LIVE_CHUNK
from logmon_tui.sources.registry import Opening
from logmon_tui.sources.seek import last_second_of
from logmon_tui.sources.ssh_address import SshAddress, ssh_address
from logmon_tui.sources.ssh_connection import (
    ConnectionLostError,
    SshConnection,
    not_understood,
    ssh_words,
)
from logmon_tui.sources.ssh_failures import Failure
from logmon_tui.sources.ssh_follower import RemoteFollower
from logmon_tui.sources.ssh_place import RemotePlaces, unpacked
from logmon_tui.sources.ssh_replies import ReplyError, is_missing
from logmon_tui.sources.ssh_script import program
from logmon_tui.sources.ssh_shell import RemoteShell

BUSY_SECONDS, IDLE_SECONDS = 0.5, 1.0
"""Seconds between two questions, while the log grows and while it does not."""

CONNECTING = 8
"""Maximum connections that are being made at once. sshd drops some of more than ten, and a host
through which all others are reached sees them all."""

WAITING_BYTES = 1024 * 1024
"""Bytes that are read ahead; beyond that nothing is asked for, so the other side has to wait."""

FIRST_RETRY, LAST_RETRY = 1.0, 30.0
"""Seconds until a cut connection is made anew; the time doubles with each failure in a row."""

LAST_RETRY_BY_HAND = 300.0
"""The same, where only a person can mend what is wrong: hosts ban who fails too often."""

_LINES_OF_LAG, _BYTES_OF_LAG = 5, 8 * 1024
"""Maximum last lines, and bytes, of which the newest time is taken."""

_GATE_SECONDS = 0.2
_JOIN_SECONDS = 5.0
_GATE = threading.BoundedSemaphore(CONNECTING)


def retry_seconds(failures: int, failure: Failure, chance: float) -> float:
    """Return the pause after so many `failures` in a row; `chance` is random, from 0 to 1.

    Chance spreads what fails at the same time, as when a network comes back.
    """
    last = LAST_RETRY_BY_HAND if failure.by_hand else LAST_RETRY
    first = LAST_RETRY if failure.by_hand else FIRST_RETRY
    return min(last, first * 2.0 ** min(failures - 1, 10)) * (0.5 + chance / 2)


def first_bytes(log: str, fleet: FleetSettings, length: int) -> bytes:
    """Return at most so many bytes of the beginning of a LOG; empty if it is not there yet.

    Raises SourceError for one that cannot be read.
    """
    address = ssh_address(log)
    connection: SshConnection | None = None
    try:
        connection = SshConnection(*_ways(fleet, address))
        connection.begin(program(address.path))
        shell = RemoteShell(connection.ask, address.path)
        found = shell.look()
        if found.problem and not is_missing(found):
            raise SourceError(f"{printable(log)}: cannot be read: {printable(found.problem)}")
        beginning = shell.read(shell.own(found.inode), length, 0)
    except (ConnectionLostError, ReplyError) as error:
        raise SourceError(f"{printable(log)}: {error}") from error
    finally:
        if connection is not None:
            connection.close()
    if found.size and not beginning:
        raise SourceError(f"{printable(log)}: cannot be read; let the user of ssh read it")
    return beginning


def _ways(fleet: FleetSettings, address: SshAddress) -> tuple[list[str], str]:
    """Return the argument list that leads to a server, and what a user types to try it."""
    words = ssh_words(fleet.ssh, address.destination)
    return words, printable(shlex.join([*fleet.ssh, address.destination]))


@dataclass(frozen=True, slots=True)
class _Report:
    """What the thread knew when it handed lines over, and where the next run goes on."""

    status: SourceStatus
    places: RemotePlaces | None = None
    backlog: int = 0
    preamble: bytes = b""


class SshLog:
    """A `Source` of one log that `ssh` reads, and what is known of its server."""

    def __init__(self, log: str, opening: Opening) -> None:
        address = ssh_address(log)
        self._words, self._by_hand = _ways(opening.fleet, address)
        self._path = address.path
        self._server = address.server.encode()
        self._timestamp = opening.timestamp
        position = opening.position
        places = unpacked(position.feed) if position is not None and position.feed else None
        self._before = position if places is not None and position is not None else LogPosition()
        self._follower = RemoteFollower(
            start=opening.start, timestamp=opening.timestamp, places=places
        )
        self._condition = threading.Condition()
        self._ready: deque[tuple[bytes, _Report]] = deque()
        status = SourceStatus(printable(log), SourceState.CATCHING_UP, message="connecting")
        self._report = _Report(status, places)
        self._hint = threading.Event()
        self._closing = threading.Event()
        self._connection: SshConnection | None = None
        self._heard: float | None = None
        self._first_heard: float | None = None
        self._lag: float | None = None
        self._thread = threading.Thread(target=self._run, name="ssh", daemon=True)
        self._thread.start()

    # The side of the pipeline.

    def read(self) -> bytes:
        """Return the lines that have come, a few megabytes at most, or `b""`; never waits."""
        pieces: list[bytes] = []
        with self._condition:
            while self._ready and sum(map(len, pieces)) < LIVE_CHUNK - 2 * WAITING_BYTES:
                lines, self._report = self._ready.popleft()
                pieces.append(lines)
            self._condition.notify_all()
        lines = b"".join(pieces)
        if not lines:
            return b""
        return Chunk.of(lines, [Origin(self._server, b"", lines.count(b"\n"))])

    def preamble(self) -> bytes:
        """Return the header and the last lines from before the place where reading began."""
        return self._report.preamble

    def wait(self, seconds: float) -> None:
        """Sleep until something arrives, for at most `seconds`."""
        self._hint.wait(seconds)
        self._hint.clear()

    def wake(self) -> None:
        """End a `wait` early; any thread may call this."""
        self._hint.set()

    def status(self) -> SourceStatus:
        """Return the status as of the lines handed over last."""
        if self._closing.is_set():
            return replace(self._report.status, state=SourceState.ENDED, message="")
        return self._report.status

    def position(self) -> LogPosition:
        """Return where the next run resumes; its `feed` is empty until the start was found."""
        status, places = self._report.status, self._report.places
        return LogPosition(
            rotations=status.rotations,
            truncations=status.truncations,
            oversize=status.oversize,
            feed=b"" if places is None else places.packed(),
        )

    def servers(self) -> Sequence[ServerStatus]:
        """Return what is known of the server; a connection is heard even without traffic."""
        report = self._report
        is_connecting = report.status.state is SourceState.CATCHING_UP
        server = ServerStatus(
            server=self._server,
            heard=self._heard,
            first_heard=self._first_heard,
            beats=True,
            lag=self._lag,
            backlog=report.backlog,
            message="" if is_connecting else report.status.message,
        )
        return (server,)

    def close(self) -> None:
        """End `ssh`; further reads return `b""`."""
        self._closing.set()
        with self._condition:
            self._ready.clear()
            self._condition.notify_all()
            connection = self._connection
        if connection is not None:
            connection.end()
            self._thread.join(_JOIN_SECONDS)

    # The side of the thread.

    def _run(self) -> None:
        failures = 0
        while not self._closing.is_set():
            heard = self._heard
            failure = Failure("")
            try:
                self._attend()
            except ConnectionLostError as lost:
                failure = lost.failure
            except Exception as error:  # noqa: BLE001 - the thread must not die
                failure = Failure(printable(f"{type(error).__name__}: {error}"))
            failures = failures + 1 if heard == self._heard else 1
            self._hand_over(failure.message)
            self._closing.wait(retry_seconds(failures, failure, random.random()))  # noqa: S311

    def _attend(self) -> None:
        """Connect and read until the connection is cut. Raises ConnectionLostError."""
        while not _GATE.acquire(timeout=_GATE_SECONDS):
            if self._closing.is_set():
                return
        try:
            connection = self._connected()
        finally:
            _GATE.release()
        try:
            shell = RemoteShell(connection.ask, self._path)
            self._follower.connect(shell)
            while not self._closing.is_set():
                self._take_turn()
        except ReplyError as error:
            raise not_understood(error) from error
        finally:
            connection.close()

    def _connected(self) -> SshConnection:
        with self._condition:
            if self._closing.is_set():
                raise ConnectionLostError(Failure(""))
            connection = self._connection = SshConnection(self._words, self._by_hand)
        try:
            connection.begin(program(self._path))
        except BaseException:
            connection.close()
            raise
        self._beat()
        return connection

    def _beat(self) -> None:
        self._heard = time.monotonic()
        if self._first_heard is None:
            self._first_heard = self._heard

    def _take_turn(self) -> None:
        try:
            more = self._follower.turn()
            self._beat()
        finally:  # what came before a cut is handed over, too
            lines = self._follower.lines()
            self._note_lag(lines)
            self._hand_over(lines=lines)
        if not more:
            self._closing.wait(BUSY_SECONDS if lines else IDLE_SECONDS)
        with self._condition:
            self._condition.wait_for(self._has_room)

    def _has_room(self) -> bool:
        waiting = sum(len(lines) for lines, _ in self._ready)
        return waiting < WAITING_BYTES or self._closing.is_set()

    def _note_lag(self, lines: bytes) -> None:
        """Note how old the newest lines are, by the clocks of both machines.

        A line may have been written at the end of its second, so that second does not count.
        """
        if lines:
            newest = lines[-_BYTES_OF_LAG:].splitlines()[-_LINES_OF_LAG:]
            second = last_second_of(newest, self._timestamp)
            self._lag = None if second is None else max(0.0, time.time() - second - 1)

    def _hand_over(self, failure: str = "", lines: bytes = b"") -> None:
        """Queue lines with what is known now; a `failure` says why there is no connection."""
        follower = self._follower
        position, size = follower.reach
        status = SourceStatus(
            name=self._report.status.name,
            state=SourceState.FAILED if failure else follower.state,
            position=position,
            size=size,
            message=f"{failure}; trying again" if failure else follower.message,
            rotations=self._before.rotations + follower.rotations,
            truncations=self._before.truncations + follower.truncations,
            oversize=self._before.oversize + follower.oversize,
        )
        report = _Report(status, follower.places, follower.backlog, follower.preamble)
        with self._condition:
            if self._closing.is_set():
                return
            if self._ready and not lines:
                self._ready[-1] = self._ready[-1][0], report
            else:
                self._ready.append((lines, report))
        if lines or failure:
            self._hint.set()
