"""Commands: what a user asks of a running watch, as values that any thread may pass on.

The screen posts them, and the thread that owns the monitor applies them. A new one is a class here
and a case in `pipeline/command_queue.py`.
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.config.settings import Settings
from logmon_tui.filters.language import Filter
from logmon_tui.snapshot import Order, Question, Request, Snapshot


class SetThreshold(msgspec.Struct, frozen=True):
    """Judge the traffic by another threshold (req/s), by the configured one if None."""

    threshold: float | None


class SetFilter(msgspec.Struct, frozen=True):
    """Show the hits that `where` takes; alerts still judge all of them."""

    where: Filter


class SetWindow(msgspec.Struct, frozen=True):
    """Show the hits of the last `seconds`, all that are kept if None."""

    seconds: int | None


class ShowRequests(msgspec.Struct, frozen=True):
    """Have Snapshots hold requests in this order, or none if None: they cost time."""

    order: Order | None


class ShowTables(msgspec.Struct, frozen=True):
    """Have Snapshots hold the present rankings of these names; None for all.

    The others are as they were some seconds ago: they cost time.
    """

    names: frozenset[str] | None


class ParseTail(msgspec.Struct, frozen=True):
    """Have Snapshots hold the hits of the newest lines as well, if `parsed`: they cost time."""

    parsed: bool


class ShowMoment(msgspec.Struct, frozen=True):
    """Show the hits of the `seconds` up to the second `end`; None for the present."""

    end: int | None = None
    seconds: int | None = None


class ShowGraph(msgspec.Struct, frozen=True):
    """Have Snapshots hold a graph of `columns` columns, each `step` seconds long, or none if 0.

    It ends with the column that contains the second `end`, the present one if None. With an
    `offset` it holds the columns of so many seconds earlier as well.
    """

    columns: int = 0
    step: int = 1
    end: int | None = None
    offset: int | None = None


class Compare(msgspec.Struct, frozen=True):
    """Compare what is shown with the traffic `offset` seconds earlier, or with nothing if None.

    0 is the time just before, as long as what is shown.
    """

    offset: int | None


class CompareMark(msgspec.Struct, frozen=True):
    """Have Snapshots hold the traffic before and after `mark`, or none if None: it costs time."""

    mark: Mark | None


class FindLine(msgspec.Struct, frozen=True):
    """Have the next Snapshots hold the raw line of a request."""

    request: Request


class Acknowledge(msgspec.Struct, frozen=True):
    """Note that a user saw to the incident with this id at `wall`, in epoch seconds.

    None takes that back.
    """

    incident: str
    wall: float | None


class SetNote(msgspec.Struct, frozen=True):
    """Keep what a user wrote about the incident with this id."""

    incident: str
    note: str


class AddSilence(msgspec.Struct, frozen=True):
    """Notify nobody of what `silence` covers."""

    silence: Silence


class EndSilence(msgspec.Struct, frozen=True):
    """End a silence before its time."""

    silence: Silence


class Reload(msgspec.Struct, frozen=True):
    """Judge by the rules of other settings, and call `retarget`, which changes who is notified.

    It waits while a backlog is read.
    """

    settings: Settings
    retarget: Callable[[], None]


class Ask(msgspec.Struct, frozen=True):
    """Have `question` answered, whatever the screen shows.

    The pipeline's thread calls `reply` with the answer and the CPU seconds that it took, or `fail`
    with what went wrong. Both must return at once.
    """

    question: Question
    reply: Callable[[Snapshot, float], None]
    fail: Callable[[Exception], None]


ViewCommand: TypeAlias = (
    SetThreshold
    | SetFilter
    | SetWindow
    | ShowRequests
    | ShowTables
    | ParseTail
    | ShowMoment
    | ShowGraph
    | Compare
    | CompareMark
)
"""What is true until the next command of its kind, whichever pipeline reads the logs."""

Change: TypeAlias = (
    ViewCommand | FindLine | Acknowledge | SetNote | AddSilence | EndSilence | Reload
)
"""What changes a watch, or what its screen shows."""

Command: TypeAlias = Change | Ask
