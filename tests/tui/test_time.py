"""Going back in time by keys: which moment the screen shows, and what it says of it."""

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.monitor.commands import ShowMoment
from logmon_tui.snapshot import Known, Moment, Scope, Window
from logmon_tui.sources.base import SourceState, SourceStatus
from logmon_tui.tui.paint.time_view import DAY, HOUR, MINUTE, Asked
from logmon_tui.tui.panels.time_bar import covers
from tests.tui.fakes import HOSTILE, NOW, incident
from tests.tui.past_fakes import GAP, PAST_INCIDENTS, SINCE, past_app
from tests.tui.screens import ALL, assert_tidy, screen_text, until, until_shown, until_still

SIZE = (120, 36)
STEP = 5  # seconds of a column of the live graph at this size
COLUMN = NOW // STEP * STEP


def ended(engine: object) -> int | None:
    """Return the second with which the moment ends that was asked for last."""
    return engine.moment.end  # type: ignore[attr-defined]


async def test_left_and_right_go_from_column_to_column_and_back_to_the_present() -> None:
    app, engine = past_app()
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "● LIVE")
        await pilot.press("left")
        assert engine.moment == ShowMoment(COLUMN - 1, 10)
        await until_shown(app, "every hit is known")
        await until_shown(app, "12:04:20–12:04:29 · Sat 21 Nov")
        assert "● LIVE" not in screen_text(app)
        assert "┊" in screen_text(app)
        assert "req/s then" in screen_text(app)
        await pilot.press("shift+left", "right")
        assert ended(engine) == COLUMN - 1 - 9 * STEP
        await pilot.press("shift+right", "right")
        await until_shown(app, "● LIVE")
        assert engine.moment == ShowMoment()
        assert "every hit" not in screen_text(app)


@pytest.mark.parametrize("key", ["end", "escape"])
async def test_end_and_esc_are_live_again(key: str) -> None:
    app, engine = past_app()
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("1", "left", "left")
        await until_shown(app, "◀ ")
        await pilot.press(key)
        await until_shown(app, "● LIVE")
        assert (engine.moment.end, engine.graph.columns) == (None, 0)


async def test_esc_restores_a_panel_first_and_takes_terms_off_last() -> None:
    app, engine = past_app()
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("left", "m", "escape")
        assert app.screen.maximized is None
        assert ended(engine) is not None
        await pilot.press("f", *"status:5xx", "enter", "escape")
        assert ended(engine) is None
        await until_shown(app, "status:5xx")
        await pilot.press("escape")
        await until(lambda: "status:5xx ×" not in screen_text(app))


async def test_pages_and_the_beginning_with_the_graph_in_focus() -> None:
    app, engine = past_app()
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("1", "z", "z")
        await until_shown(app, "last 1 h")
        await pilot.press("pageup")
        assert ended(engine) == NOW // MINUTE * MINUTE - 59 * MINUTE - 1
        await pilot.press("pagedown")
        await until_shown(app, "12:04:00–12:04:31")
        await pilot.press("home")
        await until(lambda: engine.moment.end == SINCE + MINUTE - 1)
        await until_shown(app, "the top keys of each minute are known")
        await pilot.press("left")
        assert engine.moment.end == SINCE + MINUTE - 1


async def test_the_beginning_is_found_though_no_picture_has_told_it_yet() -> None:
    app, engine = past_app()
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("1", "home")
        await until(lambda: engine.moment.end == SINCE + MINUTE - 1)
        await until_shown(app, "06:00:00–06:00:59 · Fri 20 Nov")


