"""The page that Prometheus reads: a Snapshot as metric families, in its text format.

Names follow Prometheus' conventions: units in names, `_total` for counters. Label values are
printable text, and their number is limited, because Prometheus keeps a time series for each: 20
sections at a time, 100 in a run, and status codes from 100 to 599. Everything else is `(other)`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec.structs import replace
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from logmon_tui.alerts.model.rule import Severity
from logmon_tui.alerts.model.state import State
from logmon_tui.escape import printable
from logmon_tui.reports.prometheus_fleet import fleet_families
from logmon_tui.snapshot import AlertState, Ingest, Snapshot, Times, Window
from logmon_tui.sources.base import SourceState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MAX_SECTIONS = 20
"""Maximum sections on a page."""
MAX_SECTIONS_IN_A_RUN = 100
"""Maximum sections on all pages of a run; later ones count as OTHER."""
OTHER = "(other)"
_MAX_LABEL = 100
"""Maximum characters of a label value."""

_Labelled: TypeAlias = Iterable[tuple[tuple[str, ...], float]]


class SnapshotCollector:
    """Makes metric families from `snapshot`; used by one thread."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self._sections: set[str] = set()

    def page(self) -> bytes:
        """Return the page in the text format, version 0.0.4."""
        return generate_latest(self)

    def collect(self) -> Iterator[Metric]:
        """Yield the families; prometheus_client calls this."""
        snapshot = self.snapshot
        yield from _totals(snapshot.ingest)
        yield from _health(snapshot)
        yield from _sources(snapshot)
        yield _gauge("hits_per_second", "Hits per second, right now.", snapshot.rate)
        yield from _window(snapshot.now)
        yield _gauges(
            "window_section_hits",
            "Hits in the stats window of its busiest sections.",
            ("section",),
            self._section_hits(snapshot.now),
        )
        yield from _alerts(snapshot.alerts)
        yield from _objectives(snapshot.alerts)
        yield from _targets(snapshot.ingest)
        yield from fleet_families(snapshot.fleet, _label)

    def _section_hits(self, window: Window) -> _Labelled:
        """Return hits by section; `OTHER` has the rest, so that the sum is the window's hits."""
        hits: dict[str, int] = {}
        for row in window.sections.rows[:MAX_SECTIONS]:
            label = _label(row.key)
            if label in self._sections or len(self._sections) < MAX_SECTIONS_IN_A_RUN:
                self._sections.add(label)
                hits[label] = hits.get(label, 0) + row.hits  # two cropped labels may be equal
        hits[OTHER] = hits.get(OTHER, 0) + window.hits - sum(hits.values())
        return (((label,), number) for label, number in hits.items())


def following(before: Snapshot | None, snapshot: Snapshot) -> Snapshot:
    """Return what to tell after `before`: a watch that restarts has no totals yet.

    Counters must never go back, so its failure is told with the totals from before.
    """
    if before is None or not snapshot.ingest.failure or snapshot.ingest.hits:
        return snapshot
    return replace(before, ingest=replace(before.ingest, failure=snapshot.ingest.failure))


def _label(value: bytes | str) -> str:
    text = printable(value[: 4 * _MAX_LABEL])  # a character takes up to 4 bytes
    return text if len(text) <= _MAX_LABEL else f"{text[: _MAX_LABEL - 1]}…"


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"logmon_{name}", help_text, value)


def _gauges(name: str, help_text: str, labels: Sequence[str], values: _Labelled) -> Metric:
    return _filled(GaugeMetricFamily(f"logmon_{name}", help_text, labels=labels), values)


def _counters(name: str, help_text: str, labels: Sequence[str], values: _Labelled) -> Metric:
    return _filled(CounterMetricFamily(f"logmon_{name}", help_text, labels=labels), values)


def _filled(
    family: GaugeMetricFamily | CounterMetricFamily, values: _Labelled
) -> GaugeMetricFamily | CounterMetricFamily:
    for labels, value in values:
        family.add_metric(labels, value)
    return family


