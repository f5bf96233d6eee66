"""A bundle without what tells of persons: clients, users and queries become pseudonyms. Pure.

Everything that the files are made of is masked before they are made, so no file has the originals.
Lines keep only what a known format says of them; the others are left out. Marks, paths, user
agents, virtual hosts and servers stay. Texts of a user, such as a note, lose all addresses, and the
clients and users that the incident names. The picture of the screen is left out.
"""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.evidence import Evidence, Kind
from logmon_tui.alerts.model.incident import Incident, Part, Subject, incident_id
from logmon_tui.alerts.model.rule import Scope, joined
from logmon_tui.escape import printable
from logmon_tui.formats.detection import recognise
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS
from logmon_tui.masking.edits import Edits, editor_of
from logmon_tui.masking.pseudonyms import Pseudonyms
from logmon_tui.reports.bundle import Bundle
from logmon_tui.reports.bundle.masked_rule import masked_rule

_URLS = {Scope.SECTION, Scope.PATH, Scope.ROUTE}
_URL_KINDS = {Kind.SECTION, Kind.PATH}
_MACHINES = {Scope.SERVER, Scope.SITE, Scope.VIRTUAL_HOST}

_LONG = 6
"""From this length on a name is replaced within words, too."""


def masked(bundle: Bundle, masks: Pseudonyms, formats: Sequence[LogFormat] = PRESETS) -> Bundle:
    """Return `bundle` with pseudonyms; its lines have one of `formats`, or are left out."""
    incident = bundle.incident
    subject = incident.subject
    if subject is not None:
        parts = incident.subjects.items()
        subject = joined([_masked_part(part, scope, masks) for scope, part in parts])
    id_ = incident.id
    if subject != incident.subject:  # whoever knows rule and time could try out all addresses
        id_ = incident_id(incident.rule, subject, incident.triggered_at)
    evidence, left_out = None, 0
    if incident.evidence is not None:
        evidence, left_out = _evidence(incident.evidence, masks, formats)
    texts = _Texts(masks, incident, subject)
    silences = tuple(_silence(each, incident, masks) for each in bundle.context.silences)
    return bundle._replace(
        incident=replace(
            incident,
            id=id_,
            subject=subject,
            parts=tuple(_part(each, texts) for each in incident.parts),
            evidence=evidence,
            title=texts.without(incident.title),
            message=texts.said(incident.message),
            recovery=texts.said(incident.recovery),
            note=texts.without(incident.note),
            runbook=texts.without(incident.runbook),
            labels=tuple((name, texts.without(text)) for name, text in incident.labels),
        ),
        context=bundle.context._replace(silences=silences),
        rule=None if bundle.rule is None else masked_rule(bundle.rule, masks, texts.without),
        logs=[texts.without(log) for log in bundle.logs],
        screen="",
        left_out=left_out,
        anonymous=True,
    )


class _Texts:
    """Takes from texts of users and rules what `masks` has given other names to."""

    def __init__(self, masks: Pseudonyms, incident: Incident, subject: Subject) -> None:
        self._masks = masks
        named = {**masks.users, **masks.clients}
        if subject is not None and incident.subject is not None and subject != incident.subject:
            named[incident.subject] = subject
        self._named = {str(printable(each)): str(printable(named[each])) for each in named}
        words = sorted(self._named, key=len, reverse=True)
        self._known = re.compile("|".join(map(_word, words)) or r"(?!)")
        self._machine = bool(_MACHINES & incident.subjects.keys())

    def without(self, text: str) -> str:
        """Return a text without any address, and without known clients and users."""
        found = text.encode("utf-8", "surrogatepass")
        return self._without_known(self._masks.prose(found).decode("utf-8", "surrogatepass"))

    def said(self, message: str) -> str:
        """Return a message; addresses of the machines that it is about stay."""
        return self._without_known(message) if self._machine else self.without(message)

    def _without_known(self, text: str) -> str:
        return self._known.sub(lambda found: self._named[found[0]], text)


def _word(name: str) -> str:
    text = re.escape(name)
    return text if len(name) >= _LONG else rf"(?<!\w){text}(?!\w)"


def _part(part: Part, texts: _Texts) -> Part:
    """Return a part without its subject, which may be a client, and an id that does not tell it."""
    if part.subject is None:
        return part
    subject = texts.without(part.subject.decode("utf-8", "surrogateescape"))
    hidden = subject.encode("utf-8", "surrogateescape")
    return part if hidden == part.subject else Part("", part.rule, hidden)


def _masked_part(subject: bytes, scope: Scope, masks: Pseudonyms) -> bytes:
    if scope is Scope.CLIENT:
        return masks.client(subject)
    return masks.url(subject) if scope in _URLS else subject


def _silence(silence: Silence, incident: Incident, masks: Pseudonyms) -> Silence:
    """Return a silence with pseudonyms; one of an expression, which may name a client, without."""
    if silence.where:  # all that the bundle tells is whether the incident is silenced
        covers = silence.covers(incident, silence.since)
        return Silence(silence.since, silence.until if covers else silence.since)
    if silence.scope is None or silence.subject is None:
        return silence
    return silence._replace(subject=_masked_part(silence.subject, silence.scope, masks))


def _evidence(
    evidence: Evidence, masks: Pseudonyms, formats: Sequence[LogFormat]
) -> tuple[Evidence, int]:
    """Return evidence with pseudonyms, and how many of its lines were left out."""
    lines = _lines(evidence.samples, masks, formats)
    movers = [
        (kind, [each._replace(key=_key(each.key, kind, masks)) for each in some])
        for kind, some in evidence.movers
    ]
    known = {each: name for each, name in masks.clients.items() if len(each) >= _LONG}
    longest_first = sorted(known, key=len, reverse=True)
    clients = re.compile(b"|".join(map(re.escape, longest_first)) or rb"(?!)")

    def bare(text: bytes) -> bytes:
        """Return a text without clients that a client put where they do not belong."""
        return clients.sub(lambda found: known[found[0]], text)

    bare_movers = tuple(
        (kind, tuple(each._replace(key=bare(each.key)) for each in some)) for kind, some in movers
    )
    samples = tuple(map(bare, lines))
    left_out = len(evidence.samples) - len(lines)
    return replace(evidence, movers=bare_movers, samples=samples), left_out


def _key(key: bytes, kind: Kind, masks: Pseudonyms) -> bytes:
    if kind is Kind.CLIENT:
        return masks.client(key)
    return masks.url(key) if kind in _URL_KINDS else key


def _lines(lines: Sequence[bytes], masks: Pseudonyms, formats: Sequence[LogFormat]) -> list[bytes]:
    """Return the lines of known formats, masked, in their order."""
    masked_lines: dict[int, bytes] = {}
    left = dict(enumerate(lines))
    while found := recognise(left.values(), formats):
        editor = editor_of(found.format, Edits(masks))
        edited = {} if editor is None else {at: editor.edit(each) for at, each in left.items()}
        fit = {at: each.line for at, each in edited.items() if each is not None}
        if not fit:
            break
        masked_lines |= fit
        left = {at: each for at, each in left.items() if at not in fit}
    return [masked_lines[at] for at in sorted(masked_lines)]
