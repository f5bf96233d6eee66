"""Which line and which server a syslog message has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.formats.wrapped.wrapped_format import WRAPPERS
from logmon_tui.sources.receivers.senders import SERVER_NAME
from logmon_tui.sources.receivers.syslog_messages import address_name, runs_of
from tests.sources.receivers.lines import LINE

ADDRESS = b"192.0.2.7"
RFC_5424 = b"<190>1 2026-11-29T18:00:00.123456+01:00 web1.example.com nginx 12 - "


@pytest.mark.parametrize(
    ("header", "server"),
    [
        (b"<190>Nov 29 18:00:00 web1 nginx: ", b"web1"),  # nginx, and RFC 3164
        (b"<190>Nov  9 18:00:00 web1 nginx[4242]: ", b"web1"),
        (b"<190>Nov 29 18:00:00 nginx: ", ADDRESS),  # nginx with nohostname
        (b"<190>Nov 29 18:00:00 2001:db8::1 nginx: ", b"2001:db8::1"),
        (b"<190>2026-11-29T18:00:00.123456+00:00 web1 nginx-access: ", b"web1"),  # rsyslog
        (RFC_5424 + b"- ", b"web1.example.com"),
        (RFC_5424 + b"- \xef\xbb\xbf", b"web1.example.com"),
        (RFC_5424 + rb'[a@1 b="c\"\]"][x y="z"] ', b"web1.example.com"),
        (b"<13>1 - - - - - - ", ADDRESS),
        (b"<13>1 2026-11-29T18:00:00Z we\x1bb nginx - - - ", ADDRESS),
        (b"<13>1 2026-11-29T18:00:00Z ../etc nginx - - - ", ADDRESS),
        (b"<13>", ADDRESS),
        (b"<13>Nov 29 18:00:00 ", ADDRESS),
        (b"", ADDRESS),
    ],
)
def test_the_header_is_taken_off_and_names_the_server(header: bytes, server: bytes) -> None:
    assert [tuple(run) for run in runs_of(header + LINE, ADDRESS)] == [
        (server, b"", LINE + b"\n", 1, "")
    ]
    assert runs_of(header + LINE + b"\r\n\0", ADDRESS)[0].lines == LINE + b"\n"


def test_lines_of_one_message_have_its_server() -> None:
    found = runs_of(RFC_5424 + b"- a\nb\n\n<13>Nov 29 18:00:00 web2 x: c\nd", ADDRESS)
    lines = [(run.server, run.lines) for run in found]
    web1, web2 = b"web1.example.com", b"web2"
    assert lines == [(web1, b"a\n"), (web1, b"b\n"), (web2, b"c\n"), (web2, b"d\n")]


@pytest.mark.parametrize(
    "message", [b"", b"\n", b"\0\0", b"<13>", b"<190>Nov 29 18:00:00 web1 nginx: "]
)
def test_nothing_is_no_line(message: bytes) -> None:
    assert runs_of(message, ADDRESS) == []


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"<190>", b"<190>1 ", RFC_5424, RFC_5424 + b"["])
)
def test_any_bytes_are_whole_lines_of_a_server_with_a_proper_name(
    text: bytes, header: bytes
) -> None:
    for run in runs_of(header + text, ADDRESS):
        assert run.lines.endswith(b"\n")
        assert run.lines.count(b"\n") == run.number == 1
        assert len(run.lines) > 1
        assert SERVER_NAME.fullmatch(run.server)


def test_headers_are_those_that_files_of_loggers_have_too() -> None:
    headers = [
        b"<190>Nov 29 18:00:00 web1 nginx: ",
        RFC_5424 + b"- ",
        b"<1>2026-11-29T18:00:00Z h t: ",
    ]
    for header in headers:
        assert LINE in [each.unwrap(header + LINE) for each in WRAPPERS]
        assert runs_of(header + LINE, ADDRESS)[0].lines == LINE + b"\n"


def test_a_server_without_a_name_has_its_address() -> None:
    assert address_name("::ffff:192.0.2.7") == b"192.0.2.7"
    assert address_name("fe80::1%eth0") == b"fe80::1"