def _totals(ingest: Ingest) -> Iterator[Metric]:
    totals = (
        ("hits", "Hits: lines of the logs that parsed.", ingest.hits),
        ("response_bytes", "Bytes sent, as the logs tell them.", ingest.bytes),
        ("unparsed_lines", "Lines that were no hits, oversize ones included.", ingest.unparsed),
        (
            "other_lines",
            "Lines that are no hits but in order.",
            ingest.others,
        ),
        ("oversize_lines", "Lines dropped for their length.", ingest.oversize),
        ("late_hits", "Hits left out of every window: older than is kept.", ingest.late),
        (
            "late_for_alerts_hits",
            "Hits that came when alerts had judged their second.",
            ingest.late_for_alerts,
        ),
        ("rotations", "Rotations of the logs.", ingest.rotations),
        ("truncations", "Truncations of the logs.", ingest.truncations),
    )
    for name, help_text, value in totals:
        yield CounterMetricFamily(f"logmon_{name}", help_text, value)
    help_text = "Hits by status code and its class."
    yield _counters("hits_by_status", help_text, ("class", "code"), _by_status(ingest.status))


def _by_status(totals: Iterable[tuple[int, int]]) -> _Labelled:
    sums: dict[tuple[str, ...], int] = {}
    for code, hits in totals:
        known = 100 <= code < 600
        labels = (f"{code // 100}xx", f"{code}") if known else (OTHER, OTHER)
        sums[labels] = sums.get(labels, 0) + hits
    return sums.items()


def _health(snapshot: Snapshot) -> Iterator[Metric]:
    ingest, saving = snapshot.ingest, snapshot.saving
    # Not a counter, as it can fall: the log clock may catch up and accept some of these hits.
    help_text = "Hits left out of every window: too far ahead to be believed, so far."
    yield _gauge("future_hits", help_text, ingest.future)
    yield _gauge("lag_seconds", "Age of what this page tells, at most.", ingest.lag)
    help_text = "By how much alerts are judged later than log time."
    yield _gauge("evaluation_delay_seconds", help_text, ingest.evaluation_delay)
    help_text = "How late nearly all hits come at most, after their second is over."
    yield _gauge("lateness_seconds", help_text, ingest.lateness)
    yield _gauge("parsed_ratio", "Share of the lines that were hits.", ingest.parsed_share)
    failing = "Whether reading the logs fails now, and is tried again."
    yield _gauge("reading_failing", failing, bool(ingest.failure))
    yield _gauge("state_failing", "Whether the state cannot be saved now.", bool(saving.problem))
    if saving.saved_at is not None:
        help_text = "When the state was saved last."
        yield _gauge("state_saved_timestamp_seconds", help_text, saving.saved_at)
    if snapshot.log_time is not None:
        help_text = "The logs' own clock."
        yield _gauge("log_timestamp_seconds", help_text, snapshot.log_time)
    # Without its text: each would be a time series of its own.
    if snapshot.marks:
        help_text = "The newest mark of users, such as a deploy."
        yield _gauge("last_mark_timestamp_seconds", help_text, snapshot.marks[-1].second)


def _sources(snapshot: Snapshot) -> Iterator[Metric]:
    sources = {_label(source.name): source for source in snapshot.sources}
    yield _gauges(
        "source_state",
        "1 for the state that a log is in.",
        ("source", "state"),
        (
            ((name, state.value.replace(" ", "_")), source.state is state)
            for name, source in sources.items()
            for state in SourceState
        ),
    )
    places = (
        ("source_size_bytes", "Size of the log's current file.", "size"),
        ("source_position_bytes", "How much of it has been read.", "position"),
    )
    for family, help_text, field in places:
        values = (((name,), getattr(source, field)) for name, source in sources.items())
        yield _gauges(family, help_text, ("source",), values)


def _window(window: Window) -> Iterator[Metric]:
    sizes = window.sizes
    yield _gauge("window_seconds", "Length of the stats window.", window.seconds)
    yield _gauge("window_hits", "Hits in the stats window.", window.hits)
    yield _gauge("window_response_bytes", "Bytes sent in the stats window.", window.bytes)
    yield _gauge("window_clients", "Client hosts in the stats window.", window.hosts.distinct)
    yield _gauges(
        "window_response_size_bytes",
        "Quantiles of the response size in the stats window; 1 is the largest.",
        ("quantile",),
        ((("0.5",), sizes.p50), (("0.95",), sizes.p95), (("1",), sizes.max)) if window.hits else (),
    )
    measured = (
        ("window_response_time_seconds", "response time", window.response_times),
        ("window_upstream_time_seconds", "upstream's time", window.upstream_times),
    )
    for name, what, times in measured:
        help_text = f"Quantiles of the {what} in the stats window; 1 is the longest."
        yield _gauges(name, help_text, ("quantile",), _quantiles(times))


