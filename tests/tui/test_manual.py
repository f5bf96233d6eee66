"""The manual in the program: every topic, at every size, by key and mouse, and closable."""

from collections.abc import Callable
from typing import Any

import pytest

from logmon_tui.docs.topics import TOPICS, read_topic
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.screens.help import Help
from logmon_tui.tui.screens.manual import Manual, TopicBox, TopicList, TopicText
from tests.tui.fakes import FakeEngine, full_snapshot, snapshot
from tests.tui.screens import (
    SIZES,
    assert_tidy,
    make_app,
    screen_text,
    until,
    until_shown,
    until_still,
)


async def opened(app: LogmonApp, pilot: Any) -> Manual:
    await until_still(app)
    await pilot.press("f1")
    await until_shown(app, read_topic(TOPICS[0]).title)
    assert isinstance(app.screen, Manual)
    return app.screen


@pytest.fixture
def screen_snapshot(snapshot: Any, request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    snapshot.snapshot_dir = request.path.parent / "snapshots"

    def check(text: str, name: str) -> None:
        snapshot.assert_match(text, name)

    return check


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12)], ids=str)
async def test_the_manual_as_text(size: tuple[int, int], screen_snapshot: Any) -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=size) as pilot:
        screen = await opened(app, pilot)
        pages = [screen_text(app)]
        screen.query_one(TopicList).highlighted = TOPICS.index("paths")
        await until_shown(app, read_topic("paths").title[:12])
        pages.append(screen_text(app))
        assert_tidy(app, size)
        screen_snapshot("\n".join(pages), f"manual-{size[0]}x{size[1]}.txt")


async def test_every_topic_is_tidy_and_follows_the_size_of_the_terminal() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        for place, name in enumerate(TOPICS):
            screen.query_one(TopicList).highlighted = place
            title = f"─ {read_topic(name).title} ─"
            await until(lambda title=title: title in screen_text(app))
            assert_tidy(app, (80, 24))
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await until_still(app)
            assert_tidy(app, size)


async def test_all_of_a_topic_can_be_read() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        box = screen.query_one(TopicBox)
        pages = [screen_text(app)]
        while box.scroll_offset.y < box.max_scroll_y:
            before = box.scroll_offset.y
            await pilot.press("pagedown")
            await until(lambda before=before: box.scroll_offset.y > before)
            await until_still(app)
            pages.append(screen_text(app))
        text = "\n".join(pages)
        last = read_topic(TOPICS[0]).text.rstrip().splitlines()[-1].split()[-1].strip("`.")
        assert last in text
        await pilot.press("home")
        await until(lambda: box.scroll_offset.y == 0)


async def test_arrows_choose_topics_and_each_begins_at_its_top() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("end")
        await until(lambda: screen.query_one(TopicBox).scroll_offset.y > 0)
        for name in TOPICS[1:4]:
            await pilot.press("down")
            await until_shown(app, read_topic(name).summary[:20])
            assert screen.query_one(TopicBox).scroll_offset.y == 0
        await pilot.press("k")
        await until_shown(app, read_topic(TOPICS[2]).summary[:20])


async def test_arrows_scroll_once_the_text_has_the_focus() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        topics, box = screen.query_one(TopicList), screen.query_one(TopicBox)
        for key in ("enter", "tab", "right"):
            await pilot.press(key)
            await until(lambda: app.focused is box)
            await pilot.press("down", "j")
            await until(lambda: box.scroll_offset.y == 2)
            await pilot.press("k", "up")
            await until(lambda: box.scroll_offset.y == 0)
            await pilot.press("left")
            await until(lambda: app.focused is topics)
            assert topics.highlighted == 0


async def test_a_click_chooses_a_topic() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(app, pilot)
        await pilot.click(TopicList, offset=(3, 1 + TOPICS.index("rules")))
        await until_shown(app, read_topic("rules").summary)


async def test_it_closes_and_the_dashboard_has_gone_on() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=(120, 36)) as pilot:
        focused = app.focused
        for key in ("escape", "q", "f1"):
            await opened(app, pilot)
            engine.publish(full_snapshot())
            await pilot.press(key)
            await until(lambda: not isinstance(app.screen, Manual))
            await until_shown(app, "nginx-timed, caddy")
            assert app.focused is focused


async def test_it_opens_from_the_keys_and_leads_back_there() -> None:
    app = make_app(FakeEngine(Snapshot()))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("question_mark")
        await until_shown(app, "F1 manual")
        await pilot.press("f1")
        await until(lambda: isinstance(app.screen, Manual))
        await until_still(app)
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, Help))


async def test_quitting_works_from_the_manual() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test() as pilot:
        await opened(app, pilot)
        await pilot.press("ctrl+q")
        await until(lambda: not app.is_running)


async def test_every_theme_colours_it() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        for theme in ("logmon-dark", "logmon-light", "ansi-dark", "nord"):
            app.theme = theme
            screen = await opened(app, pilot)
            spans = screen.query_one(TopicText).render().spans
            assert len({str(span.style) for span in spans}) > 2, theme
            await pilot.press("escape")


async def test_without_colours_code_and_headings_keep_their_marks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await until_shown(app, "## Install")
