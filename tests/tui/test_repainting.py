"""The screen renders, and lays out, no more than what changed; and it shows all that did."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style
from textual._compositor import Compositor
from textual._styles_cache import StylesCache
from textual.app import App
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from logmon_tui.config.settings import Panel
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.paint.compositor import is_covered
from logmon_tui.tui.paint.graph_rows import joined
from logmon_tui.tui.paint.painted import _between, thumb_of
from tests.tui.fakes import INCIDENTS, NOW, SECTIONS, FakeEngine, incident, snapshot
from tests.tui.screens import make_app, screen_text, until, until_shown, until_still

SIZE = (150, 45)  # too few columns for more panels than the usual ones


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, range]]:
    """The ids of the widgets that were rendered, each with its lines."""
    calls: list[tuple[str, range]] = []
    render_widget = StylesCache.render_widget

    def noted(cache: StylesCache, widget: Any, crop: Any) -> Any:
        calls.append((widget.id or type(widget).__name__, range(crop.y, crop.bottom)))
        return render_widget(cache, widget, crop)

    monkeypatch.setattr(StylesCache, "render_widget", noted)
    return calls


async def show(app: App[object], engine: FakeEngine, picture: Snapshot, text: str) -> None:
    assert engine.publish is not None
    engine.publish(picture)
    await until_shown(app, text)


async def test_a_change_of_the_header_renders_the_header_only(
    rendered: list[tuple[str, range]],
) -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=SIZE):
        await until_shown(app, "412.3 req/s now")
        rendered.clear()
        await show(app, engine, replace(snapshot(), rate=987.6), "987.6 req/s now")
        assert {widget for widget, _ in rendered} == {"summary"}


async def test_a_change_of_a_row_renders_no_other_rows(rendered: list[tuple[str, range]]) -> None:
    before = snapshot()
    first, second, *rows = before.now.sections.rows
    sections = replace(before.now.sections, rows=(first, second._replace(bytes=1), *rows))
    after = replace(before, now=replace(before.now, sections=sections))
    engine = FakeEngine(before)
    app = make_app(engine)
    async with app.run_test(size=SIZE):
        await until_shown(app, "412.3 req/s now")
        shown = screen_text(app)
        rendered.clear()
        assert engine.publish is not None
        engine.publish(after)
        await until(lambda: screen_text(app) != shown)
        lines = {line for widget, part in rendered if widget == "sections" for line in part}
        assert len(lines) == 1
        assert {widget for widget, _ in rendered} == {"sections"}


async def test_containers_that_panels_cover_are_not_rendered(
    monkeypatch: pytest.MonkeyPatch, rendered: list[tuple[str, range]]
) -> None:
    written: set[str] = set()
    compose = Compositor.render_partial_update

    def noted(compositor: Compositor) -> Any:
        rendered.clear()
        update = compose(compositor)
        written.update(widget for widget, _ in rendered)
        return update

    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        monkeypatch.setattr(Compositor, "render_partial_update", noted)
        await pilot.press("5")
        await until_still(app)
    assert "clients" in written
    assert written.isdisjoint({"_default", "dashboard", "top", "left", "right", "extras"})


REGIONS = st.builds(Region, *[st.integers(0, 4)] * 2, *[st.integers(1, 4)] * 2)


@given(REGIONS, st.lists(REGIONS, max_size=6))
def test_a_region_is_covered_if_each_of_its_cells_is(region: Region, others: list[Region]) -> None:
    cells = itertools.product(region.column_range, region.line_range)
    assert is_covered(region, others) == all(any(cell in each for each in others) for cell in cells)


async def test_rows_that_come_and_go_lay_out_nothing(layouts: list[object]) -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=SIZE):
        await until_shown(app, "412.3 req/s now")
        layouts.clear()
        more = incident("More", "more", at=NOW - 5)
        await show(app, engine, snapshot(incidents=(more, *INCIDENTS[:-1])), "More")
        await show(app, engine, snapshot(keys=SECTIONS[:3]), "412.3 req/s now")
        assert layouts == []


async def test_a_panel_shown_or_hidden_is_laid_out_once(layouts: list[object]) -> None:
    """Where a scrollbar comes or goes with it, Textual lays out once more."""
    few = snapshot(keys=SECTIONS[:2])
    hosts = replace(few.now.hosts, rows=few.now.hosts.rows[:2])
    app = make_app(FakeEngine(replace(few, now=replace(few.now, hosts=hosts))))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        for title_is_shown in (True, False, True):
            layouts.clear()
            await pilot.press("5")
            await until_still(app)
            assert ("Clients" in screen_text(app)) is title_is_shown
            assert len(layouts) == 1


async def test_what_changed_many_times_looks_as_if_shown_for_the_first_time() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    last = snapshot(keys=SECTIONS[2:], seed=7, incidents=INCIDENTS[:1])
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(app, "412.3 req/s now")
        for key in ("5", "down", "end", "6", "6", "m", "escape", "5", "5", "home", "5"):
            await pilot.press(key)
        await pilot.resize_terminal(*SIZE)
        await show(app, engine, replace(last, rate=1.0), "1.0 req/s now")
        await show(app, engine, last, "412.3 req/s now")
        await pilot.press("2")
        await until_shown(app, "412.3 req/s now")
        many = screen_text(app)
    fresh = make_app(FakeEngine(last))
    async with fresh.run_test(size=SIZE) as pilot:
        await until_shown(fresh, "412.3 req/s now")
        await pilot.press("2")
        await until_shown(fresh, "412.3 req/s now")
        assert many == screen_text(fresh)


async def test_a_scrollbar_that_looks_the_same_is_not_rendered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a thousand lines a second, the rows of tables change in number with each picture."""
    keys = tuple(b"/section/%d" % number for number in range(400))
    engine = FakeEngine(snapshot(keys=keys[:399]))
    app = make_app(engine)
    async with app.run_test(size=SIZE):
        await until_shown(app, "412.3 req/s now")
        sections = app.dashboard.panels[Panel.SECTIONS]
        before, seen = sections.max_scroll_y, screen_text(app)
        rendered: list[object] = []
        monkeypatch.setattr(ScrollBar, "_render_bar", lambda bar, _style: rendered.append(bar))
        await show(app, engine, snapshot(keys=keys), "412.3 req/s now")
        await until(lambda: sections.max_scroll_y == before + 1)
        await until_still(app)
        assert screen_text(app) == seen
        assert rendered == []
        assert sections.vertical_scrollbar.window_virtual_size == sections.virtual_size.height


