"""UserFiles: looks every now and then into the files through which users speak to a watch."""

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.state.marks import MarksReader
from logmon_tui.state.requests import Request, RequestsReader

MARKS_SECONDS = 1.0
"""Seconds between two looks at the marks file."""

REQUESTS_SECONDS = 0.5
"""Seconds between two looks for requests of commands."""


class UserFiles:
    """The marks of users, and what commands ask; None for what is not to be read.

    Times are monotonic seconds.
    """

    def __init__(self, marks: MarksReader | None, requests: RequestsReader | None) -> None:
        self._marks = marks
        self._requests = requests
        self._marks_due = self._requests_due = 0.0

    def new_marks(self, now: float) -> tuple[Mark, ...] | None:
        """Return all marks if they have changed; None if not, or if no look is due."""
        if self._marks is None or now < self._marks_due:
            return None
        self._marks_due = now + MARKS_SECONDS
        return self._marks.marks if self._marks.changed() else None

    def new_requests(self, now: float, applied: set[str]) -> list[Request]:
        """Return the requests that are not yet `applied`, and note there that they are.

        None are returned if no look is due.
        """
        if self._requests is None or now < self._requests_due:
            return []
        self._requests_due = now + REQUESTS_SECONDS
        return self._requests.new(applied)

    def look_at_once(self) -> None:
        """Have the next look for requests due now."""
        self._requests_due = 0.0

    def saved(self, applied: set[str]) -> None:
        """Remove the files of `applied` requests: they are saved with the state."""
        if self._requests is not None:
            self._requests.saved(applied)

    @property
    def problem(self) -> str:
        """What is wrong with the files, marks first; empty if nothing is."""
        problems = (each.problem for each in (self._marks, self._requests) if each is not None)
        return next(filter(None, problems), "")
