"""From the parameters of a request to a Question."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from logmon_tui.config.settings import Settings
from logmon_tui.errors import FilterError
from logmon_tui.escape import printable
from logmon_tui.filters.language import Filter, parsed
from logmon_tui.moments import in_calendar, moment
from logmon_tui.snapshot import Order, Question
from logmon_tui.web.problems import ProblemError

PARAMETERS = ("where", "window", "end", "until", "columns", "step", "order")
MAX_WINDOW = 35 * 86_400
"""Maximum seconds of a window."""
MAX_COLUMNS = 400
"""Maximum columns of a graph."""
MAX_STEP = 2 * 86_400
"""Maximum seconds of a column."""
MAX_WHERE = 1_000
"""Maximum characters of a filter."""
_SECOND = re.compile(r"[0-9]{1,11}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,7}", re.ASCII)


class Questions:
    """Makes Questions as `settings` let users ask: with their filters and fields.

    Without `where` a question is about the hits that `--where` chooses.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def of(self, given: Mapping[str, str]) -> Question:
        """Return what the parameters of a request ask for. Raises ProblemError (400)."""
        for name in given:
            if name not in PARAMETERS:
                known = ", ".join(PARAMETERS)
                raise _wrong(f"{printable(name[:40])} is no parameter; there are {known}")
        return Question(
            where=self._filter(given["where"]) if "where" in given else self._settings.filter,
            seconds=_number(given, "window", 1, MAX_WINDOW),
            end=_second(given, "end"),
            columns=_number(given, "columns", 0, MAX_COLUMNS) or 0,
            step=_number(given, "step", 1, MAX_STEP) or 1,
            order=_order(given),
            graph_end=_second(given, "until"),
        )

    def _filter(self, text: str) -> Filter:
        if len(text) > MAX_WHERE:
            raise _wrong(f"where: a filter has {MAX_WHERE} characters at most")
        settings = self._settings
        try:
            return parsed(text, saved=settings.filters, own=settings.own_dimensions)
        except FilterError as error:
            raise _wrong(f"where: {printable(str(error))}") from error


def _number(given: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    """Return a whole number, None if it is not given. Raises ProblemError."""
    text = given.get(name)
    if text is None:
        return None
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise _wrong(f"{name} is a whole number from {least} to {most}")
    return int(text)


def _second(given: Mapping[str, str], name: str) -> int | None:
    """Return the second at which window or graph ends, None if not given. Raises ProblemError."""
    text = given.get(name)
    if text is None:
        return None
    try:
        second = int(text) if _SECOND.fullmatch(text) else int(moment(text, -1))
    except ValueError:
        second = -1
    if second < 0 or not in_calendar(second):
        raise _wrong(f"{name} is a time such as 2026-11-22T08:26:40Z, or a second since 1970")
    return second


def _order(given: Mapping[str, str]) -> Order | None:
    text = given.get("order")
    if text is None:
        return None
    if text not in list(Order):
        raise _wrong(f"order is one of {', '.join(Order)}")
    return Order(text)


def _wrong(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, detail)
