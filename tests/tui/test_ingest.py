"""The ingest panel: every figure of the reading, the logs, the saved state, the unparsed lines."""

from typing import Any

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.snapshot import Ingest, Saving, Snapshot, TargetStatus
from logmon_tui.sources.base import SourceState, SourceStatus
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.ingest_text import (
    Words,
    figures,
    flowing,
    log_rows,
    saving_rows,
    target_rows,
    too_late,
    unparsed_rows,
)
from tests.tui.fakes import (
    HOSTILE,
    NOW,
    FakeEngine,
    hostile_snapshot,
    snapshot,
    troubled_snapshot,
)
from tests.tui.screens import make_app, screen_text, until, until_shown, until_still

ONLY = Settings(show=(Panel.INGEST,))


def texts(rows: list[Words]) -> list[str]:
    return ["".join(text for text, _ in row).rstrip() for row in rows]


def with_lines(number: int) -> Snapshot:
    picture = troubled_snapshot()
    lines = tuple(UnparsedLine(b"odd line %d." % n, "no date") for n in range(number))
    return replace(picture, ingest=replace(picture.ingest, unparsed_lines=lines))


def scroll(app: LogmonApp) -> int:
    return int(app.dashboard.panels[Panel.INGEST].scroll_offset.y)


@pytest.mark.parametrize("size", [(160, 45), (120, 36), (80, 24)], ids=str)
async def test_the_panel_as_text(snapshot: Any, request: Any, size: tuple[int, int]) -> None:
    snapshot.snapshot_dir = request.path.parent / "snapshots"
    app = make_app(FakeEngine(troubled_snapshot()), ONLY)
    async with app.run_test(size=size):
        await until_shown(app, "412.3 req/s now")
        snapshot.assert_match(screen_text(app), f"ingest-{size[0]}x{size[1]}.txt")


