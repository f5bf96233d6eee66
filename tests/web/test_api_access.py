"""The API behind the server's checks: no token, no answer; and real HTTP, not only calls."""

import json
from pathlib import Path

import pytest

from tests.web.api_runs import PREFIX
from tests.web.api_server import api_serving
from tests.web.serving import BEARER, asked

JSON = {**BEARER, "Content-Type": "application/json"}


def test_nothing_is_told_and_nothing_changes_without_the_token(tmp_path: Path) -> None:
    with api_serving(tmp_path / "log.marks") as (server, engine):
        document = asked(server, f"{PREFIX}/openapi.json").json
        for path, operations in document["paths"].items():
            for method in operations:
                answer = asked(server, PREFIX + path, {}, method.upper(), b"{}")
                assert answer.status == 401
                assert "token" in answer.json["detail"]
        assert asked(server, f"{PREFIX}/openapi.json", {}).status == 401
        assert engine.posted == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Site"])
def test_pages_of_other_sites_change_nothing(tmp_path: Path, header: str) -> None:
    value = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}[header]
    with api_serving(tmp_path / "log.marks") as (server, engine):
        for path, body in (("/silences", b'{"seconds": 60}'), ("/marks", b'{"text": "x"}')):
            answer = asked(server, PREFIX + path, {**JSON, header: value}, "POST", body)
            assert answer.status == 403
        assert engine.posted == []
    assert list(tmp_path.iterdir()) == []


def test_a_request_over_the_network_is_answered_and_changes_the_watch(tmp_path: Path) -> None:
    with api_serving(tmp_path / "log.marks") as (server, engine):
        body = json.dumps({"text": "api 4.12"}).encode()
        answer = asked(server, f"{PREFIX}/marks", JSON, "POST", body)
        assert (answer.status, answer.json["text"]) == (201, "api 4.12")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        body = json.dumps({"seconds": 60, "rule": "ddos"}).encode()
        assert asked(server, f"{PREFIX}/silences", JSON, "POST", body).status == 201
        assert [each.rule for each in engine.latest.alerts.silences] == ["ddos"]
        found = asked(server, f"{PREFIX}/nothing")
        assert (found.status, found.json["status"]) == (404, 404)
        too_much = asked(server, f"{PREFIX}/marks", JSON, "POST", b" " * 5_000)
        assert too_much.status == 413
    assert (tmp_path / "log.marks").read_text().endswith(" api 4.12\n")
