"""Checks of the LOG arguments: refuses what cannot be watched before any log is read."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.config.remote import is_remote
from logmon_tui.errors import SourceError
from logmon_tui.escape import printable

_BROKERS = ("nats://", "tls://")
_BROKER_PORT = 4222


def check_distinct(logs: Sequence[str]) -> None:
    """Raise SourceError if two of `logs` have the same lines, whose hits would count twice."""
    _check_streams([log for log in logs if log.startswith(_BROKERS)])
    seen: dict[tuple[int, int], str] = {}
    for log in logs:
        if is_remote(log) and log != STANDARD_INPUT:
            if logs.count(log) > 1:
                raise SourceError(f"{printable(log)}: is named twice; give it once")
            continue
        try:
            found = os.fstat(0) if log == STANDARD_INPUT else Path(log).stat()
        except OSError:
            continue  # a missing log is waited for, or reported when it is opened
        other = seen.setdefault((found.st_dev, found.st_ino), log)
        if other is not log or logs.count(log) > 1:
            name = printable(log)
            raise SourceError(f"{name}: is the same log as {printable(other)}; give it once")


def _check_streams(logs: Sequence[str]) -> None:
    """Raise SourceError if two logs of brokers are parts of one stream, and one has the other."""
    parts: dict[tuple[str, tuple[str, ...]], str] = {}
    for log in dict.fromkeys(logs):
        whole = parts.setdefault(_part(log), log)
        if whole is not log:
            raise _within(log, whole)
    for (broker, names), log in parts.items():
        for shared in range(len(names)):
            if (broker, names[:shared]) in parts:
                raise _within(log, parts[broker, names[:shared]])


def _within(part: str, whole: str) -> SourceError:
    return SourceError(f"{printable(part)}: is within {printable(whole)}; leave one of them out")


def _part(log: str) -> tuple[str, tuple[str, ...]]:
    """Return the host and port of a broker, and the site and the server that a path names."""
    try:
        parts = urlsplit(log)
        broker = f"{parts.hostname}:{parts.port or _BROKER_PORT}"
    except ValueError:  # which is told when the log is checked
        return log, ()
    return broker, tuple(unquote(name) for name in parts.path.split("/") if name)


def check_here(logs: Sequence[str]) -> None:
    """Raise SourceError for a log that is no file of this machine, and no standard input."""
    for log in logs:
        if log == STANDARD_INPUT or not is_remote(log):
            continue
        import shlex

        from logmon_tui.sources.ssh_address import is_ssh, ssh_address

        if not is_ssh(log):
            raise SourceError(f"{printable(log)}: is an address, no file; it can only be watched")
        address = ssh_address(log)
        remote = shlex.join(["ssh", address.destination, shlex.join(["cat", address.path])])
        mend = f"pass it on: {printable(remote)} | logmon-tui COMMAND -"
        raise SourceError(f"{printable(log)}: is on another machine; {mend}")


def check_log(path: Path) -> None:
    """Raise SourceError if the log at `path` cannot be followed; a missing log is fine."""
    name = printable(str(path))
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise SourceError(f"{name}: is a directory; give a log file in it")
        if not stat.S_ISREG(mode):
            raise SourceError(f"{name}: is not a regular file; read it with: logmon-tui - < {name}")
        os.close(os.open(path, os.O_RDONLY))
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unreadable(path, error) from error


def check_present(path: Path) -> None:
    """Raise SourceError if the log at `path` is missing or cannot be opened."""
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> SourceError:
    name = printable(str(path))
    return SourceError(f"{name}: cannot be read: {error.strerror}; {_mended(error)}")


def _mended(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "run as a user who may read it, or give another log"
    return "give another log"