@pytest.mark.parametrize("key", ["0", "i"])
async def test_its_keys_open_it_beside_the_others_with_all_counts_in_sight(key: str) -> None:
    app = make_app(FakeEngine(troubled_snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press(key)
        assert app.focused.id == "ingest"
        for text in ("! truncations 2", "! unparsed 1,234", "saved 1 s ago", "Permission denied"):
            await until_shown(app, text)
        await pilot.press(key)
        await until(lambda: "0 Ingest" not in screen_text(app))


async def test_nothing_odd_is_said_where_nothing_is() -> None:
    app = make_app(FakeEngine(snapshot()), ONLY)
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "0 Ingest ─ nothing odd")
        assert "!" not in screen_text(app)[screen_text(app).index("0 Ingest") :]


def test_what_went_wrong_has_a_sign_and_a_colour_and_zeros_are_dim() -> None:
    bad = figures(Ingest(hits=1, unparsed=2, oversize=1, late=4, future=5, truncations=3))
    told = ("unparsed 2", "oversize 1", "late 4", "future 5", "truncations 3", "parsed 33.3 %")
    for text in told:
        assert [(f"! {text}", "panel--warning")] in bad
    fine = figures(Ingest(hits=1, rotations=0))
    for name in ("unparsed", "oversize", "late", "future", "truncations", "rotations"):
        assert [(f"{name} 0", "panel--dim")] in fine
    assert [("rotations 7", "")] in figures(Ingest(rotations=7))
    assert "ignored 1,234" in texts(figures(Ingest(hits=2_000, ignored=1_234)))
    assert not [text for text in texts(figures(Ingest(hits=2_000))) if "ignored" in text]


def test_by_how_much_alerts_are_judged_later_is_said() -> None:
    assert "alerts 4.2 s later" in texts(figures(Ingest(evaluation_delay=4.25)))
    assert "late for alerts 1,234" in texts(figures(Ingest(late_for_alerts=1_234)))
    assert not [text for text in texts(figures(Ingest())) if "alerts" in text]


def test_hits_that_come_later_than_alerts_wait_are_told_with_what_to_do() -> None:
    assert too_late(Ingest(evaluation_delay=3, lateness=3)) == ""
    found = too_late(Ingest(evaluation_delay=15, lateness=41.25))
    assert found == (
        "hits come 41.2 s late, alerts wait 15.0 s: evaluation-delay = 43 would judge all of them"
    )
    assert "60.0 s late or more, alerts wait" in too_late(Ingest(evaluation_delay=15, lateness=61))
    assert "alerts do not wait" in too_late(Ingest(lateness=3))


def test_the_speed_shows_while_catching_up() -> None:
    assert "lines/s 123,456" in texts(figures(Ingest(lines_per_second=123_456.0)))
    assert not [text for text in texts(figures(Ingest())) if "lines/s" in text]


def test_figures_flow_into_the_width_and_none_is_broken() -> None:
    parts = figures(troubled_snapshot().ingest)
    rows = texts(list(flowing(parts, 40)))
    assert max(map(len, rows)) <= 40
    assert "   ".join(rows).split("   ") == texts(parts)


def test_in_a_narrow_panel_a_log_keeps_its_name_and_state_longest() -> None:
    sources = troubled_snapshot().sources
    titles = {width: texts(list(log_rows(sources, width)))[0].split() for width in range(20, 120)}
    assert titles[119] == ["log", "state", "read", "rotated", "truncated", "oversize"]
    assert titles[78] == ["log", "state", "read", "truncated", "oversize"]
    assert titles[50] == ["log", "state", "truncated"]
    assert titles[38] == titles[20] == ["log", "state"]
    rows = texts(list(log_rows(sources, 38)))
    assert rows[2].split() == ["●", "…logs/apache-access.log", "live"]


def test_what_is_wrong_with_a_log_stands_below_it_in_full() -> None:
    message = "cannot be read: Permission denied; make it readable with chmod"
    source = SourceStatus("a.log", SourceState.FAILED, message=message, polling=True)
    rows = texts(list(log_rows((source,), 40)))
    assert rows[1].split() == ["✗", "a.log", "failed"]
    assert rows[2] == "  ⟲ polling, for file events do not wor…"
    assert " ".join(row.strip() for row in rows[3:]) == f"! {message}"


@pytest.mark.parametrize(
    ("saving", "expected"),
    [
        (Saving(), ["  the state is not saved"]),
        (Saving("s.db"), ["  state not saved yet   s.db"]),
        (Saving("s.db", saved_at=NOW - 0.4), ["✓ state saved just now   s.db"]),
        (Saving("s.db", saved_at=NOW - 133), ["✓ state saved 2 m 13 s ago   s.db"]),
        (
            Saving("s.db", problem="s.db: No space left", saved_at=NOW - 9),
            ["  ! s.db: No space left", "  state saved 9 s ago   s.db"],
        ),
        (Saving(problem="in use by another run"), ["  ! in use by another run"]),
        (
            Saving("s.db", note="s.db was damaged: set aside", saved_at=NOW - 1),
            ["✓ state saved 1 s ago   s.db", "  s.db was damaged: set aside"],
        ),
    ],
)
def test_how_the_saving_goes_is_told(saving: Saving, expected: list[str]) -> None:
    assert texts(list(saving_rows(saving, 60, NOW))) == expected


def test_targets_stand_in_a_table_each_above_its_problem() -> None:
    targets = (
        TargetStatus("pager", "webhook", sent=1_234),
        TargetStatus("mail\x1b", "email", 1, 3, 2, "HTTP 500 \x1b[31m"),
    )
    rows = list(target_rows(targets, 60))
    assert [row.split() for row in texts(rows)] == [
        ["target", "kind", "sent", "waiting", "dropped"],
        ["●", "pager", "webhook", "1,234", "·", "·"],
        ["✗", "mail\\x1b", "email", "1", "3", "!", "2"],
        ["!", "HTTP", "500", "\\x1b[31m"],
    ]
    assert rows[3][0][1] == "panel--warning"
    assert list(target_rows((), 60)) == []


def test_in_a_narrow_panel_a_target_keeps_its_name_and_what_was_dropped() -> None:
    targets = (TargetStatus("pager", "webhook", sent=3, dropped=7),)
    assert [row.split() for row in texts(list(target_rows(targets, 30)))] == [
        ["target", "dropped"],
        ["●", "pager", "!", "7"],
    ]


async def test_targets_show_in_the_panel() -> None:
    picture = snapshot()
    dead = TargetStatus("pager", "webhook", problem="Connection refused")
    app = make_app(
        FakeEngine(replace(picture, ingest=replace(picture.ingest, targets=(dead,)))), ONLY
    )
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "0 Ingest ─ ! 1 dead target ")
        await until_shown(app, "✗ pager")
        await until_shown(app, "! Connection refused")


