"""Tables of a settings file: what is wrong with one, told with its key and what is allowed. Pure.

Every table of the file is checked here, whatever it describes: keys may have `-` or `_`, an unknown
one is told with the known ones and the one that may be meant, and a value that is not of its key's
type with what it may be.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

import msgspec

from logmon_tui.errors import TableError
from logmon_tui.escape import printable

SHOWN = 40
"""Characters of a value that a message shows, and that are compared with what may be meant."""


def meant(given: object, known: Iterable[str]) -> str:
    """Return `; did you mean X?` if one of the `known` words is nearly the given one, else ""."""
    words = {word.replace("-", "_"): word for word in known}
    near = get_close_matches(str(given)[:SHOWN].replace("-", "_"), words, n=1)
    return f"; did you mean {words[near[0]]}?" if near else ""


def unknown(given: object, known: Iterable[str], what: str = "") -> str:
    """Say that `given` is not known, which one may be meant, and what is known: keys, say."""
    words = list(known)
    kind = f"{what} " if what else ""
    return f"is not known{meant(given, words) or ';'} known {kind}are {', '.join(words)}"


def shown(value: object) -> str:
    """Return a value of the file so that it can stand in a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = printable(repr(value) if isinstance(value, str | list | dict) else str(value))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def words_of(kind: Any) -> list[str]:
    """Return the words that may stand where a type is one of a few words; none for others."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [each.value for each in kind]
    return list(get_args(kind)) if get_origin(kind) is Literal else []


class Table:
    """One table, by the names of its keys, which have `_` where the file may have `-`.

    `path` leads to it. Errors, of the class `error`, name keys as they are written.
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
        """What is set, by the names of the keys."""
        for key, value in table.items():
            name = key.replace("-", "_")
            if name in self._written:
                same = self._written[name]
                self._written[name] = key
                raise self.error(name, f"is the same as {printable(same)}; leave one out")
            self._written[name] = key
            self.values[name] = value

    def check_keys(self, known: Collection[str], what: str = "") -> None:
        """Raise the error of the first key that is not `known`."""
        for name, key in self._written.items():
            if name not in known:
                raise self.error(name, unknown(key, known, what))

    def converted(
        self,
        name: str,
        kind: Any,
        allowed: str = "",
        *,
        value: Any = None,
        hook: Callable[[type, Any], Any] | None = None,
    ) -> Any:
        """Return what a key is set to, or `value` in its place, as the type `kind` has it.

        Numbers are finite; `hook` makes the types that msgspec does not know. Raises the error of
        the key, which says what is `allowed`.
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
        """Say that the value of a key is none of the `words` that may stand there."""
        value = self.values[name]
        return f"{shown(value)} {unknown(value, words)}"

    def wrong_value(self, name: str, allowed: str, _why: str) -> str:
        """Say that the value of a key is not `allowed`; `why` is what msgspec says of it."""
        return f"must be {allowed}, not {shown(self.values[name])}"

    def error(self, name: str, problem: str) -> TableError:
        """Return the error that `problem` is of a key; of the whole table if `name` is empty."""
        return self._error_class(self.keys_to(name), problem)

    def keys_to(self, name: str) -> tuple[str, ...]:
        """Return what leads to a key as it is written; to the table if `name` is empty."""
        return (*self._path, printable(self._written.get(name, name))) if name else self._path
