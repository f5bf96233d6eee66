"""The page says how old its picture is, comes back by itself, and asks for the token."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.pipeline.runs import lines
from tests.web.serving import TOKEN, served, serving
from tests.web.viewing import serving_at, viewing, watch_alone, watch_of

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


def test_without_the_token_it_shows_nothing_and_asks_for_it(chromium: "Browser") -> None:
    with watch_of(LOG) as server, viewing(chromium, server) as viewer:
        viewer.open(token="another-token-that-is-wrong")
        viewer.wait_for_state("refused")
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
