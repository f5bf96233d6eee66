"""The states of an alert."""

from enum import StrEnum


class State(StrEnum):
    """The state of a rule, or of one of its subjects; the least urgent first."""

    OK = "ok"
    NO_DATA = "no data"
    PENDING = "pending"
    RECOVERING = "recovering"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def urgency(self) -> int:
        """A larger number for a worse state."""
        return list(State).index(self)