@given(st.integers(1, 60), st.integers(1, 300), st.integers(1, 300), st.data())
def test_scrollbars_with_the_same_thumb_look_the_same(
    room: int, some: int, others: int, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, min(some, others)))
    sizes = room + some, room + others
    thumbs = {thumb_of(room, lines, at) for lines in sizes}
    looks = {
        tuple(
            ScrollBarRender.render_bar(room, lines, room, at).segments  # type: ignore[arg-type]
        )
        for lines in sizes
    }
    assert len(looks) == 1 or len(thumbs) == 2


PIECES = st.lists(st.text(alphabet="ab 語😀é", min_size=1, max_size=6).map(Segment), max_size=5)


@given(PIECES, st.integers(0, 20), st.integers(0, 20))
def test_a_part_of_a_line_is_what_textual_crops(
    pieces: list[Segment], start: int, end: int
) -> None:
    whole = Strip(pieces)
    end = min(end, whole.cell_length)
    cropped = whole.crop(start, end) if start < end else Strip([])
    assert Strip(_between(whole, start, end)).text == cropped.text


def test_cells_of_one_ink_are_one_piece() -> None:
    ink, other = Style(bold=True), Style(bold=True)
    cells = [("a", ink), ("b", ink), ("c", other), ("d", ink)]
    assert joined(cells) == [("ab", ink), ("c", other), ("d", ink)]
