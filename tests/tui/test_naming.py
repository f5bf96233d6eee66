"""The views of clients and agents, and the key that asks DNS for the name of one of them."""

import threading
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.formats.clients import Place
from logmon_tui.formats.crawlers import Answer
from logmon_tui.lookups.names import MAX_OPEN
from logmon_tui.snapshot import CountRow, Ranking, Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.agents import MAX_ASKED
from tests.tui.fakes import HOSTILE, FakeEngine, snapshot
from tests.tui.screens import assert_tidy, make_app, screen_text, until, until_shown

SIZE = (120, 30)
GOOGLE, OTHER, NAMED = b"66.249.66.1", b"203.0.113.7", b"host.example"
CRAWL = "crawl-66-249-66-1.googlebot.com"
DE = Place(b"DE", b"AS3320 Deutsche Telekom")


class FakeNames:
    """Answers what it is asked for at once, on a thread of its own, or as `held` when released."""

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[str] = []
        self.held: list[Callable[[], None]] | None = None

    def __call__(self, address: str, tell: Callable[[Answer], None]) -> None:
        self.asked.append(address)
        answer = self.answers.get(address, Answer())
        if self.held is not None:
            self.held.append(lambda: tell(answer))
        else:
            threading.Thread(target=tell, args=(answer,)).start()


def rows(*keys: bytes) -> Ranking:
    return Ranking(tuple(CountRow(key, 100 - n, 10) for n, key in enumerate(keys)), len(keys))


def picture(**changed: object) -> Snapshot:
    base = snapshot()
    window = replace(
        base.now,
        hosts=rows(GOOGLE, OTHER, NAMED),
        networks=rows(b"66.249.66.0/24", b"203.0.113.0/24", NAMED),
        user_agents=rows(b"Googlebot/2.1", b"curl/8", b"GPTBot/1.2"),
        bots=rows(b"(not a bot)", b"Googlebot"),
        agent_kinds=rows(b"human", b"bot", b"ai"),
        **{name: each for name, each in changed.items() if name in {"countries", "asns"}},
    )
    others = {name: each for name, each in changed.items() if name in {"places", "claims"}}
    return replace(base, now=window, **others)


CLAIMS = {OTHER: "Googlebot", GOOGLE: "Googlebot"}
ANSWERS = {
    "66.249.66.1": Answer(CRAWL, confirmed=True),
    "203.0.113.7": Answer("host.evil.example", confirmed=True),
}


def app_with(first: Snapshot, names: FakeNames, *panels: Panel) -> tuple[LogmonApp, FakeEngine]:
    engine = FakeEngine(first)
    return make_app(engine, Settings(show=panels or (Panel.CLIENTS,)), ask_name=names), engine


async def test_v_leads_from_clients_to_networks_and_back_without_a_database() -> None:
    app, _ = app_with(picture(), FakeNames())
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "v: networks")
        await pilot.press("v")
        await until_shown(app, "5 Clients ─ networks")
        assert "203.0.113.0/24" in screen_text(app)
        await until_shown(app, "v: clients")
        await pilot.press("v")
        await until_shown(app, "5 Clients ─ last 10 s")


async def test_with_a_database_countries_and_asns_follow() -> None:
    given = picture(countries=rows(b"DE", b"(unknown)"), asns=rows(b"AS3320 Deutsche Telekom"))
    app, engine = app_with(given, FakeNames())
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "v: networks")
        await pilot.press("v", "v")
        await until_shown(app, "5 Clients ─ countries")
        assert "(unknown)" in screen_text(app)
        await pilot.press("v")
        await until_shown(app, "5 Clients ─ ASNs")
        assert "AS3320 Deutsche Telekom" in screen_text(app)
        engine.publish(picture())
        await until_shown(app, "ASNs need a database: --geoip FILE")
        await pilot.press("v")
        await until_shown(app, "5 Clients ─ last 10 s")


async def test_the_lower_edge_tells_where_the_client_under_the_cursor_is() -> None:
    app, _ = app_with(picture(places={OTHER: DE}, claims=CLAIMS), FakeNames())
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(
            app, " claims Googlebot ─ d: name ─ enter: only · v: networks · !: without "
        )
        await pilot.press("down")
        await until_shown(
            app, "claims Googlebot ─ DE · AS3320 Deutsche Telekom ─ d: name ─ enter: only · v: net"
        )
        await pilot.press("down")
        await until(lambda: "d: name" not in screen_text(app))
        assert "━ enter: only · v: networks · !: without ━" in screen_text(app)
        assert "DE ·" not in screen_text(app)


async def test_a_narrow_panel_leaves_out_where_the_client_is() -> None:
    app, _ = app_with(picture(places={GOOGLE: DE}), FakeNames())
    async with app.run_test(size=(40, 16)):
        await until_shown(app, " d: name ─ enter: only ")
        assert "DE ·" not in screen_text(app)


async def test_d_asks_for_the_name_of_the_client_under_the_cursor_alone() -> None:
    names = FakeNames(ANSWERS)
    app, engine = app_with(picture(), names)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "d: name")
        engine.publish(replace(picture(), rate=777.0))
        await until_shown(app, "777.0 req/s now")
        assert names.asked == []
        await pilot.press("down", "d")
        await until_shown(app, "host.evil.example ─ d: name")
        assert names.asked == ["203.0.113.7"]
        await pilot.press("up")
        await until(lambda: "host.evil.example" not in screen_text(app))
        await pilot.press("down")
        await until_shown(app, "host.evil.example")
        assert names.asked == ["203.0.113.7"]


