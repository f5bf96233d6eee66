"""From parameters to a Question, as far as what they ask for can be kept."""

from datetime import UTC, datetime

from msgspec import UnsetType

from logmon_tui.config.settings import Settings
from logmon_tui.errors import FilterError
from logmon_tui.filters.language import Filter, parsed
from logmon_tui.moments import moment_in_log
from logmon_tui.monitor.pictures import SCREEN_ROWS
from logmon_tui.recent.hit_store import SPAN
from logmon_tui.snapshot import Question, Snapshot
from logmon_tui.units import duration
from logmon_tui.web.api.call import meaningless, or_none
from logmon_tui.web.api.parameters import MAX_TOP, GraphParameters, QueryParameters


class Questions:
    """Makes questions as the settings let users ask: with their filters, their fields, their past.

    Public attribute: `kept`, the most seconds that are kept of the past.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        past = settings.past
        self.kept = SPAN if past is None else max(SPAN, past.minutes, past.hours)

    def top(self, given: int | UnsetType) -> int:
        """Return how many rows an answer has; without a number as many as `--top` says."""
        return given if isinstance(given, int) else min(self._settings.top or MAX_TOP, MAX_TOP)

    def present(self, top: int) -> Question:
        """Return the question about the stats interval up to now, as a watch prints it."""
        return Question(self._settings.filter, rows=_rows(top))

    def traffic(self, given: QueryParameters, latest: Snapshot, wall: float) -> Question:
        """Return the question about a window. Raises ProblemError (422)."""
        seconds = or_none(given.window)
        self._check_kept("window", seconds or 0)
        end = self._end(given.end, latest, wall)
        if end is None and seconds is not None and seconds > SPAN and latest.log_time is not None:
            end = int(latest.log_time)  # hits are not kept for so long, but their sums are
        return Question(
            self._where(given.where),
            seconds,
            end,
            order=or_none(given.order),
            rows=_rows(self.top(given.top)),
        )

    def graph(self, given: GraphParameters, latest: Snapshot, wall: float) -> Question:
        """Return the question about a graph. Raises ProblemError (422)."""
        self._check_kept("columns", given.columns * given.step)
        end = self._end(given.end, latest, wall)
        return Question(self._where(given.where), end=end, columns=given.columns, step=given.step)

    def _where(self, text: str | UnsetType) -> Filter:
        settings = self._settings
        if isinstance(text, UnsetType):
            return settings.filter
        try:
            return parsed(text, saved=settings.filters, own=settings.own_dimensions)
        except FilterError as error:
            raise meaningless("where", str(error)) from error

    def _end(self, text: str | UnsetType, latest: Snapshot, wall: float) -> int | None:
        """Return the second that a window ends with, None for the present one."""
        if isinstance(text, UnsetType):
            return None
        now = int(wall if latest.log_time is None else latest.log_time)
        try:
            end = int(moment_in_log(text, now))
        except ValueError as error:
            raise meaningless("end", str(error)) from error
        if end < now - self.kept:
            first = datetime.fromtimestamp(max(0, now - self.kept), UTC).strftime("%Y-%m-%dT%H:%MZ")
            problem = f"nothing is kept of that time; give one since {first}"
            raise meaningless("end", problem)
        return min(end, now)

    def _check_kept(self, name: str, seconds: int) -> None:
        if seconds > self.kept:
            problem = f"no more than {duration(self.kept)} are kept of the past; ask for less"
            raise meaningless(name, problem)


def _rows(top: int) -> int | None:
    """Return how many rows to ask for: None, as for the screen, if these are enough."""
    return None if top <= SCREEN_ROWS else MAX_TOP
