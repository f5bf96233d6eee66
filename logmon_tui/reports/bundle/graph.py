"""The graph of an incident as SVG: what its rule measured, the threshold, when it fired."""

from collections.abc import Callable, Iterator

from logmon_tui.alerts.evidence.answer import answer
from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.messages import value_text
from logmon_tui.reports.html.elements import Html, joined, number, shown, tag
from logmon_tui.units import clock, date_time

WIDTH, HEIGHT = 960, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, 20, 64, 36
_INK, _DIM, _LINE, _BAD, _LIMIT = "#1c2430", "#556171", "#0b62c4", "#cc1f2f", "#7a3eb1"
_LABELS = 5
_APART = 15
"""Minimum distance of two labels, one above the other."""

_Scale = Callable[[float], str]
"""Returns the coordinate of a second or of a value."""


def incident_graph(incident: Incident, evidence: Evidence) -> str:
    """Return the picture; `evidence` must have values."""
    most = max(incident.threshold, *(value or 0.0 for value in evidence.values)) or 1.0
    end = evidence.start + evidence.step * len(evidence.values)
    across = (WIDTH - _LEFT - _RIGHT) / max(end - evidence.start, 1)
    tall = HEIGHT - _TOP - _BOTTOM

    def x(second: float) -> str:
        return number(_LEFT + (min(max(second, evidence.start), end) - evidence.start) * across)

    def y(value: float) -> str:
        return number(_TOP + tall * (1 - value / most))

    fired = incident.triggered_at
    ended = end if incident.recovered_at is None else incident.recovered_at
    band = number(float(x(ended)) - float(x(fired)))
    limit = float(y(incident.threshold)) + 4
    values = [_value(limit, value_text(incident.unit, incident.threshold), fill=_LIMIT)]
    for top, text in ((_TOP + 5, value_text(incident.unit, most)), (HEIGHT - _BOTTOM, "0")):
        if abs(top - limit) >= _APART:  # the threshold tells more than an end of the axis
            values.append(_value(top, text))
    drawn = (
        tag("rect", width=WIDTH, height=HEIGHT, fill="#fff"),
        tag("rect", x=x(fired), y=_TOP, width=band, height=tall, fill=_BAD, opacity="0.1"),
        tag("path", d=_path(evidence, x, y), fill="none", stroke=_LINE, stroke_width=2),
        tag(
            "path",
            d=f"M{_LEFT} {y(incident.threshold)}H{WIDTH - _RIGHT}",
            stroke=_LIMIT,
            stroke_dasharray="6 4",
        ),
        _text(_LEFT, 26, incident.title, size=17, weight=600),
        _text(_LEFT, 48, answer(incident)[:130] or date_time(fired), fill=_DIM),
        *values,
        joined(_times(evidence.start, end, x)),
    )
    return tag(
        "svg",
        *drawn,
        xmlns="http://www.w3.org/2000/svg",
        viewbox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=incident.title,
        font_family="system-ui, sans-serif",
    )


def _path(evidence: Evidence, x: _Scale, y: _Scale) -> str:
    """Return the steps of the values; a value that is not known leaves a gap."""
    pieces, open_ = [], False
    for place, value in enumerate(evidence.values):
        begin = evidence.start + place * evidence.step
        if value is not None:
            pieces.append(
                f"{'L' if open_ else 'M'}{x(begin)} {y(value)}H{x(begin + evidence.step)}"
            )
        open_ = value is not None
    return "".join(pieces)


def _times(start: int, end: int, x: _Scale) -> Iterator[Html]:
    """Yield the labels of moments; the first and the last one end with the axis."""
    for place in range(_LABELS):
        second = start + (end - start) * place / (_LABELS - 1)
        anchor = {0: "start", _LABELS - 1: "end"}.get(place, "middle")
        yield _text(float(x(second)), HEIGHT - 12, clock(second), anchor=anchor, fill=_DIM)


def _value(top: float, text: str, fill: str = _INK) -> Html:
    return _text(_LEFT - 8, top, text, anchor="end", fill=fill)


def _text(  # noqa: PLR0913 - as SVG has it
    left: float,
    top: float,
    text: str,
    *,
    anchor: str = "start",
    fill: str = _INK,
    size: int = 13,
    weight: int = 400,
) -> Html:
    return tag(
        "text",
        shown(text),
        x=number(left),
        y=number(top),
        text_anchor=anchor,
        fill=fill,
        font_size=size,
        font_weight=weight,
    )
