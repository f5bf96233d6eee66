"""The charts of a page in a browser: the same zooming and moving by keys and by mouse."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from logmon_tui.formats.parser import Parser
from logmon_tui.reports.html import written
from logmon_tui.reports.registry import Layout
from tests.reports.samples import sample_log
from tests.reports.test_html import report_of

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
OF_CHART = "figure.chart .frame"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """A page of three hours in columns of two minutes, with hits in the first and the 91st."""
    later = sample_log().replace(b"09/May/2018:16", b"09/May/2018:19")
    report = report_of(Parser().parse(sample_log()), Parser().parse(later))
    file = tmp_path / "page.html"
    file.write_text(written(report, ["access.log"], Layout(5)))
    page = browser.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    yield page
    page.close()
    assert errors == []


def view(page: Any) -> tuple[float, float]:
    """Return the first and the last column that are shown."""
    left, _, width, _ = map(float, page.locator(".plot").get_attribute("viewBox").split())
    return left, left + width


def said(page: Any) -> str:
    return str(page.locator(OF_CHART).get_attribute("aria-valuetext"))


def test_keys_look_zoom_and_move(page: Any) -> None:
    chart = page.locator(OF_CHART)
    everything = view(page)
    columns = int(everything[1])
    for _ in range(30):
        page.keyboard.press("Tab")
        if chart.evaluate("each => each === document.activeElement"):
            break
    assert chart.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    assert chart.get_attribute("role") == "slider"
    assert "at most 41" in chart.get_attribute("aria-label")
    assert (
        "plus and minus zoom"
        in page.locator(f"#{chart.get_attribute('aria-describedby')}").text_content()
    )
    assert int(chart.get_attribute("aria-valuemax")) == columns - 1
    page.keyboard.press("Home")
    assert said(page) == "2018-05-09 16:00 UTC: 41 hits, 4xx 1, 5xx 4"
    assert page.locator(".readout").text_content() == said(page)
    page.keyboard.press("ArrowRight")
    assert said(page) == "2018-05-09 16:02 UTC: 0 hits, 4xx 0, 5xx 0"
    assert chart.get_attribute("aria-valuenow") == "1"
    page.keyboard.press("+")
    first, end = view(page)
    assert 0 <= first <= 1 < end == first + round(columns / 2)
    assert said(page).startswith("2018-05-09 16:0")
    assert "UTC is shown; 2018-05-09 16:02 UTC: 0 hits" in said(page)
    before = view(page)
    page.keyboard.press("Shift+ArrowRight")
    assert view(page)[0] > before[0]
    assert view(page)[1] - view(page)[0] == before[1] - before[0]
    page.keyboard.press("End")
    assert view(page)[1] == columns
    for _ in range(12):
        page.keyboard.press("+")
    assert view(page)[1] - view(page)[0] == 4
    page.keyboard.press("Shift+ArrowRight")
    assert view(page)[1] == columns
    page.keyboard.press("Escape")
    assert view(page) == everything
    page.keyboard.press("-")
    assert view(page) == everything


def test_the_mouse_zooms_and_moves(page: Any) -> None:
    box = page.locator(".plot").bounding_box()
    everything = view(page)

    def drag(begin: float, end: float) -> None:
        page.mouse.move(box["x"] + begin * box["width"], box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + end * box["width"], box["y"] + 20, steps=4)
        page.mouse.up()

    drag(0.25, 0.75)
    zoomed = view(page)
    assert 0 < zoomed[0] < zoomed[1] < everything[1]
    page.keyboard.down("Shift")
    drag(0.2, 0.4)
    page.keyboard.up("Shift")
    moved = view(page)
    assert moved[0] < zoomed[0]
    assert moved[1] - moved[0] == pytest.approx(zoomed[1] - zoomed[0])
    page.mouse.dblclick(box["x"] + 50, box["y"] + 20)
    assert view(page) == everything
