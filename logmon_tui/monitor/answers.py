"""Answers: makes the figures of a Snapshot for a Question, apart from what the screen shows. Pure.

A question that is asked again and again, as by a page that is open, is answered from what was
remembered of it: a window's sums are made again only when it moved.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from logmon_tui.filters.language import Filter
from logmon_tui.monitor.commands import ShowGraph, ShowMoment
from logmon_tui.monitor.pictures import Pictures
from logmon_tui.snapshot import Question, Snapshot

MAX_REMEMBERED = 8
"""Maximum filters and windows of which sums are remembered."""


class Answers:
    """Answers questions. `pictures` makes what answers one kind of them, with a memory of its own.

    `seconds` is the stats interval, the window of questions that name none.
    """

    def __init__(self, pictures: Callable[[], Pictures], seconds: int) -> None:
        self._pictures = pictures
        self._seconds = seconds
        self._remembered: OrderedDict[tuple[Filter, int], Pictures] = OrderedDict()

    def with_traffic(  # noqa: PLR0913 - a question, a moment and what is known of the log
        self,
        picture: Snapshot,
        question: Question,
        log_time: float,
        now: float,
        wall: float,
        *,
        first: int,
        resolution: int,
    ) -> Snapshot:
        """Return `picture` with the traffic that `question` asks for; see Pictures."""
        seconds = question.seconds or self._seconds
        pictures = self._kept(question.where, seconds)
        pictures.shown.order = question.order
        moment = ShowMoment() if question.end is None else ShowMoment(question.end, seconds)
        pictures.past.moment = moment
        pictures.past.graph = ShowGraph(question.columns, question.step, question.end)
        picture = replace(picture, scope=pictures.shown.scope(int(log_time)))
        return pictures.with_traffic(
            picture, log_time, now, wall, first=first, resolution=resolution
        )

    def _kept(self, where: Filter, seconds: int) -> Pictures:
        """Return what answers questions with this filter and window."""
        kept = self._remembered.pop((where, seconds), None)
        if kept is None:
            kept = self._pictures()
            kept.shown.set_filter(where)
            kept.shown.set_window(seconds)
            while len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.popitem(last=False)
        self._remembered[where, seconds] = kept
        return kept
