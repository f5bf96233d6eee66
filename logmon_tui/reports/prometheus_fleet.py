"""The metric families of many servers, on the page that Prometheus reads."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from logmon_tui.snapshot import Fleet, ServerRow, ServerState

MAX_SERVERS = 1_000
"""Maximum servers on a page, the first by name: each has a time series in each family."""

_UP = frozenset({ServerState.LIVE, ServerState.CATCHING_UP})

_GAUGES: tuple[tuple[str, str, Callable[[ServerRow], float | None]], ...] = (
    ("up", "1 while a server is heard, live or catching up; else 0.", lambda row: row.state in _UP),
    ("quiet_seconds", "For how long a server has said nothing.", lambda row: row.quiet),
    (
        "hits_per_second",
        "Hits per second of a server in the stats window; none while it is not known.",
        lambda row: row.figures.rate,
    ),
    (
        "error_ratio",
        "Share of 5xx among a server's hits in the stats window.",
        lambda row: row.figures.errors,
    ),
    (
        "response_time_p95_seconds",
        "95th percentile of a server's response times in the stats window.",
        lambda row: row.figures.p95,
    ),
    ("lag_seconds", "How old a server's newest lines were when they came.", lambda row: row.lag),
    ("backlog_bytes", "Bytes that a server has still to send.", lambda row: row.backlog),
    (
        "differs",
        "In how many figures a server is beyond its peers.",
        lambda row: len(row.differs),
    ),
)
_COUNTERS: tuple[tuple[str, str, Callable[[ServerRow], int]], ...] = (
    ("lost_lines", "Lines deleted at a server before they were sent.", lambda row: row.lost),
    ("left_out_lines", "Lines left out at a server on purpose.", lambda row: row.left_out),
)


def fleet_families(fleet: Fleet, label: Callable[[bytes], str]) -> Iterator[Metric]:
    """Yield the families, if there are servers; `label` makes a name fit for a label."""
    if not fleet.servers:
        return
    states = GaugeMetricFamily("logmon_servers", "Servers by their state.", labels=["state"])
    for state in ServerState:
        count = sum(row.state is state for row in fleet.servers)
        states.add_metric([state.value.replace(" ", "_")], count)
    yield states
    rows = {label(row.name): row for row in islice(fleet.servers, MAX_SERVERS)}
    for name, help_text, value in _GAUGES:
        yield _family(GaugeMetricFamily, name, help_text, rows, value)
    for name, help_text, value in _COUNTERS:
        yield _family(CounterMetricFamily, name, help_text, rows, value)


def _family(
    kind: type[GaugeMetricFamily] | type[CounterMetricFamily],
    name: str,
    help_text: str,
    rows: Mapping[str, ServerRow],
    value: Callable[[ServerRow], float | None],
) -> Metric:
    family = kind(f"logmon_server_{name}", help_text, labels=["server"])
    for label, row in rows.items():
        known = value(row)
        if known is not None:
            family.add_metric([label], float(known))
    return family
