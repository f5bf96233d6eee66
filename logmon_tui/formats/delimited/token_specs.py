"""Translates the tokens of a delimited format into the specifications of the native scanner."""

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import Token
from logmon_tui.formats.model.converters import Amount, Clock, Code, Converter, Duration
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
    Clock.CTIME: ScanReading.CTIME,
}
"""The time formats that the scanner converts itself. It returns other times as texts."""

_PORTS = {
    Transform.PORT_CUT: ScanFlag.CUT_PORT,
    Transform.WITHOUT_PORT: ScanFlag.WITHOUT_PORT,
}
"""The scanner cuts ports off itself: otherwise every connection would bring a new text."""


def is_done(transform: Transform | None) -> bool:
    """Tell whether the scanner already applied `transform` to the texts that it returns."""
    return transform is None or transform in _PORTS


def scanner_of(log_format: DelimitedFormat) -> Scanner:
    """Return the scanner of a format. Raises ValueError when it has too many fields."""
    return Scanner([spec_of(token) for token in log_format.tokens], log_format.tail)


def spec_of(token: Token) -> TokenSpec:
    """Return the specification of a token for the scanner."""
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
    if isinstance(token.converter, Duration):
        flags |= ScanFlag.WHOLE if token.converter.whole else ScanFlag.NONE
        flags |= ScanFlag.POINTED if token.converter.pointed else ScanFlag.NONE
        flags |= ScanFlag.SEVERAL if token.converter.several else ScanFlag.NONE
    return TokenSpec(
        token.before,
        scan_reading(token),
        ending,
        stops=token.stops,
        length=length,
        parameter=_parameter(token.converter),
        flags=flags,
    )


def scan_reading(token: Token) -> ScanReading:
    """Return how the scanner reads a token: as text if it has no converter of that kind."""
    converter = token.converter
    if isinstance(converter, Code):
        return ScanReading.STATUS if converter is Code.STRICT else ScanReading.STATUS_OR_NONE
    if isinstance(converter, Amount):
        return ScanReading.AMOUNT
    if isinstance(converter, Duration):
        return ScanReading.SPAN
    if isinstance(converter, Clock):
        return _CLOCKS.get(converter, ScanReading.TEXT)
    if converter is None and (token.field is Field.OTHER or token.field not in TEXTS):
        return ScanReading.NOTHING
    return ScanReading.TEXT


def _ending(token: Token) -> tuple[ScanEnding, int]:
    """Return how the scanner finds the end of a token, and the length of a fixed one."""
    if token.rest:
        return ScanEnding.LINE, 0
    if token.quoted:
        return (ScanEnding.DOUBLED_QUOTE if token.doubled else ScanEnding.QUOTE), 0
    length = token.converter.length if isinstance(token.converter, Clock) else None
    return (ScanEnding.STOP, 0) if length is None else (ScanEnding.FIXED, length)


def _parameter(converter: Converter | None) -> int:
    if isinstance(converter, Amount):
        return converter.none
    return converter.unit.value if isinstance(converter, Duration) else 0
