"""The page says how old its picture is, comes back by itself, and asks for the token."""

import re
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from logmon_tui.monitor.commands import Ask, Command
from logmon_tui.snapshot import Ingest, Snapshot
from logmon_tui.sources.base import SourceState, SourceStatus
from logmon_tui.web.server import WebServer
from tests.pipeline.runs import lines
from tests.web.serving import TOKEN, served, serving
from tests.web.viewing import Viewer, serving_at, viewing, watch_alone, watch_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HITS = 30
LOG = lines(HITS)
IS_DIM = "getComputedStyle(document.querySelector('main')).filter !== 'none'"


def test_it_comes_back_after_a_restart_of_the_server(chromium: "Browser") -> None:
    settings = served(stats_interval=300)
    first = ExitStack()
    with watch_alone(settings, LOG) as watch, first:
        server = first.enter_context(serving(settings))
        server.attach(watch.commands.post)
        with viewing(chromium, server) as viewer:
            viewer.open()
            viewer.wait_for_state("live")
            viewer.wait_for_hits(HITS)
            assert not viewer.page.evaluate(IS_DIM)
            first.close()
            viewer.wait_for_state("lost")
            assert "No connection" in viewer.page.inner_text("#link")
            assert "trying again" in viewer.page.inner_text("#link")
            assert viewer.page.evaluate(IS_DIM)
            assert viewer.page.text_content("#said") == "The connection is lost."
            before = viewer.page.evaluate("window.pictures.length")
            with serving_at(server.port, settings) as second:
                second.attach(watch.commands.post)
                viewer.wait_for_state("live")
                viewer.wait_for(f"window.pictures.length > {before}")
                assert viewer.page.text_content("#said") == "Live again."


def test_an_old_picture_is_not_called_live(chromium: "Browser") -> None:
    """The watch answers no more, while the connection stands."""
    settings = served(stats_interval=300)
    with watch_alone(settings, LOG) as watch, serving(settings) as server:
        server.attach(watch.commands.post)
        with viewing(chromium, server) as viewer:
            viewer.open()
            viewer.wait_for_state("live")
            server.attach(lambda _command: None)
            viewer.wait_for_state("stale")
            assert "Stale" in viewer.page.inner_text("#link")
            assert viewer.page.evaluate(IS_DIM)
            server.attach(watch.commands.post)
            viewer.wait_for_state("live")


def test_a_log_that_is_not_read_as_it_grows_is_not_called_live(chromium: "Browser") -> None:
    """Its pictures are new, but what they show is not."""
    with watch_of(LOG) as server, viewing(chromium, server) as viewer:  # of the year 2018
        viewer.open()
        viewer.wait_for_hits(HITS)
        assert re.fullmatch(r"◌ Old log · [0-9]+ d [0-9]+ h behind", link_of(viewer))
    with serving() as server, viewing(chromium, server) as viewer:
        for picture, text in (
            (Snapshot(), "◌ Waiting · for the first hit"),
            (of_state(SourceState.LIVE), "● Live"),
            (
                replace(of_state(SourceState.LIVE), ingest=Ingest(quiet=300)),
                "● Live · no lines for",
            ),
            (of_state(SourceState.LIVE, SourceState.FAILED), "✗ Not read"),
            (of_state(SourceState.WAITING), "◌ Waiting · for the log"),
            (of_state(SourceState.ENDED), "■ Ended"),
            (of_state(SourceState.CATCHING_UP), "⟳ Catching up"),
            (replace(of_state(SourceState.LIVE), ingest=Ingest(failure="no")), "✗ Not read"),
        ):
            answer_with(server, picture)
            if viewer.page.url == "about:blank":
                viewer.open()
            viewer.wait_for(f"document.querySelector('#link').textContent.startsWith('{text}')")
            assert text.startswith("● Live") == viewer.page.is_visible("#link.live")


def link_of(viewer: Viewer) -> str:
    return viewer.page.inner_text("#link")


def of_state(*states: SourceState) -> Snapshot:
    """Return the picture of logs in these states, read up to this moment."""
    sources = tuple(SourceStatus(f"{state.value}.log", state) for state in states)
    return Snapshot(log_time=time.time(), live=True, sources=sources)


def answer_with(server: WebServer, picture: Snapshot) -> None:
    """Have every question answered with this picture, as by a watch."""

    def post(command: Command) -> None:
        assert isinstance(command, Ask)
        command.reply(picture, 0.0)

    server.attach(post)


def test_without_the_token_it_shows_nothing_and_asks_for_it(chromium: "Browser") -> None:
    with watch_of(LOG) as server, viewing(chromium, server) as viewer:
        viewer.open(token="another-token-that-is-wrong")
        viewer.wait_for_state("refused")
        assert "does not know this token" in viewer.page.inner_text("#banner")
        assert not viewer.page.is_visible("#main")
        assert "token" not in viewer.page.evaluate("location.href")
        viewer.page.fill("#token", TOKEN)
        viewer.page.press("#token", "Enter")
        viewer.wait_for_state("live")
        viewer.wait_for_hits(HITS)
        assert TOKEN not in viewer.page.content()
        assert not viewer.page.is_visible("#access")


@pytest.mark.parametrize("control", [False, True])
def test_it_offers_to_change_alerts_only_where_that_is_allowed(
    chromium: "Browser", *, control: bool
) -> None:
    with (
        watch_of(LOG, threshold=0.1, web_control=control) as server,
        viewing(chromium, server) as viewer,
    ):
        viewer.open()
        viewer.wait_for("document.querySelectorAll('[data-does=why]').length > 0")
        assert bool(viewer.page.locator("[data-does=note]").count()) == control


def test_it_acknowledges_notes_and_silences(chromium: "Browser") -> None:
    with (
        watch_of(LOG, threshold=0.1, web_control=True) as server,
        viewing(chromium, server) as viewer,
    ):
        viewer.open()
        viewer.wait_for("document.querySelectorAll('[data-does=ack]').length > 0")
        first = viewer.page.locator("#incidents > li").first
        first.locator("[data-does=ack]").click()
        viewer.wait_for("window.pictures.at(-1).incidents[0].acknowledged")
        assert "acknowledged" in first.inner_text()
        first.locator("[data-does=note]").click()
        first.locator("input").fill("<b>rolled back</b>")
        first.locator("input").press("Enter")
        viewer.wait_for("window.pictures.at(-1).incidents[0].note !== ''")
        viewer.wait_for("document.querySelector('.noted') !== null")
        assert "<b>rolled back</b>" in first.inner_text()
        first.locator("[data-does=silence]").click()
        viewer.wait_for("window.pictures.at(-1).incidents[0].silenced")
        assert "silenced" in first.inner_text()
        first.locator("[data-does=unack]").click()
        viewer.wait_for("!window.pictures.at(-1).incidents[0].acknowledged")
