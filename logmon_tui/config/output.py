"""What `--output` and `--by` can name."""

from enum import StrEnum
from typing import Self


class Output(StrEnum):
    """Everything `--output` can name; `commands` are those that can print it."""

    commands: tuple[str, ...]

    def __new__(cls, name: str, *commands: str) -> Self:
        """Return the member called `name`."""
        output = str.__new__(cls, name)
        output._value_ = name
        output.commands = commands
        return output

    # For each but the screen, reports has a file of that name. What a watch prints is written by
    # its class `Live`, a report by its function `written`.
    SCREEN = "screen", "watch"
    TEXT = "text", "watch", "report"
    JSON = "json", "watch", "report"
    CSV = "csv", "report"
    HTML = "html", "report"


class By(StrEnum):
    """The length of the periods of a report; its value is the name of the option."""

    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> int:
        """The length in seconds."""
        return 3_600 if self is By.HOUR else 86_400
