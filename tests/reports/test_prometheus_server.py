"""The exporter answers Prometheus, and no client can hold it up."""

import socket
import time
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from logmon_tui.config.address import LOOPBACK, Address, address_of
from logmon_tui.errors import UsageError
from logmon_tui.reports import prometheus_server
from logmon_tui.reports.prometheus_server import MAX_CONNECTIONS, MAX_REQUEST, Exporter
from logmon_tui.snapshot import Ingest, Snapshot

ASKED = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
PICTURE = Snapshot(ingest=Ingest(hits=42))


@pytest.fixture
def serving() -> Iterator[Exporter]:
    made = Exporter(Address(LOOPBACK, 0))
    made.publish(PICTURE)
    yield made
    made.close()


def connected(serving: Exporter) -> socket.socket:
    return socket.create_connection((LOOPBACK, serving.port), timeout=30)


def all_from(client: socket.socket) -> bytes:
    answer = b""
    while piece := client.recv(65_536):
        answer += piece
    return answer


def answered(serving: Exporter, request: bytes = ASKED) -> bytes:
    with connected(serving) as client:
        client.sendall(request)
        return all_from(client)


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def hits(answer: bytes) -> float:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Type: text/plain; version=0.0.4; charset=utf-8" in head
    assert f"Content-Length: {len(body)}".encode() in head
    found = {
        sample.name: sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }
    return found["logmon_hits_total"]


def test_it_serves_the_newest_picture(serving: Exporter) -> None:
    assert hits(answered(serving)) == 42
    serving.publish(Snapshot(ingest=Ingest(hits=43)))
    assert hits(answered(serving)) == 43
    assert hits(answered(serving, ASKED.replace(b"/metrics", b"/metrics?a=b"))) == 43


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 404),
        (b"GET /metrics/../etc HTTP/1.1\r\n\r\n", 404),
        (b"POST /metrics HTTP/1.1\r\n\r\n", 405),
        (b"HEAD /metrics HTTP/1.1\r\n\r\n", 405),
        (b"GET /metrics\r\n\r\n", 400),
        (b"GET /metrics HTTP/2\r\n\r\n", 400),
        (b"\x16\x03\x01\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
    ],
)
def test_all_but_getting_the_page_is_refused(
    serving: Exporter, request_: bytes, status: int
) -> None:
    assert status_of(answered(serving, request_)) == status


def test_before_the_first_picture_there_is_nothing_to_tell() -> None:
    made = Exporter(Address(LOOPBACK, 0))
    try:
        assert status_of(answered(made)) == 503
    finally:
        made.close()


def test_counters_do_not_go_back_while_a_watch_begins_again(serving: Exporter) -> None:
    serving.publish(Snapshot(ingest=Ingest(failure="no memory; trying again")))
    answer = answered(serving)
    assert hits(answer) == 42
    assert b"logmon_reading_failing 1.0" in answer
    serving.publish(replace(PICTURE, ingest=Ingest(hits=44)))
    assert b"logmon_reading_failing 0.0" in answered(serving)


def test_a_request_that_is_too_long_ends_the_connection(serving: Exporter) -> None:
    with connected(serving) as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 3 * MAX_REQUEST)
        with pytest.raises(ConnectionError):
            raise ConnectionError if all_from(client) == b"" else AssertionError
    assert hits(answered(serving)) == 42


def test_slow_clients_are_put_off_and_hold_up_nobody(
    serving: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prometheus_server, "MAX_SECONDS", 1.0)
    slow = [connected(serving) for _ in range(10)]
    for client in slow:
        client.sendall(b"GET /met")
    began = time.monotonic()
    assert hits(answered(serving)) == 42
    try:
        for client in slow:
            assert ended(client)
        assert time.monotonic() - began < 25
    finally:
        for client in slow:
            client.close()


def ended(client: socket.socket) -> bool:
    """Drip bytes until the other side has had enough."""
    try:
        while not_refused(client):
            time.sleep(0.05)
    except (ConnectionError, TimeoutError):
        pass
    return True


def not_refused(client: socket.socket) -> bool:
    client.sendall(b"r")
    client.settimeout(0.01)
    try:
        return client.recv(1) != b""
    except TimeoutError:
        return True


def test_few_clients_at_once_are_served_and_the_next_ones_later(serving: Exporter) -> None:
    many = [connected(serving) for _ in range(MAX_CONNECTIONS)]
    try:
        for client in many:
            client.sendall(b"GET")
        with connected(serving) as another:
            try:
                another.sendall(ASKED)
                assert all_from(another) == b""
            except ConnectionError:
                pass
    finally:
        for client in many:
            client.close()
    deadline = time.monotonic() + 60
    while not (answer := attempt(serving)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert hits(answer) == 42


def attempt(serving: Exporter) -> bytes:
    try:
        return answered(serving)
    except ConnectionError:
        return b""


def test_a_port_in_use_is_told_in_one_line(serving: Exporter) -> None:
    with pytest.raises(UsageError) as told:
        Exporter(Address(LOOPBACK, serving.port))
    assert str(told.value) == (
        f"--metrics-listen 127.0.0.1:{serving.port}: address already in use; name another address"
    )


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid"])
def test_a_host_that_is_not_ones_own_is_told_in_one_line(host: str) -> None:
    with pytest.raises(UsageError, match=rf"--metrics-listen {host}:9100: .+; name another"):
        Exporter(Address(host, 9100))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9100", ("127.0.0.1", 9100)),
        ("9100", ("127.0.0.1", 9100)),
        (":9100", ("127.0.0.1", 9100)),
        ("0.0.0.0:1", ("0.0.0.0", 1)),
        ("localhost:65535", ("localhost", 65_535)),
        ("[::1]:9100", ("::1", 9100)),
        ("[fe80::1%eth0]:80", ("fe80::1%eth0", 80)),
    ],
)
def test_addresses_have_a_port_and_may_have_a_host(text: str, address: tuple[str, int]) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        ":0",
        "a:65536",
        "localhost",
        "::1:9100",
        "http://a:1",
        "a:1/metrics",
        "a b:1",
        "१:1",
    ],
)
def test_what_is_no_address_is_told_with_one_that_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no address such as 127\.0\.0\.1:9100"):
        address_of(text)
