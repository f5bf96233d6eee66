"""What the alerts panel says before the rules have judged anything: never that all is well."""

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.snapshot import Ingest, Snapshot
from logmon_tui.sources.base import SourceState, SourceStatus
from logmon_tui.tui.paint.reading import unjudged
from tests.tui.fakes import FakeEngine, snapshot
from tests.tui.screens import make_app, screen_text, until_shown

WAITING, BEHIND = SourceState.WAITING, SourceState.CATCHING_UP
LIVE, ENDED, FAILED = SourceState.LIVE, SourceState.ENDED, SourceState.FAILED


def empty(*states: SourceState, hits: int = 0) -> Snapshot:
    """Return a Snapshot of logs in these states, before the log's time is known."""
    sources = tuple(SourceStatus(f"{n}.log", state) for n, state in enumerate(states))
    return Snapshot(sources=sources, ingest=Ingest(hits=hits))


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (empty(), "Reading the log …"),
        (empty(BEHIND), "Reading the log …"),
        (empty(LIVE, BEHIND), "Reading the logs …"),
        (empty(LIVE, hits=3), "Reading the log …"),
        (empty(WAITING), "Waiting for the log."),
        (empty(WAITING, FAILED), "Waiting for the log."),
        (empty(LIVE), "Waiting for the first hit."),
        (empty(LIVE, WAITING), "Waiting for the first hit."),
        (empty(ENDED), "There were no hits."),
        (snapshot(state=BEHIND), "Reading the log …"),
        (snapshot(state=LIVE), ""),
        (snapshot(state=ENDED), ""),
        (snapshot(state=WAITING), ""),
    ],
)
def test_why_nothing_is_judged(picture: Snapshot, expected: str) -> None:
    assert unjudged(picture) == expected


async def test_no_alerts_is_said_only_once_the_log_is_read() -> None:
    engine = FakeEngine()
    app = make_app(engine, Settings(show=(Panel.ALERTS,)))
    calm = snapshot(incidents=(), state=BEHIND)
    async with app.run_test(size=(80, 24)):
        await until_shown(app, "◌ Reading the log …")
        assert engine.publish is not None
        for early, told in (
            (empty(WAITING), "◌ Waiting for the log."),
            (empty(LIVE), "◌ Waiting for the first hit."),
            (calm, "◌ Reading the log …"),
        ):
            engine.publish(early)
            await until_shown(app, told)
            assert "Fires when the traffic of 2 min averages more than" in screen_text(app)
            assert "No alerts." not in screen_text(app)
            assert "─ none" not in screen_text(app)
        engine.publish(replace(calm, sources=snapshot().sources))
        await until_shown(app, "✓ No alerts.")
        assert "4 Alerts ─ none" in screen_text(app)
