"""A bundle that is anonymised tells as much of an incident, and nothing of persons."""

import json
import re
from typing import NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.evidence import Kind, Mover
from logmon_tui.alerts.model.incident import incident_id
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.model.rule import Limit, Scope, Severity
from logmon_tui.alerts.rules.messages import MessageContext, trigger_message
from logmon_tui.config.settings import Settings
from logmon_tui.escape import decoded, printable, readable
from logmon_tui.filters.language import parsed
from logmon_tui.masking.pseudonyms import Pseudonyms
from logmon_tui.reports.bundle import Bundle, files_of, left_out_text
from logmon_tui.reports.bundle.masked import masked
from logmon_tui.reports.history import HistoryContext
from tests.alerts.test_answer import AT, PATHS, STATUS, explained
from tests.effort import examples

KEY = b"0123456789abcdef"
DDOS = next(rule for rule in Settings().all_rules() if rule.name == "ddos")


class Person(NamedTuple):
    """What a log tells of somebody."""

    client: str
    user: str
    query: str  # two words, as a client may put blanks and quotes between


ANNA = Person("192.0.2.77", "annabel", "token=topsecret")
BOB = Person("2001:db8::77", "bobby", "token=hidden")
EVE = Person("eve.example.com", "evelyn", "token=covered")


def combined(person: Person) -> bytes:
    return (
        f"{person.client} - {person.user} [22/Nov/2026:08:27:00 +0000] "
        f'"GET /api?{person.query} HTTP/1.1" 503 5 "https://shop.example/?{person.query}" '
        f'"Mozilla/5.0"'
    ).encode()


def as_json(person: Person) -> bytes:
    return json.dumps(
        {
            "time": "2026-11-22T08:27:00Z",
            "remote_addr": person.client,
            "remote_user": person.user,
            "request": f"GET /api?{person.query} HTTP/1.1",
            "status": 503,
            "http_x_forwarded_for": person.client,
        }
    ).encode()


def unknown(person: Person) -> bytes:
    return f"{person.user}@{person.client} wanted {person.query}".encode()


def about(*persons: Person) -> Bundle:
    """Return a bundle about the first person, in which all of them have lines."""
    first = persons[0]
    client = first.client.encode()
    movers = tuple(Mover(each.client.encode(), 0, 9, 0.9) for each in persons)
    subject = {"scope": Scope.CLIENT, "subject": client, "rule": "ddos"}
    incident = explained(STATUS, PATHS, (Kind.CLIENT, movers), **subject)
    assert incident.evidence is not None
    lines = tuple(form(each) for each in persons for form in (combined, as_json, unknown))
    context = MessageContext(AT, 9.0, 99, Limit(Severity.WARNING, 5.0, 5.0))
    incident = replace(
        incident,
        id=incident_id("ddos", client, AT),
        message=trigger_message(DDOS, client, context),
        recovered_at=None,
        note=f"{first.user} from {first.client}, ask them",
        labels=(("of", first.user),),
        runbook=f"call {first.user} at {first.client}",
        evidence=replace(incident.evidence, samples=lines),
    )
    rule = msgspec.structs.replace(
        DDOS,
        where=f'client:"{first.client}" user:"{first.user}" q:"{first.query}"',
        match=(first.client,),
        message=f"{{subject}} again, as {first.client}",
    )
    silences = (Silence(AT, AT + 900, "ddos", Scope.CLIENT, client),)
    silent = HistoryContext(AT + 60.0, silences, watched=False, saved_at=AT + 50.0)
    marks = (Mark(AT - 12, "api 4.12"),)
    return Bundle(incident, silent, rule, marks, ["access.log"], "<svg>all</svg>")


def content(bundle: Bundle) -> bytes:
    return b"\n".join((bundle.name.encode(), *(each for _, each in files_of(bundle))))


def test_it_tells_the_same_with_names_in_place_of_persons() -> None:
    bundle = about(ANNA, BOB, EVE)
    hidden = masked(bundle, Pseudonyms(KEY))
    files, before = dict(files_of(hidden)), dict(files_of(bundle))
    assert set(before) - set(files) == {"screen.svg"}
    name = Pseudonyms(KEY).client(ANNA.client.encode())
    for each in ("incident.md", "incident.json", "graph.svg", "lines.txt", "rule.toml"):
        assert name in files[each], each
    lines = files["lines.txt"].decode().splitlines()
    assert len(lines) == 6
    assert [line.split()[0] for line in lines[::2]] == [
        Pseudonyms(KEY).client(each.client.encode()).decode() for each in (ANNA, BOB, EVE)
    ]
    assert len(set(re.findall(r"user-[0-9a-f]{8}", "".join(lines)))) == 3
    told, then = (json.loads(each["incident.json"]) for each in (files, before))
    same = ("rule", "triggered_at", "hits", "value", "mark", "silenced")
    assert [told[key] for key in same] == [then[key] for key in same]
    assert told["silenced"]
    assert told["evidence"]["movers"]["path"] == then["evidence"]["movers"]["path"]
    assert files["marks.txt"] == before["marks.txt"]


