"""Marks of deploys on the screen: in the graph, beside alerts, and what was before and after."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from textual.command import CommandPalette

from logmon_tui.alerts.model.mark import MAX_MARKS, Mark
from logmon_tui.config.settings import Panel, Settings
from logmon_tui.monitor.commands import CompareMark
from logmon_tui.snapshot import AlertState, AroundMark, Ingest, MarkSide, Scope, Snapshot, Times
from logmon_tui.tui.alerts.mark_text import mark_lines
from logmon_tui.tui.alerts.mark_window import MarkWindow
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.mark_actions import NO_MARK
from tests.tui.fakes import HOSTILE, NOW, FakeEngine, by_class, incident, snapshot
from tests.tui.screens import assert_tidy, make_app, screen_text, until, until_shown, until_still

OLD, NEW = Mark(NOW - 200, "web 7"), Mark(NOW - 93, "api 4.12")
MARKED = replace(incident(), mark=NEW)
TIMES = Times(0.020, 0.080, 0.2, 1.0)
SLOWER = Times(0.025, 0.240, 0.9, 4.0)
AROUND = AroundMark(
    NEW,
    MarkSide(NEW.second - 600, NEW.second, 60_000, by_class(58_000, 500, 1_200, 300), TIMES),
    MarkSide(NEW.second, NOW, 9_300, by_class(8_000, 100, 270, 930), SLOWER),
)


def marked(*marks: Mark, around: AroundMark | None = None, **changed: Any) -> Snapshot:
    return replace(snapshot(incidents=(MARKED,)), marks=marks, around=around, **changed)


def axis_line(app: LogmonApp) -> str:
    return next(line for line in screen_text(app).splitlines() if " 0 └" in line)


def text_of(picture: Snapshot, mark: Mark = NEW, width: int = 56) -> str:
    return "\n".join(line.plain.rstrip() for line in mark_lines(mark, picture, width)) + "\n"


# In the graph


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=str)
async def test_marks_stand_on_the_axis_at_their_time(size: tuple[int, int]) -> None:
    engine = FakeEngine(replace(marked(), alerts=AlertState(threshold=400.0)))
    app = make_app(engine)
    async with app.run_test(size=size):
        await until_shown(app, " 0 └")
        assert "⚑" not in axis_line(app)
        engine.publish(replace(marked(Mark(NOW - 90_000, "old"), OLD, NEW), alerts=AlertState()))
        await until(lambda: axis_line(app).count("⚑") == 2)
        panel = app.dashboard.panels[Panel.TRAFFIC]
        first = axis_line(app).index("└") + 1
        line, axis = axis_line(app), panel._drawing.axis
        assert {place for place, sign in enumerate(line) if sign == "⚑"} == {
            first + (mark.second - axis.start) // axis.step for mark in (OLD, NEW)
        }


async def test_the_sign_of_a_fire_goes_before_that_of_a_mark_in_its_column() -> None:
    same = Mark(MARKED.triggered_at, "at once")
    app = make_app(FakeEngine(marked(same)))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "▲")
        assert "⚑" not in axis_line(app)


async def test_the_legend_names_the_newest_mark_that_the_graph_shows() -> None:
    app = make_app(FakeEngine(marked(OLD, NEW)), Settings(show=(Panel.TRAFFIC,)))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "⚑ api 4.12  ╌ threshold")


# What was before and after


@pytest.fixture
def screen_snapshot(snapshot: Any, request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    snapshot.snapshot_dir = request.path.parent / "snapshots"

    def check(text: str, name: str) -> None:
        snapshot.assert_match(text, name)

    return check


def test_the_figures_before_and_after(screen_snapshot: Callable[[str, str], None]) -> None:
    screen_snapshot(text_of(marked(OLD, NEW, around=AROUND)), "before_and_after.txt")


def test_no_line_is_wider_than_the_window_and_the_change_is_there_at_40_columns() -> None:
    for width in range(1, 60):
        lines = mark_lines(NEW, marked(around=AROUND), width)
        assert max(line.cell_length for line in lines) <= width
    changes = [
        line.split()[-1] for line in text_of(marked(around=AROUND), width=32).splitlines()[3:9]
    ]
    assert changes == ["change", "=", "%", "20", "%", "3"]


def test_what_is_not_known_is_said_and_no_figure_is_made_up() -> None:
    around = AroundMark(
        NEW,
        MarkSide(NEW.second - 600, NEW.second, 6_000, by_class(6_000, 0, 0, 0), None, False),
        MarkSide(NEW.second, NEW.second),
    )
    text = text_of(marked(NEW, around=around))
    rows = {line[:8].strip(): line[8:].split("  ") for line in text.splitlines() if line}
    figures = {name: [each.strip() for each in row if each] for name, row in rows.items()}
    assert figures["req/s"] == ["10.0", "–"]
    assert figures["4xx %"] == figures["5xx %"] == ["0.0", "–"]
    assert figures["p50"] == figures["p95"] == ["not kept", "–"]
    assert "known: 10 min before, nothing after so far" in " ".join(text.split())
    assert "Response times of so long ago are no longer kept." in " ".join(text.split())


def test_minutes_that_reach_over_the_edges_of_an_old_time_are_not_told_to_come() -> None:
    old = Mark(NOW - 7_200, "web 6")
    sides = (
        MarkSide(old.second - 570, old.second - 30),
        MarkSide(old.second + 30, old.second + 570),
    )
    text = text_of(marked(old, around=AroundMark(old, *sides)), old)
    assert "9 min before, 9 min after." in " ".join(text.split())


def test_a_log_without_times_has_none_but_lost_none() -> None:
    sides = (side._replace(times=None) for side in (AROUND.before, AROUND.after))
    text = text_of(marked(NEW, around=AroundMark(NEW, *sides)))
    assert "not kept" not in text
    assert "are kept" not in text


def test_of_a_crowd_of_alerts_the_first_are_named() -> None:
    crowd = tuple(
        replace(incident(subject=b"10.0.0.%d" % n, at=NEW.second + n), mark=NEW) for n in range(30)
    )
    picture = replace(marked(NEW, around=AROUND), alerts=AlertState(incidents=crowd[::-1]))
    *_, last, more = text_of(picture).splitlines()
    assert last == "▲ 12:03:07  High traffic 10.0.0.9"
    assert more == "and 20 more"


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12)], ids=str)
async def test_enter_in_the_graph_compares_around_the_newest_mark(size: tuple[int, int]) -> None:
    engine = FakeEngine(marked(OLD, NEW))
    app = make_app(engine)
    async with app.run_test(size=size) as pilot:
        await until_shown(app, "412.3")
        app.dashboard.set_shown((Panel.TRAFFIC,))
        app.dashboard.panels[Panel.TRAFFIC].focus()
        await pilot.press("enter")
        await until_shown(app, "Summing up")
        assert engine.posted[-1] == CompareMark(NEW)
        engine.publish(marked(OLD, NEW, around=AROUND))
        await until_shown(app, "req/s")
        assert "100.0" in screen_text(app)
        assert_tidy(app, size)
        await pilot.press("left")
        await until(lambda: engine.posted[-1] == CompareMark(OLD))
        await until_shown(app, "⚑ web 7")
        assert "100.0" not in screen_text(app)
        await pilot.press("left")
        await pilot.press("right")
        await until_shown(app, "⚑ api 4.12")
        await pilot.press("escape")
        await until(lambda: not isinstance(app.screen, MarkWindow))
        assert engine.posted[-1] == CompareMark(None)


async def test_without_a_mark_the_key_says_how_to_make_one() -> None:
    app = make_app(FakeEngine(marked()))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until_shown(app, "412.3")
        app.dashboard.panels[Panel.TRAFFIC].focus()
        await pilot.press("enter")
        await until_shown(app, NO_MARK[:30])
        assert not isinstance(app.screen, MarkWindow)


async def test_a_paused_display_shows_what_was_asked_for() -> None:
    engine = FakeEngine(marked(OLD, NEW))
    app = make_app(engine, Settings(show=(Panel.TRAFFIC,)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "412.3")
        await pilot.press("space")
        await until_shown(app, "PAUSED")
        app.open_mark(NEW)
        await until(lambda: CompareMark(NEW) in engine.posted)
        engine.publish(marked(OLD, NEW, around=AROUND, scope=Scope("", (), 10)))
        await until_shown(app, "100.0")


async def test_the_palette_compares_around_a_mark_by_its_name() -> None:
    marks = (*(Mark(NOW - 9_000 + n, f"build {n}") for n in range(30)), NEW)
    engine = FakeEngine(marked(*marks))
    app = make_app(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_shown(app, "412.3")
        titles = [each.title for each in app.get_system_commands(app.screen)]
        mine = [title for title in titles if title.startswith("Marks: ")]
        assert len(mine) == 20
        assert mine[0] == "Marks: Compare before and after api 4.12"
        await pilot.press("ctrl+p")
        await until(lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"build 29")
        await until_shown(app, "before and after build 29")
        await pilot.press("enter", "enter")
        await until(lambda: CompareMark(marks[29]) in engine.posted)


# Beside alerts


async def test_alerts_say_which_mark_they_follow() -> None:
    app = make_app(FakeEngine(marked(NEW)), Settings(show=(Panel.ALERTS,)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "⚑ 12 s after api 4.12")
        app.dashboard.panels[Panel.ALERTS].focus()
        await pilot.press("enter")
        await until(lambda: "⚑ 12 s after mark api 4.12" in screen_text(app))
        await until_still(app)


async def test_a_toast_says_it_too() -> None:
    engine = FakeEngine(snapshot(incidents=()))
    app = make_app(engine)
    async with app.run_test(size=(120, 36), notifications=True):
        await until_shown(app, "412.3 req/s now")
        engine.publish(marked(NEW))
        await until(lambda: "12 s after mark api" in " ".join(screen_text(app).split()))


async def test_what_is_wrong_with_the_file_stands_in_the_ingest_panel() -> None:
    problem = "/srv/deploys.txt is gone; what was read of it stays"
    ingest = Ingest(("combined",), 10, 10, marks_problem=problem)
    app = make_app(FakeEngine(marked(NEW, ingest=ingest)), Settings(show=(Panel.INGEST,)))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, f"! {problem}")


# Safety


@pytest.mark.parametrize("text", [*HOSTILE[:-1], b"[/b \\[x]"], ids=repr)
async def test_no_text_of_a_mark_can_do_anything(text: bytes) -> None:
    mark = Mark(NEW.second, text.decode("utf-8", "backslashreplace"))
    around = AROUND._replace(mark=mark)
    picture = replace(
        snapshot(incidents=(replace(MARKED, mark=mark),)), marks=(mark,), around=around
    )
    app = make_app(FakeEngine(picture), Settings(show=(Panel.TRAFFIC, Panel.ALERTS)))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until_shown(app, "412.3")
        assert_tidy(app, (120, 36))
        app.dashboard.panels[Panel.TRAFFIC].focus()
        await pilot.press("enter")
        await until_shown(app, "Before and after")
        assert_tidy(app, (120, 36))
        await pilot.press("escape")
        await pilot.press("ctrl+p")
        await pilot.press(*"before and")
        await until_shown(app, "Compare before and after")
        assert_tidy(app, (120, 36))


async def test_a_thousand_marks_are_shown_and_stepped_through() -> None:
    marks = tuple(Mark(NOW - MAX_MARKS + n, f"{n}") for n in range(MAX_MARKS))
    app = make_app(FakeEngine(marked(*marks)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "412.3")
        app.open_mark(marks[-1])
        await until_shown(app, "⚑ 999")
        await pilot.press(*["left"] * 5)
        await until_shown(app, "⚑ 994")
