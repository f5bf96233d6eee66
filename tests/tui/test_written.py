"""What is written to the terminal, piece by piece, is what the screen shows as a whole."""

import random
from typing import Self
from unittest.mock import patch

import pyte
import pytest
from msgspec.structs import replace
from textual._compositor import Compositor, CompositorUpdate
from textual.screen import Screen
from textual.widgets._toast import Toast

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.painted import Painted
from tests.tui.fakes import (
    INCIDENTS,
    NOW,
    FakeEngine,
    full_snapshot,
    hostile_snapshot,
    snapshot,
)
from tests.tui.screens import ALL, each_size, make_app, until, until_shown, until_still

WIDE = tuple(f"/日本{n}/é🦀👍🏽".encode() for n in range(6))


class Terminal:
    """Shows what an app writes, and what the app would write if the terminal were blank."""

    def __init__(self, app: LogmonApp, size: tuple[int, int]) -> None:
        self.written: list[str] = []
        self._app, self._size = app, size
        self._screen, self._stream = self._opened()
        self._shown = patch.object(app, "_display", self._display)

    def __enter__(self) -> Self:
        self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()

    def _opened(self) -> tuple[pyte.Screen, pyte.Stream]:
        screen = pyte.Screen(*self._size)
        return screen, pyte.Stream(screen)

    def _display(self, _screen: Screen[object], update: CompositorUpdate | None) -> None:
        if update is not None:
            self.written.append(update.render_segments(self._app.console))
            self._stream.feed(self.written[-1])
        self._app.post_display_hook()

    def assert_right(self) -> None:
        whole, stream = self._opened()
        behind = self._app._background_screens
        update = self._app.screen._compositor.render_update(full=True, screen_stack=behind)
        assert isinstance(update, CompositorUpdate)
        stream.feed(update.render_segments(self._app.console))
        assert self._screen.display == whole.display
        for y in range(self._size[1]):
            for x in range(self._size[0]):
                assert self._screen.buffer[y][x] == whole.buffer[y][x], (x, y)


def pictures() -> list[Snapshot]:
    """Return pictures of which any may follow any other."""
    later = [snapshot(time=NOW + number, seed=number) for number in range(1, 6)]
    return [
        *later,
        replace(later[0], rate=9.0, alerts=replace(later[0].alerts, incidents=())),
        snapshot(keys=WIDE),
        snapshot(incidents=INCIDENTS[:1]),
        full_snapshot(),
        hostile_snapshot(),
    ]


KEYS = ("tab", "down", "up", "end", "home", "5", "6", "4", "s", "m", "v", "question_mark", "escape")


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("size", each_size())
async def test_the_terminal_shows_what_the_screen_shows(size: tuple[int, int], seed: int) -> None:
    """Whatever happens, in any order, and however much of it comes between two repaints."""
    chance = random.Random(seed)
    engine = FakeEngine(snapshot())
    app = make_app(engine, Settings(show=ALL) if seed else Settings())
    with Terminal(app, size) as terminal:
        async with app.run_test(size=size, notifications=True) as pilot:
            await until_shown(app, "req/s now")
            for _ in range(8):
                for _ in range(chance.randint(1, 3)):
                    event = chance.random()
                    if event < 0.6:
                        assert engine.publish is not None
                        engine.publish(chance.choice(pictures()))
                        await pilot.pause()
                    elif event < 0.7:
                        app.notify(f"toast {event}", timeout=chance.choice((0.05, 30)))
                    else:
                        await pilot.press(chance.choice(KEYS))
                await until_still(app)
                if chance.random() < 0.5:  # looking makes widgets render what they had left out
                    terminal.assert_right()
            terminal.assert_right()


async def test_only_cells_that_changed_are_written() -> None:
    size = (160, 45)
    before = snapshot()
    app = make_app(engine := FakeEngine(before))
    with Terminal(app, size) as terminal:
        async with app.run_test(size=size):
            await until_shown(app, "412.3 req/s now")
            terminal.written.clear()
            first = before.now.sections.rows[0]
            rows = (first._replace(bytes=first.bytes * 2), *before.now.sections.rows[1:])
            ranking = replace(before.now.sections, rows=rows)
            assert engine.publish is not None
            engine.publish(replace(before, now=replace(before.now, sections=ranking)))
            await until_still(app)
            written = "".join(terminal.written)
            assert 0 < len(written) < 200
            assert first.key.decode() not in written
            terminal.assert_right()


