"""What the screen says of how reading goes: in the header, and in the lines below it."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from logmon_tui.formats.model.unparsed import UNKNOWN_FORMAT, UnparsedLine
from logmon_tui.snapshot import Ingest, Saving, Snapshot
from logmon_tui.sources.base import SourceState, SourceStatus
from tests.tui.fakes import NOW, FakeEngine, snapshot, troubled_snapshot
from tests.tui.screens import make_app, screen_lines, screen_text, until, until_shown


def source(state: SourceState, name: str = "/tmp/access.log", **fields: Any) -> SourceStatus:
    return SourceStatus(name, state, **fields)


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (Snapshot(), ["◌ STARTING", "no hits yet"]),
        (Snapshot(sources=(source(SourceState.WAITING),)), ["◌ WAITING for file"]),
        (Snapshot(sources=(source(SourceState.LIVE),)), ["● LIVE", "lag 0.0 s"]),
        (
            Snapshot(sources=(source(SourceState.LIVE),), ingest=Ingest(quiet=337.0)),
            ["● LIVE", "no lines for 5 min"],
        ),
        (
            Snapshot(sources=(source(SourceState.LIVE),), ingest=Ingest(quiet=59.0)),
            ["● LIVE", "lag 0.0 s"],
        ),
        (Snapshot(sources=(source(SourceState.ENDED),)), ["■ ENDED"]),
        (
            Snapshot(sources=(source(SourceState.FAILED, message="no permission: chmod it"),)),
            ["✗ FAILED", "! no permission: chmod it"],
        ),
        (
            Snapshot(sources=(source(SourceState.FAILED), source(SourceState.LIVE))),
            ["✗ 1 of 2 FAILED"],
        ),
        (Snapshot(sources=(source(SourceState.LIVE, polling=True),)), ["⟲ polling"]),
        (
            Snapshot(
                sources=(source(SourceState.CATCHING_UP, position=12 * 10**8, size=27 * 10**8),),
                ingest=Ingest(lines_per_second=1_234_567, seconds_left=3.2),
            ),
            ["⟳ CATCHING UP", "44 %", "1.2 GB of 2.7 GB", "1.2M lines/s", "3 s left"],
        ),
        (
            Snapshot(sources=(source(SourceState.CATCHING_UP),), log_time=NOW),
            ["⟳ CATCHING UP", "still reading the log"],
        ),
        (
            Snapshot(sources=(source(SourceState.LIVE),), log_time=NOW),
            ["● LIVE", "no hits in this window"],
        ),
        (
            Snapshot(
                sources=(source(SourceState.CATCHING_UP),),
                ingest=Ingest(lines_per_second=1_234_567),
            ),
            ["⟳ CATCHING UP  1.2M lines/s"],
        ),
        (Snapshot(ingest=Ingest(failure="the disk is gone")), ["✗ the disk is gone"]),
        (
            Snapshot(
                ingest=Ingest(unparsed=3, first_unparsed=UnparsedLine(b"\x1bhm [/]", "no date"))
            ),
            [
                "✗ None of 3 lines parses: no date",
                "first: \\x1bhm [/]",
                "check its format",
            ],
        ),
        (
            Snapshot(
                ingest=Ingest(unparsed=1, first_unparsed=UnparsedLine(b'{"a":1}', UNKNOWN_FORMAT))
            ),
            ["None of 1 line parses", "describe its keys under [formats.NAME]"],
        ),
        (Snapshot(ingest=Ingest(hits=50, unparsed=50)), ["! parsed 50.0 %"]),
        (
            Snapshot(NOW, ingest=Ingest(hits=5, late=3, future=2, oversize=1, rotations=1)),
            ["! 1 oversize  ! 3 late  ! 2 future  1 rotation "],
        ),
        (replace(snapshot(), live=False), ["log time 2026-11-21 12:04:31"]),
    ],
)
async def test_every_state_is_told(picture: Snapshot, expected: list[str]) -> None:
    app = make_app(FakeEngine(picture))
    async with app.run_test(size=(150, 40)):
        for text in expected:
            await until_shown(app, text)


async def test_hits_that_wait_for_others_are_not_called_live() -> None:
    """So long nobody knows whether the log's time is the wall clock's."""
    waiting = Snapshot(ingest=Ingest(hits=4), sources=(source(SourceState.LIVE),))
    engine = FakeEngine(waiting)
    app = make_app(engine)
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "⟳ READING")
        await until_shown(app, "reading the first lines")
        assert not any(text in screen_text(app) for text in ("LIVE", "no hits", " UTC"))
        engine.publish(snapshot())
        await until_shown(app, "● LIVE")


async def test_of_a_log_that_is_no_access_log_one_line_tells() -> None:
    told = "is an nginx error log, not an access log; give the access log"
    picture = Snapshot(
        ingest=Ingest(
            unparsed=2,
            first_unparsed=UnparsedLine(b"no hit", UNKNOWN_FORMAT),
            not_access_logs=(f"/tmp/access.log {told}",),
        ),
        sources=(source(SourceState.LIVE, message=told),),
    )
    app = make_app(FakeEngine(picture))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, f" ! /tmp/access.log {told}")
        assert "None of" not in screen_text(app)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            160,
            "lag 0.1 s  parsed 99.9 %  ! 2 truncations  ! 1 oversize  ! 3 late  ! 2 future  4 rot",
        ),
        (120, "99.9 %  ! 2 truncations  ! 1 oversize  ! 3 late  ! 2 future  "),
        (80, "access.log  ● LIVE  ! 2 truncations  ! 1 oversize  12:04:31 UTC"),
        (60, "● LIVE  ! 2 truncations   "),
    ],
)
async def test_of_what_went_wrong_the_header_drops_the_least_harmful(
    width: int, expected: str
) -> None:
    picture = troubled_snapshot()
    app = make_app(FakeEngine(replace(picture, sources=picture.sources[:1])))
    async with app.run_test(size=(width, 24)):
        await until_shown(app, "412.3 req/s now")
        assert expected in screen_lines(app)[0]


async def test_what_went_wrong_is_no_warning_any_more_after_a_while() -> None:
    now = [1_000.0]
    figures = Ingest(hits=5, late=3, oversize=1)
    engine = FakeEngine(Snapshot(NOW, ingest=figures))
    app = make_app(engine)
    app.summary._clock = lambda: now[0]
    async with app.run_test(size=(150, 40)):
        await until_shown(app, "! 1 oversize  ! 3 late")
        now[0] += 601
        assert engine.publish is not None
        engine.publish(Snapshot(NOW, ingest=replace(figures, late=4)))
        await until_shown(app, "! 4 late  1 oversize ")


async def test_a_state_that_is_not_saved_is_told_below_the_logs_while_it_lasts() -> None:
    engine = FakeEngine(
        replace(
            troubled_snapshot(),
            saving=Saving("s.sqlite", problem="s.sqlite: No space left; state is not saved"),
        )
    )
    app = make_app(engine)
    async with app.run_test(size=(120, 36)):
        await until_shown(app, " ! s.sqlite: No space left; state is not saved")
        lines = screen_text(app).splitlines()
        assert lines[2].startswith(" ! /var/log/nginx/api.log: cannot be read")
        assert lines[3].startswith(" ! s.sqlite: No space left")
        engine.publish(snapshot())
        await until(lambda: "No space left" not in screen_text(app))


async def test_many_failing_logs_leave_room_for_the_panels() -> None:
    sources = tuple(source(SourceState.FAILED, f"log{n}", message="gone") for n in range(40))
    app = make_app(FakeEngine(replace(snapshot(), sources=sources)))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "! and 37 more logs")
        assert app.dashboard.size.height > 25


async def test_the_banner_goes_when_all_is_well() -> None:
    engine = FakeEngine(Snapshot(ingest=Ingest(failure="the disk is gone")))
    app = make_app(engine)
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "the disk is gone")
        engine.publish(snapshot())
        await until(lambda: "the disk is gone" not in screen_text(app))
        await until(lambda: screen_text(app).splitlines()[2].startswith("╭"))


async def test_a_blank_is_before_the_clock_at_any_width() -> None:
    state = source(SourceState.CATCHING_UP, position=12 * 10**8, size=27 * 10**8)
    ingest = Ingest(lines_per_second=1_234_567, seconds_left=3.2)
    app = make_app(FakeEngine(Snapshot(sources=(state,), ingest=ingest)))
    async with app.run_test(size=(30, 24)) as pilot:
        for width in range(30, 130):
            await pilot.resize_terminal(width, 24)
            found = re.search(r"(.)\d\d:\d\d:\d\d( UTC)?", screen_lines(app)[0])
            assert found is None or found[1] == " ", width


async def test_no_rate_is_told_before_the_newest_lines_of_a_long_log_are_read() -> None:
    behind = (source(SourceState.CATCHING_UP),)
    engine = FakeEngine(Snapshot(sources=behind, log_time=NOW))
    app = make_app(engine)
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "CATCHING UP")
        assert "still reading the log" in screen_lines(app)[1]
        assert "req/s now" not in screen_text(app)
        engine.publish(replace(snapshot(), sources=behind))
        await until_shown(app, "req/s now")
