"""The one line that answers why an alert fired, made of its evidence by the rules below. Pure.

- What moved: the rule's value in the first second of the trigger's window, and at the trigger.
  Where the former is not known, the value and its threshold.
- What it is made of: the first error among statuses, path (or section) and user agent whose part
  in the change is at least `MOST`. A part is of the rise; of the fall where hits fell; else of all
  hits.
- From whom: a client whose part is at least `MOST`; many clients, where there are `MANY` and none
  has a part of more than `FEW`.
- Where: of many hosts one whose part is at least `MOST`.
- After what: the mark that it follows.

What the incident is about anyway, such as the section of a rule by section, is not repeated.
"""

from collections.abc import Iterator

from logmon_tui import units
from logmon_tui.alerts.history.evidence_text import evidence_title
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Scope
from logmon_tui.alerts.rules.messages import subject_text, value_text
from logmon_tui.escape import Printable, printable, readable

MOST = 0.5
"""Minimum part of a key that is named."""

MANY, FEW = 5, 0.2
"""Minimum clients, and the maximum part of each, for which it is said that there are many."""

_WHOLE = 0.995
"""Minimum part that is said to be all."""

_MAX_KEY = 120
"""Maximum bytes of a key that is named."""

_NAMES = {Kind.STATUS: "status ", Kind.PATH: "", Kind.SECTION: "", Kind.USER_AGENT: "by "}
_SAME = {
    Kind.SECTION: (Scope.SECTION, Scope.PATH, Scope.ROUTE),
    Kind.PATH: (Scope.PATH,),
    Kind.STATUS: (Scope.STATUS,),
    Kind.CLIENT: (Scope.CLIENT,),
    Kind.USER_AGENT: (Scope.USER_AGENT,),
    Kind.SERVER: (Scope.SERVER,),
}
"""The scopes whose subject a kind of keys would only repeat."""

_OF = {"What rose": "the rise", "What fell": "the fall"}


def answer(incident: Incident) -> Printable:
    """Return the line; empty if it was not kept why the incident fired."""
    evidence = incident.evidence
    if evidence is None:
        return Printable("")
    made_of = list(_made_of(incident, evidence))
    parts = [_moved(incident, evidence), *([", ".join(made_of)] if made_of else [])]
    if incident.after_mark:
        parts.append(incident.after_mark)
    return printable("; ".join(parts))


def _moved(incident: Incident, evidence: Evidence) -> str:
    """Say what rose or fell, from which value to which, and when."""
    name = incident.title
    if incident.subject is not None:
        name = f"{name} {subject_text(incident.subject[:_MAX_KEY])}"
    now = value_text(incident.unit, incident.value)
    when = f"at {units.clock(incident.triggered_at)}"
    before = value_before(incident, evidence)
    if before is None or incident.value is None or before == incident.value:
        return f"{name}: {now} {when}, threshold {value_text(incident.unit, incident.threshold)}"
    moved = "rose" if incident.value > before else "fell"
    return f"{name} {moved} from {value_text(incident.unit, before)} to {now} {when}"


def value_before(incident: Incident, evidence: Evidence) -> float | None:
    """Return the rule's value at the beginning of the trigger's window; None if it is not known."""
    second = incident.triggered_at - incident.window + 1  # the first second that is traced
    place = (second - evidence.start) // evidence.step
    known = incident.window > 0 and 0 <= place < len(evidence.values)
    return evidence.values[place] if known else None


def _made_of(incident: Incident, evidence: Evidence) -> Iterator[str]:
    found = {
        kind: movers
        for kind, movers in evidence.movers
        if movers
        and incident.subjects.keys().isdisjoint(_SAME.get(kind, ()))
        and _says_something(kind, movers[0])
    }
    of = f" of {_OF.get(evidence_title(incident, evidence), _all(incident))}"
    for kind in (Kind.STATUS, _place(found), Kind.USER_AGENT):
        if kind in found and found[kind][0].share >= MOST:
            yield f"{_part(found[kind][0])}{of} is {_NAMES[kind]}{_key(found[kind][0], kind)}"
            of = ""
    yield from _from_whom(found.get(Kind.CLIENT, ()))
    servers = found.get(Kind.SERVER, ())
    if servers and servers[0].share >= MOST:
        yield f"{_part(servers[0])} on {_key(servers[0], Kind.SERVER)}"


def _says_something(kind: Kind, mover: Mover) -> bool:
    """Tell whether a key is worth a word: no `-` or `(none)`, and of statuses only errors."""
    if kind is Kind.STATUS:
        return mover.key.startswith((b"4", b"5"))
    return not mover.key.startswith((b"-", b"("))


def _all(incident: Incident) -> str:
    return "all bytes" if incident.unit is Unit.BYTES_RATE else "all hits"


def _place(found: dict[Kind, tuple[Mover, ...]]) -> Kind:
    """Return whether to name the path, or the section if no path stands out."""
    paths = found.get(Kind.PATH, ())
    return Kind.PATH if paths and paths[0].share >= MOST else Kind.SECTION


def _from_whom(clients: tuple[Mover, ...]) -> Iterator[str]:
    if not clients:
        return
    if clients[0].share >= MOST:
        yield f"{_part(clients[0])} from {_key(clients[0], Kind.CLIENT)}"
    elif len(clients) >= MANY and clients[0].share <= FEW:
        yield "from many clients"


def _part(mover: Mover) -> str:
    return "all" if mover.share >= _WHOLE else f"{units.percent(mover.share)} %"


def _key(mover: Mover, kind: Kind) -> str:
    key = mover.key[:_MAX_KEY]
    return readable(key) if kind in {Kind.PATH, Kind.SECTION} else printable(key)
