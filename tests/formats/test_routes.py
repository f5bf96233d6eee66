"""Sections and routes of paths: what the rules give, and that columns give the same."""

import re
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.formats import route_columns
from logmon_tui.formats.linear_patterns import INSTALL
from logmon_tui.formats.model.columns import column_of
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.model.values import section_of
from logmon_tui.formats.routes import OwnRoute, Routing

UUID = "9b2c1f0e-5d3a-4c1b-8f6e-2a7d9c0b1e3f"
HASH = "5d41402abc4b2a76b9719d911017c592"

GROUPED = {
    "/users/42": "/users/:id",
    "/users/42/": "/users/:id/",
    "/users/42/orders/7": "/users/:id/orders/:id",
    "/1/2/3/4": "/:id/:id/:id/:id",
    "//42//": "//:id//",
    "/users/1,2,3": "/users/:id",
    "/users/1%2C2%2c3": "/users/:id",
    "/orders/100-2000_3": "/orders/:id",
    "/users/42.json": "/users/:id.json",
    "/dumps/20261122.tar.gz": "/dumps/:id.tar.gz",
    f"/o/{UUID}": "/o/:id",
    f"/o/{UUID.upper()}/x": "/o/:id/x",
    f"/css/{HASH}.css": "/css/:id.css",
    f"/css/{HASH}.min.css": "/css/:id.min.css",
    "/commit/3f2a1b9c": "/commit/:id",
    "/tx/0xDeadBeef0123": "/tx/:id",
    "/day/2026-11-22": "/day/:id",
    "/day/20261122/x": "/day/:id/x",
    "/month/2026-11": "/month/:id",
    "/at/2026-11-22T08:26:40Z": "/at/:id",
    "/at/2026-11-22T08%3A26%3A40+01:00": "/at/:id",
    "/at/20261122T082640.123Z": "/at/:id",
    "/blog/2026/11/22/title": "/blog/:id/title",
    "/blog/2026/1/2": "/blog/:id",
    "/blog/2026/11/22/": "/blog/:id/",
    "/blog/2026/11/22/2026/11/23": "/blog/:id/:id/:id/:id",
    "/blog/2026/13/22/": "/blog/:id/:id/:id/",
    "/blog/2026/11/222": "/blog/:id/:id/:id",
    "/reset/V1StGXR8_Z5jdHi6B-myT": "/reset/:id",
    "/reset/01ARZ3NDEKTSV4RRFFQ69G5FAV": "/reset/:id",
    "/reset/cjld2cjxh0000qzrmn831i7rn": "/reset/:id",
    "/reset/abcdefgh7hijklmnopQrst": "/reset/:id",
    "/mail/alice@example.com": "/mail/:id",
    "/mail/a.b+c%40mail.example.org/x": "/mail/:id/x",
    "/mail/bob@163.com": "/mail/:id",
}
KEPT = (
    *("/", "//", "/users", "/api/v2/users", "/docs/3.11/index.html", "/docs/11.x/routing"),
    *("/jquery-3.2.1.min.js", "/npm/vue@3.2.1", "/npm/vue@next", "/npm/@scope/pkg", "/@alice"),
    *("/img/logo@2x.png", "/thumb/300x200", "/facade/deadbeef/defaced", "/file1", "/50x.html"),
    *("/how-to-configure-nginx-in-2026-and-later", "/Top-10-Places-In-Berlin-For-2026"),
    *("/2026-11-22-a-post", "/main.3f2a1b9c.js", "/users/42a", "/a.b.c.1", "/v1.2.3", "/10.0.0.1"),
    *("/wp-content/themes/twentytwentyfour", "/%E4%B8%AD%E6%96%87", "/a%20b%201", "/x@y"),
    *("*", "example.com:443", "-", "42", "users/42", "", ":42"),
)

SEGMENTS = st.one_of(
    st.sampled_from([each for path in (*GROUPED, *KEPT) for each in path.split("/")]),
    st.from_regex(r"[0-9a-fA-F]{6,12}", fullmatch=True),
    st.from_regex(r"[0-9A-Za-z_.@%-]{0,30}", fullmatch=True),
).map(str.encode)
ODD = st.sampled_from([b"\n", b"\0", b"\xff", "é".encode(), b"\xc3", b"%4", b".", b"@", b"9", b"/"])
PATHS = st.one_of(
    st.binary(max_size=60),
    st.binary(max_size=60).map(b"/".__add__),
    st.lists(st.one_of(SEGMENTS, ODD), max_size=6).map(lambda s: b"/" + b"/".join(s)),
    st.lists(st.one_of(SEGMENTS, ODD), max_size=6).map(lambda s: b"/" + b"".join(s)),
)
OWN = (OwnRoute(r"^/u/[^/]+", "/u/:name"), OwnRoute("(;)[^/]*|é", r"<\1>"), OwnRoute("(?i)A$", ""))