def test_unparsed_lines_stand_newest_first_each_below_its_reason() -> None:
    lines = (
        UnparsedLine(b"first", "no date"),
        UnparsedLine(b"second", "no closing quote"),
        UnparsedLine(b"third", "no date"),
        UnparsedLine(b"", "no date"),
    )
    assert texts(list(unparsed_rows(Ingest(unparsed=1_234, unparsed_lines=lines), 60))) == [
        "  unparsed lines, newest first (4 of 1,234)",
        "! no date",
        "  (empty)",
        "  third",
        "! no closing quote",
        "  second",
        "! no date",
        "  first",
    ]


async def test_keys_scroll_to_the_oldest_unparsed_line_and_back() -> None:
    app = make_app(FakeEngine(with_lines(60)), ONLY)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "odd line 59.")
        assert "odd line 0." not in screen_text(app)
        await pilot.press("G")
        await until_shown(app, "odd line 0.")
        where = []
        for key in ("k", "up", "down", "pageup", "pagedown", "home"):
            before = scroll(app)
            await pilot.press(key)
            await until_still(app)
            where.append(scroll(app) - before)
        assert where[:3] == [-1, -1, 1]
        assert where[3] < -10 < 10 < where[4]
        assert scroll(app) == 0


async def test_new_figures_show_at_once_and_leave_the_scroll_where_it_is() -> None:
    engine = FakeEngine(with_lines(60))
    app = make_app(engine, ONLY)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "odd line 59.")
        await pilot.press("j", "j", "j")
        await until_still(app)
        engine.publish(with_lines(70))
        await until_shown(app, "odd line 69.")
        assert scroll(app) == 3


async def test_hostile_lines_names_and_messages_show_literally_and_do_nothing() -> None:
    picture = hostile_snapshot()
    app = make_app(FakeEngine(replace(picture, ingest=replace(picture.ingest, failure=""))), ONLY)
    async with app.run_test(size=(160, 45)) as pilot:
        await until_shown(app, "0 Ingest")
        await pilot.press("m")
        await until_still(app)
        shown = screen_text(app)
        shown = shown[shown.index("0 Ingest") :]
        for literal in (
            "● b/esc\\x1b]0;owned\\x07\\x1b[31m[@click=app.quit]/x[/]/bidi\\u202egnp.exe\\u2066",
            "! mend it: /esc\\x1b]0;owned\\x07\\x1b[31m[@click=app.quit]/x[/]",
            "! disk full /esc\\x1b]0;owned",
            "set aside /esc\\x1b]0;owned",
            "! b'/a[/]b' /esc\\x1b]0;owned",
            "[@click=app.quit]/x[/]/bidi\\u202egnp.exe\\u2066/a[/]b",
            "/invalid\\xff\\xfe",
        ):
            assert literal in shown, literal
        lines = screen_text(app).splitlines()
        rows = [y for y, line in enumerate(lines) if "[@click" in line and line.startswith("┃")]
        assert len(rows) > len(HOSTILE)
        for y in rows[:6]:
            await pilot.click(offset=(lines[y].index("[@click") + 3, y))
        await pilot.press("enter", "x")
        await until_still(app)
        assert app.is_running
        assert screen_text(app).splitlines()[5:] == lines[5:]
