"""What the keys of the alerts panel do: acknowledge, note and silence."""

import pytest
from textual.widgets import Input

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.config.settings import Panel, Settings
from logmon_tui.monitor.commands import Acknowledge, AddSilence, EndSilence, SetNote
from logmon_tui.tui.alerts.silence import SilenceDialog, choices
from logmon_tui.tui.paint.prompt import Prompt
from logmon_tui.tui.screens.help import Help
from tests.tui.alert_fakes import (
    ERRORS,
    EVERYTHING,
    HIGH,
    NOISY,
    OF_CLIENT,
    with_alerts,
)
from tests.tui.alerts_panel import ROOMY, app_with, panel_of, see
from tests.tui.fakes import NOW, FakeEngine
from tests.tui.screens import make_app, screen_text, until, until_shown

OF_CHECKOUT = ("errors", ERRORS.scope, ERRORS.subject)
WALL = NOW + 0.5  # as the clock of every app here tells


async def test_a_acknowledges_at_once_and_again_takes_it_back() -> None:
    app, engine = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("a")
        await until(lambda: screen_text(app).count("ack┃") == 2)
        await pilot.press("a")
        await until(lambda: screen_text(app).count("ack┃") == 1)
        await pilot.press("j", "a")
        await until(lambda: screen_text(app).count("ack┃") == 0)
        assert engine.posted == [
            Acknowledge(HIGH.id, WALL),
            Acknowledge(HIGH.id, None),
            Acknowledge(ERRORS.id, None),
        ]


async def test_a_new_incident_on_top_does_not_get_what_was_meant_for_another() -> None:
    app, engine = app_with(with_alerts(incidents=(NOISY,)))
    async with app.run_test(size=ROOMY) as pilot:
        await see(app, "Noisy client")
        await pilot.pause()
        engine.publish(with_alerts(incidents=(HIGH, NOISY)))
        await until_shown(app, "High traffic")
        await pilot.press("a")
        assert engine.posted == [Acknowledge(NOISY.id, WALL)]


async def test_a_works_while_the_picture_stands_still() -> None:
    app, _ = app_with(with_alerts(incidents=(HIGH,)))
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("space", "a")
        await until_shown(app, " ack")


async def test_n_writes_a_note_and_begins_with_what_it_says() -> None:
    app, engine = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("n", *"it burns", "enter")
        await until_shown(app, "✎ it burns")
        assert engine.posted == [SetNote(HIGH.id, "it burns")]
        await pilot.press("n", "space", "!", "enter")
        await until_shown(app, "✎ it burns !")
        await pilot.press("n", "ctrl+u", "enter")
        await until(lambda: "✎ it burns" not in screen_text(app))
        assert engine.posted[-1] == SetNote(HIGH.id, "")


async def test_a_note_that_is_not_finished_or_not_changed_is_not_kept() -> None:
    app, engine = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("n", *"no", "escape", "j", "n", "enter")
        await until(lambda: not isinstance(app.screen, Prompt))
        assert engine.posted == []


async def test_what_is_pasted_into_a_note_commands_nothing() -> None:
    app, engine = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("n")
        await until(lambda: isinstance(app.screen, Prompt))
        app.screen.query_one(Input).insert_text_at_cursor("x\x1b]0;y\x07\u202e")
        await pilot.press("enter")
        await until(lambda: engine.posted)
        assert engine.posted == [SetNote(HIGH.id, "x\\x1b]0;y\\x07\\u202e")]


def test_what_can_be_silenced_is_the_subject_the_rule_or_everything() -> None:
    texts = [choice.text for choice in choices(NOISY)]
    assert texts == ["Noisy client 203.0.113.77", "Noisy client", "everything"]
    assert [choice.text for choice in choices(HIGH)] == ["High traffic", "everything"]
    assert [choice.text for choice in choices(None)] == ["everything"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([], Silence(WALL, WALL + 3_600, *OF_CHECKOUT)),
        (["down"], Silence(WALL, WALL + 3_600, "errors")),
        (["j", "j", "left"], Silence(WALL, WALL + 900)),
        (["right", "right", "right", "right"], Silence(WALL, WALL + 86_400, *OF_CHECKOUT)),
        (["backspace", "backspace", *"90m"], Silence(WALL, WALL + 5_400, *OF_CHECKOUT)),
    ],
)
async def test_s_silences_for_a_time(keys: list[str], expected: Silence) -> None:
    app, engine = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("j", "S", *keys, "enter")
        await until(lambda: engine.posted)
        assert engine.posted == [AddSilence(expected)]
        await until_shown(app, "⊘ 1 silence")
        assert app.screen is app.screen_stack[0]


