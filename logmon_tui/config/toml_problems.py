"""Turns error messages of tomllib and msgspec about a TOML file into plain words. Pure."""

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
    "float | str": "a number or a word",
    "bool": "true or false",
    "datetime": "a date",
    "date": "a date",
    "time": "a time",
}
"""msgspec's names of the kinds of values, and what a person calls them."""

_BOUNDS = {">": "above", ">=": "of at least", "<": "below", "<=": "of at most"}

_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_KIND = re.compile(r"Expected `(\w+(?: \| str)?)(?: \| null)?`(?: ([<>]=?) ([\d.]+))?")
_UNKNOWN = re.compile(r"unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"missing required field `([^`]*)`")
_STEP = re.compile(r"(\w+|\.\.\.)|\[(\d+)\]")

ANY = "..."
"""Placeholder for a key of a table that msgspec's message does not name."""


def encoding_problem(error: UnicodeDecodeError) -> tuple[int, str]:
    """Return the line, from 1, of the first bytes that are not UTF-8, and a message."""
    line = error.object.count(b"\n", 0, error.start) + 1
    return line, f"not valid TOML: byte 0x{error.object[error.start]:02x} is no UTF-8"


def syntax_problem(text: str, error: "TOMLDecodeError") -> tuple[int, str]:
    """Return the line, from 1, of a syntax error in TOML, and a message."""
    place = _PLACE.fullmatch(str(error))
    what = f"not valid TOML: {_lower(place[1] if place else str(error))}"
    if place and place[2]:
        return int(place[2]), f"{what}, in column {place[3]}"
    return text.rstrip().count("\n") + 1, what


def keys_of(message: str) -> list[str | int]:
    """Return the keys that msgspec's message names: it ends in "at `$.key`".

    An unknown key comes last. ANY stands for a key that the message does not name.
    """
    what, _, path = message.partition(" - at `$.")
    unknown = _UNKNOWN.findall(what)
    return [*(int(place) if place else key for key, place in _STEP.findall(path)), *unknown]


def plain_words(message: str, value: Any, known: Sequence[str]) -> str:
    """Return msgspec's message in plain words.

    `value` is the wrong value; of a table or list the message names only the kind. `known` are the
    keys or words that are allowed there.
    """
    missing = _MISSING.search(message)
    if missing:
        return f"needs {missing[1]}"
    if _UNKNOWN.search(message):
        return unknown(value, known)
    if message.startswith("Invalid enum value"):
        return f"{_shown(value)} {unknown(value, known)}"
    kind = _KIND.match(message)
    if kind is None:
        return _lower(message.partition(" - at `$.")[0])
    name, sign, bound = kind.groups()
    limit = f" {_BOUNDS[sign]} {float(bound):,.12g}" if sign else ""
    return f"expected {_KINDS.get(name, name)}{limit}, not {_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return _KINDS["object"]
    return _KINDS["array"] if isinstance(value, list) else shown(value)


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
