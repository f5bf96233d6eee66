"""Marks by HTTP: taken of whoever knows the token, refused from anybody else and from browsers."""

import json
import socket
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.config.address import LOOPBACK, Address
from logmon_tui.reports.mark_receiver import MAX_BODY, MarkReceiver
from logmon_tui.reports.prometheus_server import Exporter
from logmon_tui.snapshot import Ingest, Snapshot

TOKEN = "0123456789abcdef-token"
NOW = 1_795_262_400  # 2026-11-21 12:00:00 UTC
HEADERS = {"Host": "localhost", "Authorization": f"Bearer {TOKEN}"}
JSON = {"Content-Type": "application/json"}


class Kept(list[Mark]):
    """The marks that were taken; with `problem` none can be kept."""

    problem = ""

    def add(self, mark: Mark) -> None:
        if self.problem:
            raise OSError(28, self.problem)
        self.append(mark)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def serving(kept: Kept) -> Iterator[Exporter]:
    made = Exporter(Address(LOOPBACK, 0), MarkReceiver(TOKEN, lambda: NOW + 0.9, kept.add))
    made.publish(Snapshot(ingest=Ingest(hits=42)))
    yield made
    made.close()


def sent(serving: Exporter, request: bytes) -> tuple[int, str, str]:
    """Return status, headers and body of the answer to a request as it stands."""
    with socket.create_connection((LOOPBACK, serving.port), timeout=30) as client:
        client.sendall(request)
        answer = b""
        while piece := client.recv(65_536):
            answer += piece
    head, _, body = answer.decode().partition("\r\n\r\n")
    return int(head.split(" ", 2)[1]), head, body


def posted(
    serving: Exporter,
    body: bytes | str = b"api 4.12",
    *,
    method: str = "POST",
    path: str = "/marks",
    without: str = "",
    **headers: str,
) -> tuple[int, str, str]:
    content = body.encode() if isinstance(body, str) else body
    given = {**HEADERS, "Content-Length": str(len(content))}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    given.pop(without, None)
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return sent(serving, f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + content)


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/plain; charset=utf-8", "application/x-www-form-urlencoded", None]
)
def test_a_text_is_a_mark_of_now(serving: Exporter, kept: Kept, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    status, head, body = posted(serving, " api 4.12 → prod\n", **headers)
    assert (status, body) == (201, "2026-11-21T12:00:00Z api 4.12 → prod\n")
    assert "Content-Type: text/plain; charset=utf-8" in head
    assert kept == [(NOW, "api 4.12 → prod")]


@pytest.mark.parametrize(
    ("given", "mark"),
    [
        ({"text": "api 4.12"}, (NOW, "api 4.12")),
        ({"text": "x", "at": "2026-11-21T11:59:50Z"}, (NOW - 10, "x")),
        ({"text": "x", "at": "2026-11-21T13:00:00+02:00"}, (NOW - 3_600, "x")),
        ({"text": "x", "at": None}, (NOW, "x")),
    ],
)
def test_json_is_a_mark_of_any_time(
    serving: Exporter, kept: Kept, given: dict[str, object], mark: tuple[int, str]
) -> None:
    assert posted(serving, json.dumps(given), **JSON)[0] == 201
    assert kept == [mark]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        '"api"',
        "{}",
        '{"text": 7}',
        '{"text": ""}',
        '{"text": "a\\u001b[2J"}',
        '{"text": "a\\nb"}',
        '{"text": "x", "at": "yesterday"}',
        '{"text": "x", "at": 7}',
        '{"text": "x", "at": "9999-12-31T23:59:59-23:59"}',
        '{"text": "x", "at": "1969-12-31T23:59:58Z"}',
        '{"text": "x", "unknown": 1}',
        "[" * 4_000,
        json.dumps({"text": "x" * 201}),
        b'{"text": "\xff"}',
    ],
)
def test_json_that_is_no_mark_is_refused_in_a_line(
    serving: Exporter, kept: Kept, body: bytes | str
) -> None:
    status, _, told = posted(serving, body, **JSON)
    assert status == 400
    assert told.strip().isprintable()
    assert kept == []