@pytest.mark.parametrize(("path", "route"), GROUPED.items())
def test_a_part_that_names_one_thing_is_put_as_id(path: str, route: str) -> None:
    assert Routing().route_of(path.encode()).decode() == route


@pytest.mark.parametrize("path", KEPT)
def test_words_versions_file_names_and_what_is_no_path_stay(path: str) -> None:
    assert Routing().route_of(path.encode()).decode() == path


@pytest.mark.parametrize("path", GROUPED.values())
def test_a_route_is_its_own_route(path: str) -> None:
    assert Routing().route_of(path.encode()).decode() == path


@pytest.mark.parametrize("own", [(), OWN])
@given(paths=st.lists(PATHS, min_size=1, max_size=8), depth=st.integers(1, 10))
def test_hits_get_the_sections_and_routes_of_their_paths(
    own: tuple[OwnRoute, ...], paths: list[bytes], depth: int
) -> None:
    routing = Routing(depth, own, routes=True)
    numbers = np.zeros(len(paths), dtype=np.int64)
    column = column_of(paths)
    sections = Column([b"/s"], np.zeros(len(paths), dtype=np.int32))
    columns = {Dimension.PATH: column, Dimension.SECTION: sections}
    batch = route_columns.routed(HitBatch(numbers, numbers, numbers, columns), routing)
    assert texts_of(batch, Dimension.ROUTE) == [routing.route_of(path) for path in paths]
    told = [routing.section_of(path) for path in paths] if depth > 1 else [b"/s"] * len(paths)
    assert texts_of(batch, Dimension.SECTION) == told


@pytest.mark.parametrize("own", [(), OWN])
@given(paths=st.lists(PATHS, max_size=8))
def test_the_routes_of_many_paths_are_those_of_each(
    own: tuple[OwnRoute, ...], paths: list[bytes]
) -> None:
    routing = Routing(own=own)
    many = [path.encode() for path in (*GROUPED, *KEPT)] + paths
    assert routing.routes_of(many) == [routing.route_of(path) for path in many]


@given(
    batches=st.lists(st.lists(PATHS, min_size=1, max_size=8), max_size=8),
    most=st.sampled_from([0, 5, 1_000]),
)
def test_routes_that_are_known_are_those_of_their_paths(
    batches: list[list[bytes]], most: int
) -> None:
    routing = Routing(own=OWN, routes=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(route_columns, "MAX_KNOWN_PATHS", most)
        known = route_columns.KnownRoutes(routing)
        columns = [known.column(column_of(paths)) for paths in batches]
    for column, paths in zip(columns, batches, strict=True):
        routes = [column.at(row) for row in range(len(paths))]
        assert routes == [routing.route_of(path) for path in paths]
        assert sorted(column.values) == sorted(set(routes))


def test_a_known_path_is_not_worked_out_again() -> None:
    class CounterKey(Routing):
        def route_of(self, path: bytes) -> bytes:
            asked.append(path)
            return super().route_of(path)

    asked: list[bytes] = []
    known = route_columns.KnownRoutes(CounterKey(routes=True))
    for paths in ([b"/a/1", b"/b", b"/a/1"], [b"/b", b"/a/2", b"/a/1"]):
        known.column(column_of(paths))
    assert asked == [b"/a/1", b"/b", b"/a/2"]


def test_no_more_than_so_many_bytes_of_paths_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_columns, "MAX_KNOWN_BYTES", 1_000)
    asked: list[bytes] = []
    monkeypatch.setattr(Routing, "route_of", lambda _, path: asked.append(path) or path)
    known = route_columns.KnownRoutes(Routing(routes=True))
    for path in (b"/a", b"/" + b"x" * 1_000, b"/a"):
        known.column(column_of([path]))
    assert asked.count(b"/a") == 2


@pytest.mark.parametrize(
    ("pattern", "replace", "path", "replaced"),
    [
        ("a*", "<\\0>", b"/aa/a", b"<>/<aa>/<a>"),  # nothing behind `aa` is no match of its own
        ("", "-", b"/a", b"-/-a-"),
        ("(a)|b", "<\\1>", b"/ab", b"/<a><>"),
        ("$", "\\\\", b"/a", b"/a\\"),
        ("^", "x", b"/a", b"x/a"),
        ("[^/]", "é", b"/\xff\n", "/éé".encode()),
        ("é", "e", "/é".encode() + b"\xc3", b"/e\xc3"),
    ],
)
def test_an_own_rule_replaces_every_match_as_re2_does(
    pattern: str, replace: str, path: bytes, replaced: bytes
) -> None:
    assert OwnRoute(pattern, replace).applied(path) == replaced


PATHS_OF_HITS = Column([b"/a/b/1/c", b"/a/b/1", b"/a/b/2", b"*"], np.array([0, 1, 0, 2, 3]))
SECTIONS_OF_HITS = Column([b"/a", b"-", b"*"], np.array([0, 0, 0, 1, 2]))


