"""Text: a string of the settings file that may stand elsewhere, in the environment or a file.

Whatever it is, it is never shown: most of these strings are secrets, or hold one.
"""

import os
import stat
from pathlib import Path
from typing import Any

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

_LONGEST = 64 * 1024
FORMS = 'expected a text, { env = "NAME" } or { file = "/path" }'
"""What is said of what is none of them."""


class Text:
    """A string, or where it is to be read: `{ env = "NAME" }` or `{ file = "/path" }`.

    Raises TypeError, which does not tell the string, if made of anything else.
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
        """Whether it must be read from elsewhere, which may change until it is needed."""
        return bool(self._kind)

    @property
    def place(self) -> dict[str, str]:
        """Where it stands elsewhere, as the settings file has it; empty if it stands there."""
        return {self._kind: self._value} if self._kind else {}

    def __repr__(self) -> str:
        return "Text(…)"

    def read(self) -> str:
        """Return the string. Raises UsageError if it cannot be read or is not safely kept."""
        value = self._value
        if self._kind == "env":
            value = os.environ.get(self._value, "")
            if not value:
                raise UsageError(f"{printable(self._value)} is not set in the environment; set it")
        elif self._kind == "file":
            value = _kept(Path(os.path.expanduser(self._value)))  # noqa: PTH111 - cannot fail
        if not value.isprintable():
            where = f"{printable(self._value)} holds" if self._kind else "it is"
            raise UsageError(f"{where} not one line of plain text; mend it")
        return value


def _kept(file: Path) -> str:
    """Return the only line of a file that its owner alone may read."""
    name = printable(os.fsencode(file))
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from error
    try:
        _check_safe(name, os.fstat(descriptor))
        content = os.read(descriptor, _LONGEST)
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
    """Refuse what others may read or write, and what is no file."""
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{name} is no plain file; put the secret into one")
    if found.st_uid != os.geteuid():
        raise UsageError(f"{name} belongs to another user; make it your own with chown")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(f"{name} may be read by others; close it with chmod 600")


def text_hook(kind: type, given: Any) -> Any:
    """Let msgspec convert to Text. Raises TypeError for what is none."""
    if kind is Text:
        return Text(given)
    raise NotImplementedError(kind)