async def test_lists_keep_the_keys_that_they_need() -> None:
    app, engine = past_app(settings=Settings(show=(Panel.TRAFFIC, Panel.SECTIONS, Panel.TAIL)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("pageup", "home", "end", "pagedown")
        await pilot.press("9", "left", "right", "home")
        assert engine.asked() == []
        await pilot.press("2", "left")
        assert len(engine.asked()) == 1


@pytest.mark.parametrize(
    ("text", "end", "told"),
    [
        ("11:30", NOW // DAY * DAY + 11 * HOUR + 31 * MINUTE - 1, "11:30:00–11:30:59"),
        ("-2h", (NOW - 2 * HOUR) // MINUTE * MINUTE + 59, "◀ 1 h 59 m ago"),
        ("yesterday 14:00", NOW // DAY * DAY - 10 * HOUR + 59, "14:00:00–14:00:59 · Fri 20 Nov"),
        ("2026-11-20 03:12", None, "nothing recorded then"),
    ],
)
async def test_a_time_that_is_typed_is_shown(text: str, end: int | None, told: str) -> None:
    app, engine = past_app()
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("t")
        await until_shown(app, "go to")
        await pilot.press(*[{" ": "space"}.get(char, char) for char in text])
        await until_shown(app, " ago ")
        await pilot.press("enter")
        await until_shown(app, told)
        assert "┊" in screen_text(app)
        if end is not None:
            assert engine.moment.end == end


async def test_what_is_no_time_or_yet_to_come_is_told_in_the_prompt() -> None:
    app, engine = past_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("t", *"noon", "enter")
        await until_shown(app, "! no time, such as 03:12, -2h, fri 14:00, 2026-11-27 03:12")
        await pilot.press(*["backspace"] * 4, *"today", "space", *"23:00", "enter")
        await until_shown(app, "yet to come: it is 12:04:31")
        await pilot.press("escape")
        assert len(app.screen_stack) == 1
        assert engine.asked() == []


async def test_from_alert_to_alert() -> None:
    app, engine = past_app()
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        for each in PAST_INCIDENTS:
            await pilot.press("left_square_bracket")
            begin = engine.moment.end - engine.moment.seconds + 1
            assert begin <= each.triggered_at <= engine.moment.end
            await until_still(app)
        await until_shown(app, "1 firing then")
        await pilot.press("left_square_bracket")
        await pilot.press("right_square_bracket")
        at = PAST_INCIDENTS[1].triggered_at
        assert engine.moment.end == at // MINUTE * MINUTE + 59
        await until_shown(app, "▲ 10:04:31")


async def test_o_goes_to_where_an_alert_fired_from_its_row_and_its_window() -> None:
    app, engine = past_app()
    at = PAST_INCIDENTS[1].triggered_at
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("4", "down", "o")
        await until(lambda: engine.moment.end == at // MINUTE * MINUTE + 59)
        await until_shown(app, "▲ 1 firing then")
        await pilot.press("escape")
        await until_shown(app, "● LIVE")
        await pilot.press("enter")
        await until_shown(app, "o go there")
        await pilot.press("o")
        assert len(app.screen_stack) == 1
        await until_shown(app, "◀ ")


async def test_where_only_hours_are_known_alerts_are_those_of_where_one_looks() -> None:
    at = PAST_INCIDENTS[1].triggered_at
    app, engine = past_app()
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("4", "down", "o")
        await until_shown(app, "▲ 1 firing then")
        hour = Moment(at // HOUR * HOUR + HOUR - 1, HOUR, Known.HOURS)
        app.publish(replace(engine.picture(), moment=hour))
        await until_shown(app, "top keys of each hour")
        await until_still(app)
        assert screen_text(app).count("▲ 1 firing then") == 2  # header and panel


async def test_what_fires_now_is_told_while_one_looks_at_the_past() -> None:
    now = incident(at=NOW - 20)
    app, engine = past_app(incidents=(now, *PAST_INCIDENTS))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await until_shown(app, "▲ 1 FIRING")
        await pilot.press(*["left"] * 10)
        await until_shown(app, "▲ 1 FIRING NOW")
        assert "firing then" not in screen_text(app)
        more = (incident(subject=b"/new", at=NOW - 1), now, *PAST_INCIDENTS)
        alerts = replace(engine.present.alerts, incidents=more)
        engine.present = replace(engine.present, alerts=alerts)
        engine.answer()
        await until_shown(app, "▲ 2 FIRING NOW")


async def test_a_log_that_cannot_be_read_is_told_beside_the_past() -> None:
    app, engine = past_app()
    failed = SourceStatus("/var/log/nginx/access.log", SourceState.FAILED, message="gone")
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("left")
        await until_shown(app, "◀ ")
        engine.present = replace(engine.present, sources=(failed,))
        engine.answer()
        await until_shown(app, "✗ FAILED")
        assert "◀ " in screen_text(app)


async def test_the_screen_says_where_one_looks_before_the_answer_comes() -> None:
    app, engine = past_app()
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "● LIVE")
        engine.holds = True
        await pilot.press("left")
        await until_shown(app, "looking …")
        assert "┊" in screen_text(app)
        engine.answer()
        await until_shown(app, "every hit is known")


async def test_paused_each_key_shows_its_answer_once() -> None:
    app, engine = past_app()
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "● LIVE")
        await pilot.press("space", "left")
        await until_shown(app, "req/s then")
        text = screen_text(app)
        assert "PAUSED" in text
        assert "◀ " in text
        engine.present = replace(engine.present, rate=77.7)
        engine.answer()
        await until_still(app)
        assert "77.7" not in screen_text(app)
        await pilot.press("left_square_bracket")
        await until_shown(app, "77.7")
        await pilot.press("escape")
        await until_shown(app, "req/s now")
        assert "PAUSED" in screen_text(app)


async def test_the_present_is_called_live_beside_the_past() -> None:
    app, _ = past_app(settings=Settings(show=(Panel.TRAFFIC, Panel.TAIL, Panel.INGEST)))
    async with app.run_test(size=(160, 45)) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("left")
        await until_shown(app, "9 Tail ─ live")
        await until_shown(app, "0 Ingest ─ live")


async def test_a_gap_is_told_and_no_requests_are_promised() -> None:
    app, engine = past_app(settings=Settings(show=(Panel.TRAFFIC, Panel.REQUESTS)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "● LIVE")
        app.go_to(GAP.start + 1_800)
        await until_shown(app, "nothing recorded then")
        await until_shown(app, " not recorded ")
        engine.present = replace(engine.present)
        await pilot.press("left_square_bracket")
        await until_still(app)


async def test_a_filter_says_what_it_can_narrow() -> None:
    app, engine = past_app()
    async with app.run_test(size=(160, 45)) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("left")
        await until_shown(app, "◀ ")
        moment = Moment(engine.moment.end, engine.moment.seconds, Known.HITS, ("sections", "paths"))
        app.publish(replace(engine.picture(), moment=moment))
        await until_shown(app, "the filter: only top sections, paths")


@pytest.mark.parametrize("size", [(160, 45), (100, 40), (80, 40)])
async def test_what_a_filter_leaves_unknown_is_never_shown_as_none(size: tuple[int, int]) -> None:
    app, engine = past_app()
    async with app.run_test(size=size) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("left")
        await until_shown(app, "◀ ")
        picture, now = engine.picture(), engine.picture().now
        moment = Moment(engine.moment.end, engine.moment.seconds, Known.MINUTES, ("sections",))
        window = Window(hits=7, seconds=60, sections=now.sections)
        app.publish(replace(picture, moment=moment, now=window, rate=7 / 60))
        await until_shown(app, "the filter: only top sections")
        text = screen_text(app)
        assert "≥ 0.1 req/s then" in text
        header = text.splitlines()[1]
        assert "5xx" not in header
        assert "0 B/s" not in header
        assert "0 clients" not in header
        assert "have no clients" not in text
        assert "not known with this filter" in text
        moment = moment._replace(answered=())
        app.publish(replace(picture, moment=moment, now=Window(seconds=60), rate=0.0))
        await until_shown(app, "the filter: nothing known")
        assert "req/s not known with this filter" in screen_text(app)


async def test_a_longer_window_is_shown_of_the_past_as_well() -> None:
    app, engine = past_app()
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("left", "w")
        assert engine.moment == ShowMoment(COLUMN - 1, 60)


async def test_the_filter_names_the_key_that_takes_a_term_off_in_the_past() -> None:
    app, engine = past_app()
    scope = Scope("status:5xx", ("status:5xx",), 10)
    engine.present = replace(engine.present, scope=scope)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("f", *scope.where, "enter")
        await until_shown(app, "esc takes the last off")
        await pilot.press("left")
        await until_shown(app, "⌫ takes the last off")
        await pilot.press("escape")
        await until_shown(app, "esc takes the last off")


async def test_nothing_is_asked_before_there_are_hits() -> None:
    app, engine = past_app()
    engine.first = None
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("left", "t", "left_square_bracket", "1", "home", "end", "z", "g", "c")
        assert engine.asked() == []


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (40, 12)], ids=str)
async def test_hostile_alerts_and_keys_are_shown_as_text(size: tuple[int, int]) -> None:
    bad = tuple(
        replace(incident(subject=key, at=NOW - 400 - n, lasted=90), title=key.decode("latin-1"))
        for n, key in enumerate(HOSTILE)
    )
    app, _ = past_app(settings=Settings(show=ALL), incidents=bad)
    async with app.run_test(size=size) as pilot:
        await until_shown(app, "LIVE")
        for keys in (["left_square_bracket"], ["1", "left"], ["g"], ["c"], ["z", "z"], ["t"]):
            await pilot.press(*keys)
            await until_still(app)
            assert_tidy(app, size)


@pytest.mark.parametrize(
    ("moment", "asked", "expected"),
    [
        (None, None, True),
        (Moment(99, 10, Known.HITS), None, False),
        (None, Asked(99, 10), False),
        (Moment(99, 10, Known.HITS), Asked(99, 10), True),
        (Moment(99, 20, Known.HITS), Asked(99, 10), False),
        (Moment(119, 60, Known.MINUTES), Asked(99, 10), True),
        (Moment(119, 60, Known.MINUTES), Asked(64, 10), False),
    ],
)
def test_an_answer_covers_what_was_asked(
    moment: Moment | None, asked: Asked | None, expected: bool
) -> None:
    assert covers(moment, asked) is expected
