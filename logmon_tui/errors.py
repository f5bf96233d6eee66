"""Every error a user can see, and what a misspelt word in one may mean.

::

    LogmonError            one line: what is wrong, where, and how to mend it
    ├── UsageError         wrong option, environment variable or settings file   → exit code 2
    │   ├── SourceError    a log that cannot be read as given
    │   ├── FormatError    a `--format` that is no known log format
    │   ├── ExpressionError
    │   │   ├── FilterError    an invalid filter expression
    │   │   └── LimitError     an invalid limit of a report
    │   └── TableError     an invalid table or key of the settings file
    │       ├── RuleError      … of an alert rule
    │       └── TargetError    … of a notification target
    └── OutputError        a result that cannot be written                      → exit code 1
"""

from collections.abc import Iterable, Sequence

_COMPARED = 40
"""Characters of a word that are compared with what may be meant."""


def meant(given: object, known: Iterable[str]) -> str:
    """Return `; did you mean X?` if one of the `known` words is nearly the given one, else ""."""
    words = {word.replace("-", "_"): word for word in known}
    from difflib import get_close_matches  # imported late: most runs see no misspelt word

    near = get_close_matches(str(given)[:_COMPARED].replace("-", "_"), words, n=1)
    return f"; did you mean {words[near[0]]}?" if near else ""


class LogmonError(Exception):
    """Base of all errors that reach the user; `str(error)` is the one line shown."""

    exit_code = 1


def line_of(error: Exception) -> str:
    """Return the line by which a user is told of an error; of an unforeseen one, with its kind."""
    return str(error) if isinstance(error, LogmonError) else f"{type(error).__name__}: {error}"


class UsageError(LogmonError):
    """The user asked for something that is not possible: a wrong option, log or setting."""

    exit_code = 2


class SourceError(UsageError):
    """A log that cannot be read: a directory, no permission, not a file."""


class FormatError(UsageError):
    """A log format that is unknown or invalid."""


class ExpressionError(UsageError):
    """A text that does not follow a grammar: the problem at its character `position`, from 0 on."""

    def __init__(self, problem: str, text: str, position: int) -> None:
        here = text[position : position + _COMPARED]
        where = f"at {here!r} (character {position + 1})" if here else "at the end"
        super().__init__(f"{problem}, {where}")
        self.problem = problem
        self.text = text
        self.position = position


class FilterError(ExpressionError):
    """An invalid filter."""


class LimitError(ExpressionError):
    """An invalid limit of a report."""


class TableError(UsageError):
    """An invalid table or key of the settings file, at the path `keys`.

    `problem` says what is wrong there, and what is allowed.
    """

    def __init__(self, keys: Sequence[str | int], problem: str) -> None:
        path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)[1:]
        super().__init__(f"{path}: {problem}")
        self.keys = tuple(keys)


class RuleError(TableError):
    """An invalid alert rule.

    `setting` is the name of the setting that the rule contradicts, with which the message ends; it
    is empty if there is none.
    """

    def __init__(self, keys: Sequence[str | int], problem: str, setting: str = "") -> None:
        super().__init__(keys, problem)
        self.setting = setting


class TargetError(TableError):
    """An invalid notification target. The message never contains a secret."""


class OutputError(LogmonError):
    """A result could not be written, for example to a full disk."""
