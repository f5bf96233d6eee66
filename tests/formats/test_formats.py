"""Formats, their recognition, single values, and agreement with apache-log-parser."""

import os
import random
from datetime import datetime
from pathlib import Path

import apache_log_parser
import pytest

from logmon_tui.errors import FormatError
from logmon_tui.formats.detection import recognise
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.values import local_second, section_of, split_request, zone_offset
from logmon_tui.formats.naming import named_format
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.presets import PRESETS
from tests.formats.strategies import COMBINED, COMMON, VHOST

REAL_LOGS = os.environ.get("LOGMON_REAL_LOGS")


@pytest.mark.parametrize(
    ("target", "section"),
    [
        (b"/pages/create", b"/pages"),
        (b"/report?x=1", b"/report"),
        (b"/", b"/"),
        (b"http://my.site.com/pages/create", b"/pages"),
        (b"http://my.site.com", b"/"),
        (b"https://my.site.com?x=/a/b", b"/"),
        (b"*", b"*"),
        (b"example.org:443", b"example.org:443"),
        (b"/a?redirect=http://x/y", b"/a"),
        (b"/api/user#top", b"/api"),
        (b"//evil", b"/"),
    ],
)
def test_section_is_what_stands_before_the_second_slash(target: bytes, section: bytes) -> None:
    assert split_request(b"GET " + target + b" HTTP/1.1").section == section


@pytest.mark.parametrize(
    ("request_line", "method", "path"),
    [
        (b"GET /a b HTTP/1.1", b"GET", b"/a b"),
        (b"GET /a", b"GET", b"/a"),
        (b"GET /a?q=1 HTTP/3", b"GET", b"/a"),
        (b"M-SEARCH * HTTP/1.1", b"M-SEARCH", b"*"),
        (b"-", b"-", b"-"),
        (b"", b"-", b"-"),
        (b"GET", b"-", b"GET"),
        (b"GET HTTP/1.1", b"-", b"GET HTTP/1.1"),
        (rb"\x16\x03\x01", b"-", rb"\x16\x03\x01"),
    ],
)
def test_request_lines_as_they_come(request_line: bytes, method: bytes, path: bytes) -> None:
    request = split_request(request_line)
    assert (request.method, request.path) == (method, path)
    assert request.section == (b"-" if method == b"-" else section_of(path))


@pytest.mark.parametrize(
    ("stamp", "zone", "expected"),
    [
        (b"09/May/2018:16:00:39", b"+0000", "2018-05-09T16:00:39+00:00"),
        (b"09/May/2018:16:00:39", b"+0530", "2018-05-09T10:30:39+00:00"),
        (b"09/May/2018:16:00:39", b"-0330", "2018-05-09T19:30:39+00:00"),
        (b"31/Dec/2016:23:59:60", b"+0000", "2017-01-01T00:00:00+00:00"),
        (b"25/Oct/2026:02:30:00", b"+0200", "2026-10-25T00:30:00+00:00"),
        (b"25/Oct/2026:02:30:00", b"+0100", "2026-10-25T01:30:00+00:00"),
    ],
)
def test_times_are_utc_seconds(stamp: bytes, zone: bytes, expected: str) -> None:
    local, offset = local_second(stamp), zone_offset(zone)
    assert local is not None
    assert offset is not None
    assert local - offset == datetime.fromisoformat(expected).timestamp()


@pytest.mark.parametrize("stamp", [b"30/Feb/2026:00:00:00", b"01/Xyz/2026:00:00:00", b"", b"x"])
def test_what_is_no_time_is_none(stamp: bytes) -> None:
    assert local_second(stamp) is None


@pytest.mark.parametrize(
    ("line", "name"), [(COMMON, "common"), (COMBINED, "combined"), (VHOST, "vhost_combined")]
)
def test_each_preset_is_recognised_by_its_lines(line: bytes, name: str) -> None:
    found = recognise([b"", b"garbage", line, line])
    assert found is not None
    assert found.format.name == name
    assert (found.hits, found.lines) == (2, 3)


def test_lines_of_one_preset_are_no_hits_in_another() -> None:
    for line, own in ((COMMON, "common"), (COMBINED, "combined"), (VHOST, "vhost_combined")):
        for preset in PRESETS:
            assert (preset.line_parser().parse(line) is not None) == (preset.name == own)


