"""Charts over time: hits by outcome, response times, and the heat map of days and hours.

A plot is one SVG whose units are columns of time, stretched to the page's width; what stands beside
it is plain HTML, so that text keeps its size on any screen. A script may zoom by the plot's data.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.reports.html.elements import Html, joined, number, shown, tag
from logmon_tui.snapshot import PeriodRow, Timeline
from logmon_tui.units import count, plain, seconds, window

HOUR, DAY = 3_600, 86_400

_HEIGHT = 100
"""Units from the bottom of a plot to its top."""

_LABELS = 5
"""Labels below a plot, at equal distances."""

_LEVELS = 9
"""Shades of the heat map besides that of no hits."""


_ROUND = (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10)
"""The first digits of what the top of a scale may be, so that its middle is round, too."""


def traffic_chart(
    series: Timeline, incidents: Sequence[Incident], marks: Sequence[Mark], until: int
) -> Html:
    """Return the chart of hits by outcome; incidents are bands, marks are lines.

    `until` is the last second of the log, up to which an incident that fires lasts.
    """
    most = max((row.hits for row in series.rows), default=0) or 1
    highest = rounded_up(most / series.length)
    answered = [row.hits - sum(row.errors) for row in series.rows]
    clients = [row.errors.client for row in series.rows]
    servers = [row.errors.server for row in series.rows]
    faulty = [sum(each) for each in zip(answered, clients, strict=True)]
    layers = (
        ("ok", zip([0] * len(answered), answered, strict=True)),
        ("client", zip(answered, clients, strict=True)),
        ("server", zip(faulty, servers, strict=True)),
    )
    bands = joined(_bands(series, incidents, until))
    drawn = joined(
        tag("path", class_=name, d=_bars(spans, highest * series.length)) for name, spans in layers
    )
    lines = joined(
        tag("path", class_="mark", d=f"M{number(_place(series, mark.second))} 0v{_HEIGHT}")
        for mark in marks
        if _start(series) <= mark.second < _end(series)
    )
    label = f"Hits over time; at most {count(most)} in {_length(series.length)}"
    legend = tag(
        "ul",
        *(
            tag("li", tag("span", class_=f"swatch {name}"), shown(text))
            for name, text in (
                ("ok", "answered"),
                ("client", "4xx"),
                ("server", "5xx"),
                *((("incident", "alert firing"),) if incidents else ()),
                *((("mark", "mark"),) if marks else ()),
            )
        ),
        class_="legend",
    )
    data = {
        "data_hits": _data(row.hits for row in series.rows),
        "data_client": _data(clients),
        "data_server": _data(servers),
    }
    top = (f"{highest:,.12g} req/s", f"{highest / 2:,.12g}", "0")
    return joined((_framed(series, label, joined((bands, drawn, lines)), top, data), legend))


def time_chart(series: Timeline) -> Html:
    """Return the chart of the 95th percentile of response times."""
    times = [row.p95 for row in series.rows]
    most = max((time for time in times if time is not None), default=0.0) or 1.0
    highest = rounded_up(most)
    steps = joined(
        tag("path", class_="time", d=_steps(run, times, highest)) for run in _runs(times)
    )
    resolution = next((row.resolution for row in series.rows if row.p95 is not None), 0.0)
    top = (seconds(highest), seconds(highest / 2), "0")
    label = f"95th percentile of response times; at most {seconds(most, resolution)}"
    data = {"data_p95": ",".join("" if each is None else f"{each:.6g}" for each in times)}
    return _framed(series, label, steps, top, data)


def rounded_up(most: float) -> float:
    """Return a round figure of at least `most`, for the top of a scale."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in _ROUND if step * power >= most * (1 - 1e-9))


