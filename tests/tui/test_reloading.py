"""ctrl+r reads the settings file again; a toast says what came of it."""

from typing import NamedTuple

import pytest

from logmon_tui.config.settings import Settings
from logmon_tui.tui.app import LogmonApp
from tests.tui.fakes import FakeEngine, snapshot


class Outcome(NamedTuple):
    done: bool
    text: str


@pytest.mark.parametrize(
    ("outcome", "severity"),
    [
        (Outcome(done=True, text="settings reloaded from c.toml: 4 rules on"), "information"),
        (Outcome(done=False, text="settings not reloaded: c.toml:3: [b]x[/b]"), "error"),
        (None, "warning"),
    ],
)
async def test_a_toast_says_what_came_of_it(outcome: Outcome | None, severity: str) -> None:
    engine = FakeEngine(snapshot())
    reload = None if outcome is None else lambda: outcome
    app = LogmonApp(engine, Settings(), name_of_log="access.log", reload=reload)
    toasts: list[tuple[str, str]] = []
    async with app.run_test(size=(100, 30)) as pilot:
        app.notify = lambda text, **how: toasts.append((text, how["severity"]))  # type: ignore[assignment,method-assign]
        await pilot.press("ctrl+r")
        await app.workers.wait_for_complete()
        await pilot.pause()
    text = "There is no settings file here that could be read again."
    assert toasts == [(text if outcome is None else outcome.text, severity)]
