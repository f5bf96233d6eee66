"""SshConnection: a shell on another machine, which answers one request after the other.

The system's `ssh` leads there; its words are an argument list, and no shell of this machine sees
them. The program and the requests go to the shell's standard input: when that closes, however this
process ends, the shell there ends, and so does `ssh`.
"""

import contextlib
import os
import secrets
import select
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from io import FileIO
from typing import cast

from logmon_tui.escape import printable
from logmon_tui.sources.ssh_failures import Failure, explained, unanswered
from logmon_tui.sources.ssh_replies import ReplyError, ReplyReader

OPTIONS = (
    "BatchMode=yes",  # asks nothing: there is nobody to answer, and the screen is not its own
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=2",
    "LogLevel=ERROR",
    # A master that runs already is used, but none is begun: sessions of others would end with it.
    "ControlMaster=no",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
)
"""What `ssh` is told in addition; what the user's own words say comes first and wins."""

REMOTE_COMMAND = "exec sh"

CONNECT_SECONDS = 30.0
"""Maximum seconds until the shell there answers for the first time."""

ANSWER_SECONDS = 15.0
"""Maximum seconds without a byte of an answer: the network is dead, or the machine."""

_CHATTER = 64 * 1024
"""Maximum bytes that start-up files there may print before the first answer."""

_OVER = 64 * 1024
"""Bytes by which an answer may exceed the contents of files that were asked for."""

_SAID = 4 * 1024
"""Bytes kept of what `ssh` says is wrong: the last ones."""

_BLOCK = 64 * 1024
_SAYINGS = 16
"""Maximum blocks read of what `ssh` said before it ended."""

_END_SECONDS = 2.0
"""Seconds that `ssh` has to end by itself."""


class ConnectionLostError(Exception):
    """The connection is gone, or never came about; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def ssh_words(ssh: Sequence[str], destination: str) -> list[str]:
    """Return the argument list that leads to a shell on `destination`, a host or user@host."""
    options = [word for option in OPTIONS for word in ("-o", option)]
    return [*ssh, "-T", *options, "--", destination, REMOTE_COMMAND]


class SshConnection:
    """One shell; used by one thread, but any thread may `end` it.

    `words` lead to it. `by_hand` is what a user types to see what is wrong. Every method that waits
    for the other side raises ConnectionLostError, and so does the constructor.
    """

    def __init__(self, words: Sequence[str], by_hand: str) -> None:
        self._by_hand = by_hand
        self._said = bytearray()
        self._ending = threading.Lock()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own words, and no shell
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # so that it has no terminal, and its helpers end with it
                bufsize=0,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            failure = Failure(f"{printable(words[0])} cannot be run: {reason}", by_hand=True)
            raise ConnectionLostError(failure) from error
        self._stdin = cast("FileIO", self._process.stdin)
        self._stdout = cast("FileIO", self._process.stdout)
        self._stderr = cast("FileIO", self._process.stderr)
        for pipe in (self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)
        self._pipes = select.poll()
        self._pipes.register(self._stdout, select.POLLIN)
        self._pipes.register(self._stderr, select.POLLIN)

    def begin(self, program: bytes) -> None:
        """Send the program, and wait until the shell has understood it."""
        self._ask(program, _CHATTER, CONNECT_SECONDS, chatting=True)

    def ask(self, request: bytes, contents: int = 0) -> bytes:
        """Send a call of a function; return its answer, which has at most so many `contents`."""
        return self._ask(request + b"; ", contents + _OVER, ANSWER_SECONDS)

    def _ask(self, request: bytes, limit: int, patience: float, *, chatting: bool = False) -> bytes:
        """Send a request; `chatting` does not count for an answer."""
        end = secrets.token_hex(16).encode()
        reader = ReplyReader(end, limit)
        try:
            self._stdin.write(request + b"end " + end + b"\n")
        except OSError:
            raise self._lost() from None
        heard = time.monotonic()
        while (block := self._next_block(heard + patience - time.monotonic())) is not None:
            if not block:
                raise self._lost()
            try:
                reply = reader.feed(block)
            except ReplyError as error:
                raise not_understood(error) from error
            if reply is not None:
                return reply
            if not chatting:
                heard = time.monotonic()
        raise ConnectionLostError(unanswered(bytes(self._said), self._by_hand, patience))

    def _next_block(self, seconds: float) -> bytes | None:
        """Return the next bytes; empty at the end, None if none came in so many `seconds`."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            ready = {each for each, _ in self._pipes.poll(left * 1000)}
            if self._stderr.fileno() in ready and self._listen() == b"":
                self._pipes.unregister(self._stderr)
            if self._stdout.fileno() in ready:
                return self._stdout.read(_BLOCK) or b""
        return None

    def _listen(self) -> bytes | None:
        """Keep what `ssh` says now; empty at the end, None if it says nothing."""
        said: bytes | None = self._stderr.read(_BLOCK)
        self._said += said or b""
        del self._said[:-_SAID]
        return said

    def _lost(self) -> ConnectionLostError:
        """Return why the other side has ended."""
        code = None
        with self._ending, contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(_END_SECONDS)
        for _ in range(_SAYINGS):  # not to the end: what ssh left behind may hold the pipe open
            if not self._listen():
                break
        return ConnectionLostError(explained(code, bytes(self._said), self._by_hand))

    def end(self) -> None:
        """End `ssh` and whatever it started; a thread that waits for an answer gets none."""
        with self._ending:
            for sent in (signal.SIGTERM, signal.SIGKILL):
                if self._process.poll() is None:
                    with contextlib.suppress(OSError):  # it may have ended just now
                        os.killpg(self._process.pid, sent)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self._process.wait(_END_SECONDS)

    def close(self) -> None:
        """End `ssh`, and close the pipes."""
        self.end()
        for pipe in (self._stdin, self._stdout, self._stderr):
            pipe.close()


def not_understood(error: ReplyError) -> ConnectionLostError:
    """Return that an answer is none that a shell with this program gives."""
    return ConnectionLostError(Failure(f"cannot be understood: {error}"))
