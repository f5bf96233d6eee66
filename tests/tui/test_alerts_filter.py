"""The filter of the alerts panel: what matches, and how it is written and cleared."""

from tests.tui.alert_fakes import (
    ERRORS,
    NOISY,
    with_alerts,
)
from tests.tui.alerts_panel import ROOMY, app_with, panel_of, see
from tests.tui.screens import screen_text, until, until_shown


async def test_a_filter_holds_as_it_is_typed() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("slash", *"rule:err")
        await until(lambda: panel_of(app).detail().startswith("2 of 6 match"))
        assert panel_of(app).row_keys() == [
            ERRORS.id,
            panel_of(app).snapshot.alerts.incidents[4].id,
        ]
        await pilot.press("space", *"deploy", "enter")
        await until_shown(app, "1 of 6 match rule:err deploy")
        assert "/checkout" in screen_text(app)
        assert "High traffic" not in screen_text(app)
        await pilot.press("escape")
        await until_shown(app, "4 Alerts ─ ▲ 4 firing")


async def test_esc_while_typing_clears_the_filter() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("slash", *"nonsense")
        await until(lambda: len(panel_of(app).row_keys()) == 0)
        await pilot.press("escape")
        await until_shown(app, "High traffic")
        assert len(panel_of(app).row_keys()) == 6


async def test_a_filter_that_nothing_matches_says_so() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("slash", *"[/]x", "enter")
        await until_shown(app, "No alert matches [/]x; esc shows all.")
        await pilot.press("a", "n", "enter")  # of nothing
        assert app.screen is app.screen_stack[0]


async def test_esc_clears_the_filter_and_then_restores_a_maximised_panel() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("m", "slash", *"noisy", "enter")
        await until(lambda: app.screen.maximized is not None)
        assert "High traffic" not in screen_text(app)
        await pilot.press("escape")
        await until_shown(app, "High traffic")
        assert app.screen.maximized is not None
        await pilot.press("escape")
        await until(lambda: app.screen.maximized is None)


async def test_the_cursor_stays_on_its_incident_when_the_filter_goes() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("slash", *"noisy", "enter", "down", "escape")
        assert panel_of(app).incident == NOISY


async def test_a_filter_that_is_mistaken_says_what_is_allowed() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("slash", *"state:recoverd", "enter")
        await until_shown(app, "! state:recoverd is none of firing, recovering, recovered,")
