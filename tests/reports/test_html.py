"""The page of a report: complete, in one file, and safe whatever a log holds."""

import base64
import hashlib
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pytest_snapshot.plugin import Snapshot as Expected

from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.config.output import Output
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.formats.parser import Parser
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.reports.html import lead, written
from logmon_tui.reports.html.charts import heat_map, rounded_up
from logmon_tui.reports.html.incidents import MOST_OPEN
from logmon_tui.reports.json import report_json
from logmon_tui.reports.registry import Layout
from logmon_tui.snapshot import CountRow, Ingest, PeriodRow, Ranking, Report, Window
from logmon_tui.snapshot.verdicts import LimitState, Verdict
from tests.effort import examples
from tests.reports.samples import MINUTE, SETTINGS, measured_batch, sample_log

PAGE = SETTINGS.changed(output=Output.HTML)
FOLDER = os.environ.get("LOGMON_REAL_LOGS")
START = 1_525_881_600  # of the sample's minute
HOSTILE = (
    b"</title><script>alert(1)</script>",
    b'"><img src=x onerror=alert(1)>',
    b"</style><svg/onload=alert(1)>",
    b"javascript:alert(1)",
    b"<!--",
    b"]]>&lt;b&gt;",
    b"\x1b]0;owned\x07\xff\xe2\x80\xae",
    b"%3Cscript%3Ealert(1)%3C/script%3E",
)
VOID = {"meta", "br", "col"}
ELEMENTS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "script",
        "body",
        "header",
        "nav",
        "main",
        "footer",
    ),
    *("section", "div", "figure", "details", "summary", "h1", "h2", "h3", "p", "a", "b"),
    *("span", "strong", "time", "ul", "ol", "li", "table", "caption", "thead", "tbody", "tr"),
    *("th", "td", "svg", "path", "rect"),
}


