"""Own fields: what a format writes beyond what every panel knows becomes a column by its name."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import bare_name
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.field import OWN_FIELDS
from logmon_tui.formats.model.hit import OWN_DIMENSIONS, Dimension
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMBINED
from logmon_tui.formats.presets.json import CADDY
from logmon_tui.formats.presets.w3c import W3C
from logmon_tui.formats.servers.apache import apache_format
from logmon_tui.formats.servers.nginx import nginx_format
from logmon_tui.formats.wrapped.wrapped_format import WRAPPERS, WrappedFormat
from tests.effort import examples
from tests.formats.strategies import COMBINED as COMBINED_LINE
from tests.formats.strategies import chunks
from tests.formats.test_columnar_parser import assert_as_line_by_line

NGINX = nginx_format(
    "own",
    '$remote_addr [$time_local] "$request" $status $upstream_cache_status $upstream_addr'
    ' id=$req_id "$http_x_tenant" $cookie_a',
)
NGINX_LINE = (
    b'10.0.0.1 [22/Nov/2026:08:26:40 +0000] "GET /a HTTP/1.1" 200 HIT 10.1.0.1:80, 10.1.0.2:80'
    b' id=5c1ff8fc "acme corp" x y'
)
NGINX_OWN = ("$upstream_cache_status", "upstream_addr", "${http_x_tenant}", "cookie_A")
APACHE = apache_format("own", '%h %t "%r" %>s %{X-Cache}i %{X-Env}o "%{tenant}n" %{beresp}e')
APACHE_LINE = b'10.0.0.1 [22/Nov/2026:08:26:40 +0000] "GET /a HTTP/1.1" 200 HIT prod "acme" up down'
APACHE_OWN = ("%{X-Cache}i", "%{x-env}o", "%{tenant}n", "%{beresp}e")
FIELDS = "#Fields: date time c-ip cs-method cs-uri-stem sc-status x-result s-reason"
COLUMNS = W3C.following(FIELDS.encode() + b"\n")
COLUMNS_LINE = b"2026-11-22 08:26:40 192.0.2.1 GET /a 200 Hit ok"
MEMBERS = ("cache", "upstream.name", "n.a", "request.host")
JSON_LINE = json.dumps(
    {
        "msg": "handled request",
        "ts": 1795336000.5,
        "request": {"method": "GET", "uri": "/a", "host": "shop", "remote_ip": "10.0.0.1"},
        "status": 200,
        "cache": "HIT",
        "upstream": {"name": 'a"\\b'},
        "n": {"a": 5},
    }
).encode()

CASES = [
    (NGINX, NGINX_OWN, NGINX_LINE, [b"HIT", b"10.1.0.1:80, 10.1.0.2:80", b"acme corp", b"x y"]),
    (APACHE, APACHE_OWN, APACHE_LINE, [b"HIT", b"prod", b"acme", b"up down"]),
    (COLUMNS, ("X-Result", "s-reason"), COLUMNS_LINE, [b"Hit", b"ok"]),
    (CADDY, MEMBERS, JSON_LINE, [b"HIT", b'a"\\b', b"5", b"shop"]),
    (
        WrappedFormat.of(WRAPPERS[3], NGINX),
        NGINX_OWN[:1],
        b"[pod/a/b] " + NGINX_LINE,
        [b"HIT"],
    ),
]
IDS = ["nginx", "apache", "w3c", "json", "wrapped"]


def own_values(batch: HitBatch) -> list[bytes]:
    return [batch.columns[each].at(0) for each in OWN_DIMENSIONS if each in batch.columns]


@pytest.mark.parametrize(("log_format", "own", "line", "values"), CASES, ids=IDS)
def test_a_field_is_found_by_its_name(
    log_format: LogFormat, own: tuple[str, ...], line: bytes, values: list[bytes]
) -> None:
    parser = Parser(log_format, own=own)
    batch = parser.parse(line + b"\n")
    assert own_values(batch) == values
    by_lines = Parser(log_format, own=own)
    assert list(by_lines.parse_by_lines(line + b"\n").hits()) == list(batch.hits())
    assert Parser(log_format).parse(line + b"\n").columns.keys() == (
        batch.columns.keys() - set(OWN_DIMENSIONS)
    )


@pytest.mark.parametrize(("log_format", "own", "line", "_values"), CASES, ids=IDS)
@settings(max_examples=examples(200), deadline=None)
@given(data=st.data())
def test_scanner_and_line_parser_agree_on_own_fields(
    log_format: LogFormat,
    own: tuple[str, ...],
    line: bytes,
    _values: list[bytes],
    data: st.DataObject,
) -> None:
    chunk = data.draw(chunks([line, line.replace(b"HIT", b""), line.replace(b"acme", b"-")]))
    if not log_format.header_mark or log_format.header_mark not in chunk:
        assert_as_line_by_line(log_format.capturing(own), chunk)


@settings(max_examples=examples(150), deadline=None)
@given(own=st.lists(st.text(max_size=30), max_size=6), data=st.data())
@example(own=["request.uri", "request", "", "."], data=None)
@example(own=["request.uri.x", "status", "ts", "%"], data=None)
def test_no_name_makes_a_format_read_other_hits(own: list[str], data: st.DataObject | None) -> None:
    for log_format, _, line, _ in CASES:
        plain = log_format.columnar().parse(line + b"\n")
        batch = log_format.capturing(own).columnar().parse(line + b"\n")
        known = {each: plain.columns[each].at(0) for each in plain.columns}
        assert {each: batch.columns[each].at(0) for each in known} == known
        assert set(batch.columns) - set(known) <= set(OWN_DIMENSIONS[: len(own)])


@settings(max_examples=examples(150), deadline=None)
@given(value=st.text(), path=st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=4))
def test_any_member_has_its_value(value: str, path: list[str]) -> None:
    """A name whose parts have points in them leads elsewhere, and so to nothing."""
    content = json.loads(JSON_LINE)
    inner: object = value
    for key in reversed(path):
        inner = {key: inner}
    assert isinstance(inner, dict)
    log_format = CADDY.capturing([".".join(path)])
    line = json.dumps({**inner, **content}).encode() + b"\n"
    assert_as_line_by_line(log_format, line)
    plain = not any("." in key for key in path) and path[0] not in content
    if plain and OWN_FIELDS[0] in log_format.fields:
        written = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        found = own_values(log_format.columnar().parse(line))[0].decode()
        if found == value:
            return
        assert not value or "\ufffd" in written or len(value.encode()) > 1000


def test_formats_that_lack_a_field_have_no_column() -> None:
    batch = Parser(COMBINED, own=NGINX_OWN).parse(COMBINED_LINE + b"\n")
    assert own_values(batch) == []
    assert COMBINED.capturing(NGINX_OWN) == COMBINED


def test_what_is_read_anyway_is_no_own_field() -> None:
    assert NGINX.capturing(["status", "remote_addr", "time_local"]) == NGINX
    assert APACHE.capturing(["%h", "%>s"]) == APACHE


def test_only_the_first_four_names_count() -> None:
    own = [*NGINX_OWN, "req_id"]
    assert NGINX.capturing(own) == NGINX.capturing(own[:4])


def test_a_format_tells_its_extra_fields() -> None:
    assert NGINX.extra == (
        *("upstream_cache_status", "upstream_addr", "req_id", "http_x_tenant", "cookie_a"),
    )
    assert APACHE.extra == ("{x-cache}i", "{x-env}o", "{tenant}n", "{beresp}e")
    assert COLUMNS.extra == ("x-result", "s-reason")
    assert COMBINED.extra == ()


def test_recognised_formats_read_own_fields_too() -> None:
    amplify = next(preset for preset in PRESETS if preset.name == "nginx_amplify")
    selector = FormatSelector(own=("upstream_cache_status",))
    parser = Parser(selector.of("access.log"), selector.known, selector.own)
    batch = parser.parse(f"{amplify.example}\n".encode() * 3)
    assert parser.format_name == "nginx_amplify"
    assert batch.columns[Dimension.OWN_1].at(0) == b"MISS"


def test_a_new_header_keeps_own_fields() -> None:
    parser = Parser(W3C, own=("s-reason",))
    other = b"#Fields: date time s-reason c-ip cs-method cs-uri-stem sc-status"
    chunk = b"\n".join(
        [
            FIELDS.encode(),
            COLUMNS_LINE,
            other,
            b"2026-11-22 08:26:40 no 192.0.2.1 GET /a 200",
            b"",
        ]
    )
    batch = parser.parse(chunk)
    column = batch.columns[Dimension.OWN_1]
    assert [column.at(row) for row in range(len(batch))] == [b"ok", b"no"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("$req_id", "req_id"),
        ("${req_id}", "req_id"),
        ("%{X-Cache}i", "{x-cache}i"),
        ("%>{X-Cache}o", "{x-cache}o"),
        ("%", "%"),
        ("$", "$"),
        ("", ""),
        ("cs(X-Y)", "cs(x-y)"),
    ],
)
def test_marks_of_servers_belong_to_no_name(text: str, name: str) -> None:
    assert bare_name(text) == name


def test_names_do_not_change_what_a_line_must_look_like() -> None:
    assert isinstance(NGINX, DelimitedFormat)
    captured = NGINX.capturing(NGINX_OWN)
    assert captured.line_pattern.pattern == NGINX.line_pattern.pattern
