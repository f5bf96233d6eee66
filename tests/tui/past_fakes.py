"""An engine with a past: it answers which moment and which graph the screen asks for."""

from msgspec.structs import replace

from logmon_tui.config.settings import Settings
from logmon_tui.monitor.commands import (
    Command,
    SetFilter,
    SetWindow,
    ShowGraph,
    ShowMoment,
    ShowTables,
)
from logmon_tui.snapshot import AlertState, Graph, GraphColumn, Known, Moment, Scope, Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.time_view import DAY, HOUR, MINUTE, SECONDS_KEPT
from tests.tui.fakes import NOW, FakeEngine, by_class, incident, snapshot, times_around
from tests.tui.screens import make_app

SINCE = NOW // HOUR * HOUR - 30 * HOUR
"""The first second of which anything is known."""
GAP = range(NOW - 4 * HOUR, NOW - 3 * HOUR)
"""A time of which nothing is known."""

PAST_INCIDENTS = (
    incident("Errors in", "error_rate", b"/api", at=NOW - 389, lasted=133),
    incident(at=NOW - 2 * HOUR, lasted=600),
    incident("Noisy client", "ddos", b"203.0.113.77", at=NOW - 26 * HOUR, lasted=900),
)


def column_at(second: int, step: int) -> GraphColumn | None:
    """Return what is known of a column: the traffic of a day, higher at noon, slower later."""
    if second < SINCE // step * step or second in GAP or second > NOW:
        return None
    hour = second % DAY / HOUR
    hits = int(min(step, NOW - second + 1) * (200 - 12 * abs(hour - 12)))
    bad = hits // 12 if NOW - 2 * HOUR <= second < NOW - 2 * HOUR + 600 else hits // 400
    classes = by_class(hits - hits // 20 - 2 * bad, hits // 20, bad, bad)
    times = times_around(0.01 + 0.002 * hour)
    clients = hits / step * 3 if step >= MINUTE else None
    return GraphColumn(step, hits, hits * 12_000, classes, times, clients)


def columns_from(start: int, asked: ShowGraph) -> tuple[GraphColumn | None, ...]:
    return tuple(
        column_at(start + place * asked.step, asked.step) for place in range(asked.columns)
    )


def known_at(moment: ShowMoment) -> Moment | None:
    """Return the moment that is shown when `moment` is asked for, whole minutes or hours."""
    if moment.end is None or moment.seconds is None:
        return None
    age = NOW - (moment.end - moment.seconds)
    if age <= SECONDS_KEPT:
        return Moment(moment.end, moment.seconds, Known.HITS)
    if moment.end < SINCE or moment.end in GAP:
        return Moment(moment.end, moment.seconds, Known.NOTHING)
    width = MINUTE if age <= 2 * DAY else HOUR
    since = (moment.end - moment.seconds + 1) // width * width
    until = -(-(moment.end + 1) // width) * width
    known = Known.MINUTES if width == MINUTE else Known.HOURS
    return Moment(until - 1, until - since, known)


class PastEngine(FakeEngine):
    """Publishes an answer to each command, unless it is told to `hold` it back."""

    def __init__(self, present: Snapshot | None = None) -> None:
        base = snapshot(incidents=PAST_INCIDENTS) if present is None else present
        self.present = replace(base, scope=Scope(seconds=10))
        super().__init__(self.present)
        self.moment = ShowMoment()
        self.graph = ShowGraph()
        self.holds = False

    def post(self, command: Command) -> None:
        super().post(command)
        if isinstance(command, ShowMoment):
            self.moment = command
        elif isinstance(command, ShowGraph):
            self.graph = command
        elif isinstance(command, SetFilter):
            scope = Scope(command.where.text, command.where.terms, self.present.scope.seconds)
            self.present = replace(self.present, scope=scope)
        elif isinstance(command, SetWindow):
            scope = self.present.scope._replace(seconds=command.seconds)
            self.present = replace(self.present, scope=scope)
        if not self.holds and not isinstance(command, ShowTables):
            self.answer()

    def answer(self) -> None:
        """Publish a Snapshot of the moment and with the graph that were asked for last."""
        if self.publish is not None:
            self.publish(self.picture())

    def picture(self) -> Snapshot:
        moment, asked, graph = known_at(self.moment), self.graph, None
        if asked.columns:
            end = NOW if asked.end is None else asked.end
            start = (end // asked.step - asked.columns + 1) * asked.step
            before = () if asked.offset is None else columns_from(start - asked.offset, asked)
            columns = columns_from(start, asked)
            graph = Graph(start, asked.step, columns, before, asked.offset, SINCE)
        window = self.present.now
        if moment is not None:
            hits = 0 if moment.known is Known.NOTHING else 1_000 + moment.end % 1_000
            window = replace(window, end=moment.end, seconds=moment.seconds, hits=hits)
        return replace(self.present, now=window, moment=moment, graph=graph)

    def asked(self) -> list[tuple[int | None, int | None]]:
        """Return the moments asked for so far."""
        return [(each.end, each.seconds) for each in self.posted if isinstance(each, ShowMoment)]


def past_app(
    *, settings: Settings | None = None, incidents: tuple[object, ...] | None = None
) -> tuple[LogmonApp, PastEngine]:
    base = snapshot(incidents=PAST_INCIDENTS)
    if incidents is not None:
        alerts = AlertState(120, 400, 46_560, incidents)  # type: ignore[arg-type]
        base = replace(base, alerts=alerts)
    engine = PastEngine(base)
    return make_app(engine, settings), engine
