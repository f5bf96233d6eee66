"""nginx's log_format and Apache's LogFormat strings: what they tell, and lines that they write."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.errors import FormatError
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.naming import named_format
from logmon_tui.formats.servers.nginx import nginx_format
from tests.effort import examples
from tests.formats import examples_data

DEFINED = [
    pytest.param(line.definition or example.definition, line, id=f"{name}-{number}")
    for name in examples_data.presets()
    for example in [examples_data.load(name)]
    for number, line in enumerate(example.lines)
    if line.definition or example.definition
]


def format_of(text: str) -> LogFormat:
    found = named_format(text)
    assert found is not None
    return found


def decoded(batch: HitBatch) -> dict[str, str]:
    return {name: text.decode() for name, text in next(iter(batch.hits()))[3].items()}


@pytest.mark.parametrize(("definition", "line"), DEFINED)
def test_documented_lines_are_read_by_the_string_that_wrote_them(
    definition: str, line: examples_data.Line
) -> None:
    log_format = format_of(definition)
    hit = log_format.line_parser().parse(line.text.encode())
    assert hit is not None
    assert (hit.second, hit.status, hit.size) == (line.second, line.status, line.size)
    assert {name: getattr(hit, name) for name in line.measures} == line.measures
    batch = log_format.columnar().parse(line.text.encode() + b"\n")
    assert line.values.items() <= decoded(batch).items()


def hit_of(definition: str, line: str) -> Hit:
    log_format = format_of(definition)
    hit = log_format.line_parser().parse(line.encode())
    assert hit is not None, log_format.line_parser().reason(line.encode())
    batch = log_format.columnar().parse(line.encode() + b"\n")
    assert (len(batch), batch.unparsed) == (1, 0)
    return hit


NGINX_DATE = "22/Nov/2026:08:26:40 +0000"


@pytest.mark.parametrize(
    ("definition", "line", "told"),
    [
        (  # variables in braces, a unit behind
            '[${time_local}] "${request}" ${status} ${request_time}s',
            f'[{NGINX_DATE}] "GET / HTTP/1.1" 200 0.010s',
            {"request": b"GET / HTTP/1.1", "response_time": 10_000},
        ),
        (
            "[$time_local] $request_method $scheme://$host$request_uri $status",
            f"[{NGINX_DATE}] GET https://www.example.com/a?b=1 200",
            {"method": b"GET", "target": b"https://www.example.com/a?b=1"},
        ),
        (
            "[$time_local] $host $request_method $host$uri$is_args$args $status",
            f"[{NGINX_DATE}] example.com GET example.com/a/b?c 200",
            {"target": b"/a/b?c", "virtual_host": b"example.com"},
        ),
        (  # a decoded path has spaces
            '$msec "$request_method $uri$is_args$args $server_protocol" $status',
            '1795336000.123 "GET /a b HTTP/2.0" 200',
            {"request": b"GET /a b HTTP/2.0", "second": 1795336000},
        ),
        (
            '$host:$server_port $remote_addr:$remote_port $time_iso8601 "$request" $status',
            '[::1]:8080 2001:db8::1:4711 2026-11-22T09:26:40+01:00 "GET / HTTP/1.1" 200',
            {"virtual_host": b"::1", "host": b"2001:db8::1", "second": 1795336000},
        ),
        (  # of several that tell the same, one counts
            (
                '$time_iso8601 [$time_local] $msec $uri "$request" $request_method $status '
                "$upstream_status $bytes_sent $body_bytes_sent $server_name $host"
            ),
            (
                f'2026-11-22T08:26:40+00:00 [{NGINX_DATE}] 1795336000.000 /i.html "GET / HTTP/1.1"'
                " GET 200 502, 200 345 123 _ example.com"
            ),
            {"request": b"GET / HTTP/1.1", "size": 123, "virtual_host": b"example.com"},
        ),
        (  # lists where no quotes are
            (
                "$proxy_add_x_forwarded_for - [$time_local] $http_x_forwarded_for "
                '"$request" $status $upstream_addr $upstream_response_time $upstream_status'
            ),
            (
                f'1.2.3.4, 5.6.7.8 - [{NGINX_DATE}] 1.2.3.4, 9.9.9.9 "GET / HTTP/1.1" 200 '
                "10.0.0.1:80, 10.0.0.2:80 : unix:/x.sock 0.100, 0.200 : - 502, 502 : 200"
            ),
            {"upstream_time": 300_000, "status": 200},
        ),
        (  # the last field goes to the line's end
            '[$time_local] "$request" $status $http_user_agent',
            f'[{NGINX_DATE}] "GET / HTTP/1.1" 200 Mozilla/5.0 (X11; Linux)',
            {"user_agent": b"Mozilla/5.0 (X11; Linux)"},
        ),
        (
            "$remote_addr|$remote_user|$time_local|$request|$status|$http_referer",
            f"10.0.0.1|john smith|{NGINX_DATE}|GET / HTTP/1.1|200|-",
            {"user": b"john smith", "request": b"GET / HTTP/1.1", "referrer": b"-"},
        ),
        (
            (
                'time="$time_local" client=$remote_addr method=$request_method request="$request" '
                "request_length=$request_length status=$status upstream_addr=$upstream_addr "
                "upstream_response_time=$upstream_response_time"
            ),
            (
                f'time="{NGINX_DATE}" client=10.0.0.1 method=GET request="GET / HTTP/1.1" '
                "request_length=82 status=200 upstream_addr=10.0.0.2:80, 10.0.0.3:80 "
                "upstream_response_time=0.001, 0.002"
            ),
            {"bytes_in": 82, "upstream_time": 3_000, "host": b"10.0.0.1"},
        ),
        (
            (
                '{"t": $msec, "net": {"client": "$remote_addr:$remote_port"}, "s": "$status", '
                '"url": "$scheme://$host$request_uri", "m": "$request_method", "x": [$pipe]}'
            ),
            (
                '{"t": 1795336000.5, "net": {"client": "10.0.0.1:4711"}, "s": "404", '
                '"url": "http://example.com/a", "m": "GET", "x": ["p"]}'
            ),
            {"host": b"10.0.0.1", "target": b"http://example.com/a", "status": 404},
        ),
        (
            '%h %t "%m %U%q %H" %>s %b',
            f'10.0.0.1 [{NGINX_DATE}] "GET /a b?c HTTP/1.1" 200 -',
            {"request": b"GET /a b?c HTTP/1.1", "size": 0},
        ),
        (  # mod_log_config's own example of a time
            '%{c}a %a [%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t] "%r" %s %>s',
            '10.0.0.9 10.0.0.1 [22/Nov/2026 09:26:40.123 +0100] "GET / HTTP/1.1" 302 200',
            {"host": b"10.0.0.1", "second": 1795336000, "status": 200},
        ),
        (
            '%{%Y-%m-%dT%H:%M:%S}t.%{usec_frac}t%{%z}t "%r" %>s %T/%D %^FB %{X-Forwarded-For}i %X',
            '2026-11-22T08:26:40.000123+0000 "GET / HTTP/1.1" 200 0/1234 99 1.1.1.1, 2.2.2.2 +',
            {"second": 1795336000, "response_time": 1_234, "host": b"1.1.1.1"},
        ),
        (
            r"%{%F}t\t%{%T}t\t%h\t%m\t%U%q\t%>s\t%{User-agent}i",
            "2026-11-22\t08:26:40\t10.0.0.1\tGET\t/a?b\t200\tcurl/8 (x)",
            {"second": 1795336000, "target": b"/a?b", "user_agent": b"curl/8 (x)"},
        ),
        (
            (
                '%h:%{remote}p %{Host}i %{begin:sec}t.%{usec_frac}t "%!200,304{Referer}i" 9%% '
                '"%r" %200s %<s %{end:msec}t'
            ),
            (
                '::1:4711 example.com:8080 1795336000.000001 "http://x/" 9% "GET / HTTP/1.1" 200'
                " 301 1795336000123"
            ),
            {"host": b"::1", "virtual_host": b"example.com", "referrer": b"http://x/"},
        ),
        (
            '%h %{%c}t "%r" %>s %I %O %{SSL_PROTOCOL}x',
            '10.0.0.1 Sun Nov 22 08:26:40 2026 "GET / HTTP/1.1" 200 5 7 TLSv1.3',
            {"second": 1795336000, "bytes_in": 5, "size": 7, "tls": b"TLSv1.3"},
        ),
    ],
)
def test_strings_as_they_are_in_the_wild(
    definition: str, line: str, told: dict[str, object]
) -> None:
    hit = hit_of(definition, line)
    assert {name: getattr(hit, name) for name in told} == told


_MAIN = '$remote_addr - $remote_user [$time_local] "$request" $status'
_COMMON = '%h %l %u %t "%r" %>s %b'


@pytest.mark.parametrize(
    ("text", "name", "definition"),
    [
        (
            (
                "log_format  main  '$remote_addr - $remote_user [$time_local] '\n"
                "                  '\"$request\" $status';"
            ),
            "main",
            _MAIN,
        ),
        (f"'{_MAIN}'", "custom", _MAIN),
        (f"log_format main escape=json '{_MAIN}'", "main", _MAIN),
        (r'LogFormat "%h %l %u %t \"%r\" %>s %b" common', "common", _COMMON),
        ('"%h %l %u %t \\"%r\\" %>s %b"', "custom", _COMMON),
        (r'CustomLog logs/a.log "%h %l %u %t \"%r\" %>s %b"', "custom", _COMMON),
        (_COMMON, "custom", _COMMON),
    ],
)
def test_the_line_of_a_configuration_can_be_given_whole(
    text: str, name: str, definition: str
) -> None:
    found = format_of(text)
    assert (found.name, found.definition) == (name, definition)
    assert found.line_parser().parse(b"x") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("$remote_addr [$time_local] $status", "no request"),
        ('$remote_addr "$request" $status', "no time"),
        ('[$time_local] "$request" $body_bytes_sent', "no status"),
        ("[$time_local] $request $status", "put it in quotes"),
        ('[$time_local] "$request" $http_user_agent $status', "user agent has spaces"),
        ('[$time_local] "$request" $status$pipe', "nothing between"),
        ('[$time_local] "$request" $status\n$pipe', "more than one line"),
        ('{"t": "$msec", "r": "$request"}', "no status"),
        ('{"t": "$msec", "r": "$request", "s": $status,}', "no JSON object"),
        ("log_format main", "a name and a string"),
        ("log_format main '$status", "no end"),
        ("log_format a '$status'; log_format b '$msec';", "more than one log_format"),
        ("CustomLog /var/log/a.log combined", "give a LogFormat"),
        ('%h %{%H:%M}t "%r" %>s', "the time %{%H:%M}t is not understood"),
        ('%h %t "%r" %>s %{User-Agent}i %b', "user agent has spaces"),
        ('%h %t "%r" %>s %Z', "'%Z' is no directive"),
        ('%h %t "%r" %>s %', "'%' is no directive"),
        ("$", "not known"),
    ],
)
def test_a_string_that_tells_too_little_is_refused_in_one_line(text: str, why: str) -> None:
    with pytest.raises(FormatError, match=why) as caught:
        named_format(text)
    assert "\n" not in repr(str(caught.value))[1:-1]


TEXT = st.text("abcXYZ019._/:;=?&()~+", min_size=1, max_size=12)
WORDS = st.lists(TEXT, min_size=1, max_size=3).map(" ".join)
VALUES: dict[str, st.SearchStrategy[str]] = {
    "remote_addr": st.ip_addresses().map(str),
    "remote_user": TEXT,
    "time_local": st.just(NGINX_DATE),
    "time_iso8601": st.just("2026-11-22T08:26:40+00:00"),
    "msec": st.just("1795336000.123"),
    "request": st.builds("GET /{} HTTP/1.1".format, TEXT),
    "request_uri": TEXT.map("/{}".format),
    "request_method": st.sampled_from(["GET", "PUT", "-"]),
    "status": st.integers(100, 599).map(str),
    "body_bytes_sent": st.integers(0, 10**9).map(str),
    "http_referer": TEXT,
    "http_user_agent": WORDS,
    "request_time": st.decimals(0, 99, places=3).map(str),
    "upstream_response_time": st.lists(
        st.decimals(0, 9, places=3).map(str) | st.just("-"), min_size=1, max_size=3
    ).map(", ".join),
    "upstream_addr": st.lists(TEXT, min_size=1, max_size=3).map(" : ".join),
    "gzip_ratio": st.sampled_from(["-", "1.25"]),
}
QUOTED = {"request", "http_user_agent"}
NEEDED = ["request", "status"]
READ = {
    "remote_addr": "host",
    "remote_user": "user",
    "request": "request",
    "http_referer": "referrer",
    "http_user_agent": "user_agent",
}
"""Texts by the names that they have in a hit."""


@st.composite
def formats(draw: st.DrawFn) -> list[tuple[str, str, str]]:
    """Variables in any order, each with the text before it and behind it."""
    times = draw(st.lists(st.sampled_from(["time_local", "time_iso8601", "msec"]), min_size=1))
    others = draw(st.lists(st.sampled_from(sorted(VALUES.keys() - {*NEEDED, *times}))))
    names = draw(st.permutations(sorted({*NEEDED, *times, *others})))
    around = st.sampled_from([('"', '"'), ("[", "]"), ("k=", ""), ("", "")])
    return [(name, *(('"', '"') if name in QUOTED else draw(around))) for name in names]


@settings(max_examples=examples(150), deadline=None)
@given(
    parts=formats(),
    separator=st.sampled_from([" ", "  ", " - ", "\t", "|"]),
    lines=st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=4),
    noise=st.lists(st.text('"\\ [],:|\tab1-', max_size=40), max_size=3),
)
def test_lines_written_by_a_random_string_are_read_again(
    parts: list[tuple[str, str, str]],
    separator: str,
    lines: list[dict[str, str]],
    noise: list[str],
) -> None:
    definition = separator.join(f"{before}${name}{behind}" for name, before, behind in parts)
    log_format = nginx_format("random", definition)
    parser = log_format.line_parser()
    written = [
        separator.join(f"{before}{line[name]}{behind}" for name, before, behind in parts)
        for line in lines
    ]
    names = {name for name, _, _ in parts}
    for line, text in zip(lines, written, strict=True):
        hit = parser.parse(text.encode())
        assert hit is not None, parser.reason(text.encode())
        assert (hit.second, hit.status) == (1795336000, int(line["status"]))
        for name in names & READ.keys():
            assert getattr(hit, READ[name]).decode() == line[name]
    half = [text[: len(text) // 2] + each for text, each in zip(written, noise, strict=False)]
    chunk = "".join(f"{text}\n" for text in [*written, *noise, *half]).encode()
    by_columns = log_format.columnar().parse(chunk)
    by_lines = log_format.columnar().parse_by_lines(chunk)
    assert list(by_columns.hits()) == list(by_lines.hits())
    assert by_columns.unparsed == by_lines.unparsed
    assert Field.REQUEST in log_format.fields


@pytest.mark.parametrize(
    ("definition", "line", "host"),
    [
        (
            '%{X-Forwarded-For}i %l %u %t "%r" %>s %b',
            b'198.51.100.7, 10.0.0.1 - - [22/Nov/2026:08:26:40 +0000] "GET / HTTP/1.1" 200 5',
            b"198.51.100.7",
        ),
        (
            '$http_x_forwarded_for - $remote_user [$time_local] "$request" $status',
            b'198.51.100.7 - - [22/Nov/2026:08:26:40 +0000] "GET / HTTP/1.1" 200',
            b"198.51.100.7",
        ),
        (
            '$remote_addr [$time_local] "$request" $status "$http_x_forwarded_for"',
            b'10.0.0.1 [22/Nov/2026:08:26:40 +0000] "GET / HTTP/1.1" 200 "198.51.100.7, 10.0.0.9"',
            b"10.0.0.1",
        ),
    ],
)
def test_the_client_is_known_by_its_proxy_where_nothing_else_tells_it(
    definition: str, line: bytes, host: bytes
) -> None:
    log_format = named_format(definition)
    assert log_format is not None
    for batch in (
        log_format.columnar().parse(line + b"\n"),
        log_format.columnar().parse_by_lines(line + b"\n"),
    ):
        assert [batch.columns[Dimension.HOST].at(row) for row in range(len(batch))] == [host]
