"""The server answers what it should, and leaves nothing behind."""

import json
import socket

from prometheus_client.parser import text_string_to_metric_families

from tests.web.serving import BEARER, HITS, asked, serving, watching


def test_the_page_comes_without_a_token_and_holds_its_own_policy() -> None:
    with serving() as server:
        answer = asked(server, "/", {})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_metrics_are_those_of_the_newest_picture() -> None:
    with watching() as server:
        answer = asked(server, "/metrics")
    found = {
        sample.name: sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert found["logmon_hits_total"] == HITS


def test_events_bring_the_answer_to_the_question() -> None:
    with (
        watching() as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=30) as client,
    ):
        path = "/events?where=status:5xx&window=60"
        client.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"Authorization: {BEARER['Authorization']}\r\n\r\n".encode()
        )
        with client.makefile("rb") as lines:
            data = next(line for line in lines if line.startswith(b"data: "))
    assert json.loads(data[6:])["snapshot"]["hits"] == 12


def test_a_closed_server_has_given_up_its_port() -> None:
    with serving() as server:
        assert asked(server, "/", {}).status == 200
    with socket.create_server(("127.0.0.1", server.port)):
        pass