def five_hits() -> HitBatch:
    numbers = np.zeros(5, dtype=np.int64)
    columns = {Dimension.PATH: PATHS_OF_HITS, Dimension.SECTION: SECTIONS_OF_HITS}
    return HitBatch(numbers, numbers, numbers, columns)


@pytest.mark.parametrize(
    ("routing", "sections", "routes"),
    [
        (Routing(), "/a /a /a - *", None),
        (Routing(section_depth=2), "/a/b /a/b /a/b - *", None),
        (Routing(routes=True), "/a /a /a - *", "/a/b/:id/c /a/b/:id /a/b/:id/c /a/b/:id *"),
        (
            Routing(3, OWN, routes=True),
            "/a/b/1 /a/b/1 /a/b/1 - *",
            "/a/b/:id/c /a/b/:id /a/b/:id/c /a/b/:id *",
        ),
    ],
)
def test_requests_get_what_is_asked_for_and_none_that_has_no_section_gets_one(
    routing: Routing, sections: str, routes: str | None
) -> None:
    batch = route_columns.routed(five_hits(), routing)
    assert batch.columns[Dimension.PATH] is PATHS_OF_HITS
    assert texts_of(batch, Dimension.SECTION) == sections.encode().split()
    found = texts_of(batch, Dimension.ROUTE) if Dimension.ROUTE in batch.columns else None
    assert found == (routes.encode().split() if routes else None)


def texts_of(batch: HitBatch, dimension: Dimension) -> list[bytes]:
    return [batch.columns[dimension].at(row) for row in range(len(batch))]


@given(PATHS)
def test_depth_one_is_the_first_segment(path: bytes) -> None:
    assert Routing().section_of(path) == section_of(path)


@pytest.mark.parametrize(
    ("depth", "path", "section"),
    [
        (1, b"/api/v1/users/7", b"/api"),
        (2, b"/api/v1/users/7", b"/api/v1"),
        (3, b"/api/v1/users/7", b"/api/v1/users"),
        (10, b"/api/v1/users/7", b"/api/v1/users/7"),
        (2, b"/api", b"/api"),
        (2, b"/api/", b"/api/"),
        (2, b"/", b"/"),
        (2, b"//a/b", b"//a"),
        (2, b"*", b"*"),
        (2, b"example.com:443", b"example.com:443"),
        (2, b"a/b/c/d", b"a/b/c/d"),
    ],
)
def test_a_section_has_as_many_segments_as_asked_for(
    depth: int, path: bytes, section: bytes
) -> None:
    assert Routing(section_depth=depth).section_of(path) == section


def test_own_rules_come_first_each_on_what_the_one_before_left() -> None:
    own = (OwnRoute("^/u/[^/]+", "/u/:name"), OwnRoute(":name/([a-z]+)/", r":name/<\1>/"))
    routing = Routing(own=own)
    assert routing.route_of(b"/u/42/posts/42") == b"/u/:name/<posts>/:id"
    assert routing.route_of(b"u/42") == b"u/42"


@pytest.mark.parametrize(
    ("pattern", "replace", "reason"),
    [
        ("(", "x", r"missing \)"),
        ("a(?=b)", "x", "no lookaround"),
        ("(?<!a)b", "x", "no lookaround"),
        (r"(a)\1", "x", "no backreferences"),
        ("a{1001}", "x", "repetition size"),
        ("a", r"\1", "only has 0"),
        ("a", "\\", "not allowed at end"),
    ],
)
def test_a_rule_that_re2_cannot_follow_is_told_with_the_reason(
    pattern: str, replace: str, reason: str
) -> None:
    problem = OwnRoute(pattern, replace).problem()
    assert problem is not None
    assert re.search(reason, problem)
    assert "\n" not in problem


def test_without_re2_a_rule_tells_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    problem = OwnRoute("^/only-here", "x").problem()
    assert problem == f"'^/only-here' to 'x': {INSTALL}"


@pytest.mark.parametrize("pattern", ["^/u/[^/]+", "", "(?i)x", r"\d+", "é", "(?P<n>a)"])
def test_a_rule_that_re2_can_follow_has_no_problem(pattern: str) -> None:
    assert OwnRoute(pattern, "x").problem() is None


def test_routings_are_equal_by_what_they_say_and_can_be_keys() -> None:
    assert {Routing(2, (OwnRoute("a", "b"),)): 1}[Routing(2, (OwnRoute("a", "b"),))] == 1


def test_importing_the_rules_brings_no_heavy_library() -> None:
    code = "import sys, logmon_tui.formats.routes; print({'numpy', 're2'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    "piece",
    ["a%40", "1-", "1", "aA", "a.", "x@a.b.", "a@b.", "9aA_", "1%2C", "/2026/1/", ".abc", "0x1"],
)
def test_time_grows_with_the_length_of_a_path_and_not_faster(piece: str) -> None:
    path = b"/" + piece.encode() * 30_000
    start = time.process_time()
    assert Routing().route_of(path)
    assert time.process_time() - start < 2
