"""The state of a monitor that is saved, so that another run can continue. Values only."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, NamedTuple

import msgspec

from logmon_tui.alerts.evaluation.evaluator_state import EvaluatorState
from logmon_tui.alerts.evaluation.long_evaluator import LongHour
from logmon_tui.alerts.evaluation.novelties import KnownPage
from logmon_tui.alerts.evaluation.ring import SlotCounts
from logmon_tui.alerts.evaluation.second_counts import SavedSpan, SecondsState
from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.history.recorder import RecorderState
from logmon_tui.metrics.aggregator import AggregatorState
from logmon_tui.metrics.arrivals import LogArrivals
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.clock import ClockState
from logmon_tui.metrics.dirty_buckets import BucketKey
from logmon_tui.metrics.future_gate import GateState
from logmon_tui.metrics.stats_window import StatsState
from logmon_tui.monitor.hearing import KnownServer


class ThresholdByKey(NamedTuple):
    """A threshold of the traffic (req/s) that a key set, and the one configured then."""

    threshold: float
    configured: float


class ManagerState(msgspec.Struct, frozen=True):
    """Where an AlertManager stands, beside counts and incidents.

    On disk, `evaluator` is called `engine`. `applied` are the names of requests that are applied,
    and that may still wait. `ended` are silences of maintenance windows that a user ended early.
    """

    evaluator: EvaluatorState = msgspec.field(name="engine", default=EvaluatorState())
    silences: tuple[Silence, ...] = ()
    by_key: ThresholdByKey | None = None
    seconds: SecondsState | None = None
    applied: tuple[str, ...] = ()
    ended: tuple[Silence, ...] = ()


class UnsavedAlerts(msgspec.Struct, frozen=True):
    """What is to be saved: incidents, and slots, hours and seconds with what rules counted.

    `known` are the subjects that rules have met. Empty slots, hours and spans are gone. Slots,
    hours and seconds are read from the manager as they are iterated over.
    """

    recovered: list[Incident]
    firing: list[Incident]
    slots: Iterator[tuple[int, SlotCounts]]
    hours: Iterator[LongHour]
    seconds: Iterator[SavedSpan]
    known: Sequence[KnownPage]


class MonitorState(msgspec.Struct, frozen=True):
    """The small part of a monitor's state, which is taken once a second.

    `hits`, `bytes`, `unparsed`, `others`, `late` and `ignored` are totals, `status` is
    (code, hits). `first` is the log's first second, `resolution` that of its times (µs, 0 if not
    known). `own` are the fields that own panels counted; minutes that begin before `own_since`
    have no keys of them. `servers` are the machines that write the logs, with when each was heard
    last. `arrivals` tells how late hits of each log came, `reached` what log time was when alerts
    were judged last, `late_for_alerts` how many hits came after their second was judged. On disk,
    `alerts` is called `judge`.
    """

    hits: int
    bytes: int
    unparsed: int
    late: int
    first: int | None
    clock: ClockState | None
    gate: GateState
    aggregator: AggregatorState
    stats: StatsState
    alerts: ManagerState = msgspec.field(name="judge")
    others: int = 0
    status: tuple[tuple[int, int], ...] = ()
    resolution: Annotated[int, msgspec.Meta(ge=0)] = 0
    ignored: int = 0
    own: tuple[str, ...] = ()
    own_since: int = 0
    recorder: RecorderState | None = None
    servers: tuple[KnownServer, ...] = ()
    arrivals: tuple[LogArrivals, ...] = ()
    reached: float | None = None
    late_for_alerts: int = 0


class UnparsedState(msgspec.Struct, frozen=True):
    """The unparsed lines to show: the first one, and the newest ones, newest last."""

    first: UnparsedLine | None
    newest: tuple[UnparsedLine, ...]


class SavedMonitor(NamedTuple):
    """All that a fresh monitor needs to continue.

    `buckets` are by key, `incidents` in the order of their triggers. `slots`, `hours` and
    `seconds` hold what the rules counted, `known` the subjects that they have met, `minutes` the
    open minutes of the recorder by their first second.
    """

    state: MonitorState
    unparsed: UnparsedState
    buckets: dict[BucketKey, MetricsBucket]
    incidents: list[Incident]
    slots: list[tuple[int, SlotCounts]]
    hours: list[LongHour]
    minutes: Mapping[int, MetricsBucket] = MappingProxyType({})
    seconds: Sequence[SavedSpan] = ()
    known: Sequence[KnownPage] = ()
