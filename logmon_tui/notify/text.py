"""Text: a string of the settings file, or a reference to the environment or to a file.

It is never shown, as most of these strings are secrets or contain one.
"""

import os
import stat
from pathlib import Path
from typing import Any

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

_MAX_BYTES = 64 * 1024
"""Maximum bytes read of a file that holds a text."""
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
            value = _content(Path(os.path.expanduser(self._value)))  # noqa: PTH111 - cannot fail
        if not value.isprintable():
            where = f"{printable(self._value)} holds" if self._kind else "it is"
            raise UsageError(f"{where} not one line of plain text; mend it")
        return value


def _content(file: Path) -> str:
    """Return the only line of a file. Raises UsageError if others may read the file."""
    name = printable(os.fsencode(file))
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from error
    try:
        _check_safe(name, os.fstat(descriptor))
        content = os.read(descriptor, _MAX_BYTES)
    finally:
        os.close(descriptor)
    try:
        value = content.decode().strip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8; write the secret anew") from error
    if not value:
        raise UsageError(f"{name} is empty; write the secret into it")
    return value


def _check_safe(name: str, found: os.stat_result) -> None:
    """Raise UsageError for a file that others may read or write, and for what is no plain file."""
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{name} is no plain file; put the secret into one")
    if found.st_uid != os.geteuid():
        raise UsageError(f"{name} belongs to another user; make it your own with chown")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(f"{name} may be read by others; close it with chmod 600")


def text_hook(kind: type, given: Any) -> Any:
    """Convert a value to Text, for msgspec. Raises TypeError for a value that is no Text."""
    if kind is Text:
        return Text(given)
    raise NotImplementedError(kind)
