"""Answers: makes the figures of a Snapshot for a Question, apart from what the screen shows. Pure.

A question that is asked again and again, as by a page that is open, is answered from what was
remembered of it: a window's sums are made again only when it moved.
"""

from collections import OrderedDict
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from logmon_tui.filters.language import Filter
from logmon_tui.monitor.commands import ShowGraph, ShowMoment
from logmon_tui.monitor.pictures import LogMoment, Pictures
from logmon_tui.snapshot import Question, Snapshot

MAX_REMEMBERED = 24
"""Maximum kinds of questions of which sums are remembered: more than viewers ask again and again,
as one that was forgotten has to look at all kept hits again."""


class _Kind(msgspec.Struct, frozen=True):
    """What questions share that are answered from the same sums."""

    where: Filter
    seconds: int
    rows: int | None


class Answers:
    """Answers questions. `pictures` makes what answers one kind of them, with a memory of its own.

    `seconds` is the stats interval, the window of questions that name none.
    """

    def __init__(self, pictures: Callable[[], Pictures], seconds: int) -> None:
        self._pictures = pictures
        self._seconds = seconds
        self._remembered: OrderedDict[_Kind, Pictures] = OrderedDict()

    def with_traffic(self, picture: Snapshot, question: Question, at: LogMoment) -> Snapshot:
        """Return `picture` with the traffic that `question` asks for, at a moment."""
        seconds = question.seconds or self._seconds
        pictures = self._kept(_Kind(question.where, seconds, question.rows))
        pictures.shown.order = question.order
        moment = ShowMoment() if question.end is None else ShowMoment(question.end, seconds)
        pictures.past.moment = moment
        graph_end = question.end if question.graph_end is None else question.graph_end
        pictures.past.graph = ShowGraph(question.columns, question.step, graph_end)
        picture = replace(picture, scope=pictures.shown.scope(int(at.log_time)))
        return pictures.with_traffic(picture, at)

    def _kept(self, kind: _Kind) -> Pictures:
        """Return what answers questions of this kind."""
        kept = self._remembered.pop(kind, None)
        if kept is None:
            kept = self._pictures()
            kept.shown.set_filter(kind.where)
            kept.shown.set_window(kind.seconds)
            kept.rows = kept.rows if kind.rows is None else kind.rows
            while len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.popitem(last=False)
        self._remembered[kind] = kept
        return kept
