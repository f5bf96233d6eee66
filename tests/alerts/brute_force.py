"""Compute what the built-in alerts must find from the list of all hits, second by second."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import Hit


@dataclass
class Crossing:
    """An incident as the brute force sees it."""

    rule: str
    subject: bytes | None
    triggered_at: int
    hits: int
    value: float
    peak: float
    message: str
    recovered_at: int | None = None
    recovery: str = ""
    calm_since: int | None = None


class Measure(NamedTuple):
    """What is measured in a second, and whether a firing incident `holds`.

    An incident ends after `calm` seconds in which it does not hold. Of `few` hits it holds, too,
    but they make no peak.
    """

    value: float
    hits: int
    breaches: bool
    holds: bool
    calm: int = 0
    few: bool = False


def crossings(hits: Sequence[Hit], settings: Settings, last: int) -> list[tuple[object, ...]]:
    """Judge every second that ends a bucket, from the first hit up to `last`."""
    ordered = sorted(hits, key=lambda each: each.second)
    seconds = [each.second for each in ordered]
    size = settings.bucket_size
    found: list[Crossing] = []
    firing: dict[tuple[str, bytes | None], Crossing] = {}
    for second in range(seconds[0] // size * size + size - 1, last + 1, size):
        oldest = bisect_left(seconds, second - settings.alert_window + 1)
        window = ordered[oldest : bisect_right(seconds, second)]
        if not window and not firing:
            continue
        subjects = {subject for rule, subject in firing if rule == "ddos"}
        for key, measure in _measures(window, subjects, settings).items():
            if key in firing:
                _go_on(firing, key, measure, second)
            elif measure.breaches:
                firing[key] = _crossing(key, measure, second)
                found.append(firing[key])
    return in_order(found)


def _measures(
    window: list[Hit], subjects: set[bytes | None], settings: Settings
) -> dict[tuple[str, bytes | None], Measure]:
    rate = len(window) / settings.alert_window
    errors = sum(500 <= each.status < 600 for each in window)
    share = errors / len(window) if window else 0.0
    enough, busy = len(window) >= 20, rate > settings.threshold
    measures = {
        ("traffic", None): Measure(rate, len(window), busy, busy),
        ("error_rate", None): Measure(
            share,
            len(window),
            enough and share > settings.error_rate,
            share > 0.8 * settings.error_rate,
            min(settings.alert_window, 120),
            few=bool(window) and not enough,
        ),
    }
    by_host = Counter(each.host for each in window)
    for host in subjects | set(by_host):
        count = by_host[host or b""]
        rate = count / settings.alert_window
        limit = settings.ddos_threshold
        measures["ddos", host] = Measure(rate, count, rate > limit, rate > 0.8 * limit)
    return measures


def _go_on(
    firing: dict[tuple[str, bytes | None], Crossing],
    key: tuple[str, bytes | None],
    measure: Measure,
    second: int,
) -> None:
    crossing = firing[key]
    if measure.holds:
        crossing.calm_since = None
        if not measure.few:
            crossing.peak = max(crossing.peak, measure.value)
        return
    if crossing.calm_since is None:
        crossing.calm_since = second
    if second - crossing.calm_since < measure.calm:
        return
    crossing.recovered_at = second
    crossing.recovery = f"{_sentence(key, measure, 'recovered')}, recovered at {_iso(second)}"
    del firing[key]


def _crossing(key: tuple[str, bytes | None], measure: Measure, second: int) -> Crossing:
    sentence = _sentence(key, measure, "generated an alert")
    message = f"{sentence}, triggered at {_iso(second)}"
    return Crossing(*key, second, measure.hits, measure.value, measure.value, message)


def _sentence(key: tuple[str, bytes | None], measure: Measure, what: str) -> str:
    rule, host = key
    if rule == "traffic":
        return f"High traffic {what} - hits = {measure.hits}"
    if rule == "ddos":
        return f"High traffic from {(host or b'').decode()} {what} - hits = {measure.hits}"
    only = "only " if measure.few else ""
    return f"High error rate {what} - errors = {measure.value:.1%} of {only}{measure.hits} hits"


def _iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")


def in_order(incidents: Iterable[Incident | Crossing]) -> list[tuple[object, ...]]:
    """Return incidents as comparable tuples, in the order of their trigger."""
    rows = [
        (
            each.triggered_at,
            each.rule,
            each.subject or b"",
            each.recovered_at,
            each.hits,
            each.value,
            each.peak,
            each.message,
            each.recovery,
        )
        for each in incidents
    ]
    return sorted(rows, key=lambda row: row[:3])
