"""Evidence: the lines that are shown as samples."""

from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.alerts.evidence.buffer import EvidenceBuffer
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope, When
from logmon_tui.formats.newest_lines import MAX_LINES, NewestLines
from logmon_tui.formats.presets.clf import COMBINED, COMMON
from logmon_tui.formats.routes import Routing
from tests.alerts.evidence_cases import WINDOW, incident_of, line_of, rule_of
from tests.traffic import START, batch_of, hit

# Sample lines


def newest_of(*lines: bytes) -> NewestLines:
    newest = NewestLines(Routing(routes=True))
    newest.note(COMBINED, lines)
    return newest


def samples_of(rule: Rule, incident: Incident, newest: NewestLines) -> tuple[bytes, ...]:
    memory = EvidenceBuffer((rule,))
    memory.take(batch_of([hit(START)]))
    found = memory.evidence(incident, newest.parsed())
    assert found is not None
    return found.samples


def test_samples_are_the_newest_lines_of_the_incident() -> None:
    rule = rule_of(Metric.SHARE, Scope.CLIENT, status=("5xx",))
    mine = [line_of(b"10.0.0.1", 500, n) for n in range(8)]
    others = [line_of(b"10.0.0.1", 200, 9), line_of(b"10.0.0.2", 500, 9), b"no hit at all"]
    later = line_of(b"10.0.0.1", 500, 30)
    incident = incident_of(rule, START + 10, b"10.0.0.1")
    assert samples_of(rule, incident, newest_of(*mine, *others, later)) == tuple(mine[-5:])


def test_samples_are_cut() -> None:
    rule = rule_of()
    line = line_of(b"10.0.0.1", path=b"/" + b"x" * 1_500)
    assert samples_of(rule, incident_of(rule, START), newest_of(line)) == (line[:1_000],)


def test_samples_of_several_formats_are_the_newest_of_all() -> None:
    rule = rule_of()
    newest = newest_of(*(line_of(b"10.0.0.1", second=n) for n in range(4)))
    common = line_of(b"10.0.0.9", second=2).replace(b' "-" "x"', b"")
    newest.note(COMMON, [common])
    samples = samples_of(rule, incident_of(rule, START + 10), newest)
    assert common in samples
    assert len(samples) == 5


def test_samples_fit_the_filter_of_the_rule() -> None:
    rule = rule_of(where="client:10.0.0.0/24 log:a.log")
    newest = NewestLines(Routing(routes=True))
    mine, others = line_of(b"10.0.0.1", second=1), line_of(b"10.0.1.1", second=2)
    newest.note(COMBINED, [mine, others], b"a.log")
    newest.note(COMBINED, [line_of(b"10.0.0.1", second=3)], b"b.log")
    newest.note(COMBINED, [line_of(b"10.0.0.2", second=4)], b"a.log")
    expected = (mine, line_of(b"10.0.0.2", second=4))
    assert samples_of(rule, incident_of(rule, START + 10), newest) == expected


def test_samples_of_lines_that_are_no_hits() -> None:
    rule = rule_of(Metric.UNPARSED_SHARE)
    newest = newest_of(line_of(b"10.0.0.1"), b"\x16\x03\x01", b"what?")
    newest.note(None, [b"of no format"])
    found = EvidenceBuffer((rule,)).evidence(incident_of(rule, START), newest.parsed())
    assert found is not None
    assert found.samples == (b"\x16\x03\x01", b"what?", b"of no format")
    assert found.movers == ()


def test_where_traffic_stopped_samples_are_the_last_lines_there_were() -> None:
    rule = rule_of(when=When.BELOW)
    line = line_of(b"10.0.0.1", second=1)
    incident = incident_of(rule, START + WINDOW + 5)
    assert samples_of(rule, incident, newest_of(line)) == (line,)


def test_few_lines_are_kept() -> None:
    newest = NewestLines(Routing())
    for n in range(100):
        newest.note(COMBINED, [line_of(b"10.0.0.1", second=n % 60)] * 100)
    (part,) = newest.parsed()
    assert MAX_LINES - 100 <= len(part.lines) <= MAX_LINES
    assert part.hits is not None
    assert len(part.hits) == len(part.lines)


@given(
    st.lists(
        st.sampled_from(
            (
                line_of(b"10.0.0.1"),
                line_of(b"10.0.0.2", 500, 3, path=b'/a\\"b'),
                line_of(b"10.0.0.3", path=b"/" + b"x" * 1_500),
                b"no hit at all",
                b"",
            )
        ),
        min_size=1,
        max_size=30,
    )
)
def test_lines_parse_at_once_are_those_parsed_one_by_one(lines: list[bytes]) -> None:
    newest = newest_of(*lines)
    parsed = newest.parsed()
    singly = newest._parse_singly(COMBINED, lines)
    assert [(part.lines, part.unparsed) for part in parsed] == [(singly.lines, singly.unparsed)]
    hits = [list(part.hits.hits()) for part in (*parsed, singly) if part.hits is not None]
    assert hits[:1] == hits[1:]
    assert (not hits) == (not singly.lines)
