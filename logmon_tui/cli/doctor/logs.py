"""Checks of the logs: readable or not, their format and age, and rotated files beside them."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from logmon_tui import units
from logmon_tui.cli.doctor.broker import broker_finding
from logmon_tui.cli.doctor.findings import Asked, Finding, State, fine, from_error
from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.config.remote import is_url
from logmon_tui.errors import SourceError, UsageError
from logmon_tui.escape import printable
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.sources.compressed import is_compressed
from logmon_tui.sources.given import check_log
from logmon_tui.sources.patterns import expanded, is_pattern
from logmon_tui.sources.registry import NO_KIND, is_broker, kind_of
from logmon_tui.sources.ssh_address import is_ssh

MAX_LOGS = 20
"""Maximum logs that are checked."""

_BEGINNING, _END = 256 * 1024, 64 * 1024
"""Maximum bytes read at the beginning and at the end of a log."""

_LINES, _NEWEST = 1_000, 100
"""Maximum lines inspected at the beginning and at the end of a log."""

_NAMES = 10
"""Maximum names of fields that no panel counts."""

_OLD, _FUTURE = 86_400, 60
"""Seconds from which on the newest hit is suspicious: its age, and how far it is in the future."""


def logs(asked: Asked) -> Iterator[Finding]:
    """Check of each log whether it can be read, its format, and the age of its newest hit."""
    if asked.formats_problem:
        yield from_error(State.FAILED, UsageError(asked.formats_problem))
    found = []
    for log in asked.logs:
        if is_pattern(log):
            yield _matched(log, matches := expanded([log]))
            found += matches
        else:
            found.append(log)
    for log in found[:MAX_LOGS]:
        yield from _findings_of(log, asked)
    if (more := len(found) - MAX_LOGS) and more > 0:
        yield Finding(State.NOTE, f"{more} more logs are not looked at")


def _matched(log: str, matches: Sequence[str]) -> Finding:
    if matches:
        return fine(f"{printable(log)} matches {len(matches)} files")
    mend = "see whether the pattern is as meant; what matches later is watched, too"
    return Finding(State.WARNING, f"{printable(log)} matches no file yet", mend)


def _findings_of(log: str, asked: Asked) -> Iterator[Finding]:
    """Yield the findings about one log."""
    name = printable(log)
    if log == STANDARD_INPUT:
        yield Finding(State.NOTE, "standard input is not looked at")
        return
    if is_ssh(log):
        yield from _findings_by_ssh(log, asked)
        return
    if is_url(log):
        yield _address_finding(log, asked)
        return
    path = Path(log)
    compressed = is_compressed(path)
    try:
        check_log(path)
        if not path.exists():
            mend = "see whether its path is as meant, and whether the server writes it"
            yield Finding(State.WARNING, f"{name} is not there yet: it is waited for", mend)
            return
        size = path.stat().st_size
        begin = _beginning(path)
    except SourceError as error:
        yield from_error(State.FAILED, error)
        return
    yield fine(f"{name} can be read, {units.spoken_size(size)}{_compressed(compressed)}")
    if size:
        format_ = asked.formats.of(log)
        yield (read := _read(name, begin, format_, asked)).finding
        if read.format is not None and not compressed:
            yield _newest(name, path, begin, read.format, asked.now)
        if read.format is not None:
            yield from _further(name, begin, read.format)
    else:
        yield Finding(State.WARNING, f"{name} is empty", "see whether the server writes it")
    yield from _rotated(name, path)


def _findings_by_ssh(log: str, asked: Asked) -> Iterator[Finding]:
    """Yield the findings about a log on another machine: whether ssh can read it."""
    from logmon_tui.sources.ssh import first_bytes

    name = printable(log)
    try:
        beginning = first_bytes(log, asked.settings.fleet, _BEGINNING)
    except SourceError as error:
        yield from_error(State.FAILED, error)
        return
    if not beginning:
        mend = "see whether its path is as meant, and whether the server writes it"
        yield Finding(State.WARNING, f"{name} is empty, or not there yet", mend)
        return
    yield fine(f"{name} can be read through ssh")
    yield _read(name, beginning, asked.formats.of(log), asked).finding


def _address_finding(log: str, asked: Asked) -> Finding:
    """Return whether a log that is an address can be watched; a broker is asked."""
    name = printable(log)
    if (kind := kind_of(log)) is None:
        return Finding(State.FAILED, f"{name}: {NO_KIND}")
    try:
        kind.check(log, asked.settings.fleet)
        if is_broker(log):
            return broker_finding(log, asked.settings.fleet)
    except UsageError as error:
        return from_error(State.FAILED, error)
    return fine(f"{name} is an address that can be watched")


def _compressed(compressed: bool) -> str:  # noqa: FBT001 - of one word
    return ", compressed: it can be reported, and read once" if compressed else ""


def _beginning(path: Path) -> bytes:
    from logmon_tui.sources.chunks import read_beginning

    return read_beginning(path, _BEGINNING)


def _further(name: str, begin: bytes, log_format: LogFormat) -> Iterator[Finding]:
    """Report the fields of a log that only panels of the user's own can count."""
    from logmon_tui.formats.inspection import further_fields

    found = further_fields(log_format, begin.split(b"\n")[:_LINES])
    if found:
        names = ", ".join(map(printable, found[:_NAMES]))
        more = f" and {len(found) - _NAMES} more" if len(found) > _NAMES else ""
        yield fine(f"{name} has further fields for panels of your own: {names}{more}")


