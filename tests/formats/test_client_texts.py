"""Whatever a client sends, its request stays a hit once the format of the log is known."""

from collections import Counter
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats import parser as parser_of_logs
from logmon_tui.formats.detection import Recognition, recognise, timestamp_reader
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.parser import Parser, recognised_in
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMBINED, VHOST_COMBINED
from logmon_tui.formats.servers.apache import apache_format
from logmon_tui.formats.servers.nginx import nginx_format
from logmon_tui.formats.wrapped.wrapped_format import WRAPPERS, WrappedFormat
from logmon_tui.native.file_lines import FileLines
from tests.effort import examples
from tests.formats.server_lines import (
    SECOND,
    SENT,
    TIME,
    apache_line,
    apache_text,
    nginx_line,
    nginx_text,
)
from tests.formats.strategies import chunks
from tests.formats.test_columnar_parser import assert_as_line_by_line

BY_NAME = {preset.name: preset for preset in PRESETS}
_BEHIND_PROXY = '$http_x_forwarded_for - $remote_user [$time_local] "$request" $status'
_QUOTED_BEHIND = '[$time_local] $remote_addr $remote_user "$request" $status'
NGINX: list[tuple[str, LogFormat]] = [
    *((each.definition, each) for each in PRESETS if "$remote_user" in each.definition),
    *((text, nginx_format("own", text)) for text in (_BEHIND_PROXY, _QUOTED_BEHIND)),
]

CLF = [each for each in PRESETS if each.definition.startswith(("%h", "%v"))]

HOSTILE = (
    *("x -", "- x", "a [b", "[x", "10.0.0.1 x", "x 10.0.0.1", " x", "x ", "   ", "] ", "-"),
    *("a=b", "a, b", "a,b", ": ", " : ", "1.2.3.4, 5.6.7.8", 'a"b', "a\\", "\\", '"', "\x7f"),
    *("session=5f2b; theme=dark", "https://example.org/", "2026/11/22 08:26:40 [error] "),
    *(f"[{TIME}] ", f'x [{TIME}] "GET / HTTP/1.1" 200 1', f" [{TIME}", "é", "#", "<1>x", "{a}|"),
)
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=30)


def assert_is_hit(log_format: LogFormat, line: bytes, request: str) -> None:
    tolerant = log_format.tolerant()
    hit = tolerant.line_parser().parse(line)
    assert hit is not None, line
    assert (hit.second, hit.status) == (SECOND, 200)
    assert hit.request == request.encode()
    strictly = log_format.line_parser().parse(line)
    assert strictly in (None, hit)
    assert tolerant.strict().line_parser().parse(line) == strictly
    batch = tolerant.columnar().parse(line + b"\n")
    assert batch.seconds.tolist() == [SECOND]
    assert batch.tolerated_at.tolist() == ([0] if strictly is None else [])


@pytest.mark.parametrize(("definition", "log_format"), NGINX, ids=lambda each: str(each)[-40:])
@settings(max_examples=examples(300), deadline=None)
@given(sent=st.fixed_dictionaries({}, optional=dict.fromkeys(SENT, TEXTS)))
def test_no_client_of_nginx_hides_its_hits(
    definition: str, log_format: LogFormat, sent: dict[str, str]
) -> None:
    line = nginx_line(definition, sent)
    assert_is_hit(log_format, line, nginx_text(sent.get("request", "-")))


@pytest.mark.parametrize("log_format", CLF, ids=lambda preset: preset.name)
@settings(max_examples=examples(300), deadline=None)
@given(
    sent=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("%u", "%r", "%{Referer}i", "%{User-Agent}i"), TEXTS)
    )
)
def test_no_client_of_apache_hides_its_hits(log_format: LogFormat, sent: dict[str, str]) -> None:
    line = apache_line(log_format.definition, sent)
    assert_is_hit(log_format, line, apache_text(sent.get("%r", "-")))


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("name", SENT)
@pytest.mark.parametrize(("definition", "log_format"), NGINX, ids=lambda each: str(each)[-40:])
def test_every_hostile_text_is_tried(
    definition: str, log_format: LogFormat, name: str, hostile: str
) -> None:
    sent = {name: hostile}
    line = nginx_line(definition, sent)
    assert_is_hit(log_format, line, nginx_text(sent.get("request", "-")))


