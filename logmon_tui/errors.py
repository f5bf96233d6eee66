"""Every error a user can see. No logic lives here.

::

    LogmonError            one line: what is wrong, where, and how to mend it
    ├── UsageError         wrong option, environment variable or settings file   → exit code 2
    │   ├── SourceError    a log that cannot be read as given
    │   ├── FormatError    a `--format` that is no known log format
    │   └── TableError     a table or key of the settings file that is not as it must be
    │       ├── RuleError      … of an alert rule
    │       └── TargetError    … of a target of notifications
    └── OutputError        a result that cannot be written                      → exit code 1
"""

from collections.abc import Sequence


class LogmonError(Exception):
    """Base of all errors that reach the user; `str(error)` is the one line shown."""

    exit_code = 1


class UsageError(LogmonError):
    """What the user asked for cannot be done as asked."""

    exit_code = 2


class SourceError(UsageError):
    """A log that cannot be read: a directory, no permission, not a file."""


class FormatError(UsageError):
    """A log format that is not known or cannot be understood."""


class TableError(UsageError):
    """Something in the settings file that is not as it must be; `keys` lead to it.

    `problem` says what is wrong there, and what is allowed.
    """

    def __init__(self, keys: Sequence[str | int], problem: str) -> None:
        path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)[1:]
        super().__init__(f"{path}: {problem}")
        self.keys = tuple(keys)


class RuleError(TableError):
    """An alert rule that cannot be judged by.

    `setting` names the setting that it contradicts, with which the text ends; empty if none.
    """

    def __init__(self, keys: Sequence[str | int], problem: str, setting: str = "") -> None:
        super().__init__(keys, problem)
        self.setting = setting


class TargetError(TableError):
    """A target of notifications that is not described as it must be; no secret is told."""


class OutputError(LogmonError):
    """A result could not be written, for example to a full disk."""
