"""What a text report says in phrases: counts, sizes and times, each with its word."""

from collections.abc import Iterator, Sequence

from logmon_tui.escape import printable
from logmon_tui.fitting import Word
from logmon_tui.snapshot import Ingest, Report, Times, Window
from logmon_tui.units import count, percent, seconds, spoken_size


def line_count(number: int) -> str:
    """Return how many lines."""
    return "1 line" if number == 1 else f"{number:,} lines"


def client_count(number: int) -> str:
    """Return how many clients."""
    return "1 client" if number == 1 else f"{count(number)} clients"


def odd_counts(ingest: Ingest) -> list[str]:
    """Return the counts that should be zero and are not, except unparsed lines."""
    counts = (
        (ingest.oversize, "oversize"),
        (ingest.late, "late"),
        (ingest.future, "future"),
        (ingest.truncations, "truncation" if ingest.truncations == 1 else "truncations"),
    )
    return [f"{number:,} {name}" for number, name in counts if number]


def ignored_count(ingest: Ingest) -> list[str]:
    """Return how many hits the settings leave out, if they leave out any."""
    return [f"{ingest.ignored:,} ignored"] if ingest.ignored else []


def read_counts(report: Report) -> list[str]:
    """Return what was read, as phrases: hits, other lines, formats."""
    ingest = report.ingest
    others = [f"{line_count(ingest.others)} of messages"] if ingest.others else []
    return [
        f"{report.hits.hits:,} hits",
        f"{line_count(ingest.unparsed)} unparsed",
        *others,
        *ignored_count(ingest),
        *odd_counts(ingest),
        *map(printable, ingest.formats),
    ]


def sizes(window: Window) -> list[str]:
    """Return bytes sent, mean and largest response, and bytes received where the log has them."""
    received = [] if window.bytes_in is None else [f"{spoken_size(window.bytes_in)} received"]
    return [
        f"{spoken_size(window.bytes)} sent",
        f"{spoken_size(window.sizes.mean)} mean",
        f"{spoken_size(window.sizes.max)} largest response",
        *received,
    ]


def static_share(report: Report) -> list[str]:
    """Return what share of hits and bytes static files are, if there are any."""
    static, window = report.static, report.hits
    if not static.hits:
        return []
    share = f"static files {percent(static.hits / window.hits)} % of hits"
    return [share, f"{percent(static.bytes / window.bytes if window.bytes else 0.0)} % of bytes"]


def measured_times(window: Window) -> Iterator[tuple[str, Times]]:
    """Yield the kinds of times that the log has, by name."""
    if window.response_times is not None:
        yield "response", window.response_times
    if window.upstream_times is not None:
        yield "upstream", window.upstream_times


def quantiles(times: Times) -> list[str]:
    """Return the quantiles of times, the longest one last."""
    values = {name: seconds(value, times.resolution) for name, value in times.quantiles.items()}
    longest = values.pop("max")
    return [*(f"{value} {name}" for name, value in values.items()), f"{longest} longest"]


def phrases(texts: Sequence[str]) -> Iterator[Word]:
    """Yield the texts with commas between them; no line is broken within a text."""
    for place, each in enumerate(texts, start=1):
        text = each if place == len(texts) else f"{each},"
        yield Word(text, text)
