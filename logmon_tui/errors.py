"""Every error a user can see. No logic lives here.

::

    LogmonError            one line: what is wrong, where, and how to mend it
    ├── UsageError         wrong option, environment variable or settings file   → exit code 2
    │   ├── SourceError    a log that cannot be read as given
    │   ├── FormatError    a `--format` that is no known log format
    │   └── RuleError      an alert rule that cannot be judged by
    └── OutputError        a result that cannot be written                      → exit code 1
"""


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


class RuleError(UsageError):
    """An alert rule that cannot be judged by; `keys` lead to what is wrong in the settings.

    `setting` names the setting that it contradicts, with which the text ends; empty if none.
    """

    def __init__(self, keys: tuple[str, ...], problem: str, setting: str = "") -> None:
        super().__init__(f"{'.'.join(keys)}: {problem}")
        self.keys = keys
        self.setting = setting


class OutputError(LogmonError):
    """A result could not be written, for example to a full disk."""
