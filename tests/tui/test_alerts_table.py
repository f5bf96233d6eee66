"""The alerts panel: what it shows at each size."""

from typing import Any

import pytest
from msgspec.structs import replace
from rich.style import Style

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.snapshot import WhatIf
from logmon_tui.tui.paint.parts import Part, fitted
from tests.tui.alert_fakes import (
    DROPPED,
    ERRORS,
    EVERYTHING,
    HIGH,
    INCIDENTS,
    NOISY,
    OF_CLIENT,
    PAST,
    SLOW,
    busy,
    hostile_alerts,
    with_alerts,
)
from tests.tui.alerts_panel import ROOMY, app_with, panel_of, see
from tests.tui.fakes import HOSTILE, NOW, FakeEngine
from tests.tui.screens import assert_tidy, make_app, screen_text, until, until_shown, until_still

SIZES = ((160, 45), (120, 36), (80, 24), (40, 12))
QUICK = (ROOMY, (40, 12))
"""Of the sizes, those at which the quick tests try hostile text: each takes seconds."""


def name(incident: Incident) -> str:
    return f"{incident.title} {(incident.subject or b'').decode()}".strip()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("what", ["panel", "filter", "note", "silence"])
async def test_the_alerts_as_text(
    snapshot: Any, request: pytest.FixtureRequest, size: tuple[int, int], what: str
) -> None:
    snapshot.snapshot_dir = request.path.parent / "snapshots"
    keys = {"panel": "", "filter": "/ check", "note": "jn", "silence": "jS"}[what]
    app, _ = app_with(busy())
    async with app.run_test(size=size) as pilot:
        await see(app, "4 firing")
        for key in keys.replace(" ", ""):
            await pilot.press("slash" if key == "/" else key)
        await until_still(app)
        snapshot.assert_match(screen_text(app), f"alerts-{what}-{size[0]}x{size[1]}.txt")


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(size, marks=() if size in QUICK else pytest.mark.slow, id=str(size))
        for size in SIZES
    ],
)
@pytest.mark.parametrize("key", ["", "slash", "n", "S"])
async def test_hostile_text_shows_literally(size: tuple[int, int], key: str) -> None:
    app, _ = app_with(hostile_alerts())
    async with app.run_test(size=size, notifications=True) as pilot:
        await see(app, "4 Alerts")
        await pilot.press("end")
        for at in range(len(HOSTILE)):
            await pilot.press("up", *([key] if key else []))
            await pilot.pause()
            assert_tidy(app, size)
            if at == 0 and not key and size[0] > 80:
                assert "\\x1b]0;owned\\x07" in screen_text(app)
            if key:
                await pilot.press("escape")


async def test_every_state_has_its_sign_and_every_mark_its_place() -> None:
    app, _ = app_with(with_alerts(silences=(OF_CLIENT,)))
    async with app.run_test(size=(100, 30)):
        await until_shown(app, "4 firing")
        lines = screen_text(app).splitlines()
        for sign, each in (("▲", HIGH), ("▲", ERRORS), ("↘", SLOW), ("!", NOISY), ("✓", DROPPED)):
            y = next(y for y, text in enumerate(lines) if name(each) in text)
            assert lines[y][1] == sign
            assert ("ack" in lines[y + 1]) == each.acknowledged
            assert ("⊘" in lines[y + 1]) == (each is NOISY)
        text = "\n".join(lines)
        assert "warning → critical · 7.1 % of 1,204 · peak 9.8 % at 12:01:11" in text
        assert "✎ deploy 42" in text
        assert "warning · 1.24 s of 812 · peak 3.90 s at 11:56:11" in text
        assert "low 0.03× at 09:35:41" in text


async def test_in_a_narrow_panel_a_note_matters_more_than_a_peak() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=(44, 24)):
        await until_shown(app, "/checkout · !→▲ 7.1 % · ✎ deploy 42")


async def test_a_title_tells_the_worst_that_fires() -> None:
    engine = FakeEngine(with_alerts(incidents=(NOISY, SLOW)))
    app = make_app(engine)
    async with app.run_test(size=ROOMY):
        await until_shown(app, "4 Alerts ─ ! 2 firing")
        engine.publish(with_alerts(incidents=(SLOW,)))
        await until_shown(app, "4 Alerts ─ ↘ 1 firing")


async def test_the_header_bears_the_sign_of_the_worst_that_fires() -> None:
    app, engine = app_with(with_alerts(incidents=(NOISY, SLOW)))
    async with app.run_test(size=ROOMY):
        await until_shown(app, " ! 2 FIRING")
        engine.publish(with_alerts())
        await until_shown(app, " ▲ 4 FIRING")


