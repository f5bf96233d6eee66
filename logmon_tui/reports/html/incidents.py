"""What a page says of alerts, objectives, limits and marks."""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from logmon_tui.alerts.evidence.answer import answer
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.rules.messages import spoken_value, whole_line
from logmon_tui.alerts.rules.text import objective_text
from logmon_tui.reports.html.elements import Html, joined, shown, tag
from logmon_tui.reports.html.why import why
from logmon_tui.snapshot.verdicts import Verdict
from logmon_tui.units import date_time, duration

MOST_INCIDENTS = 200
"""Maximum incidents on a page, the newest of them; more say nothing more."""
_UNEXPLAINED = (
    "Why an alert fired is told of the newest and the worst ones, where their lines could be read "
    "a second time."
)
MOST_OPEN = 10
"""Maximum incidents that are unfolded, so that a rule at its limit does not push all else away."""


def incident_list(incidents: Sequence[Incident]) -> Html:
    """Return the incidents, the newest first."""
    if not incidents:
        return tag("p", shown("No alert fired."), class_="calm")
    listed = incidents[: -MOST_INCIDENTS - 1 : -1]
    left_out = len(incidents) - len(listed)
    note = [tag("p", shown(f"{left_out:,} earlier ones are not shown."), class_="note")]
    pieces = (_listed(listed[:MOST_OPEN]), *_folded(listed[MOST_OPEN:]))
    notes = [*(note if left_out else ()), *_unexplained(incidents)]
    return joined((*pieces, *notes))


def mark_list(marks: Sequence[Mark]) -> Html:
    """Return what users marked, in the order of time."""
    return tag(
        "ul",
        *(
            tag(
                "li",
                tag("time", shown(f"{date_time(mark.second)} UTC ")),
                shown(mark.text),
            )
            for mark in marks
        ),
        class_="marks",
    )


def objective_list(objectives: Sequence[ObjectiveStatus]) -> Html:
    """Return how objectives stand."""
    return tag("ul", *(tag("li", shown(objective_text(each))) for each in objectives))


def limit_list(limits: Sequence[Verdict]) -> Html:
    """Return how the window stands to the limits that a user set."""
    return tag(
        "ul",
        *(
            tag("li", tag("strong", shown(f"{each.state.value} ")), shown(each.message))
            for each in limits
        ),
    )


def _unexplained(incidents: Sequence[Incident]) -> Iterator[Html]:
    """Yield a note if it is not told of some incident why it fired."""
    if any(each.evidence is None for each in incidents):
        yield tag("p", shown(_UNEXPLAINED), class_="note")


def _listed(incidents: Sequence[Incident]) -> Html:
    return tag("ol", *map(_incident, incidents), class_="incidents")


def _folded(incidents: Sequence[Incident]) -> Iterator[Html]:
    """Yield incidents that a reader can unfold, under how many there are of each title."""
    if incidents:
        titles = Counter(each.title for each in incidents).most_common()
        told = ", ".join(f"{number:,} {title}" for title, number in titles)
        yield tag("details", tag("summary", shown(f"Earlier: {told}")), _listed(incidents))


def _incident(incident: Incident) -> Html:
    severity = incident.worst.value
    badge = tag("span", shown(severity), class_=f"severity {severity}")
    facts = (tag("span", shown(fact)) for fact in _facts(incident))
    told = answer(incident)
    return tag(
        "li",
        tag("h3", badge, shown(incident.title)),
        *([tag("p", shown(told), class_="answer")] if told else ()),
        *(tag("p", shown(line)) for line in _lines(incident)),
        tag("p", *facts, class_="facts"),
        *([tag("p", shown(f"runbook: {incident.runbook}"))] if incident.runbook else []),
        *why(incident),
        id=f"incident-{incident.id}",
    )


def _lines(incident: Incident) -> Iterator[str]:
    """Yield what was said when it fired, and when it recovered."""
    yield whole_line(replace(incident, recovered_at=None))
    if incident.recovered_at is not None:
        yield whole_line(incident)


def _facts(incident: Incident) -> Iterator[str]:
    yield f"{date_time(incident.triggered_at)} UTC"
    if incident.recovered_at is None:
        yield "still firing"
    else:
        yield f"recovered after {duration(incident.recovered_at - incident.triggered_at)}"
    yield f"peak {spoken_value(incident.unit, incident.peak)}"
    yield f"rule {incident.rule}"
    yield from (f"{name}={text}" for name, text in incident.labels)
    if incident.after_mark:
        yield incident.after_mark
