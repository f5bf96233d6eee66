"""Whatever a log, a rule or a user writes stays text on the page: no script, no markup."""

from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

import pytest
from msgspec.structs import fields, replace

from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.filters.language import term_of
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.monitor.commands import Ask, Command
from logmon_tui.snapshot import (
    AlertState,
    CountRow,
    Errors,
    Fleet,
    Graph,
    GraphColumn,
    Ingest,
    Ranking,
    Saving,
    ServerRow,
    Snapshot,
    TargetStatus,
    Window,
)
from logmon_tui.snapshot import Scope as Shown
from logmon_tui.sources.base import SourceState, SourceStatus
from tests.hostile import PAYLOADS, harm, value
from tests.pipeline.runs import START
from tests.web.serving import serving
from tests.web.viewing import viewing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MARKUP = (
    b"<script>window.harmed=1</script>",
    b'"><img src=x onerror=window.harmed=1>',
    b"</style></script><svg/onload=window.harmed=1>",
    b"javascript:window.harmed=1",
    b"<iframe srcdoc='<script>parent.harmed=1</script>'>",
    b"<!--",
    b"]]>&lt;b&gt;",
    b"__proto__",
    b"constructor",
    b"%3Cscript%3Ewindow.harmed=1%3C/script%3E",
)
ALL = (*MARKUP, *(value(number, "agent") for number in range(0, PAYLOADS, 5)))

ELEMENTS = {
    *("HTML", "HEAD", "META", "TITLE", "LINK", "STYLE", "SCRIPT", "BODY", "NOSCRIPT", "A"),
    *("HEADER", "MAIN", "FOOTER", "SECTION", "DIV", "FORM", "FIELDSET", "LEGEND", "LABEL"),
    *("INPUT", "BUTTON", "H1", "H2", "H3", "H4", "P", "PRE", "SPAN", "B", "UL", "OL", "LI"),
    *("FIGURE", "TABLE", "CAPTION", "THEAD", "TBODY", "TR", "TH", "TD"),
    *("svg", "path", "rect", "g"),
}


def hostile_picture() -> Snapshot:
    """Return a Snapshot with hostile text wherever text can be."""
    texts = [each.decode("utf-8", "surrogateescape") for each in ALL]
    terms = tuple(term_of("agent", each) for each in ALL)
    ranking = Ranking(tuple(CountRow(each, 9, 9, errors=Errors(1, 2)) for each in ALL), len(ALL))
    names = [
        each.name for each in fields(Window) if isinstance(getattr(Window(), each.name), Ranking)
    ]
    window = Window(START, 10, 99, 99, (0, 0, 90, 0, 5, 4, 0, 0, 0, 0), ((200, 90), (404, 9)))
    window = replace(window, **dict.fromkeys(names, ranking), own={"own": ranking})
    return Snapshot(
        log_time=float(START),
        now=window,
        alerts=AlertState(
            incidents=tuple(incident_of(each) for each in texts),
            objectives=tuple(objective_of(each) for each in texts),
        ),
        ingest=Ingest(
            hits=9,
            unparsed=9,
            formats=tuple(texts),
            unparsed_lines=tuple(UnparsedLine(each, texts[0]) for each in ALL),
            failure=texts[0],
            not_access_logs=tuple(texts[:3]),
            targets=(TargetStatus(texts[1], "webhook", problem=texts[1]),),
            marks_problem=texts[2],
        ),
        sources=tuple(SourceStatus(each, SourceState.LIVE, message=each) for each in texts[:9]),
        saving=Saving(texts[0], texts[1]),
        scope=Shown(" ".join(terms), terms),
        marks=tuple(Mark(START - 1, each) for each in texts),
        graph=Graph(START - 9, 1, (GraphColumn(1, 9, 9, window.by_class),) * 10),
        fleet=Fleet(
            tuple(ServerRow(each, message=text) for each, text in zip(ALL, texts, strict=True))
        ),
    )


def incident_of(text: str) -> Incident:
    key = text.encode("utf-8", "surrogateescape")
    movers = tuple((kind, (Mover(key, 1, 9, 0.9),)) for kind in Kind)
    return Incident(
        id=text[:40],
        rule=text,
        title=text,
        severity=Severity.CRITICAL,
        unit=Unit.SHARE,
        subject=key,
        triggered_at=START - 5,
        threshold=0.1,
        hits=9,
        value=0.5,
        peak=0.6,
        message=text,
        scope=Scope.USER_AGENT,
        note=text,
        labels=((text, text),),
        mark=Mark(START - 6, text),
        evidence=Evidence(1, 9, movers, samples=(key,)),
    )


def server_of(name: bytes, message: str) -> ServerRow:
    return ServerRow(name, message=message)


def objective_of(text: str) -> ObjectiveStatus:
    return ObjectiveStatus(text, text, 0.99, 9, 1, START)


def answered(command: Command) -> None:
    assert isinstance(command, Ask)
    command.reply(hostile_picture(), 0.0)


def test_hostile_text_stays_text_in_every_place(chromium: "Browser") -> None:
    with serving() as server, viewing(chromium, server) as viewer:
        server.attach(answered)
        dialogs: list[str] = []
        viewer.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        viewer.open()
        viewer.wait_for_state("live")
        for each in ("#panels [aria-pressed=false]", "#more", ".ranked .link", "[data-does=why]"):
            viewer.page.evaluate(
                f"document.querySelectorAll('{each}').forEach((key) => key.click())"
            )
        viewer.page.hover("#graph .frame")
        assert viewer.page.evaluate("window.harmed") is None
        assert dialogs == []
        found = viewer.page.evaluate(
            """() => [...document.querySelectorAll("*")].map(({tagName, attributes}) =>
              [tagName, [...attributes].map(({name, value}) => [name, value])])"""
        )
        assert {name for name, _ in found} <= ELEMENTS
        assert sum(name == "SCRIPT" for name, _ in found) == 1
        attributes = [pair for _, pairs in found for pair in pairs]
        assert not [name for name, _ in attributes if name.startswith("on")]
        assert not {"src", "srcdoc", "style", "action", "formaction"}.intersection(dict(attributes))
        links = {text for name, text in attributes if name == "href"}
        assert links == {"#main", "static/icon.svg"}
        assert harm(" ".join(text for _, text in attributes).encode()) == set()
        assert harm(viewer.page.inner_text("body").replace("\t", "").encode()) == set()
        assert harm(viewer.page.title().encode()) == set()
        shown = {row[0] for row in viewer.table("user_agents")}
        assert {each.decode() for each in MARKUP[:7]} <= shown


@pytest.mark.parametrize("payload", MARKUP[:4])
def test_a_link_with_hostile_text_does_nothing(chromium: "Browser", payload: bytes) -> None:
    with serving() as server, viewing(chromium, server) as viewer:
        server.attach(answered)
        text = quote_from_bytes(payload)
        viewer.open(f"?where={text}&end={text}&zoom={text}&window={text}")
        viewer.wait_for("['live', 'refused'].includes(document.body.dataset.state)")
        assert viewer.page.evaluate("window.harmed") is None
        assert viewer.page.locator("img, iframe, #main svg[onload]").count() == 0
