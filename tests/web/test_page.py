"""The page in a real browser: its figures are those of the JSON, and it does what it offers."""

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from logmon_tui import units
from logmon_tui.web.page import file
from tests.pipeline.runs import START
from tests.web.viewing import viewing, watch_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def line(
    second: int, path: str = "/a/b", status: int = 200, host: str = "10.0.0.1", time: float = 0.25
) -> bytes:
    stamp = datetime.fromtimestamp(START + second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return (
        f'{host} - - [{stamp}] "GET {path} HTTP/1.1" {status} 1234 "-" "curl/8.5" {time:.3f}\n'
    ).encode()


def traffic() -> bytes:
    chance = random.Random(5)
    paths = ("/", "/api/quests", "/api/health", "/shop/1", "/pages/list")
    return b"".join(
        line(
            second,
            chance.choice(paths),
            chance.choice((200, 200, 200, 304, 404, 503)),
            f"10.0.0.{chance.randrange(8)}",
        )
        for second in range(60)
        for _ in range(chance.randrange(5))
    )


LOG = traffic()
HITS = LOG.count(b"\n")


def test_its_numbers_are_those_of_the_json(chromium: "Browser") -> None:
    with watch_of(LOG) as server, viewing(chromium, server) as viewer:
        viewer.open()
        viewer.wait_for_hits(HITS)
        picture, tiles = viewer.seen()
        snapshot = picture["snapshot"]
        errors = sum(hits for code, hits in snapshot["status"].items() if code[0] == "5")
        assert tiles["rate"] == units.rate(snapshot["rate"])
        assert tiles["hits"] == units.count(snapshot["hits"])
        assert tiles["p95"] == units.seconds(snapshot["response_time"]["p95"], 0.001)
        assert tiles["5xx"] == f"{units.percent(errors / snapshot['hits'])} %"
        sections = {row["section"]: row for row in snapshot["sections"]}
        shown = {row[0]: row for row in viewer.table("sections")}
        assert sections.keys() == shown.keys()
        for name, row in sections.items():
            share = units.percent(row["hits"] / snapshot["hits"])
            assert shown[name][1:4] == [
                units.count(row["hits"]),
                share,
                units.spoken_size(row["bytes"]),
            ]
        codes = {row[0]: row[1] for row in viewer.table("status")}
        assert codes == {code: str(hits) for code, hits in snapshot["status"].items()}


def numbers() -> list[float]:
    chance = random.Random(7)
    edges = [0, 0.0005, 0.05, 0.095, 0.5, 0.9995, 1, 2.5, 9.95, 9.995, 99.95, 999.5, 999.95]
    edges += [999_500, 999_950, 1e6, 12_345_678, 3.3e9, 1e12, 59, 60, 3_599, 3_600, 86_399, 86_400]
    edges += [number / 8 for number in range(80)] + [number / 40 for number in range(200)]
    return [*edges, *(10 ** chance.uniform(-8, 13) for _ in range(3_000))]


def test_it_writes_numbers_as_all_else_does(chromium: "Browser") -> None:
    """Its script has the same rules as `units`; what one shows the other must not round apart."""
    given = numbers()
    whole = [int(number) for number in given if number < 1e9]
    resolutions = [0, 1, 0.001, 1e-6]
    names = "count, rate, size, percent, duration, span, seconds, clock, dateTime"
    page = chromium.new_page()
    try:
        page.goto("about:blank")
        found = page.evaluate(
            f"""([given, wholes, resolutions]) => {{
              {file("units.js").decode()}
              const of = {{ {names} }};
              const each = (names, values) => Object.fromEntries(
                names.map((name) => [name, values.map((value) => of[name](value))]));
              return {{
                ...each(["count", "rate", "size"], given),
                ...each(["percent"], given.filter((share) => share <= 1)),
                ...each(["duration", "clock", "dateTime"], wholes),
                ...each(["span"], wholes.filter((seconds) => seconds)),
                seconds: resolutions.map(
                  (resolution) => given.map((value) => seconds(value, resolution))),
              }};
            }}""",
            [given, whole, resolutions],
        )
    finally:
        page.close()
    assert found["count"] == [units.count(number) for number in given]
    assert found["rate"] == [units.rate(number) for number in given]
    assert found["size"] == [units.spoken_size(number) for number in given]
    assert found["percent"] == [units.percent(number) for number in given if number <= 1]
    assert found["duration"] == [units.duration(number) for number in whole]
    assert found["span"] == [units.window(number) for number in whole if number]
    assert found["clock"] == [units.clock(number) for number in whole]
    assert found["dateTime"] == [units.date_time(number) for number in whole]
    for resolution, texts in zip(resolutions, found["seconds"], strict=True):
        assert texts == [units.seconds(number, resolution) for number in given]


def test_a_click_on_a_row_narrows_and_the_address_can_be_shared(chromium: "Browser") -> None:
    with watch_of(LOG) as server:
        with viewing(chromium, server) as viewer:
            viewer.open()
            viewer.wait_for_hits(HITS)
            viewer.page.click(".table-sections button.key >> text=/api")
            viewer.wait_for_hits(LOG.count(b"/api/"))
            viewer.page.click(".table-status button.key >> text=503")
            errors = sum(b"/api/" in each and b" 503 " in each for each in LOG.splitlines())
            viewer.wait_for_hits(errors)
            assert viewer.page.locator("#chips li").count() == 2
            search = viewer.page.evaluate("location.search")
            viewer.page.click("[aria-label='Take section:/api away']")
            viewer.wait_for_hits(LOG.count(b" 503 "))
            viewer.page.go_back()
            viewer.wait_for_hits(errors)
        with viewing(chromium, server) as another:
            another.open(search)
            another.wait_for_hits(errors)
            assert another.page.input_value("#where") == "section:/api status:503"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("status:5xx stauts:404", "status:5xx ▸stauts:404"),
        ("status:", "status:▸(end)"),
        ("path:/😀 time:<b>", "path:/😀 time:▸<b>"),
    ],
)
def test_a_wrong_filter_is_told_with_its_place(chromium: "Browser", text: str, shown: str) -> None:
    with watch_of(LOG) as server, viewing(chromium, server) as viewer:
        viewer.open()
        viewer.wait_for_hits(HITS)
        viewer.page.fill("#where", text)
        viewer.page.press("#where", "Enter")
        viewer.wait_for("!document.getElementById('problem').hidden")
        assert viewer.page.inner_text("#problem").startswith(shown)
        viewer.wait_for_state("live")
        viewer.wait_for_hits(HITS)
        assert viewer.page.input_value("#where") == text
        assert viewer.page.evaluate("location.search") == ""
        viewer.page.fill("#where", "status:503")
        viewer.page.press("#where", "Enter")
        viewer.wait_for_hits(LOG.count(b" 503 "))
        assert not viewer.page.is_visible("#problem")


