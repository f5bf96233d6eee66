"""The kinds of logs that are no files to follow, by the words that name them.

Every other log is a file, which is followed. A new kind is one new file beside this one with a
class that follows `Source`, and one line here.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.errors import SourceError
from logmon_tui.escape import printable
from logmon_tui.sources.archive import Archive
from logmon_tui.sources.base import LogPosition, Source
from logmon_tui.sources.compressed import is_compressed
from logmon_tui.sources.receivers.addresses import is_http, is_syslog
from logmon_tui.sources.seek import FROM_END, Start, Timestamp
from logmon_tui.sources.ssh_address import is_ssh, ssh_address
from logmon_tui.sources.stdin import StandardInput


def _no_time(_line: bytes) -> int | None:
    """Return None: no line has a time."""
    return None


class Opening(msgspec.Struct, frozen=True):
    """How to open a log.

    `standard_input` is the descriptor that standard input has. `start` says where to begin, by the
    times of lines that `timestamp` reads, `position` where the run before stopped; None if it did
    not read the log.
    """

    standard_input: int = 0
    start: Start = FROM_END
    position: LogPosition | None = None
    fleet: FleetSettings = msgspec.field(default_factory=FleetSettings)
    timestamp: Timestamp = _no_time


def _in_files(position: LogPosition) -> str:
    """Say how far the files of a log were read."""
    return _at_bytes(each.place.offset for each in position.opened)


def _at_bytes(offsets: Iterable[int]) -> str:
    return f"byte {', '.join(f'{each:,}' for each in offsets) or 'nothing'}"


def _anything(_log: str, _fleet: FleetSettings) -> None:
    """Accept any log."""


class LogKind(NamedTuple):
    """A kind of log that is no file to follow.

    `is_one` tells whether a LOG is of this kind. `open` returns its source. A log that `resumes`
    has a place which is saved; `reached` says in a few words which a saved one is. `check` raises
    UsageError for a LOG that cannot be watched with these settings.
    """

    is_one: Callable[[str], bool]
    open: Callable[[str, Opening], Source]
    resumes: bool = False
    check: Callable[[str, FleetSettings], None] = _anything
    reached: Callable[[LogPosition], str] = _in_files


def _syslog(log: str, _opening: Opening) -> Source:
    from logmon_tui.sources.receivers.syslog import SyslogReceiver

    return SyslogReceiver(log)


def _check_syslog(log: str, _fleet: FleetSettings) -> None:
    from logmon_tui.sources.receivers.syslog import check_syslog

    check_syslog(log)


def _http(log: str, opening: Opening) -> Source:
    from logmon_tui.sources.receivers.http import HttpReceiver

    return HttpReceiver(log, opening.fleet)


def _check_http(log: str, fleet: FleetSettings) -> None:
    try:
        from logmon_tui.sources.receivers.http import check_http
    except ModuleNotFoundError as error:
        how = "pip install 'logmon-tui[fleet]'"
        raise SourceError(f"{printable(log)}: needs {error.name}; install it with {how}") from error

    check_http(log, fleet)


def _check_ssh(log: str, _fleet: FleetSettings) -> None:
    ssh_address(log)


def _open_ssh(log: str, opening: Opening) -> Source:
    from logmon_tui.sources.ssh import SshLog

    return SshLog(log, opening)


def is_broker(log: str) -> bool:
    """Tell whether a LOG is a broker, or a part of its stream."""
    return log.startswith(("nats://", "tls://"))


def _reached_by_ssh(position: LogPosition) -> str:
    from logmon_tui.sources.ssh_place import unpacked

    places = unpacked(position.feed)
    if places is None:
        return "a place that is damaged"
    return _at_bytes(each.offset - each.held for each in places.opened)


def _stream(log: str, opening: Opening) -> Source:
    # Imported late: nats-py and asyncio are slow to import, and an extra.
    from logmon_tui.sources.broker.nats import open_stream

    return open_stream(log, opening.start, opening.position, opening.fleet)


def _check_stream(log: str, fleet: FleetSettings) -> None:
    from logmon_tui.sources.broker.url import check

    check(log, fleet)


def _reached_in_stream(position: LogPosition) -> str:
    from logmon_tui.sources.broker.feed_place import DamagedPlaceError, FeedPlace

    try:
        place = FeedPlace.decoded(position.feed)
    except DamagedPlaceError:
        return "a place that is damaged"
    return f"message {max(0, place.next - 1):,} of the stream"


KINDS = (
    LogKind(
        lambda log: log == STANDARD_INPUT,
        lambda _, opening: StandardInput(opening.standard_input),
    ),
    LogKind(is_ssh, _open_ssh, resumes=True, check=_check_ssh, reached=_reached_by_ssh),
    LogKind(
        is_broker,
        _stream,
        resumes=True,
        check=_check_stream,
        reached=_reached_in_stream,
    ),
    LogKind(lambda log: is_compressed(Path(log)), lambda log, _: Archive(Path(log))),
    LogKind(is_syslog, _syslog, check=_check_syslog),
    LogKind(is_http, _http, check=_check_http),
)

NO_KIND = "is no log that can be watched; write ./ before the name of a file"
"""What is wrong with a remote LOG of no kind."""


def kind_of(log: str) -> LogKind | None:
    """Return the kind of a log, None for a file that is followed."""
    return next((kind for kind in KINDS if kind.is_one(log)), None)


def reached(log: str, position: LogPosition) -> str:
    """Say in a few words how far a log was read, by its saved position."""
    kind = kind_of(log)
    return _in_files(position) if kind is None else kind.reached(position)


def is_read_once(log: str) -> bool:
    """Tell whether nothing of a log can be saved for the next run."""
    kind = kind_of(log)
    return kind is not None and not kind.resumes
