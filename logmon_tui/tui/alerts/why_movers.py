"""Texts about what increased when an incident fired, and sample lines of the log. Pure.

All text from a log passes through `shown`; no markup is parsed.
"""

from collections.abc import Sequence

from textual.content import Content

from logmon_tui import units
from logmon_tui.alerts.history.evidence_text import (
    KIND_NAMES,
    absent_text,
    amount_text,
    compared_text,
    evidence_title,
    telling_movers,
)
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.tui.paint.blocks import DIM, beside, columns_in, heading, paragraph
from logmon_tui.tui.paint.cells import (
    bar,
    crop,
    crop_start,
    folded,
    left,
    right,
    shown,
    shown_decoded,
)

_NUMBER = 6
_SHARE = 7
_BAR = 16
_ROOM_FOR_BARS = 44
_INDENT = 2
_SAMPLE_ROWS = 3
"""Maximum rows of a line of the log."""


def why_blocks(incident: Incident, width: int) -> list[list[Content]]:
    """Return the blocks that explain why an incident fired, in lines of at most `width` cells."""
    evidence = incident.evidence
    if evidence is None:
        return [paragraph(absent_text(incident), width, DIM)]
    blocks = [_movers(incident, evidence, width)]
    if evidence.samples:
        lines = [Content(row) for line in evidence.samples for row in _sample(line, width)]
        blocks.append([heading("Lines of the log that belong to it", width), *lines])
    return blocks


def _sample(text: bytes, width: int) -> list[str]:
    """Return a line of the log in rows, all but the first indented; a long line is cropped."""
    rows = folded(shown(text), width, width - _INDENT)
    if len(rows) > _SAMPLE_ROWS:
        rows = [*rows[: _SAMPLE_ROWS - 1], crop("".join(rows[_SAMPLE_ROWS - 1 :]), width - _INDENT)]
    return [rows[0], *(" " * _INDENT + row for row in rows[1:])]


def _movers(incident: Incident, evidence: Evidence, width: int) -> list[Content]:
    """Return a heading, what is compared, and a table of movers for each kind."""
    lines = [heading(evidence_title(incident, evidence), width)]
    lines += paragraph(compared_text(incident, evidence), width, DIM)
    columns, room = columns_in(width)
    tables = [
        _table(incident, kind, movers, room) for kind, movers in telling_movers(incident, evidence)
    ]
    for place in range(0, len(tables), columns):
        lines += [Content(""), *beside(tables[place : place + columns], room)]
    return lines


def _table(incident: Incident, kind: Kind, movers: Sequence[Mover], width: int) -> list[Content]:
    """Return a heading and a line for each key, `width` cells wide."""
    amounts = [
        (amount_text(incident, each.before), amount_text(incident, each.now)) for each in movers
    ]
    number = max(_NUMBER, *(len(text) for pair in amounts for text in pair))
    bars = min(_BAR, width // 6) if width >= _ROOM_FOR_BARS else 0
    room = max(4, width - 2 * number - _SHARE - bars - 5)
    head = f"{left(KIND_NAMES[kind], room)} {right('before', number)}   {right('now', number)} "
    lines = [Content.styled(head + right("share", bars + _SHARE), DIM)]
    for each, (before, now) in zip(movers, amounts, strict=True):
        filled = bar(each.share, bars) if bars else ""
        lines.append(
            Content.assemble(
                (left(_key(kind, each.key, room), room), "bold"),
                (f" {right(before, number)} → ", DIM),
                right(now, number),
                " ",
                (filled + " " * (bars - len(filled)), "$primary"),
                right(f"{units.percent(each.share)} %", _SHARE),
            )
        )
    return lines


def _key(kind: Kind, key: bytes, room: int) -> str:
    if kind in {Kind.PATH, Kind.SECTION}:
        return crop_start(shown_decoded(key), room)
    return shown(key)