def heat_map(rows: Sequence[PeriodRow]) -> Html:
    """Return the table of hits by day and hour (UTC), shaded from the fewest to the most."""
    by_day: dict[int, dict[int, int]] = {}
    for row in rows:
        if row.start is not None:
            by_day.setdefault(row.start // DAY, {})[row.start % DAY // HOUR] = row.hits
    all_hits = [hits for day in by_day.values() for hits in day.values() if hits]
    least, most = min(all_hits, default=0), max(all_hits, default=0)
    head = tag(
        "tr",
        tag("th", shown("day (UTC)"), scope="col"),
        *(tag("th", shown(f"{hour:02}"), scope="col") for hour in range(24)),
    )
    body = joined(
        tag(
            "tr",
            tag("th", shown(_date(day * DAY)), scope="row"),
            *(_cell(hours.get(hour), least, most) for hour in range(24)),
        )
        for day, hours in sorted(by_day.items())
    )
    caption = tag("caption", shown("Hits by day and hour"))
    return tag(
        "div",
        tag("table", caption, tag("thead", head), tag("tbody", body), class_="heat"),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label="Hits by day and hour",
    )


def _cell(hits: int | None, least: int, most: int) -> Html:
    if hits is None:
        return tag("td")
    level = 0 if not hits else 1 + (hits - least) * _LEVELS // (most - least + 1)
    return tag("td", shown(plain(hits)), class_=f"h{level}")


def _bars(spans: Iterable[tuple[int, int]], most: float) -> str:
    """Return the path of bars; each of `spans` is where one begins and how high it is, in hits."""
    drawn = []
    for place, (bottom, height) in enumerate(spans):
        if height:
            top = _HEIGHT * (1 - (bottom + height) / most)
            tall = _HEIGHT * height / most
            drawn.append(f"M{place} {number(top)}h.9v{number(tall)}h-.9z")
    return "".join(drawn)


def _bands(series: Timeline, incidents: Sequence[Incident], until: int) -> Iterator[Html]:
    for incident in incidents:
        ended = until if incident.recovered_at is None else incident.recovered_at
        left = max(0.0, _place(series, incident.triggered_at))
        right = min(float(len(series.rows)), _place(series, ended + 1))
        if left < right:
            yield tag(
                "rect",
                class_=f"incident {incident.severity.value}",
                x=number(left),
                y=0,
                width=number(right - left),
                height=_HEIGHT,
            )


def _runs(times: Sequence[float | None]) -> Iterator[range]:
    """Yield the stretches of columns that have a time."""
    start = None
    for place, time in enumerate([*times, None]):
        if time is not None and start is None:
            start = place
        elif time is None and start is not None:
            yield range(start, place)
            start = None


def _steps(run: range, times: Sequence[float | None], most: float) -> str:
    heights = [_HEIGHT * (1 - (times[place] or 0.0) / most) for place in run]
    path = [f"M{run.start} {number(heights[0])}h1"]
    path += [f"v{number(after - before)}h1" for before, after in pairwise(heights)]
    return "".join(path)


def _framed(
    series: Timeline, label: str, drawn: Html, top: Sequence[str], data: dict[str, str]
) -> Html:
    """Return a plot with the labels beside and below it."""
    grid = tag("path", class_="grid", d=f"M0 {_HEIGHT / 2}h{len(series.rows)}")
    plot = tag(
        "svg",
        grid,
        drawn,
        class_="plot",
        viewbox=f"0 0 {len(series.rows)} {_HEIGHT}",
        preserveaspectratio="none",
        role="img",
        aria_label=label,
        data_start=_start(series),
        data_length=series.length,
        **data,
    )
    scale = tag("div", *(tag("span", shown(each)) for each in top), class_="scale")
    times = tag(
        "div",
        *(tag("span", shown(each)) for each in _time_labels(series)),
        class_="times",
    )
    told = tag("p", class_="readout")
    return tag("figure", scale, tag("div", plot, class_="frame"), times, told, class_="chart")


def _start(series: Timeline) -> int:
    """Return the second in which the first column begins."""
    return (series.rows[0].start or 0) if series.rows else 0


def _end(series: Timeline) -> int:
    """Return the second behind the last column."""
    return _start(series) + len(series.rows) * series.length


def _place(series: Timeline, second: float) -> float:
    """Return where a second is, in columns."""
    return (second - _start(series)) / series.length


def _time_labels(series: Timeline) -> Iterator[str]:
    span = _end(series) - _start(series)
    for place in range(_LABELS):
        moment = datetime.fromtimestamp(_start(series) + span * place // (_LABELS - 1), UTC)
        yield moment.strftime("%b %d %H:%M" if span > DAY else "%H:%M")


def _date(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %a")


def _length(length: int) -> str:
    return {HOUR: "an hour", DAY: "a day"}.get(length) or window(length)


def _data(values: Iterable[int]) -> str:
    return ",".join(map(str, values))