async def test_a_client_that_claims_to_be_a_crawler_is_verified() -> None:
    app, _ = app_with(picture(claims=CLAIMS), FakeNames(ANSWERS))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "claims Googlebot")
        await pilot.press("d")
        await until_shown(app, f"verified Googlebot: {CRAWL}")
        await pilot.press("down", "d")
        await until_shown(app, "false: claims Googlebot, is host.evil.example")


async def test_while_dns_is_asked_the_panel_says_so_and_goes_on() -> None:
    names = FakeNames(ANSWERS)
    names.held = []
    app, engine = app_with(picture(), names)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "d: name")
        await pilot.press("d")
        await until_shown(app, "asking DNS …")
        engine.publish(replace(picture(), rate=777.0))
        await until_shown(app, "777.0 req/s now")
        await until(lambda: names.held)
        names.held[0]()
        await until_shown(app, CRAWL)


async def test_an_answer_after_the_end_of_the_program_harms_nothing() -> None:
    names = FakeNames(ANSWERS)
    names.held = []
    app, _ = app_with(picture(), names)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "d: name")
        await pilot.press("d")
        await until(lambda: names.held)
    problems: list[BaseException] = []

    def late() -> None:
        try:
            names.held[0]()
        except BaseException as error:  # noqa: BLE001 - any would reach the user's terminal
            problems.append(error)

    thread = threading.Thread(target=late)
    thread.start()
    thread.join()
    assert problems == []


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (("v", "d"), "Only a client has a name; v leads to the clients."),
        (("end", "d"), "Only an address has a name to ask for."),
    ],
)
async def test_what_has_no_name_to_ask_for_is_told(keys: tuple[str, ...], why: str) -> None:
    names = FakeNames()
    app, _ = app_with(picture(), names)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "v: networks")
        await pilot.press(*keys)
        await until_shown(app, why)
        assert names.asked == []


async def test_words_that_do_not_fit_the_edge_come_in_a_toast() -> None:
    app, _ = app_with(picture(claims=CLAIMS), FakeNames(ANSWERS))
    async with app.run_test(size=(44, 24), notifications=True) as pilot:
        await until_shown(app, "d: name")
        await pilot.press("down", "d")
        said = "false: claims Googlebot, is host.evil.example"
        await until(lambda: said in [toast.message for toast in app._notifications])


async def test_the_clients_of_a_crawler_are_verified_from_its_row() -> None:
    names = FakeNames(ANSWERS)
    app, _ = app_with(picture(claims=CLAIMS), names, Panel.AGENTS)
    async with app.run_test(size=SIZE) as pilot:
        said = "203.0.113.7: false: claims Googlebot, is host.evil.example; 1 of 2 verified"
        await until_shown(app, "d: name")
        await pilot.press("d")
        await until_shown(app, said)
        assert sorted(names.asked) == ["203.0.113.7", "66.249.66.1"]
        await pilot.press("v", "v", "v")
        await until_shown(app, "7 User agents ─ bots")
        assert said not in screen_text(app)
        await pilot.press("down", "d")
        await until_shown(app, said)


def test_the_clients_of_a_crawler_can_be_asked_for_at_once() -> None:
    assert MAX_ASKED <= MAX_OPEN


async def test_agents_of_no_crawler_have_no_clients_to_verify() -> None:
    names = FakeNames()
    app, _ = app_with(picture(claims=CLAIMS), names, Panel.AGENTS)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "d: name")
        await pilot.press("down", "d")
        await until_shown(app, "Only a known crawler's clients can be verified.")
        assert names.asked == []


async def test_the_kinds_of_agents_are_a_view() -> None:
    app, _ = app_with(picture(), FakeNames(), Panel.AGENTS)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "v: browsers")
        await pilot.press("v", "v", "v", "v")
        await until_shown(app, "7 User agents ─ kinds")
        for kind in ("humans", "bots", "AI crawlers"):
            assert kind in screen_text(app)


async def test_hostile_names_and_places_are_spelt_out() -> None:
    bad = HOSTILE[0] + HOSTILE[3] + HOSTILE[5]
    name = bad.decode("utf-8", "surrogateescape")
    first = picture(places={GOOGLE: Place(bad, bad)}, claims={GOOGLE: name})
    app, _ = app_with(first, FakeNames({"66.249.66.1": Answer(name, confirmed=True)}))
    async with app.run_test(size=(300, 30), notifications=True) as pilot:
        await until_shown(app, r"[@click=app.quit]/x[/]/esc\x1b]0;owned\x07\x1b[31m/bidi\u202e")
        await pilot.press("d")
        await until(lambda: screen_text(app).count(r"\x1b]0;owned\x07") >= 3)
        assert_tidy(app, (300, 30))
    app, _ = app_with(first, FakeNames({"66.249.66.1": Answer(name, confirmed=True)}))
    async with app.run_test(size=(60, 30), notifications=True) as pilot:
        await until_shown(app, "d: name")
        await pilot.press("d")
        await until(lambda: r"\x1b]0;owned" in screen_text(app))
        assert_tidy(app, (60, 30))


async def test_without_a_resolver_the_panel_says_so() -> None:
    app = make_app(FakeEngine(picture()), Settings(show=(Panel.CLIENTS,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "d: name")
        await pilot.press("d")
        await until_shown(app, "names cannot be asked for here")
