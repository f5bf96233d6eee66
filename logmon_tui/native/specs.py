"""Describes a format to the scanner: plain data, as scan.h declares it."""

from enum import IntEnum, IntFlag

import msgspec


class ScanReading(IntEnum):
    """How a field is read: `enum reading` of scan.h, in its order."""

    TEXT = 0
    NOTHING = 1
    CLF = 2
    CLF_UTC = 3
    ISO = 4
    EPOCH = 5
    DATE = 6
    TIME_OF_DAY = 7
    STATUS = 8
    STATUS_OR_NONE = 9
    AMOUNT = 10
    SPAN = 11
    TIME = 12
    CTIME = 13


class ScanEnding(IntEnum):
    """How the end of a field is found: `enum ending` of scan.h."""

    STOP = 0
    QUOTE = 1
    DOUBLED_QUOTE = 2
    FIXED = 3
    LINE = 4


class ScanFlag(IntFlag):
    """Variations in how a field is read: `enum token_flag` of scan.h."""

    NONE = 0
    PADDED = 1
    OPTIONAL = 2
    LISTED = 4
    WHOLE = 8
    POINTED = 16
    CUT_PORT = 32
    WITHOUT_PORT = 64
    NEEDED = 128
    SEVERAL = 256


class ScanWrapper(IntEnum):
    """What a logger adds around lines: `enum wrapper` of scan.h, in its order."""

    KUBERNETES = 0
    DOCKER_FILE = 1
    COMPOSE = 2
    KUBECTL = 3
    RFC_5424 = 4
    RFC_3164 = 5
    RSYSLOG_FILE = 6
    TIMESTAMPS = 7
    QUOTES = 8


class TokenSpec(msgspec.Struct, frozen=True):
    """One field of a delimited format.

    `before` is the text between the previous field and this one. The field ends at the first of the
    bytes `stops`, or after `length` bytes. `parameter` is the value that `-` has in a number of
    bytes; for a duration it is the unit (how many of it make a second).
    """

    before: bytes
    reading: ScanReading
    ending: ScanEnding
    stops: bytes = b""
    length: int = 0
    parameter: int = 0
    flags: ScanFlag = ScanFlag.NONE


class MemberSpec(msgspec.Struct, frozen=True):
    """One field of a JSON format: the value at the first of `paths` that is not null."""

    paths: tuple[tuple[bytes, ...], ...]
    reading: ScanReading
    parameter: int = 0
    flags: ScanFlag = ScanFlag.NONE