def test_the_graph_goes_back_to_a_moment_by_keys(chromium: "Browser") -> None:
    with watch_of(LOG) as server, viewing(chromium, server) as viewer:
        viewer.open("?window=10")
        viewer.wait_for("window.pictures.some(({graph}) => graph.columns.some((each) => each))")
        viewer.page.focus("#graph .frame")
        viewer.page.keyboard.press("Home")
        for _ in range(5):
            viewer.page.keyboard.press("ArrowRight")
        # Between slow keys it may go to further moments.
        viewer.wait_for("window.pictures.at(-1).scope.moment?.known === 'hits'")
        picture, tiles = viewer.seen()
        moment = picture["scope"]["moment"]
        hits = sum(LOG.count(_clock(moment["end"] - ago)) for ago in range(moment["seconds"]))
        assert 0 < hits < HITS
        assert tiles["hits"] == str(hits)
        assert "end=" in viewer.page.evaluate("location.search")
        viewer.page.keyboard.press("Escape")
        viewer.wait_for_state("live")
        assert viewer.page.evaluate("location.search") == "?window=10"


def test_no_figure_is_zero_where_nothing_is_known(chromium: "Browser") -> None:
    with watch_of(LOG) as server, viewing(chromium, server) as viewer:
        viewer.open("?end=1000&window=10")
        viewer.wait_for_state("past")
        viewer.wait_for("document.querySelector('[data-tile=hits]') !== null")
        assert "Nothing is known" in viewer.page.inner_text("#banner")
        picture, tiles = viewer.seen()
        assert picture["scope"]["moment"]["known"] == "nothing"
        assert {tiles[name] for name in tiles if name != "state"} == {"?"}
        assert viewer.page.locator("#tiles .ok:not([data-tile=state])").count() == 0


def _clock(second: int) -> bytes:
    return datetime.fromtimestamp(second, UTC).strftime(":%H:%M:%S +").encode()


def test_dragging_over_the_graph_shows_that_time(chromium: "Browser") -> None:
    with watch_of(LOG) as server, viewing(chromium, server) as viewer:
        viewer.open("?window=10")
        viewer.wait_for(
            "window.pictures.some((each) => each.graph?.columns.some((column) => column))"
        )
        box = viewer.page.locator("#graph .frame").bounding_box()
        assert box is not None
        viewer.page.mouse.move(box["x"] + 5, box["y"] + 50)
        viewer.page.mouse.down()
        viewer.page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 60, steps=4)
        viewer.page.mouse.up()
        viewer.wait_for_hits(HITS)
        viewer.wait_for_state("past")
        viewer.page.click("#live")
        viewer.wait_for_state("live")
        assert viewer.page.evaluate("location.search") == "?window=10"


def test_keys_alone_suffice_and_a_phone_has_room_for_all(chromium: "Browser") -> None:
    with watch_of(LOG) as server, viewing(chromium, server, width=390) as viewer:
        viewer.open()
        viewer.wait_for_hits(HITS)
        assert viewer.page.evaluate("document.documentElement.scrollWidth") <= 390
        viewer.page.focus(".table-sections tbody tr button")
        first = viewer.page.evaluate("document.activeElement.textContent")
        viewer.page.keyboard.press("Enter")
        viewer.wait_for_hits({row[0]: row[1] for row in viewer.table("sections")}[first])
        viewer.page.keyboard.press("Shift+Tab")
        assert viewer.page.evaluate("document.activeElement.tagName") == "BUTTON"


def test_tables_sort_by_any_column(chromium: "Browser") -> None:
    with watch_of(LOG) as server, viewing(chromium, server, width=1800) as viewer:
        viewer.open()
        viewer.wait_for_hits(HITS)
        viewer.page.click(".table-hosts thead button >> text=client")
        hosts = [row[0] for row in viewer.table("hosts")]
        assert hosts == sorted(hosts)
        viewer.page.click(".table-hosts thead button >> text=hits")
        hits = [int(row[1]) for row in viewer.table("hosts")]
        assert hits == sorted(hits, reverse=True)
        assert (
            viewer.page.get_attribute(".table-hosts [data-column=hits]", "aria-sort")
            == "descending"
        )


def test_without_javascript_it_says_so(chromium: "Browser") -> None:
    with watch_of(LOG) as server, viewing(chromium, server, java_script_enabled=False) as viewer:
        viewer.open()
        assert "needs JavaScript" in viewer.page.inner_text("body")
