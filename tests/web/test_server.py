"""The server answers what it should, and leaves nothing behind."""

import json
import socket
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from logmon_tui.web.server import WebServer
from tests.web.serving import HITS, asked, serving, viewer, watching


def first_event(server: WebServer, path: str) -> tuple[str, Any]:
    """Return the name and the data of the first event that a viewer gets."""
    with viewer(server, path) as lines:
        name = next(line for line in lines if line.startswith(b"event: "))
        return name[7:].decode().strip(), json.loads(next(lines)[6:])


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
    with watching() as server:
        name, data = first_event(server, "/events?where=status:5xx&window=60")
    assert name == "picture"
    assert data["snapshot"]["hits"] == 12


@pytest.mark.parametrize("end", ["0", "1795262410", "99999999999", "9999-12-31"])
@pytest.mark.parametrize("more", ["", "&window=3024000&columns=400&step=172800&order=largest"])
def test_any_moment_can_be_asked_for(end: str, more: str) -> None:
    with watching() as server:
        name, _ = first_event(server, f"/events?end={end}{more}")
    assert name == "picture"


def test_a_closed_server_has_given_up_its_port() -> None:
    with serving() as server:
        assert asked(server, "/", {}).status == 200
    with socket.create_server(("127.0.0.1", server.port)):
        pass


def test_a_server_may_be_closed_twice() -> None:
    with serving() as server:
        server.close()