def test_figures_of_the_header_that_were_no_neighbours_have_a_bar_between_them() -> None:
    style = Style()
    parts = [
        Part(0, (("rate", style),), "traffic"),
        Part(9, (("gauge", style),), "traffic"),
        Part(1, (("limit", style),), "traffic"),
    ]
    wide, narrow = ("".join(text for text, _ in fitted(parts, n, (" │ ", style))) for n in (16, 15))
    assert wide == "rate gauge limit"
    assert narrow == "rate │ limit"


async def test_while_all_is_silenced_a_line_says_so() -> None:
    app, engine = app_with(with_alerts(silences=(EVERYTHING,)))
    async with app.run_test(size=ROOMY):
        await until_shown(app, " ⊘ All alerts are silenced until 2026-11-21 14:34:31 UTC")
        await until_shown(app, "⊘ 1  ▲ 4 FIRING")
        engine.publish(with_alerts())
        await until(lambda: "⊘" not in screen_text(app))


async def test_the_panel_says_what_another_threshold_would_have_done() -> None:
    app, engine = app_with(with_alerts(what_if=WhatIf(440, 3, 840, NOW - 21_600)))
    async with app.run_test(size=ROOMY):
        await until_shown(app, "┃with 440 req/s it would have fired 3 times, for 14 m in all,")
        engine.publish(with_alerts())
        await until(lambda: "would have" not in screen_text(app))


async def test_the_header_tells_the_threshold_that_was_set_once_another_is_in_force() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "97 % of 400")
        await pilot.press("+")
        await until_shown(app, "88 % of 440 set by key (configured 400: C)")
        await pilot.press("-")
        await until(lambda: "set by key" not in screen_text(app))


async def test_a_click_selects_an_incident_below_the_lines_on_rules() -> None:
    app, _ = app_with(busy())
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "◔ pending")
        lines = screen_text(app).splitlines()
        y = next(y for y, text in enumerate(lines) if "Slow endpoint /search" in text)
        await pilot.click(offset=(10, y))
        assert panel_of(app).incident == SLOW


async def test_the_last_incident_can_be_seen_below_the_lines_on_rules() -> None:
    app, _ = app_with(busy())
    async with app.run_test(size=(80, 12)) as pilot:
        await see(app, "4 firing")
        await pilot.press("G")
        await until_shown(app, "Traffic dropped")
        assert "with 400 req/s" in screen_text(app)


@pytest.mark.parametrize("size", [(80, 24), (80, 20), (80, 18), (120, 36)], ids=str)
async def test_rows_show_whole_wherever_the_cursor_is(size: tuple[int, int]) -> None:
    engine = FakeEngine(with_alerts())
    app = make_app(engine)
    async with app.run_test(size=size) as pilot:
        await see(app)
        await pilot.press("home")
        engine.publish(busy())
        for _ in INCIDENTS:
            await until_still(app)
            panel = panel_of(app)
            box = panel.region
            under = panel.incident
            assert under is not None
            rows = screen_text(app).splitlines()[box.y + 1 : box.bottom - 1]
            first = rows[panel.header_height()]
            assert first[box.x + 1] in "▲!↘✓"  # as titles begin, not figures
            assert any(name(under) in row or under.title in row for row in rows)
            await pilot.press("j")


async def test_what_fires_above_the_topmost_row_is_counted_in_the_title() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=(80, 10)) as pilot:
        await see(app)
        assert "above" not in screen_text(app)
        await pilot.press("j", "j", "j")
        await until_shown(app, "4 Alerts ─ ▲ 2 above · ▲ 4 firing")
        await pilot.press("G")
        await until_shown(app, "4 Alerts ─ ▲ 4 above")
        await pilot.press("home")
        await until(lambda: "above" not in screen_text(app))


async def test_a_silence_marks_what_recovered_only_if_it_began_before() -> None:
    past = replace(PAST, rule="ddos", scope=NOISY.scope, subject=NOISY.subject)
    early = OF_CLIENT._replace(since=NOW - 3_000.0)
    app, engine = app_with(with_alerts(incidents=(past,), silences=(early,)))
    async with app.run_test(size=ROOMY):
        await until_shown(app, "4 Alerts ─ 1 recovered · ⊘ 1 silence")
        await until_shown(app, " ⊘┃")
        engine.publish(with_alerts(incidents=(past,), silences=(OF_CLIENT,)))
        await until(lambda: " ⊘┃" not in screen_text(app))


async def test_without_colours_signs_and_marks_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app, _ = app_with(busy())
    async with app.run_test(size=ROOMY):
        await until_shown(app, "4 firing")
        text = screen_text(app)
        assert all(sign in text for sign in ("▲ 1", "! 1", "↘ 1", "✓ 1", " ack", "⊘", "◔", "◌"))
        for strip in app.screen._compositor.render_strips():
            for segment in strip.apply_filter(app._filters[-1], app.screen.styles.background):
                for colour in (segment.style.color, segment.style.bgcolor):
                    if colour is not None and colour.triplet is not None:
                        assert len(set(colour.triplet)) == 1