RAW = ('x" y', 'x"', '"', 'x" "y', 'x" 1 "', '" "', '\\"', "\\", 'a" [b] "', '"-" "-"')
"""Texts with quotes that a server did not escape."""

_UNESCAPED = ("combined", "combined_time_us", "traefik_clf", "elb", "alb", "envoy_text", "nginx_rt")


@pytest.mark.parametrize("text", RAW)
@pytest.mark.parametrize(
    "place", ["https://example.org/", "Mozilla/5.0 (X11; Linux x86_64)", "/api/"]
)
@pytest.mark.parametrize("name", _UNESCAPED)
def test_quotes_that_no_server_escaped_hide_nothing(name: str, place: str, text: str) -> None:
    preset = BY_NAME[name]
    usual = preset.example.replace("curl/8.5.0", place).replace("nsq2http", place)
    before = preset.line_parser().parse(usual.encode())
    after = preset.tolerant().line_parser().parse(usual.replace(place, text, 1).encode())
    assert before is not None
    assert after is not None
    assert (after.second, after.status, after.host) == (before.second, before.status, before.host)


@pytest.mark.parametrize("name", ["nginx_vhost", "nginx_vhost_main"])
def test_a_host_name_of_any_form_is_read(name: str) -> None:
    preset = BY_NAME[name]
    line = preset.example.replace("www.example.com", "a=b,c").encode()
    assert preset.line_parser().parse(line) is None
    hit = preset.tolerant().line_parser().parse(line)
    assert hit is not None
    assert hit.virtual_host == b"a=b,c"


def main_line(forwarded_for: str = "-", user: str = "-") -> bytes:
    sent = {"request": "GET / HTTP/1.1", "http_x_forwarded_for": forwarded_for, "remote_user": user}
    return nginx_line(BY_NAME["nginx_main"].definition, sent)


USUAL, PROXIED = main_line(), main_line("192.0.2.1, 192.0.2.2")
HIDING, NAMED = main_line("a=b"), main_line(user="x -")
VHOST = nginx_line(BY_NAME["nginx_vhost"].definition, {"request": "GET / HTTP/1.1"})


def read(*chunks_of_lines: list[bytes]) -> tuple[int, int, str]:
    """The hits and unparsed lines that a parser finds, and the format it has at the end."""
    parser = Parser()
    batches = [parser.parse(b"\n".join([*lines, b""])) for lines in chunks_of_lines]
    return sum(map(len, batches)), sum(each.unparsed for each in batches), parser.format_name


@pytest.mark.parametrize("hostile", [HIDING, NAMED])
def test_lines_in_a_known_format_count_alone_and_in_a_row(hostile: bytes) -> None:
    assert read([USUAL] * 9, [hostile]) == (10, 0, "nginx_main")
    assert read([USUAL] * 9, [hostile] * 20) == (29, 0, "nginx_main")
    assert read([hostile, *[USUAL] * 9]) == (10, 0, "nginx_main")
    combined = COMBINED.example.encode()
    assert read([combined], [combined.replace(b"mary", b"x -")] * 9) == (10, 0, "combined")


@pytest.mark.parametrize("hostile", [HIDING, NAMED])
@pytest.mark.parametrize("count", [99, 450, 3000])
def test_one_client_in_front_does_not_hide_the_format(hostile: bytes, count: int) -> None:
    assert read([hostile] * count + [USUAL] * 3000) == (count + 3000, 0, "nginx_main")


@pytest.mark.parametrize("misfit", [b"no hit", VHOST_COMBINED.example.encode()])
def test_a_change_of_format_is_found_however_many_lines_follow_it(misfit: bytes) -> None:
    hits = misfit != b"no hit"
    lines = [USUAL] * 9 + [misfit] * 5 + [COMBINED.example.encode()] * 5000
    found = read(lines)
    assert found[:2] == (5014, 0) if hits else (5009, 5)