async def test_a_time_that_is_none_is_not_taken() -> None:
    app, engine = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("S", "ctrl+u", *"h", "enter")
        await until_shown(app, "! a time such as 90m")
        await pilot.press("escape")
        await until(lambda: not isinstance(app.screen, SilenceDialog))
        assert engine.posted == []


@pytest.mark.parametrize("key", ["x", "delete"])
async def test_silences_in_force_are_listed_and_end_early(key: str) -> None:
    app, engine = app_with(with_alerts(silences=(OF_CLIENT, EVERYTHING)))
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("S")
        await until_shown(app, "⊘ Noisy client 203.0.113.77 · until 12:29, 24 m 59 s")
        await until_shown(app, "⊘ everything · until 14:34, 2 h 29 m")
        await pilot.press(key)  # nothing to end there
        await pilot.press("down", "down", "down", key)
        await until(lambda: engine.posted)
        assert engine.posted == [EndSilence(EVERYTHING)]
        assert "everything · until" not in screen_text(app)
        await pilot.press("escape")
        await until_shown(app, "⊘ 1 silence")


async def test_enter_after_the_end_of_a_silence_closes_and_silences_nothing() -> None:
    app, engine = app_with(with_alerts(silences=(OF_CLIENT,)))
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("S", "down", "down", "x")
        await until_shown(app, "it has ended · enter closes")
        await pilot.press("enter")
        await until(lambda: not isinstance(app.screen, SilenceDialog))
        assert engine.posted == [EndSilence(OF_CLIENT)]


async def test_what_is_chosen_after_the_end_of_a_silence_is_silenced() -> None:
    app, engine = app_with(with_alerts(silences=(OF_CLIENT,)))
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("S", "down", "down", "x", "up", "enter")
        await until(lambda: len(engine.posted) == 2)
        (_, command) = engine.posted
        assert isinstance(command, AddSilence)
        assert command.silence.rule == HIGH.rule  # the narrowest there is


async def test_nothing_can_be_silenced_but_everything_where_there_is_no_incident() -> None:
    app, engine = app_with(with_alerts(incidents=()))
    async with app.run_test(size=ROOMY) as pilot:
        await see(app, "No alerts.")
        await pilot.press("S", "enter")
        await until(lambda: engine.posted)
        assert engine.posted == [AddSilence(Silence(WALL, WALL + 3_600))]


async def test_the_keys_of_the_panel_stand_at_the_bottom_while_it_has_the_focus() -> None:
    app = make_app(FakeEngine(with_alerts()))
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "s sort")
        panel_of(app).focus()
        await until_shown(app, "a acknowledge  n note  S silence  / find")
        x = screen_text(app).splitlines()[-1].index("S silence")
        await pilot.click("KeyBar", offset=(x, 0))
        await until(lambda: isinstance(app.screen, SilenceDialog))
        await pilot.press("escape")
        x = screen_text(app).splitlines()[-1].index("? help")
        await pilot.click("KeyBar", offset=(x, 0))
        await until(lambda: isinstance(app.screen, Help))


async def test_the_palette_acts_in_the_panel_even_if_it_was_hidden() -> None:
    engine = FakeEngine(with_alerts())
    app = make_app(engine, Settings(show=(Panel.SECTIONS,)))
    async with app.run_test(size=ROOMY):
        await until_shown(app, "412.3 req/s now")
        commands = {each.title: each for each in app.get_system_commands(app.screen)}
        await commands["Alerts: Acknowledge"].callback()
        await until(lambda: engine.posted)
        assert engine.posted == [Acknowledge(HIGH.id, WALL)]
        assert app.focused is panel_of(app)


@pytest.mark.parametrize(
    ("key", "shown"),
    [("a", " ack"), ("n", "✎ High traffic:"), ("S", "⊘ Silence")],
)
@pytest.mark.parametrize("show", [(Panel.SECTIONS,), (Panel.SECTIONS, Panel.ALERTS)], ids=len)
async def test_keys_of_the_panel_work_from_another_one(
    key: str, shown: str, show: tuple[Panel, ...]
) -> None:
    app = make_app(FakeEngine(with_alerts(incidents=(HIGH,))), Settings(show=show))
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("1", "m", key)
        await until_shown(app, shown)
        assert app.screen_stack[0].focused is panel_of(app)


async def test_where_there_is_no_alert_a_and_n_say_so() -> None:
    app = make_app(FakeEngine(with_alerts(incidents=())))
    async with app.run_test(size=ROOMY, notifications=True) as pilot:
        await until_shown(app, "412.3 req/s now")
        for key in ("a", "n"):
            await pilot.press(key)
            await until_shown(app, "There is no alert to do that to.")