async def test_a_toast_has_only_its_own_place_written() -> None:
    size = (160, 45)
    app = make_app(FakeEngine(snapshot()))
    with Terminal(app, size) as terminal:
        async with app.run_test(size=size, notifications=True):
            await until_shown(app, "412.3 req/s now")
            terminal.written.clear()
            app.notify("something happened", timeout=60)
            await until_shown(app, "something happened")
            assert "req/s now" not in "".join(terminal.written)
            terminal.assert_right()


async def test_beside_a_toast_changes_are_written_as_they_are_drawn() -> None:
    size = (120, 36)
    before = snapshot()
    app = make_app(engine := FakeEngine(before))
    with Terminal(app, size) as terminal:
        async with app.run_test(size=size, notifications=True):
            await until_shown(app, "412.3 req/s now")
            app.notify("something happened\nto many\nlines", timeout=60)
            await until_shown(app, "something happened")
            toast, sections = app.query(Toast).last(), app.dashboard.panels[Panel.SECTIONS]
            assert toast.region.overlaps(sections.region)
            rows = tuple(each._replace(bytes=1) for each in before.now.sections.rows)
            ranking = replace(before.now.sections, rows=rows)
            terminal.written.clear()
            assert engine.publish is not None
            with patch.object(Compositor, "render_partial_update") as compose:
                engine.publish(replace(before, now=replace(before.now, sections=ranking)))
                await until(lambda: terminal.written)
                await until_still(app)
                assert not compose.called
            terminal.assert_right()
            for toast in app.query(Toast):
                toast.remove()
            await until(lambda: not app.query(Toast))
            await until_still(app)
            terminal.assert_right()


async def test_effects_of_a_stylesheet_are_written() -> None:
    """Textual applies them to whole lines, so these are not written as they were drawn."""
    size = (120, 36)
    app = make_app(engine := FakeEngine(snapshot()))
    with Terminal(app, size) as terminal:
        async with app.run_test(size=size):
            await until_shown(app, "412.3 req/s now")
            panels = app.dashboard.panels
            panels[Panel.SECTIONS].styles.opacity = 0.5
            panels[Panel.STATUS].styles.tint = "red 50%"
            panels[Panel.CLIENTS].styles.text_opacity = 0.5
            panels[Panel.ALERTS].styles.outline = ("heavy", "green")
            await until_still(app)
            assert engine.publish is not None
            engine.publish(snapshot(time=NOW + 1, seed=2))
            await until_still(app)
            terminal.assert_right()


async def test_what_has_changed_is_not_remembered_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Textual notes regions until it writes them, and it writes none of a panel out of sight."""
    monkeypatch.setattr("logmon_tui.tui.paint.painted.MOST_REGIONS", 20)
    app = make_app(engine := FakeEngine(snapshot()), Settings(show=ALL))
    async with app.run_test(size=(120, 24)):
        await until_shown(app, "412.3 req/s now")
        for seed in range(2, 12):
            assert engine.publish is not None
            engine.publish(snapshot(time=NOW + seed, seed=seed))
            await until_still(app)
        painted = app.screen.query(Painted)
        assert any(each._repaint_regions for each in painted)
        assert all(len(each._repaint_regions) <= 20 + 24 for each in painted)
        assert not any(each._dirty_regions for each in painted)


async def test_a_scrollbar_goes_when_a_style_hides_it() -> None:
    """The size of the panel stays the same then."""
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 30)):
        await until_shown(app, "412.3 req/s now")
        app.stylesheet.add_source(".-without-bar { overflow-y: hidden; }")
        panel = next(each for each in app.screen.query(Painted) if each.show_vertical_scrollbar)
        panel.add_class("-without-bar")
        await until_still(app)
        assert not panel.show_vertical_scrollbar