def test_tolerance_does_not_keep_another_format_out() -> None:
    assert read([USUAL] * 9, [VHOST] * 9) == (18, 0, "nginx_vhost")
    both = "nginx_vhost + nginx_main"
    assert read([USUAL] * 9, [VHOST] * 9, [PROXIED] * 9) == (27, 0, both)


def test_clients_of_hostile_texts_do_not_have_each_batch_examined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[bytes] = []

    def counted(chunk: bytes, *more: Any, **named: Any) -> Recognition | None:
        looks.append(chunk)
        return recognised_in(chunk, *more, **named)

    monkeypatch.setattr(parser_of_logs, "recognised_in", counted)
    quoted = COMBINED.example.encode()[:-1] + b'"q" x"'
    assert read([COMBINED.example.encode()] * 9, *[[quoted] * 10] * 700) == (7_009, 0, "combined")
    # At first, at the first hostile batch, and after 50 hits, 100, 200 and so on.
    assert len(looks) == 2 + 7


@pytest.mark.parametrize("batches", [1, 700])
def test_a_format_that_a_tolerant_one_reads_is_found_behind_hostile_lines(batches: int) -> None:
    hostile = [[HIDING] * 10] * batches
    hits = 18 + 10 * batches + 10 * 520
    both = "nginx_vhost + nginx_main"
    found = read([USUAL] * 9, *hostile, *[[VHOST] * 10] * 520, [PROXIED] * 9)
    assert found == (hits, 0, both)


def test_a_small_log_does_not_keep_the_format_that_hostile_lines_hide() -> None:
    assert read([USUAL] * 9, [HIDING] * 10, *[[VHOST] * 10] * 6) == (79, 0, "nginx_vhost")


def test_hits_read_in_a_file_count_until_hostile_lines_are_looked_at_again() -> None:
    parser = Parser()
    for lines in ([USUAL] * 9, [HIDING] * 10):
        parser.parse(b"\n".join([*lines, b""]))
    columnar = parser.ahead_of_file()
    assert columnar is not None
    assert parser.settles(columnar.parse(b"\n".join([*[USUAL] * 5_000, b""])), columnar)
    parser.parse(b"\n".join([*[VHOST] * 10, b""]))
    assert parser.format_name == "nginx_vhost"


def test_lines_of_several_formats_are_read_by_the_strict_one_first() -> None:
    parser = Parser()
    parser.parse(b"\n".join([*[PROXIED, VHOST] * 9, b""]))
    assert parser.format_name == "nginx_main + nginx_vhost"
    batch = parser.parse(b"\n".join([VHOST, HIDING, PROXIED, b""]))
    hosts = [values["virtual_host"] for *_, values in batch.hits()]
    assert hosts == [b"www.example.com", b"-", b"-"]
    assert batch.tolerated_at.tolist() == [1]


def test_a_wrapped_line_is_tolerated_too() -> None:
    inner = BY_NAME["nginx_main"]
    wrapper = next(each for each in WRAPPERS if each.name == "timestamps")
    wrapped = WrappedFormat.of(wrapper, inner).tolerant()
    line = b"2026-11-22T08:26:40.123456789Z " + HIDING
    batch = wrapped.columnar().parse(b"x\n" + line + b"\n")
    assert (len(batch), batch.unparsed, batch.tolerated_at.tolist()) == (1, 1, [1])
    assert wrapped.line_parser().parse(line) is not None
    assert wrapped.strict().line_parser().parse(line) is None


@pytest.mark.parametrize(
    "line",
    [
        VHOST_COMBINED.example.encode(),  # "- mary" would be the user, the virtual host the client
        f"198.51.100.7, {COMBINED.example}".encode(),
    ],
)
def test_a_client_is_not_taken_for_another_field(line: bytes) -> None:
    assert COMBINED.tolerant().line_parser().parse(line) is None


