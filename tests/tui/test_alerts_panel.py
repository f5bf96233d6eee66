"""The alerts panel: what it shows at each size, and what its keys do."""

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.style import Style
from textual.widgets import Input
from textual.widgets._toast import Toast

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Panel, Settings
from logmon_tui.monitor.commands import Acknowledge, AddSilence, EndSilence, SetNote
from logmon_tui.notify.screen import Desktop
from logmon_tui.snapshot import Snapshot, WhatIf
from logmon_tui.tui.alerts.silence import SilenceDialog, choices
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.parts import Part, fitted
from logmon_tui.tui.paint.prompt import Prompt
from logmon_tui.tui.panels.alerts import Alerts
from logmon_tui.tui.screens.help import Help
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
from tests.tui.fakes import HOSTILE, NOW, FakeEngine, incident, snapshot
from tests.tui.screens import make_app, screen_text, until, until_shown, until_still
from tests.tui.test_screen import assert_tidy

SIZES = ((160, 45), (120, 36), (80, 24), (40, 12))
ROOMY = (120, 36)
QUICK = (ROOMY, (40, 12))
"""Of the sizes, those at which the quick tests try hostile text: each takes seconds."""
OF_CHECKOUT = ("errors", ERRORS.scope, ERRORS.subject)
WALL = NOW + 0.5  # as the clock of every app here tells


def panel_of(app: LogmonApp) -> Alerts:
    panel = app.dashboard.panels[Panel.ALERTS]
    assert isinstance(panel, Alerts)
    return panel


def app_with(picture: Snapshot, **options: Any) -> tuple[LogmonApp, FakeEngine]:
    """Return a program that shows nothing but alerts, and its engine."""
    engine = FakeEngine(picture)
    return make_app(engine, Settings(show=(Panel.ALERTS,)), **options), engine


async def see(app: LogmonApp, text: str = "High traffic") -> None:
    """Wait for the picture, and give the panel the focus."""
    await until_shown(app, text)
    panel_of(app).focus()


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


@pytest.mark.parametrize("key", ["slash", "f"])
async def test_a_filter_holds_as_it_is_typed(key: str) -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press(key, *"rule:err")
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


async def test_esc_restores_a_maximised_panel_and_then_clears_the_filter() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("m", "slash", *"noisy", "enter")
        await until(lambda: app.screen.maximized is not None)
        await pilot.press("escape")
        await until(lambda: app.screen.maximized is None)
        assert "High traffic" not in screen_text(app)
        await pilot.press("escape")
        await until_shown(app, "High traffic")


async def test_the_cursor_stays_on_its_incident_when_the_filter_goes() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("slash", *"noisy", "enter", "down", "escape")
        assert panel_of(app).incident == NOISY


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
        await until_shown(app, "88 % of 440 set by key (configured 400: c)")
        await pilot.press("-")
        await until(lambda: "set by key" not in screen_text(app))


async def test_a_filter_that_is_mistaken_says_what_is_allowed() -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("slash", *"state:recoverd", "enter")
        await until_shown(app, "! state:recoverd is none of firing, recovering, recovered,")


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
        await pilot.press("g")
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
        await pilot.press("g")
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


async def test_the_keys_of_the_panel_stand_at_the_bottom_while_it_has_the_focus() -> None:
    app = make_app(FakeEngine(with_alerts()))
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "s sort")
        panel_of(app).focus()
        await until_shown(app, "a acknowledge  n note  S silence  / filter")
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


@pytest.mark.parametrize("key", ["question_mark", "enter", "S"])
async def test_what_fires_while_a_window_is_open_is_told_when_it_is_closed(key: str) -> None:
    engine = FakeEngine(with_alerts(incidents=(SLOW,)))
    app = make_app(engine)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await see(app, "Slow endpoint")
        await until(lambda: app.query(Toast))  # on what has fired for some time
        await pilot.press(key)
        await until(lambda: len(app.screen_stack) == 2)
        await until_still(app)
        assert not any(toast.display for toast in app.screen.query(Toast))
        for fired in ((HIGH, SLOW), (HIGH, ERRORS, SLOW)):
            engine.publish(with_alerts(incidents=fired))
            await until_still(app)
            assert "alerts fired" not in screen_text(app)
        await pilot.press("escape")
        await until(lambda: len(app.screen_stack) == 1)
        engine.publish(with_alerts(incidents=(HIGH, ERRORS, SLOW)))
        await until_shown(app, "▲ 2 alerts fired")
        assert all(toast.size.width < 46 for toast in app.query(Toast))


async def test_many_alerts_show_one_toast_which_the_next_replaces() -> None:
    engine = FakeEngine(snapshot(incidents=()))
    app = make_app(engine)
    clients = tuple(incident("Noisy client", "ddos", b"10.0.0.%d" % n) for n in range(9))
    async with app.run_test(size=ROOMY, notifications=True):
        await until_shown(app, "412.3 req/s now")
        engine.publish(snapshot(incidents=clients[:5]))
        await until_shown(app, "▲ 5 alerts fired")
        engine.publish(snapshot(incidents=clients))
        await until_shown(app, "▲ 9 alerts fired")
        await until(lambda: len(app.query(Toast)) == 1)
        engine.publish(snapshot(incidents=tuple(replace(c, recovered_at=NOW) for c in clients)))
        await until_shown(app, "✓ 9 alerts recovered")
        await until(lambda: len(app.query(Toast)) == 2)


async def test_a_notification_of_the_desktop_is_written_by_the_terminal_s_driver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(LogmonApp, "is_headless", False)
    monkeypatch.delenv("TMUX", raising=False)
    written = io.StringIO()
    engine = FakeEngine(snapshot(incidents=()))
    app = make_app(engine, Settings(no_bell=True), targets=(Desktop(group_wait=0.0),))
    async with app.run_test(size=ROOMY):
        await until_shown(app, "412.3 req/s now")
        monkeypatch.setattr(app._driver, "write", written.write)
        engine.publish(snapshot(incidents=(replace(incident(), message="x\x1b\\;\x07y"),)))
        await until(lambda: "notify" in written.getvalue())
        assert "\x1b]777;notify;logmon;critical: " in written.getvalue()
        assert "x\\x1b\\,\\x07y" in written.getvalue()


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