@pytest.mark.parametrize("body", [b"", b"  \n", b"a\nb", b"a\x1b[2J", b"\xff", b"x" * 201])
def test_a_text_that_is_no_line_is_refused(serving: Exporter, kept: Kept, body: bytes) -> None:
    assert posted(serving, body)[0] == 400
    assert kept == []


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"],
)
def test_without_the_token_nothing_is_taken(serving: Exporter, kept: Kept, given: str) -> None:
    status, head, _ = posted(serving, Authorization=given)
    assert status == 401
    assert "WWW-Authenticate: Bearer" in head
    assert posted(serving, without="Authorization")[0] == 401
    assert kept == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"origin": "http://localhost:9100"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-origin"},
    ],
)
def test_no_page_of_a_browser_may_mark_even_with_the_token(
    serving: Exporter, kept: Kept, headers: dict[str, str]
) -> None:
    status, head, _ = posted(serving, **headers)
    assert status == 403
    assert "Access-Control" not in head
    assert kept == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_marks_are_only_posted(serving: Exporter, kept: Kept, method: str) -> None:
    status, head, _ = posted(serving, method=method)
    assert status == 405
    assert "Allow: POST" in head
    assert kept == []


def test_what_does_not_fit_is_refused_before_it_is_read(serving: Exporter, kept: Kept) -> None:
    assert posted(serving, without="Content-Length")[0] == 411
    assert posted(serving, Content_Length="-1")[0] == 411
    assert posted(serving, Content_Length="1e3")[0] == 411
    assert posted(serving, Content_Length=str(MAX_BODY + 1))[0] == 413
    assert posted(serving, Content_Length="9" * 500)[0] == 413
    assert posted(serving, Content_Type="image/png")[0] == 415
    assert kept == []
    largest = json.dumps({"text": "x"}).ljust(MAX_BODY)
    assert posted(serving, largest, **JSON)[0] == 201


def test_a_stranger_is_refused_whatever_else_is_wrong(serving: Exporter) -> None:
    headers = {"Content_Length": "999999", "Content_Type": "image/png"}
    assert posted(serving, without="Authorization", **headers)[0] == 401


def test_that_a_mark_cannot_be_kept_is_told(serving: Exporter, kept: Kept) -> None:
    kept.problem = "No space left on device"
    status, _, body = posted(serving)
    assert (status, body) == (500, "the mark cannot be kept: No space left on device\n")
    kept.problem = ""
    assert posted(serving)[0] == 201


def test_metrics_are_served_as_before(serving: Exporter) -> None:
    status, _, page = sent(serving, b"GET /metrics HTTP/1.1\r\n\r\n")
    assert status == 200
    assert "logmon_hits_total 42.0" in page
    assert "logmon_last_mark" not in page
    assert posted(serving, path="/metrics")[0] == 405
    assert posted(serving, path="/other")[0] == 405
    assert sent(serving, b"POST /marks\r\n\r\n")[0] == 400
    serving.publish(Snapshot(marks=(Mark(NOW - 60, "old"), Mark(NOW, "secret name"))))
    _, _, page = sent(serving, b"GET /metrics HTTP/1.1\r\n\r\n")
    families = {family.name: family for family in text_string_to_metric_families(page)}
    (sample,) = families["logmon_last_mark_timestamp_seconds"].samples
    assert (sample.labels, sample.value) == ({}, NOW)
    assert "secret name" not in page


def test_without_a_token_there_is_no_such_path(kept: Kept) -> None:
    made = Exporter(Address(LOOPBACK, 0))
    try:
        assert posted(made, method="GET")[0] == posted(made, method="GET", path="/other")[0] == 404
        assert posted(made)[0] == posted(made, path="/other")[0] == 405
    finally:
        made.close()
    assert kept == []


def test_a_client_that_sends_less_than_it_promised_holds_up_nobody(
    serving: Exporter, kept: Kept
) -> None:
    head = f"POST /marks HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 9\r\n\r\nab"
    with socket.create_connection((LOOPBACK, serving.port), timeout=30) as client:
        client.sendall(head.encode())
        assert posted(serving)[0] == 201
        client.shutdown(socket.SHUT_WR)
        assert client.recv(65_536) == b""
    assert kept == [(NOW, "api 4.12")]
