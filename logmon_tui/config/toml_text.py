"""Writes values as TOML for people to read; escapes whatever could control a terminal. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from logmon_tui.escape import printable

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SURROGATES = range(0xD800, 0xE000)
"""Code points that TOML cannot express: they stand for bytes of a path that are not UTF-8."""


def toml_key(key: str) -> str:
    """Return a key, in quotes where it needs them."""
    return key if _BARE_KEY.fullmatch(key) else _text(key)


def toml_value(value: Any) -> str:
    """Return a number, text, list or table as TOML in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{toml_key(key)} = {toml_value(each)}" for key, each in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    return str(value)


def toml_table(path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the table named by the keys `path`."""
    yield f"[{'.'.join(map(toml_key, path))}]"
    for key, value in table.items():
        yield f"{toml_key(key)} = {toml_value(value)}"


def _text(text: str) -> str:
    return f'"{"".join(map(_character, text))}"'


def _character(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code in _SURROGATES:
        return _text(printable(character))[1:-1]
    if printable(character) == character:
        return character
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
