"""Command: starts a program for each message, never through a shell."""

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Annotated, ClassVar

import msgspec

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.notify.message import Message, fields
from logmon_tui.notify.target import SendError, TargetSettings, Timeout, redacted
from logmon_tui.notify.text import Text

PREFIX = "LOGMON_INCIDENT_"
"""Prefix of the variables; LOGMON_ alone would make some of them options, as LOGMON_THRESHOLD."""

_MAX_ERROR_BYTES = 4_096
"""Maximum bytes of the program's errors that are read, from their end."""


class Command(TargetSettings, frozen=True, kw_only=True):
    """`type = "command"`: starts `command`, a program and its arguments.

    It gets the JSON body as one line on standard input, and the fields of the first event in the
    environment as LOGMON_INCIDENT_EVENT, LOGMON_INCIDENT_RULE …; LOGMON_INCIDENT_EVENTS is the
    number of events, and LOGMON_INCIDENT_TEXT the message in one line.
    """

    KIND: ClassVar[str] = "command"

    command: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    timeout: Timeout = 10.0

    def open(self) -> "CommandSender":
        """Return the sender. Raises UsageError for arguments that cannot be read."""
        return CommandSender([argument.read() for argument in self.command], self.timeout)


class CommandSender:
    """Starts the program and waits for its end."""

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        if not command[0].strip():
            raise UsageError("command: names no program")
        self.address: str = printable(Path(command[0]).name)
        self._command = list(command)
        self._timeout = timeout
        self._running: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Run the program. Raises SendError if it fails, or takes too long and is killed."""
        with tempfile.TemporaryFile() as body, tempfile.TemporaryFile() as errors:
            body.write(message.json() + b"\n")  # a shell's `read` fails without a line end
            body.seek(0)
            running = self._start(body, errors, {**os.environ, **variables(message)})
            try:
                code = running.wait(self._timeout)
            except subprocess.TimeoutExpired:
                _kill(running)
                raise SendError(f"took longer than {self._timeout:g} s and was killed") from None
            finally:
                self._running = None
            if code:
                ended = f"ended with code {code}" if code > 0 else f"was ended by signal {-code}"
                error_line = _last_line(errors)
                raise SendError(redacted(f"{ended}: {error_line}" if error_line else ended, ()))

    def _start(
        self, body: IO[bytes], errors: IO[bytes], environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise SendError("the program ends", for_good=True)
            try:
                self._running = subprocess.Popen(  # noqa: S603 - the command is the user's own
                    self._command,
                    stdin=body,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    env=environment,
                    start_new_session=True,  # so that `_kill` also reaches its children
                )
            except OSError as error:
                raise SendError(f"cannot be started: {error.strerror}") from None
            return self._running

    def close(self) -> None:
        """Kill the running program with its children, and start no more."""
        with self._lock:
            self._closed = True
            if self._running is not None and self._running.poll() is None:
                _kill(self._running)


def variables(message: Message) -> dict[str, str]:
    """Return the first event's fields as environment variables, and a summary of the message."""
    group = message.group
    (first, *others) = group.events
    found = {
        PREFIX + name.upper(): "" if value is None else str(value)
        for name, value in fields(first).items()
        if not isinstance(value, dict)
    }
    found[PREFIX + "FIRING"] = _truth(first.incident.firing)
    found[PREFIX + "ACKNOWLEDGED"] = _truth(first.incident.acknowledged)
    found[PREFIX + "EVENTS"] = str(1 + len(others) + group.more)
    found[PREFIX + "TEXT"] = message.line
    return found


def _truth(value: bool) -> str:  # noqa: FBT001 - it is the value
    return "true" if value else "false"


def _kill(running: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def _last_line(errors: IO[bytes]) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _MAX_ERROR_BYTES))
    lines = [line for line in errors.read(_MAX_ERROR_BYTES).splitlines() if line.strip()]
    return printable(lines[-1]) if lines else ""