def test_lines_of_unknown_formats_are_left_out_and_counted() -> None:
    hidden = masked(about(ANNA, BOB, EVE), Pseudonyms(KEY))
    assert hidden.left_out == 3
    assert left_out_text(3).encode() in dict(files_of(hidden))["incident.md"]
    assert left_out_text(1).startswith("1 line was")


def test_the_id_does_not_let_anybody_try_out_clients() -> None:
    """Who knows rule and time could make the ids of all addresses."""
    bundle = about(ANNA)
    hidden = masked(bundle, Pseudonyms(KEY))
    assert hidden.incident.id != bundle.incident.id
    assert hidden.name != bundle.name
    whole = bundle._replace(incident=replace(bundle.incident, scope=Scope.ALL, subject=None))
    assert masked(whole, Pseudonyms(KEY)).incident.id == whole.incident.id


def test_the_same_key_gives_the_same_names_in_another_bundle() -> None:
    one, other = (masked(about(*people), Pseudonyms(KEY)) for people in ((ANNA, BOB), (BOB, ANNA)))
    assert one.incident.evidence is not None
    assert other.incident.evidence is not None
    assert set(one.incident.evidence.samples) == set(other.incident.evidence.samples)
    strange = masked(about(ANNA, BOB), Pseudonyms(KEY[::-1]))
    assert strange.incident.subject != one.incident.subject


def test_a_rule_names_nobody_and_is_a_rule_still() -> None:
    where = "status:5xx path:/a/* !client:10.0.0.0/8,192.0.2.7 (user:anna,q:re:/bo+b/) dave"
    rule = msgspec.structs.replace(DDOS, where=where, paths=("/a?c/*",), title="of #12, anna@x.org")
    hidden = masked(about(ANNA)._replace(rule=rule), Pseudonyms(KEY)).rule
    assert hidden is not None
    assert hidden.where.startswith("status:5xx path:/a/* !client:client-")
    assert parsed(hidden.where)
    for each in ("10.0", "192.0.2.7", "anna", "bo+b", "dave"):
        assert each not in hidden.where
    assert hidden.paths == rule.paths
    assert re.fullmatch("of #12, user-[0-9a-f]{8}", hidden.title)


def test_an_address_of_a_server_stays_in_what_is_said_of_it() -> None:
    incident = explained(scope=Scope.SERVER, subject=b"tcp://10.0.0.9", message="tcp://10.0.0.9 !")
    hidden = masked(Bundle(incident, about(ANNA).context), Pseudonyms(KEY)).incident
    assert (hidden.subject, hidden.message) == (b"tcp://10.0.0.9", "tcp://10.0.0.9 !")


def test_an_incident_without_evidence_can_be_masked() -> None:
    bundle = about(ANNA)
    bare = bundle._replace(incident=replace(bundle.incident, evidence=None), rule=None)
    assert ANNA.client.encode() not in content(masked(bare, Pseudonyms(KEY)))


WORDS = st.text("bcdfghjkmnpqrstvwxz", min_size=6, max_size=12)
"""Words that nothing else in a bundle has."""
NAMES = st.builds("{}.{}.example".format, WORDS, WORDS)
PERSONS = st.builds(
    Person,
    st.ip_addresses(v=4).map(str)
    | st.ip_addresses(v=6).map(str)
    | st.ip_addresses(v=6).map(lambda each: each.exploded.upper())  # type: ignore[union-attr]
    | NAMES,
    WORDS | st.builds("{}é{}".format, WORDS, WORDS),
    st.builds(
        "{}{}{}".format, WORDS, st.sampled_from(["=", "&", " ", "%20", "?", "#", "+"]), WORDS
    ),
)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(PERSONS, min_size=1, max_size=3))
def test_nothing_of_a_person_is_in_any_file(persons: list[Person]) -> None:
    hidden = content(masked(about(*persons), Pseudonyms(KEY)))
    text = hidden.decode()
    for person in persons:
        parts = re.findall("[a-z]{6,}", person.query)
        for each in (person.client, person.user, *parts):
            raw = each.encode()
            for form in (each, decoded(raw), printable(raw), readable(raw), ascii(each)[1:-1]):
                assert form not in text, form


def test_a_silence_by_an_expression_names_no_client() -> None:
    bundle = about(ANNA, BOB, EVE)
    incident = replace(bundle.incident, recovered_at=None)
    for where, covers in (("label.team:web", False), (f"rule:{incident.rule}", True)):
        silence = Silence(0.0, 10.0, where=f"!client:192.0.2.9 {where}")
        context = bundle.context._replace(silences=(silence,), wall=5.0)
        assert context.is_silenced(incident) is covers
        hidden = masked(bundle._replace(incident=incident, context=context), Pseudonyms(KEY))
        assert hidden.context.is_silenced(hidden.incident) is covers
        assert hidden.context.silences[0].where == ""
