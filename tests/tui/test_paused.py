"""While the display is paused, what a panel asks for comes with one picture, and no other does."""

from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.monitor.commands import ParseTail, ShowRequests
from logmon_tui.snapshot import Order, Scope, Snapshot
from tests.tui.fakes import FakeEngine, snapshot
from tests.tui.request_fakes import ROWS, with_requests
from tests.tui.screens import make_app, until, until_shown, until_still

SIZE = (160, 45)


def at_rate(picture: Snapshot, rate: float) -> Snapshot:
    return replace(picture, rate=rate, scope=Scope("", (), 10))


async def test_the_requests_come_once_and_again_in_another_order() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine, Settings(show=(Panel.SECTIONS,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("space", "Q")
        await until(lambda: engine.posted == [ShowRequests(Order.NEWEST)])
        engine.publish(at_rate(snapshot(), 1.5))  # made before the engine knew
        engine.publish(at_rate(with_requests(), 2.5))
        await until_shown(app, "/login/199")
        await until_shown(app, "2.5 req/s now")
        engine.publish(at_rate(with_requests(), 3.5))
        await until_still(app)
        assert app.snapshot.rate == 2.5
        await pilot.press("s")
        await until(lambda: engine.posted[-1] == ShowRequests(Order.SLOWEST))
        engine.publish(at_rate(with_requests(), 4.5))
        await until_still(app)
        assert app.snapshot.rate == 2.5
        engine.publish(at_rate(with_requests(ROWS[5:9], Order.SLOWEST), 5.5))
        await until_shown(app, "Q Requests ─ slowest · ")
        assert app.snapshot.rate == 5.5


async def test_the_requests_come_that_were_asked_for_before_the_first_picture() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine, Settings(show=(Panel.REQUESTS,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "the requests come with the next picture")
        await pilot.press("space")
        engine.publish(at_rate(with_requests(), 2.5))
        await until_shown(app, "/login/199")


async def test_hiding_the_requests_brings_no_picture() -> None:
    engine = FakeEngine(with_requests())
    app = make_app(engine, Settings(show=(Panel.SECTIONS, Panel.REQUESTS)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/login/199")
        before = app.snapshot.rate
        await pilot.press("space", "Q", "Q")
        await until(lambda: engine.posted[-1] == ShowRequests(None))
        engine.publish(at_rate(snapshot(), 1.5))
        await until_still(app)
        assert app.snapshot.rate == before


async def test_the_tail_is_parsed() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine, Settings(show=(Panel.TAIL,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("space", "v")
        await until(lambda: engine.posted[-1] == ParseTail(True))
        hits = tuple(reversed(ROWS))
        parsed = replace(snapshot(), tail=tuple(b"raw" for _ in hits), tail_hits=hits)
        engine.publish(at_rate(parsed, 2.5))
        await until_shown(app, "/login/199")
        engine.publish(at_rate(parsed, 3.5))
        await until_still(app)
        assert app.snapshot.rate == 2.5