def test_format_can_be_a_logformat_string() -> None:
    log_format = named_format('%h %t "%r" %>s %b %D')
    assert log_format is not None
    hit = log_format.line_parser().parse(b'1.2.3.4 [09/May/2018:16:00:39 +0000] "GET /" 200 - 17')
    assert hit is not None
    assert (hit.host, hit.status, hit.size, hit.user) == (b"1.2.3.4", 200, 0, b"-")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("combind", "did you mean combined?"),
        ('%h "%r" %>s', "no time (%t"),
        ("%h %t %>s", "no request (%r"),
        ('%h %t "%r" %b', "no status (%>s"),
        ("%h %t %r %>s", "put it in quotes"),
        ('%h%l %t "%r" %>s', "nothing between"),
    ],
)
def test_a_bad_format_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(FormatError) as caught:
        named_format(text)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "empty line"),
        (COMMON, "expected after field 7 (size), column 78"),
        (COMBINED.replace(b"[", b""), "' [' expected after field 3 (user), column 18"),
        (COMBINED + b" more", "more than combined has, from column"),
        (COMBINED.replace(b"09/May", b"31/Feb"), "no such time"),
        (COMBINED.replace(b" 200 ", b" OK "), "field 6 (status) expected"),
    ],
)
def test_the_reason_names_the_first_field_that_is_wrong(line: bytes, reason: str) -> None:
    named = named_format("combined")
    assert isinstance(named, LogFormat)
    assert reason in named.line_parser().reason(line)


def test_a_line_cut_in_its_last_field_is_a_hit() -> None:
    combined = named_format("combined")
    assert combined is not None
    hit = combined.line_parser().parse(COMBINED[:-9])
    assert hit is not None
    assert COMBINED.endswith(hit.user_agent + COMBINED[-9:])
    assert combined.line_parser().parse(COMBINED[: COMBINED.index(b' "Mozilla')]) is None


def test_parser_recognises_late_and_again_when_the_format_changes() -> None:
    parser = Parser()
    assert parser.parse(b"# a comment\n").unparsed == 1
    assert parser.format_name == ""
    assert len(parser.parse((COMMON + b"\n") * 3)) == 3
    assert parser.format_name == "common"
    assert parser.parse(b"garbage\n").unparsed == 1
    assert parser.format_name == "common"
    assert len(parser.parse((COMBINED + b"\n") * 3)) == 3
    assert parser.format_name == "combined"


def test_lines_of_another_kind_do_not_hide_the_format() -> None:
    batch = Parser().parse(b"starting up\n" * 250 + (COMBINED + b"\n") * 3)
    assert (len(batch), batch.unparsed) == (3, 250)


def test_a_named_format_is_kept_whatever_the_lines() -> None:
    parser = Parser(named_format("common"))
    batch = parser.parse((COMBINED + b"\n") * 3)
    assert (len(batch), batch.unparsed) == (0, 3)
    assert batch.first_unparsed is not None
    assert batch.first_unparsed.reason.startswith("more than common has")


ORACLE = apache_log_parser.make_parser('%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"')


def assert_same_as_oracle(line: bytes) -> None:
    named = named_format("combined")
    assert isinstance(named, LogFormat)
    hit = named.line_parser().parse(line)
    assert hit is not None
    theirs = ORACLE(line.decode())
    size = theirs["response_bytes_clf"]
    assert {
        "remote_host": hit.host.decode(),
        "remote_user": hit.user.decode(),
        "request_first_line": hit.request.decode(),
        "status": str(hit.status),
        "request_header_referer": hit.referrer.decode(),
        "request_header_user_agent": hit.user_agent.decode(),
    }.items() <= theirs.items()
    assert hit.size == (0 if size == "-" else int(size))
    assert hit.second == theirs["time_received_utc_datetimeobj"].timestamp()


def test_apache_log_parser_reads_the_same_from_well_formed_lines() -> None:
    rng = random.Random(7)
    for _ in range(300):
        path = "/".join(["", *rng.choices(["api", "pages", "a%20b", "x-1", "~u"], k=3)])
        line = (
            f"{rng.randrange(1, 255)}.0.0.{rng.randrange(255)} - {rng.choice(['-', 'lancelot'])} "
            f"[{rng.randrange(1, 29):02}/Nov/2026:{rng.randrange(24):02}:26:40 +0000] "
            f'"{rng.choice(["GET", "POST"])} {path} HTTP/1.1" {rng.choice([200, 404, 503])} '
            f'{rng.choice(["-", "0", "5123"])} "{rng.choice(["-", "http://x.org/a?b"])}" '
            f'"{rng.choice(["curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"])}"'
        )
        assert_same_as_oracle(line.encode())


@pytest.mark.skipif(not REAL_LOGS, reason="LOGMON_REAL_LOGS names no folder of real logs")
def test_apache_log_parser_reads_the_same_from_a_real_log() -> None:
    lines = Path(REAL_LOGS or "", "apache_combined_10k.log").read_bytes().splitlines()
    well_formed = [line for line in lines if b"\\" not in line and line.count(b'"') == 6]
    assert len(well_formed) > 9_000
    for line in well_formed[::10]:
        assert_same_as_oracle(line)
