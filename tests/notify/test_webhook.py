"""Webhooks: what a server receives, and what is said of one that does not take it."""

import json
import socket

import pytest

from logmon_tui import __version__
from logmon_tui.notify.target import SendError
from logmon_tui.notify.webhook import WebhookSender
from tests.notify.examples import hostile_message, message
from tests.notify.sinks import HttpSink

SECRET = "s3cret-t0ken"


def test_the_body_is_posted_with_the_headers(http_sink: HttpSink) -> None:
    headers = {"Authorization": f"Bearer {SECRET}"}
    sender = WebhookSender(f"{http_sink.url}/hook?key=1", headers, 10)
    sender.send(message())
    ((method, path, received, body),) = http_sink.requests
    assert (method, path) == ("POST", "/hook?key=1")
    assert json.loads(body) == message().body()
    assert received["Authorization"] == f"Bearer {SECRET}"
    assert received["Content-Type"] == "application/json"
    assert received["User-Agent"] == f"logmon-tui/{__version__}"


def test_hostile_subjects_arrive_as_text(http_sink: HttpSink) -> None:
    WebhookSender(http_sink.url, {}, 10).send(hostile_message())
    (body,) = http_sink.bodies
    assert body["events"][0]["subject"].startswith("/x\\x0d\\x0aBcc: all@example.com\\x0a\\x1b]")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(http_sink: HttpSink, status: int) -> None:
    http_sink.statuses = [status]
    with pytest.raises(SendError, match=f"HTTP {status} .*redirects are not followed") as raised:
        WebhookSender(http_sink.url, {"Authorization": SECRET}, 10).send(message())
    assert raised.value.for_good
    assert len(http_sink.requests) == 1


@pytest.mark.parametrize(
    ("status", "for_good"), [(500, False), (503, False), (429, False), (404, True), (401, True)]
)
def test_only_what_may_pass_is_worth_another_try(
    http_sink: HttpSink, status: int, for_good: bool
) -> None:
    http_sink.statuses = [status]
    with pytest.raises(SendError, match=f"HTTP {status}") as raised:
        WebhookSender(http_sink.url, {}, 10).send(message())
    assert raised.value.for_good is for_good


def test_a_server_that_does_not_answer_is_given_up_in_time(http_sink: HttpSink) -> None:
    http_sink.statuses = [0]
    with pytest.raises(SendError, match="no answer in time"):
        WebhookSender(http_sink.url, {}, 0.2).send(message())


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(SendError, match=r"^Connection refused$"):
            WebhookSender(f"http://127.0.0.1:{port}/{SECRET}", {}, 5).send(message())


def test_a_server_that_repeats_secrets_does_not_bring_them_onto_the_screen(
    http_sink: HttpSink,
) -> None:
    http_sink.statuses = [500]
    http_sink.phrase = f"no /hook/{SECRET} for Bearer-{SECRET} \x1b[31m"
    sender = WebhookSender(f"{http_sink.url}/hook/{SECRET}", {"X-Key": f"Bearer-{SECRET}"}, 10)
    with pytest.raises(SendError) as raised:
        sender.send(message())
    assert str(raised.value) == "HTTP 500 no … for … \\x1b[31m"
    assert SECRET not in sender.address