@pytest.mark.parametrize("login", ["- -", "- x", "- - -", "- 10.0.0.1"])
@pytest.mark.parametrize("client", ["203.0.113.5", "2001:db8::5"])
@pytest.mark.parametrize("name", ["common", "combined", "nginx_main"])
def test_no_client_passes_for_a_virtual_host_without_client(
    name: str, client: str, login: str
) -> None:
    usual = BY_NAME[name].example.encode()
    hostile = usual.replace(b"203.0.113.5 - mary", f"{client} - {login}".encode())
    for lines in ([usual] * 50 + [hostile] * 20, [hostile] * 20 + [usual] * 50):
        parser = Parser()
        batch = parser.parse(b"\n".join([*lines, b""]))
        hosts = Counter(values["host"] for *_, values in batch.hits())
        assert (sum(hosts.values()), hosts[b"-"]) == (70, 0)
        assert hosts[client.encode()] >= 20
        assert parser.format_name == name


@pytest.mark.parametrize("virtual_host", ["www.example.com", "a.de:443", "cafe"])
def test_a_virtual_host_may_come_without_client(virtual_host: str) -> None:
    line = VHOST_COMBINED.example.replace("www.example.com:443 203.0.113.5", f"{virtual_host} -")
    assert COMBINED.line_parser().parse(line.encode()) is None
    found = recognise([line.replace("mary", "-").encode()])
    assert found is not None
    assert found.format.name == "vhost_combined"


def test_the_time_of_a_line_is_known_whatever_its_client_sent() -> None:
    second = timestamp_reader(PRESETS)
    assert second(USUAL) == SECOND
    assert [second(line) for line in [HIDING, NAMED] * 99] == [SECOND] * 198


def test_a_virtual_host_may_be_an_address_where_virtual_hosts_are_known() -> None:
    usual = VHOST_COMBINED.example.encode()
    direct = usual.replace(b"www.example.com:443 203.0.113.5", b"198.51.100.7 -")
    assert read([usual] * 9 + [direct] * 9) == (18, 0, "vhost_combined")
    both = Parser()
    both.parse(b"\n".join([*[usual] * 9, *[COMBINED.example.encode()] * 8, b""]))
    batch = both.parse(direct.replace(b"mary", b"x") + b"\n")
    assert both.format_name == "vhost_combined + combined"
    assert [values["host"] for *_, values in batch.hits()] == [b"198.51.100.7"]


def test_an_unusual_shape_is_no_reason_to_read_a_file_again() -> None:
    parser = BY_NAME["nginx_main"].tolerant().columnar()
    with TemporaryFile(buffering=0) as file:
        file.write(b"\n".join([USUAL, HIDING, NAMED, HIDING, b""]))
        found = parser.parse_file(FileLines(file.fileno(), 0, file.tell()))
    if parser.reads_files:
        assert found is not None
        assert (len(found), found.tolerated_at.tolist()) == (4, [1, 2, 3])


def test_recognition_stays_strict() -> None:
    assert recognise([HIDING]) is None
    assert recognise([NAMED]) is None
    assert recognise([*[HIDING] * 9, USUAL]) is not None


def tolerant_formats() -> Iterator[LogFormat]:
    yield from (preset.tolerant() for preset in PRESETS if preset.tolerant() is not preset)
    yield apache_format("users", '%h %u %t "%r" %>s').tolerant()


@pytest.mark.parametrize("log_format", list(tolerant_formats()), ids=lambda each: each.name)
@settings(max_examples=examples(150), deadline=None)
@given(data=st.data())
def test_the_columnar_parser_tolerates_what_the_line_parser_does(
    log_format: LogFormat, data: st.DataObject
) -> None:
    make: Callable[[str, dict[str, str]], bytes]
    make = nginx_line if "$" in log_format.definition else apache_line
    user = "remote_user" if make is nginx_line else "%u"
    samples = [make(log_format.definition, {user: text}) for text in ("-", "x -", "a [b", "mary")]
    for text in ("a=b", "192.0.2.1, 192.0.2.2", "unknown"):
        samples.append(make(log_format.definition, {"http_x_forwarded_for": text}))
        samples.append(samples[-1].replace(b"www.example.com", b"a,b"))
    assert_as_line_by_line(log_format, data.draw(chunks(samples)))
