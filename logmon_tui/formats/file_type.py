"""Recognises files that are no access logs by their first bytes. Pure.

It is used when no line of a log is a hit, so that a user who named the wrong file learns what that
file is.
"""

import re

from logmon_tui.late_patterns import late_pattern

SAMPLE = 16 * 1024
"""Maximum bytes of a log that are examined."""

_LINES = 20
"""Maximum lines that are examined."""

_COMPRESSED = "is compressed ({}), not an access log as it stands; decompress it first"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (rb"\x1f\x8b\x08", _COMPRESSED.format("gzip")),
    (rb"BZh[1-9]1AY&SY", _COMPRESSED.format("bzip2")),
    (rb"\xfd7zXZ\0", _COMPRESSED.format("xz")),
    (rb"\x28\xb5\x2f\xfd", _COMPRESSED.format("zstd")),
    (rb"\x04\x22\x4d\x18", _COMPRESSED.format("lz4")),
    (rb"PK\x03\x04", "is a ZIP archive, not an access log; unpack it first"),
    (rb".{257}ustar", "is a tar archive, not an access log; unpack it first"),
    (
        rb"LPKSHHRH",
        (
            "is a systemd journal, not an access log; pipe it in: "
            "journalctl -f -o cat -u NAME | logmon-tui -"
        ),
    ),
    (
        rb"(?:\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x4d\x3c\xb2\xa1|\xa1\xb2\x3c\x4d|\x0a\x0d\x0d\x0a)",
        "is a capture of packets, not an access log; give the access log",
    ),
    (rb"SQLite format 3\0", "is an SQLite database, not an access log; give the access log"),
    (rb"\x7fELF", "is a program, not an access log; give the access log"),
    (rb"%PDF-", "is a PDF document, not an access log; give the access log"),
    (rb"PAR1", "is a Parquet file, not an access log; give the access log"),
    (rb"\xff\xfe|\xfe\xff", "is UTF-16 text, not an access log as it stands; convert it to UTF-8"),
)
"""Magic numbers of binary files, each with the message to show."""

_TIME = rb"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d"
_LEVEL = rb"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|SEVERE)"

_LINE_KINDS: tuple[tuple[bytes, str], ...] = (
    (
        rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[[a-z]+\] \d+#\d+: ",
        "is an nginx error log, not an access log; give the access log",
    ),
    (
        (
            rb"\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4}\] "
            rb"\[(?:[\w-]*:)?[a-z]+\d?\] "
        ),
        "is an Apache error log, not an access log; give the access log",
    ),
    (
        (
            rb"(?!.* HTTP/\d)(?:<\d{1,3}>)?(?:1 )?"
            rb"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*)"
            rb" \S+ (?:[^\s:\[]+(?:\[\d+\])?:|\S+ \S+ \S+ )"
        ),
        "is a syslog without requests, not an access log; give the access log",
    ),
    (
        rb"Traceback \(most recent call last\)|\t?at [\w.$]+\(|Caused by: ",
        "is an application's log of errors, not an access log; give the access log",
    ),
    (
        rb"\[?(?:" + _TIME + rb"|\d\d:\d\d:\d\d)(?:[.,]\d+)?\S* .{0,80}?\b" + _LEVEL + rb"\b"
        rb"|\[?" + _LEVEL + rb"\]?[: ]",
        "is an application's log, not an access log; give the access log",
    ),
)
"""Beginnings of lines of other logs, each with the message; on a tie the first kind counts."""

_CONTROL = late_pattern(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MAX_CONTROL = 0.05
"""Maximum share of control characters in a text file."""


def not_access_log(sample: bytes) -> str | None:
    """Say what a file is whose first bytes are `sample`; None if it is of no known type.

    Call it only for a log without a single hit. An access log in an unknown format gives None. The
    text follows the log's name in a message: `is an nginx error log, …`.
    """
    if not sample:
        return "is empty"
    sample = sample[:SAMPLE]
    found = next((text for magic, text in _MAGIC if re.match(magic, sample, re.DOTALL)), None)
    if found is not None:
        return found
    if b"\0" in sample or len(_CONTROL().findall(sample)) > _MAX_CONTROL * len(sample):
        return "is binary, not an access log; give the access log"
    return _kind_of([line for line in sample.splitlines() if line.strip()][:_LINES])


def _kind_of(lines: list[bytes]) -> str | None:
    """Return the message for the most frequent kind of line, None if most are of no kind."""
    if not lines:
        return "holds nothing but empty lines"
    numbers = [_kind_number(line) for line in lines]
    known = [number for number in numbers if number is not None]
    if 2 * len(known) < len(lines):
        return None
    return _LINE_KINDS[max(set(known), key=lambda number: (known.count(number), -number))][1]


def _kind_number(line: bytes) -> int | None:
    kinds = enumerate(_LINE_KINDS)
    return next((number for number, (kind, _) in kinds if re.match(kind, line)), None)
