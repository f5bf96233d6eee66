"""Checks tables of a settings file; each error names the key and what is allowed. Pure.

All tables are checked here, whatever they describe. Keys may contain `-` or `_`. The error of an
unknown key lists the known keys and suggests the one that may be meant. The error of a wrong value
says which values are allowed.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

import msgspec

from logmon_tui.errors import TableError, meant
from logmon_tui.escape import printable

SHOWN = 40
"""Characters of a value that a message shows."""


def unknown(given: object, known: Iterable[str], what: str = "") -> str:
    """Return a message: `given` is not known, which word may be meant, and all `known` ones.

    `what` names the kind of words, such as keys.
    """
    words = list(known)
    kind = f"{what} " if what else ""
    return f"is not known{meant(given, words) or ';'} known {kind}are {', '.join(words)}"


def shown(value: object) -> str:
    """Return a value of the file as text for a message, shortened to `SHOWN` characters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = printable(repr(value) if isinstance(value, str | list | dict) else str(value))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def words_of(kind: Any) -> list[str]:
    """Return the allowed words of a StrEnum or Literal type; empty for other types."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [each.value for each in kind]
    return list(get_args(kind)) if get_origin(kind) is Literal else []


class Table:
    """One table of the file. Names of keys have `_` where the file may have `-`.

    `path` are the keys that lead to the table. Errors are of the class `error` and name keys as the
    user wrote them.
    """

    def __init__(
        self,
        path: tuple[str, ...],
        table: Mapping[str, Any],
        error: type[TableError] = TableError,
    ) -> None:
        self._path = path
        self._error_class = error
        self._written: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        """The values by name of their key."""
        for key, value in table.items():
            name = key.replace("-", "_")
            if name in self._written:
                same = self._written[name]
                self._written[name] = key
                raise self.error(name, f"is the same as {printable(same)}; leave one out")
            self._written[name] = key
            self.values[name] = value

    def check_keys(self, known: Collection[str]) -> None:
        """Raise an error for the first key that is not `known`."""
        for name, key in self._written.items():
            if name not in known:
                raise self.error(name, unknown(key, known, "keys"))

    def converted(
        self,
        name: str,
        kind: Any,
        allowed: str,
        *,
        value: Any,
        hook: Callable[[type, Any], Any] | None = None,
    ) -> Any:
        """Return the value of a key, or `value` instead, converted to the type `kind`.

        Numbers must be finite. `hook` converts types that msgspec does not know. Raises an error
        that names the key and says what is `allowed`.
        """
        value = self.values[name] if value is None else value
        words = words_of(kind)
        if words and value not in words:
            raise self.error(name, self.wrong_word(name, words))
        try:
            found = msgspec.convert(value, kind, dec_hook=hook)
        except (msgspec.ValidationError, OverflowError) as error:
            why = str(error).partition(" - at `")[0]
            raise self.error(name, self.wrong_value(name, allowed, why)) from error
        if isinstance(found, float) and not math.isfinite(found):
            raise self.error(name, self.wrong_value(name, allowed, ""))
        return found

    def wrong_word(self, name: str, words: Sequence[str]) -> str:
        """Return a message: the value of a key is none of the allowed `words`."""
        value = self.values[name]
        return f"{shown(value)} {unknown(value, words)}"

    def wrong_value(self, name: str, allowed: str, _why: str) -> str:
        """Return a message: the value of a key is not `allowed`; `_why` is msgspec's message."""
        return f"must be {allowed}, not {shown(self.values[name])}"

    def error(self, name: str, problem: str) -> TableError:
        """Return the error for `problem` with a key, or with the table if `name` is empty."""
        return self._error_class(self.keys_to(name), problem)

    def keys_to(self, name: str) -> tuple[str, ...]:
        """Return the path to a key as the user wrote it; to the table if `name` is empty."""
        return (*self._path, printable(self._written.get(name, name))) if name else self._path
