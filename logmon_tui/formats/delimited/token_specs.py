"""What the native scanner is told of a delimited format's tokens."""

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import Token
from logmon_tui.formats.model.converters import Amount, Clock, Code, Reading, Span
from logmon_tui.formats.model.field import TEXTS, Field
from logmon_tui.formats.model.transforms import Transform
from logmon_tui.native.scanner import Scanner
from logmon_tui.native.specs import ScanEnding, ScanFlag, ScanReading, TokenSpec

_CLOCKS = {
    Clock.CLF: ScanReading.CLF,
    Clock.CLF_UTC: ScanReading.CLF_UTC,
    Clock.ISO: ScanReading.ISO,
    Clock.EPOCH: ScanReading.EPOCH,
    Clock.DATE: ScanReading.DATE,
    Clock.TIME_OF_DAY: ScanReading.TIME_OF_DAY,
}
"""The forms of times that the scanner reads; of others it tells texts, each read once."""

_PORTS = {
    Transform.PORT_CUT: ScanFlag.CUT_PORT,
    Transform.WITHOUT_PORT: ScanFlag.WITHOUT_PORT,
}
"""The scanner cuts ports itself, for else there would be a text for each connection."""


def is_done(transform: Transform | None) -> bool:
    """Tell whether nothing is left to be done to a text that the scanner has found."""
    return transform is None or transform in _PORTS


def scanner_of(log_format: DelimitedFormat) -> Scanner:
    """Return what scans the lines of a format. Raises ValueError when it has too many fields."""
    return Scanner([spec_of(token) for token in log_format.tokens], log_format.tail)


def spec_of(token: Token) -> TokenSpec:
    """Return a token as the scanner sees it."""
    ending, length = _ending(token)
    flags = ScanFlag.NONE
    if token.padded:
        flags |= ScanFlag.PADDED
    if token.optional:
        flags |= ScanFlag.OPTIONAL
    if token.listed:
        flags |= ScanFlag.LISTED
    if token.transform is not None:
        flags |= _PORTS.get(token.transform, ScanFlag.NONE)
    if isinstance(token.reading, Span):
        flags |= ScanFlag.WHOLE if token.reading.whole else ScanFlag.NONE
        flags |= ScanFlag.POINTED if token.reading.pointed else ScanFlag.NONE
        flags |= ScanFlag.SEVERAL if token.reading.several else ScanFlag.NONE
    return TokenSpec(
        token.before,
        scan_reading(token),
        ending,
        stops=token.stops,
        length=length,
        parameter=_parameter(token.reading),
        flags=flags,
    )


def scan_reading(token: Token) -> ScanReading:
    """Return how the scanner reads a token: as a text where it does not know the form."""
    reading = token.reading
    if isinstance(reading, Code):
        return ScanReading.STATUS if reading is Code.STRICT else ScanReading.STATUS_OR_NONE
    if isinstance(reading, Amount):
        return ScanReading.AMOUNT
    if isinstance(reading, Span):
        return ScanReading.SPAN
    if isinstance(reading, Clock):
        return _CLOCKS.get(reading, ScanReading.TEXT)
    if reading is None and (token.field is Field.OTHER or token.field not in TEXTS):
        return ScanReading.NOTHING
    return ScanReading.TEXT


def _ending(token: Token) -> tuple[ScanEnding, int]:
    """Return where a token ends, and its length where that tells it."""
    if token.rest:
        return ScanEnding.LINE, 0
    if token.quoted:
        return (ScanEnding.DOUBLED_QUOTE if token.doubled else ScanEnding.QUOTE), 0
    length = token.reading.length if isinstance(token.reading, Clock) else None
    return (ScanEnding.STOP, 0) if length is None else (ScanEnding.FIXED, length)


def _parameter(reading: Reading | None) -> int:
    if isinstance(reading, Amount):
        return reading.none
    return reading.unit.value if isinstance(reading, Span) else 0
