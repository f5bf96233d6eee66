"""Who is refused: by host, origin, token, path, size; and what every answer tells a browser."""

import socket
from collections.abc import Iterator

import pytest

from logmon_tui.web.security import MAX_BODY
from logmon_tui.web.server import WebServer
from tests.web.serving import BEARER, TOKEN, asked, served, serving

PATHS = ("/events", "/metrics", "/api/v1/snapshot", "/api/v1", "/nothing", "/static/x")
STRICT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture(scope="module")
def server() -> Iterator[WebServer]:
    with serving(served(web_url="https://logs.example.org")) as made:
        yield made


def test_nothing_but_the_page_is_told_without_the_token(server: WebServer) -> None:
    for path in PATHS:
        answer = asked(server, path, {})
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert TOKEN.encode() not in answer.body
    assert asked(server, "/", {}).status == 200


@pytest.mark.parametrize(
    "given",
    [
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.upper()}",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer \xff\xfe",
    ],
)
def test_a_wrong_token_is_refused(server: WebServer, given: str) -> None:
    assert asked(server, "/metrics", {"Authorization": given}).status == 401


def test_a_token_elsewhere_than_in_its_header_is_refused(server: WebServer) -> None:
    assert asked(server, f"/metrics?token={TOKEN}", {}).status == 401
    assert asked(server, "/metrics", {"Cookie": f"token={TOKEN}"}).status == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(server: WebServer, scheme: str) -> None:
    assert asked(server, "/metrics", {"Authorization": f"{scheme} {TOKEN}"}).status == 200


@pytest.mark.parametrize("path", ["/", *PATHS])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1.evil.example:{port}",
        "127.0.0.2:{port}",
        "0.0.0.0:{port}",
        "localhost",
        "logs.example.org:{port}",
        "user@127.0.0.1:{port}",
        "",
    ],
)
def test_another_host_is_refused(server: WebServer, path: str, host: str) -> None:
    answer = asked(server, path, {**BEARER, "Host": host.format(port=server.port)})
    assert answer.status == 421
    assert b"evil" not in answer.body


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:{port}", "localhost:{port}", "LocalHost:{port}", "logs.example.org"],
)
def test_its_own_hosts_are_answered(server: WebServer, host: str) -> None:
    headers = {**BEARER, "Host": host.format(port=server.port)}
    assert asked(server, "/metrics", headers).status == 200


@pytest.mark.parametrize("hosts", ["", "Host: 127.0.0.1:{port}\r\nHost: 127.0.0.1:{port}\r\n"])
def test_no_host_and_two_of_them_are_refused(server: WebServer, hosts: str) -> None:
    headers = hosts.format(port=server.port)
    request = f"GET / HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"
    assert status_of(raw(server, request.encode())) in {400, 421}
    assert status_of(raw(server, request.replace("1.1", "1.0").encode())) in {400, 421}


ORIGINS = [
    "http://evil.example",
    "null",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "https://127.0.0.1:{port}",
    "http://127.0.0.1:{port}.evil.example",
    "http://logs.example.org",
    "https://logs.example.org.evil.example",
    "",
]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("origin", ORIGINS)
def test_pages_of_other_sites_are_refused(server: WebServer, method: str, origin: str) -> None:
    headers = {**BEARER, "Origin": origin.format(port=server.port)}
    for path in ("/events", "/api/v1/marks", "/metrics"):
        answer = asked(server, path, headers, method)
        assert answer.status == 403
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "odd"])
def test_requests_that_come_from_other_sites_are_refused(server: WebServer, site: str) -> None:
    assert asked(server, "/metrics", {**BEARER, "Sec-Fetch-Site": site}).status == 403


def test_its_own_pages_are_answered(server: WebServer) -> None:
    origins = (f"http://127.0.0.1:{server.port}", "https://logs.example.org")
    for origin in origins:
        headers = {**BEARER, "Origin": origin, "Sec-Fetch-Site": "same-origin"}
        assert asked(server, "/metrics", headers).status == 200


def test_links_of_other_sites_lead_to_the_page(server: WebServer) -> None:
    assert asked(server, "/", {"Sec-Fetch-Site": "cross-site"}).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../page.html",
        "/static/..%2f..%2fserver.py",
        "/static/%2e%2e/%2e%2e/security.py",
        "/static/..%5c..%5cserver.py",
        "/../../../../etc/passwd",
        "//etc/passwd",
        "/static//etc/passwd",
        "/static/page.py",
        "/static/",
        "/%00",
        "/api/v1/../../etc/passwd",
        "/.git/config",
        "/events/",
    ],
)
def test_no_path_leads_to_a_file(server: WebServer, path: str) -> None:
    for headers, status in (({}, 401), (BEARER, 404)):
        answer = asked(server, path, headers)
        assert answer.status == status
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_every_answer_is_strict(server: WebServer) -> None:
    answers = [
        asked(server, "/", {}),
        asked(server, "/metrics"),
        asked(server, "/nothing"),
        asked(server, "/metrics", {}),
        asked(server, "/metrics", method="POST"),
        asked(server, "/events?window=x"),
        asked(server, "/", {"Host": "evil.example"}),
    ]
    assert [each.status for each in answers] == [200, 200, 404, 401, 405, 400, 421]
    for answer in answers:
        assert STRICT.items() <= dict(answer.headers).items() | {
            (name.title(), value) for name, value in answer.headers.items()
        }
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Server" not in answer.headers
        if answer.status != 200:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json["status"] == answer.status
            assert set(answer.json) == {"title", "status", "detail"}
            assert answer.json["detail"]


def test_large_bodies_are_refused(server: WebServer) -> None:
    assert asked(server, "/metrics", method="POST", body=b"x" * MAX_BODY).status == 405
    assert asked(server, "/metrics", method="POST", body=b"x" * (MAX_BODY + 1)).status == 413
    long = {**BEARER, "Content-Length": "9" * 30}
    head = "".join(f"{name}: {value}\r\n" for name, value in long.items())
    host = f"Host: 127.0.0.1:{server.port}\r\n"
    answer = raw(server, f"POST /metrics HTTP/1.1\r\n{host}{head}\r\n".encode())
    assert status_of(answer) in {400, 413}


@pytest.mark.parametrize(
    "request_",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n bad: folded\r\nX\x00: 1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
    ids=range(9),
)
def test_what_is_no_http_is_refused_without_a_word_on_the_inside(
    server: WebServer, request_: bytes
) -> None:
    answer = raw(server, request_)
    assert status_of(answer) in {400, 401, 421, 431}
    for telltale in (b"uvicorn", b"starlette", b"h11", b"python", b"traceback"):
        assert telltale not in answer.lower()
    assert asked(server, "/", {}).status == 200


def test_a_websocket_is_not_opened(server: WebServer) -> None:
    headers = {**BEARER, "Connection": "Upgrade", "Upgrade": "websocket"}
    assert asked(server, "/events/socket", headers).status == 404


def raw(server: WebServer, request: bytes) -> bytes:
    """Return the answer to bytes after which nothing more is sent."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while piece := client.recv(65_536):
                answer += piece
        except ConnectionResetError:
            pass
        return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_what_a_client_says_of_itself_is_not_believed(server: WebServer) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": f"127.0.0.1:{server.port}"}
    assert asked(server, "/", headers).status == 421
