"""Why an incident fired, on a page: what is compared, what rose, lines of the log."""

from collections.abc import Iterator, Sequence

from logmon_tui.alerts.history.evidence_text import (
    KIND_NAMES,
    amount_text,
    compared_text,
    evidence_title,
    telling_movers,
)
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.reports.html.elements import Html, shown, tag
from logmon_tui.reports.html.tables import bar
from logmon_tui.units import percent

_DECODED = {Kind.PATH, Kind.SECTION}


def why(incident: Incident) -> Iterator[Html]:
    """Yield what a reader can unfold of why an incident fired; nothing if that is not known."""
    evidence = incident.evidence
    if evidence is None:
        return
    parts = []
    if evidence.movers:
        parts.append(tag("p", shown(compared_text(incident, evidence)), class_="note"))
        title = evidence_title(incident, evidence)
        tables = (_table(title, incident, *each) for each in telling_movers(incident, evidence))
        parts.append(tag("div", *tables, class_="movers"))
    if evidence.samples:
        parts.append(tag("p", shown("Lines of the log that belong to it"), class_="note"))
        parts += [tag("p", shown(line), class_="raw") for line in evidence.samples]
    if parts:
        yield tag("details", tag("summary", shown(_summary(incident, evidence))), *parts)


def _summary(incident: Incident, evidence: Evidence) -> str:
    return evidence_title(incident, evidence) if evidence.movers else "Lines of the log"


def _table(title: str, incident: Incident, kind: Kind, movers: Sequence[Mover]) -> Html:
    name = KIND_NAMES[kind]
    heads = (
        tag("th", shown(name), scope="col"),
        *(tag("th", shown(each), scope="col", class_="n") for each in ("before", "now", "share")),
        tag("td"),
    )
    rows = (_row(incident, kind, mover) for mover in movers)
    return tag(
        "table",
        tag("caption", shown(f"{title}: {name}")),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *rows),
    )


def _row(incident: Incident, kind: Kind, mover: Mover) -> Html:
    amounts = (mover.before, mover.now)
    return tag(
        "tr",
        tag("th", shown(mover.key, decode=kind in _DECODED), scope="row"),
        *(
            tag("td", shown(amount_text(incident, each)), class_="n", data_v=each)
            for each in amounts
        ),
        tag("td", shown(f"{percent(mover.share)} %"), class_="n", data_v=f"{mover.share:.9g}"),
        bar(min(1.0, mover.share), "moved"),
    )