class _Read(NamedTuple):
    finding: Finding
    format: LogFormat | None


def _read(name: str, begin: bytes, given: LogFormat | None, asked: Asked) -> _Read:
    """Return the finding on a log's first lines, and the format in which they were parsed."""
    # Imported late, as numpy is slow to import and `--help` needs none.
    from logmon_tui.formats.file_type import SAMPLE, not_access_log
    from logmon_tui.formats.inspection import inspected
    from logmon_tui.formats.parser import recognised_in

    how = f"logmon-tui formats {name} tells how its lines read"
    recognition = None if given else recognised_in(begin, known=asked.formats.known)
    log_format = recognition.format if recognition else given
    if log_format is None:
        what = not_access_log(begin[:SAMPLE]) or "is in no format that is known"
        return _Read(from_error(State.FAILED, UsageError(f"{name} {what}; {how}")), None)
    lines = begin.removesuffix(b"\n").split(b"\n")[:_LINES]
    found = inspected(log_format, lines)
    lines_of_hits = found.lines - found.others
    which = "as it was chosen" if given else "recognised"
    counts = f"{found.hits:,} of the first {lines_of_hits:,} lines are hits"
    text = f"{name} is {printable(log_format.name)}, {which}: {counts}"
    if not found.hits:
        return _Read(Finding(State.FAILED, text, f"give its --format; {how}"), None)
    if 2 * found.hits < lines_of_hits:
        return _Read(Finding(State.WARNING, text, how), log_format)
    return _Read(fine(text), log_format)


def _newest(name: str, path: Path, begin: bytes, log_format: LogFormat, now: float) -> Finding:
    """Return the finding on the age of a log's newest hit."""
    second = _newest_second(path, begin, log_format)
    if second is None:
        text = f"{name} ends with {_NEWEST} lines without a hit"
        return Finding(State.WARNING, text, f"see logmon-tui formats {name}")
    age = now - second
    if age < -_FUTURE:
        text = f"the newest hit of {name} is {units.duration(-age)} in the future"
        return Finding(State.WARNING, text, "set clock and time zone of both machines")
    text = f"the newest hit of {name} is {units.duration(age)} old"
    if age > _OLD:
        mend = "see whether the server still writes here, or into another file since a rotation"
        return Finding(State.WARNING, text, mend)
    return fine(text)


def _newest_second(path: Path, begin: bytes, log_format: LogFormat) -> int | None:
    """Return the time of the newest hit (epoch seconds) among the last lines of a log, if any."""
    from logmon_tui.formats.inspection import inspected

    headers = [line for line in begin.split(b"\n")[:_NEWEST] if line.startswith(b"#")]
    with path.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _END))
        last = file.read(_END).split(b"\n")[:-1]
    for line in reversed(last[-_NEWEST:]):
        shown = inspected(log_format, [*headers, line]).shown
        if shown and isinstance(second := shown[-1].values["time"], int):
            return second
    return None


def _rotated(name: str, path: Path) -> Iterator[Finding]:
    """Report the rotated files beside a log."""
    from logmon_tui.sources.rotated import rotated_files

    found = rotated_files(path, lambda sibling: sibling.written)
    if found:
        size = 0
        for sibling in found:
            with contextlib.suppress(OSError):  # it may be compressed just now
                size += Path(sibling.path).stat().st_size
        files = f"{len(found)} rotated file{'s' if len(found) > 1 else ''}"
        yield fine(
            f"beside {name}: {files}, {units.spoken_size(size)}; --with-rotated reads them, too"
        )
