"""What is wrong with a TOML file, in plain words made of what tomllib and msgspec say. Pure."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from logmon_tui.toml_tables import shown, unknown

if TYPE_CHECKING:
    from tomllib import TOMLDecodeError

_KINDS = {
    "object": "a table",
    "array": "a list",
    "str": "a text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "datetime": "a date",
    "date": "a date",
    "time": "a time",
}
"""The kinds of values as msgspec names them, and as a person does."""

_BOUNDS = {">": "above", ">=": "of at least", "<": "below", "<=": "of at most"}

_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_KIND = re.compile(r"Expected `(\w+)(?: \| null)?`(?: ([<>]=?) ([\d.]+))?")
_UNKNOWN = re.compile(r"unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"missing required field `([^`]*)`")
_STEP = re.compile(r"(\w+|\.\.\.)|\[(\d+)\]")

ANY = "..."
"""Stands for a key of a table that msgspec does not tell."""


def encoding_problem(error: UnicodeDecodeError) -> tuple[int, str]:
    """Return the line, from 1, at which bytes are no UTF-8, and why that is wrong."""
    line = error.object.count(b"\n", 0, error.start) + 1
    return line, f"not valid TOML: byte 0x{error.object[error.start]:02x} is no UTF-8"


def syntax_problem(text: str, error: "TOMLDecodeError") -> tuple[int, str]:
    """Return the line, from 1, at which text is no TOML, and why."""
    place = _PLACE.fullmatch(str(error))
    what = f"not valid TOML: {_lower(place[1] if place else str(error))}"
    if place and place[2]:
        return int(place[2]), f"{what}, in column {place[3]}"
    return text.rstrip().count("\n") + 1, what


def keys_of(message: str) -> list[str | int]:
    """Return the keys to which msgspec's message, which ends in `at `$.key``, leads.

    An unknown key is the last of them; ANY stands for a key that the message does not tell.
    """
    what, _, path = message.partition(" - at `$.")
    unknown = _UNKNOWN.findall(what)
    return [*(int(place) if place else key for key, place in _STEP.findall(path)), *unknown]


def plain_words(message: str, value: Any, known: Sequence[str]) -> str:
    """Return msgspec's message as a person would say it.

    `value` is the wrong one, of which no more than its kind is told if it is a table or list;
    `known` are the keys or words that may stand there.
    """
    missing = _MISSING.search(message)
    if missing:
        return f"needs {missing[1]}"
    if _UNKNOWN.search(message):
        return unknown(value, known)
    if message.startswith("Invalid enum value"):
        return f"{_told(value)} {unknown(value, known)}"
    kind = _KIND.match(message)
    if kind is None:
        return _lower(message.partition(" - at `$.")[0])
    name, sign, bound = kind.groups()
    limit = f" {_BOUNDS[sign]} {float(bound):,g}" if sign else ""
    return f"expected {_KINDS.get(name, name)}{limit}, not {_told(value)}"


def _told(value: object) -> str:
    if isinstance(value, dict):
        return _KINDS["object"]
    return _KINDS["array"] if isinstance(value, list) else shown(value)


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
