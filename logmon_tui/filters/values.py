"""What may stand behind a field: numbers with units, status codes, networks, patterns.

Each function raises ValueError that says what is wrong with a value, and what is allowed.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from logmon_tui.escape import printable
from logmon_tui.filters.fields import FilterField, Kind
from logmon_tui.formats.linear_patterns import linear_pattern
from logmon_tui.late_patterns import late_pattern

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

WHO = ("human", "bot", "ai")
"""The values of the field `is`."""

_LARGEST = 2**63 - 1
_COMPARISON = late_pattern(r"(>=|<=|>|<)?(.*)", re.DOTALL)
_NUMBER = late_pattern(r"([0-9]{1,15})(?:\.([0-9]{1,9}))?([A-Za-zµμ]*)", re.ASCII)
_STATUS = late_pattern(r"([0-9])([0-9]{2}|xx)|0", re.ASCII)

_SECOND = 1_000_000
_TIMES = {
    "": _SECOND,
    "us": 1,
    "µs": 1,
    "μs": 1,
    "ms": 1_000,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "min": 60 * _SECOND,
}
"""Microseconds by unit."""

_SIZES = {"": 1, "b": 1} | {
    f"{letter}{unit}": step ** (power + 1)
    for power, letter in enumerate("kmgt")
    for unit, step in (("", 1_000), ("b", 1_000), ("i", 1_024), ("ib", 1_024))
}
"""Bytes by unit, in small letters."""

_UNITS = {
    Kind.SECONDS: (_TIMES, "a time such as 300ms, 1.5s or 2m"),
    Kind.BYTES: (_SIZES, "a size such as 500, 10kB, 1.5MB or 1MiB"),
}
_A_STATUS = "a status such as 404, 5xx, 400-499 or >=500"


class Bounds(msgspec.Struct, frozen=True):
    """The smallest and the largest whole number that fit, both at least 0."""

    low: int
    high: int


def problem_of(field: FilterField, text: str, *, exact: bool, regular: bool) -> str:
    """Return what is wrong with a value of `field`; empty if it is valid."""
    try:
        if regular:
            linear_pattern(text.encode("utf-8", "surrogateescape"))
        elif field.kind in {Kind.STATUS, Kind.SECONDS, Kind.BYTES}:
            bounds_of(field, text)
        elif field.kind is Kind.WHO:
            _check_who(text)
        elif field.kind is Kind.CLIENT and not exact:
            network_of(text)
        elif field.kind is Kind.ANYWHERE and not text:
            return "needs a text to look for"
    except ValueError as error:
        return str(error)
    return ""


def _check_who(text: str) -> None:
    if text.lower() not in WHO:
        raise ValueError(f"{_shown(text)} is none of human, bot, ai")


@lru_cache(maxsize=256)
def bounds_of(field: FilterField, text: str) -> Bounds:
    """Return which whole numbers `text` chooses: status codes, microseconds or bytes."""
    found = _COMPARISON().fullmatch(text)
    comparison, number = (found[1] or "", found[2]) if found else ("", text)
    first, dash, last = number.partition("-")
    if dash and not comparison:
        low, high = _span(field, first, text).low, _span(field, last, text).high
        if low > high:
            raise ValueError(f"{_shown(text)} is empty: {first} is more than {last}")
        return _bounded(low, high)
    span = _span(field, number, text)
    low, high = span.low, span.high
    return {
        "": _bounded(low, high),
        ">": _bounded(high + 1, _LARGEST),
        ">=": _bounded(low, _LARGEST),
        "<": _bounded(0, low - 1),
        "<=": _bounded(0, high),
    }[comparison]


def _bounded(low: int, high: int) -> Bounds:
    return Bounds(min(low, _LARGEST), min(high, _LARGEST)) if low <= _LARGEST else Bounds(1, 0)


def _span(field: FilterField, number: str, text: str) -> Bounds:
    """Return the whole numbers that `number`, a part of `text`, stands for.

    A number between two whole ones stands for none: its `low` is the next one, `high` that before.
    """
    if field.kind is Kind.STATUS:
        lower = number.lower()
        if not _STATUS().fullmatch(lower):
            raise ValueError(f"{_shown(text)} is not {_A_STATUS}")
        return Bounds(int(lower.replace("xx", "00")), int(lower.replace("xx", "99")))
    units, allowed = _UNITS[field.kind]
    found = _NUMBER().fullmatch(number)
    factor = units.get(found[3].lower()) if found else None
    if found is None or factor is None:
        raise ValueError(f"{_shown(text)} is not {allowed}")
    decimals = found[2] or ""
    value, divisor = int(found[1] + decimals) * factor, 10 ** len(decimals)
    return Bounds(-(-value // divisor), value // divisor)


@lru_cache(maxsize=256)
def network_of(text: str) -> "IPv4Network | IPv6Network | None":
    """Return the network of addresses that `text` is, `10.0.0.0/8`; None if it has no `/`."""
    if "/" not in text:
        return None
    from ipaddress import ip_network  # slow to import, and few filters have networks

    try:
        return ip_network(text, strict=False)
    except ValueError:
        like = "a network such as 10.0.0.0/8 or 2001:db8::/32"
        raise ValueError(f"{_shown(text)} is not {like}") from None


def is_pattern(field: FilterField, text: str) -> bool:
    """Tell whether a value is a shell pattern; agents and referrers often have a plain `?`."""
    return "*" in text or ("?" in text and field.kind is not Kind.PART)


def exactly(field: FilterField, text: str) -> bool:
    """Tell whether `field:text` fits `text` and no other."""
    if field.kind in {Kind.PART, Kind.ANYWHERE} or is_pattern(field, text):
        return False
    if field.kind is Kind.CLIENT and "/" in text:
        return False
    return field.kind is Kind.TEXT or not _has_cases(text)


def _has_cases(text: str) -> bool:
    return not text.isascii() or text.lower() != text.upper()


def _shown(text: str) -> str:
    return f"'{printable(text)}'"
