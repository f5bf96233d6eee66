"""Texts that a server writes without quotes as a client wants them hide no hit either."""

import pytest

from logmon_tui.formats.servers.apache import apache_format
from logmon_tui.formats.servers.nginx import VARIABLE, nginx_format
from tests.formats.server_lines import OTHERS, SECOND, TIME, nginx_text

_FREE = (
    '$http_host $remote_addr - $remote_user [$time_local] "$request" $status',
    "$remote_addr $time_iso8601 $request_method $uri $status $body_bytes_sent",
    "$remote_addr|$time_iso8601|$request_method|$uri|$status|$http_host|$remote_user",
    '$remote_addr [$time_local] "$request" $status $http_host "$http_user_agent"',
    "$time_iso8601 $remote_addr $request_method $host$uri $status $request_id",
    '$msec $remote_addr $cookie_session $arg_q "$request" $status $request_filename $request_id',
    "$remote_addr, $remote_user, [$time_local], $request_method, $document_uri, $status",
)
_WRITTEN = ("http_host", "uri", "document_uri", "request_filename", "cookie_session", "arg_q")
"""What nginx writes in these formats as a client wants it, with its spaces."""


@pytest.mark.parametrize("text", ["x y", "a, b", " ", "", "[a] b", "x 200 y", "a|b", 'a"b', " - "])
@pytest.mark.parametrize("definition", _FREE)
def test_texts_without_quotes_hide_nothing(definition: str, text: str) -> None:
    usual = OTHERS | {
        "time_iso8601": "2026-11-22T08:26:39Z",
        "msec": f"{SECOND}.123",
        "request": "GET / HTTP/1.1",
        "request_method": "GET",
        "request_id": "5c",
        **dict.fromkeys(_WRITTEN, "x"),
    }
    log_format = nginx_format("own", definition).tolerant()
    for name in set(_WRITTEN) & {found[2] for found in VARIABLE.finditer(definition)}:
        values = usual | {name: nginx_text(text) if text else ""}
        line = VARIABLE.sub(lambda found: values.get(found[2], "-"), definition).encode()  # noqa: B023
        hit = log_format.line_parser().parse(line)
        assert hit is not None, line
        assert (hit.second, hit.status, hit.host) == (SECOND, 200, b"203.0.113.5")
        assert log_format.columnar().parse(line + b"\n").status.tolist() == [200]


@pytest.mark.parametrize("text", ["x y", "/a b c", " ", "/x 200 y"])
def test_paths_that_apache_decodes_hide_nothing(text: str) -> None:
    log_format = apache_format("own", "%h %t %m %U %>s %b %{Host}i %f %D").tolerant()
    hit = log_format.line_parser().parse(
        f"203.0.113.5 [{TIME}] GET {text} 404 12 {text} {text} 99".encode()
    )
    assert hit is not None
    assert (hit.status, hit.size, hit.response_time, hit.target) == (404, 12, 99, text.encode())
