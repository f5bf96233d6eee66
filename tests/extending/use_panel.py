"""Run in a copy of the program: use the panel that was added; print what the screen shows."""

import asyncio
import json

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.tui.commands import palette_commands
from tests.tui.fakes import FakeEngine, full_snapshot
from tests.tui.screens import make_app, screen_text, until, until_shown


async def _run(action: str) -> bool:
    return bool(action)


async def use() -> dict[str, object]:
    """Go to the panel by its key, hide it, read the help; return each screen, and more."""
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(Panel.STATUS, Panel.METHODS)))
    seen: dict[str, object] = {}
    async with app.run_test(size=(120, 76)) as pilot:
        await until_shown(app, "M Methods")
        await pilot.press("K")
        await until_shown(app, "K Clock")
        seen["focused"] = app.focused.id
        seen["screen"] = screen_text(app)
        panels = app.dashboard.panels
        seen["right of methods"] = panels[Panel.METHODS].region.right == panels["clock"].region.x
        seen["width"] = panels["clock"].region.width
        await pilot.press("K")
        await until(lambda: not panels["clock"].display)
        await pilot.press("question_mark")
        await until_shown(app, "Keys and signs")
        seen["help"] = screen_text(app)
    seen["palette"] = [each.title for each in palette_commands(_run, _run, lambda _: None)]
    return seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(use())))