class Page(HTMLParser):
    """What a browser would make of the page: elements with their texts; checks the nesting."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.raw = {"style": "", "script": ""}
        self._caption = self._cell = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "caption":
            self._caption = ""
        elif tag == "tr" and "tbody" in self.open:
            self.tables.setdefault(self._caption, []).append([])
        elif tag in {"th", "td"}:
            self._cell = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in {"th", "td"} and "tbody" in self.open:
            self.tables[self._caption][-1].append(self._cell)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]] += data
            return
        self.texts.append(data)
        if "caption" in self.open:
            self._caption += data
        elif self.open and self.open[-1] in {"th", "td"}:
            self._cell += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    @property
    def text(self) -> str:
        return "\n".join(each for each in self.texts if each.strip())


def report_of(*batches: HitBatch) -> Report:
    builder = ReportBuilder(PAGE)
    for batch in batches:
        builder.feed(batch)
    return builder.finish()


def page_of(report: Report, *, top: int = 25, names: tuple[str, ...] = ("access.log",)) -> Page:
    page = Page(written(report, names, Layout(top)))
    assert_safe(page)
    return page


def assert_safe(page: Page) -> None:
    """Assert that nothing in the page can run, load or lead away, but its own style and script."""
    assert {name for name, _ in page.elements} <= ELEMENTS
    for name, attributes in page.elements:
        for attribute, value in attributes.items():
            assert not attribute.startswith("on")
            assert attribute not in {"src", "style", "srcset", "action"}
            assert attribute != "href" or (name == "a" and str(value).startswith("#"))
    (policy,) = (
        attributes["content"]
        for name, attributes in page.elements
        if name == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert allowed["default-src"] == "'none'"
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.raw[kind].encode()).digest()).decode()
        assert allowed[f"{kind}-src"] == f"'sha256-{digest}'"
        assert sum(name == kind for name, _ in page.elements) == 1


def sample_page() -> Report:
    return report_of(Parser().parse(sample_log()))


def test_the_page_as_text(expected: Expected) -> None:
    report = replace(
        report_of(measured_batch()),
        marks=(Mark(START + 8, "api 4.12"),),
        limits=(Verdict("5xx_share>1%", LimitState.CROSSED, None, 0.09, "5xx 9.0 %, above 1 %"),),
    )
    expected.assert_match(f"{page_of(report).text}\n", "page.txt")


@pytest.fixture
def expected(snapshot: Expected) -> Expected:
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    return snapshot


def test_its_tables_have_the_figures_of_the_json() -> None:
    report = sample_page()
    tables, document = page_of(report, top=0).tables, json.loads(report_json(report, 0))
    assert [row[:2] for row in tables["Sections"]] == [
        [row["section"], str(row["hits"])] for row in document["sections"]
    ]
    assert [row[:2] for row in tables["Hosts"]] == [
        [row["host"], str(row["hits"])] for row in document["hosts"]
    ]
    assert [row[:2] for row in tables["Status codes"]] == [
        [code, str(hits)] for code, hits in document["status"].items()
    ]


def test_a_sorting_script_gets_figures_and_not_texts() -> None:
    rows = (CountRow(b"/a", 1_234_567, 5_000_000), CountRow(b"/b", 2, 3))
    report = sample_page()
    hits = replace(report.hits, hits=1_234_569, sections=Ranking(rows, 2))
    page = page_of(replace(report, hits=hits))
    values = [attributes.get("data-v") for name, attributes in page.elements if name == "td"]
    assert "1234567" in values
    assert "5000000" in values


def plot_of(page: Page) -> dict[str, list[int]]:
    (plot,) = (each for _, each in page.elements if "data-hits" in each)
    names = ("data-hits", "data-client", "data-server")
    assert plot["viewbox"] == f"0 0 {len((plot['data-hits'] or '').split(','))} 100"
    return {name: [int(each) for each in (plot[name] or "").split(",")] for name in names}


def test_charts_have_the_hits_of_each_moment() -> None:
    later = sample_log().replace(b"09/May/2018:16", b"09/May/2018:19")
    page = page_of(report_of(Parser().parse(sample_log()), Parser().parse(later)))
    plot = plot_of(page)
    assert (plot["data-hits"][0], plot["data-hits"][90]) == (41, 41)
    assert sum(plot["data-hits"]) == 82
    assert (plot["data-client"][90], plot["data-server"][90]) == (1, 4)
    assert len(page.tables["Hits by day and hour"]) == 1
    assert page.tables["Hits by day and hour"][0][17] == "41"


def test_a_log_of_days_is_drawn_by_hour() -> None:
    later = sample_log().replace(b"09/May/2018:16", b"11/May/2018:19")
    page = page_of(report_of(Parser().parse(sample_log()), Parser().parse(later)))
    assert plot_of(page)["data-hits"] == [41, *[0] * 50, 41]
    assert len(page.tables["Hits by day and hour"]) == 3


def test_response_times_have_a_chart_only_where_the_log_has_them() -> None:
    assert "Response times" in page_of(report_of(measured_batch())).text
    assert "Response times" not in page_of(sample_page()).text


def test_incidents_are_told_and_drawn() -> None:
    report = sample_page()
    assert len(report.incidents) > 1
    page = page_of(report)
    for incident in report.incidents:
        assert incident.message in page.text
        assert incident.recovery in page.text
    assert "Noisy client" in page.text
    bands = [
        each
        for name, each in page.elements
        if name == "rect" and "incident" in (each.get("class") or "")
    ]
    assert len(bands) == len(report.incidents)
    drawn = [(each.get("class") or "").partition(" ")[0] for _, each in page.elements]
    # Bars keep the colours of the legend: no band lies over them.
    assert drawn.index("incident") < drawn.index("ok")


def test_only_the_newest_incidents_are_unfolded() -> None:
    """A rule at its limit fires all day; which others fired is told where they are folded."""
    report = sample_page()
    one = replace(report.incidents[0], title="High traffic")
    often = [replace(one, id=f"often-{number}") for number in range(MOST_OPEN + 3)]
    once = replace(one, id="once", title="High <b>error</b> rate")
    text = written(
        replace(report, incidents=(often[0], once, *often[1:])), ("access.log",), Layout(25)
    )
    folded = text[text.index("<summary>Earlier: ") :].partition("</details>")[0]
    assert "Earlier: 3 High traffic, 1 High &lt;b&gt;error&lt;/b&gt; rate<" in folded
    found = re.findall(r'id="incident-([^"]+)"', text)
    assert found == [each.id for each in (*often[:0:-1], once, often[0])]
    assert re.findall(r'id="incident-([^"]+)"', folded) == found[MOST_OPEN:]


def test_few_incidents_are_all_unfolded() -> None:
    assert "Earlier: " not in page_of(sample_page()).text


def test_the_first_sentence_says_how_things_stand() -> None:
    assert lead(sample_page()) == (
        "41 hits in 41 s, 1.0 a second; 9.8 % were server errors; 3 alerts fired."
    )
    assert lead(replace(Report(), hits=Window())) == "No hit was found."


def test_a_log_without_hits_has_a_page_that_says_why() -> None:
    first = UnparsedLine(b"<b>no log</b>", "no time in brackets")
    page = page_of(Report(ingest=Ingest(unparsed=1, first_unparsed=first)))
    assert "No hit was found." in page.text
    assert "<b>no log</b>" in page.text
    assert "no time in brackets" in page.text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_every_place(text: bytes) -> None:
    line = b'%s - %s [%s:00 +0000] "GET /%s HTTP/1.1" 404 1 "%s" "%s"\n'
    quoted = text.replace(b'"', b'\\"')
    log = line % (b"10.0.0.1", quoted.replace(b" ", b""), MINUTE.encode(), quoted, quoted, quoted)
    report = report_of(Parser().parse(log * 3 + text.replace(b"\n", b"") + b"\n"))
    name = text.decode("utf-8", "surrogateescape")
    evil = tuple((kind, (Mover(text, 1, 2, 1.0),)) for kind in Kind)
    marked = replace(
        report,
        marks=(Mark(START, name),),
        limits=(Verdict(name, LimitState.KEPT, None, None, name),),
        incidents=tuple(
            replace(
                each,
                title=name,
                message=name,
                recovery=name,
                rule=name,
                evidence=Evidence(1, 2, evil, samples=(text,)),
            )
            for each in sample_page().incidents
        ),
    )
    page = page_of(marked, names=(name,))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", page.text)
    page.text.encode()


@settings(max_examples=examples(200), deadline=None)
@given(
    st.lists(st.binary(min_size=1, max_size=40) | st.sampled_from(HOSTILE), min_size=1, max_size=5)
)
def test_no_key_of_a_ranking_becomes_markup(keys: list[bytes]) -> None:
    rows = tuple(CountRow(key, 1, 1) for key in dict.fromkeys(keys))
    ranking = Ranking(rows, len(rows))
    report = sample_page()
    hits = replace(
        report.hits, paths=ranking, user_agents=ranking, referrers=ranking, hosts=ranking
    )
    page = page_of(replace(report, hits=hits))
    assert len(page.tables.get("Paths", ())) in {0, len(rows)}


@pytest.mark.skipif(not FOLDER, reason="LOGMON_REAL_LOGS names no folder of real logs")
def test_the_page_of_ten_thousand_lines_is_small() -> None:
    log = Path(FOLDER or "") / "apache_combined_10k.log"
    text = written(report_of(Parser().parse(log.read_bytes())), [log.name], Layout(25))
    page_of(report_of(Parser().parse(log.read_bytes())))
    assert len(text.encode()) <= 400_000


@settings(max_examples=examples(300), deadline=None)
@given(st.floats(1e-9, 1e12))
def test_the_top_of_a_scale_is_a_round_figure_not_far_above_all(most: float) -> None:
    top = rounded_up(most)
    assert most * (1 - 1e-8) <= top <= most * 1.51
    digits, _, _ = f"{top:.6e}".partition("e")
    middle, _, _ = f"{top / 2:.6e}".partition("e")
    assert len(digits.rstrip("0")) <= len("1.2")
    assert len(middle.rstrip("0")) <= len("1.2")


def test_hours_are_shaded_from_the_fewest_hits_to_the_most() -> None:
    hits = {0: 100, 1: 0, 2: 104, 3: 109}
    rows = [PeriodRow(START // 3_600 * 3_600 + hour * 3_600, hits[hour], 1) for hour in hits]
    shades = re.findall(r'<td class="(h\d)">(\d+)', heat_map(rows))
    assert shades == [("h1", "100"), ("h0", "0"), ("h4", "104"), ("h9", "109")]
