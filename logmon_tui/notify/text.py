"""Text: a string of the settings file, or a reference to the environment or to a file.

It is never shown, as most of these strings are secrets or contain one.
"""

import os
from typing import Any

from logmon_tui.config.secret_file import path_of, secret_line
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

FORMS = 'expected a text, { env = "NAME" } or { file = "/path" }'
"""The error message for a value in none of these forms."""


class Text:
    """A string, or a reference to one: `{ env = "NAME" }` or `{ file = "/path" }`.

    Raises TypeError for any other value; its message does not contain the value.
    """

    __slots__ = ("_kind", "_value")

    def __init__(self, given: object) -> None:
        self._kind = ""
        if isinstance(given, dict) and len(given) == 1:
            ((self._kind, given),) = given.items()
            if self._kind not in {"env", "file"}:
                raise TypeError(FORMS)
        if not isinstance(given, str) or not given or (self._kind and not given.isprintable()):
            raise TypeError(FORMS)
        self._value = given

    @property
    def elsewhere(self) -> bool:
        """Whether this is a reference, whose string may change until it is read."""
        return bool(self._kind)

    @property
    def place(self) -> dict[str, str]:
        """The reference as the settings file has it; empty if the string itself is there."""
        return {self._kind: self._value} if self._kind else {}

    def __eq__(self, other: object) -> bool:
        """Tell whether both are the same string; what a reference leads to may have changed."""
        if not isinstance(other, Text):
            return NotImplemented
        return self._value == other._value and not self._kind and not other._kind

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Text(…)"

    def read(self) -> str:
        """Return the string. Raises UsageError if it is unreadable, or readable by others."""
        value = self._value
        if self._kind == "env":
            value = os.environ.get(self._value, "")
            if not value:
                raise UsageError(f"{printable(self._value)} is not set in the environment; set it")
        elif self._kind == "file":
            value = secret_line(path_of(self._value))
        if not value.isprintable():
            where = f"{printable(self._value)} holds" if self._kind else "it is"
            raise UsageError(f"{where} not one line of plain text; mend it")
        return value


def text_hook(kind: type, given: Any) -> Any:
    """Convert a value to Text, for msgspec. Raises TypeError for a value that is no Text."""
    if kind is Text:
        return Text(given)
    raise NotImplementedError(kind)