def _quantiles(times: Times | None) -> _Labelled:
    if times is None:
        return ()
    labels = (("0.5",), ("0.95",), ("0.99",), ("1",))
    return tuple(zip(labels, times.quantiles.values(), strict=True))


def _alerts(alerts: AlertState) -> Iterator[Metric]:
    help_text = "The traffic alert's threshold."
    yield _gauge("traffic_threshold_hits_per_second", help_text, alerts.threshold)
    yield _gauges(
        "alert_state",
        "1 for the worst state that a rule is in.",
        ("rule", "state"),
        (
            ((_label(each.rule), state.value.replace(" ", "_")), each.state is state)
            for each in alerts.rules
            for state in State
        ),
    )
    numbers = (
        ("alert_pending", "Subjects beyond a rule's threshold, but not for long enough yet."),
        ("alert_firing", "Subjects with an incident of a rule that has not recovered."),
        ("alert_suppressed", "Subjects that a rule has no room for among its incidents."),
        ("alert_left_out", "The most subjects of a second that a rule had no room to count."),
        ("alert_lost", "The most hits, or bytes, of a subject that a rule can lack."),
        ("alert_forgotten", "Known subjects that a rule forgot in a day for want of room."),
    )
    for name, help_text in numbers:
        field = name.removeprefix("alert_")
        values = (((_label(each.rule),), getattr(each, field)) for each in alerts.rules)
        yield _gauges(name, help_text, ("rule",), values)
    yield _gauges(
        "alert_learning",
        "1 while a rule of new subjects takes all for known.",
        ("rule",),
        (((_label(each.rule),), 1) for each in alerts.rules if each.learns_until is not None),
    )
    yield _gauges(
        "alert_value",
        "What a rule measures of the whole traffic now.",
        ("rule", "unit"),
        (
            ((_label(each.rule), each.unit.value), each.value)
            for each in alerts.rules
            if each.value is not None
        ),
    )
    help_text = "Incidents that have not recovered."
    yield _gauges("incidents", help_text, ("severity", "acknowledged"), _open_incidents(alerts))
    yield _gauge("silences", "Silences in force.", len(alerts.silences))


def _objectives(alerts: AlertState) -> Iterator[Metric]:
    """Yield how objectives stand over the last 30 days, if there are any."""
    if not alerts.objectives:
        return
    figures = (
        ("target_ratio", "Share of hits that must be good.", "target"),
        ("good_ratio", "Share of hits in 30 days that were good.", "good_share"),
        ("budget_left_ratio", "Share of the error budget of 30 days that is left.", "budget_left"),
        ("hits", "Hits in 30 days.", "hits"),
        ("bad_hits", "Bad hits in 30 days.", "bad"),
    )
    for name, help_text, field in figures:
        values = [((_label(each.name),), getattr(each, field)) for each in alerts.objectives]
        known = ((labels, value) for labels, value in values if value is not None)
        yield _gauges(f"objective_{name}", help_text, ("objective",), known)


def _open_incidents(alerts: AlertState) -> _Labelled:
    counts = {(severity.value, seen): 0 for severity in Severity for seen in ("no", "yes")}
    for incident in alerts.incidents[: alerts.firing]:
        counts[incident.severity.value, "yes" if incident.acknowledged else "no"] += 1
    return counts.items()


def _targets(ingest: Ingest) -> Iterator[Metric]:
    targets = [((_label(each.name), each.kind), each) for each in ingest.targets]
    labels = ("target", "kind")
    counters = (
        ("notifications_sent", "Messages sent to a target.", "sent"),
        ("notifications_dropped", "Messages given up.", "dropped"),
    )
    for name, help_text, field in counters:
        values = ((key, getattr(each, field)) for key, each in targets)
        yield _counters(name, help_text, labels, values)
    waiting = ((key, each.waiting) for key, each in targets)
    yield _gauges("notifications_waiting", "Messages yet to be sent.", labels, waiting)
    help_text = "Whether a target gets no messages now."
    failing = ((key, bool(each.problem)) for key, each in targets)
    yield _gauges("notification_target_failing", help_text, labels, failing)
