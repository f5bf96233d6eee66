"""Workers: retries, their end, bounded queues, closing; they never block whoever posts."""

import threading
import time

import pytest

from logmon_tui.notify import worker as worker_module
from logmon_tui.notify.message import Event, EventKind, Message
from logmon_tui.notify.target import SendError
from logmon_tui.notify.webhook import WebhookSender
from logmon_tui.notify.worker import MAX_WAITING, RetryPolicy, Worker
from tests.notify.examples import incident, message, wait_for
from tests.notify.sinks import HttpSink

QUICK = RetryPolicy(tries=4, shortest=0.01, longest=0.02)


class FakeSender:
    """Fails with the next of `failures`, if there is one; sends only while it may."""

    address = "nowhere"

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.tried: list[str] = []
        self.may = threading.Event()
        self.may.set()
        self.closed = False

    def send(self, message: Message) -> None:
        self.tried.append(message.group.events[0].incident.rule)
        assert self.may.wait(30)
        if self.failures:
            raise self.failures.pop(0)

    def close(self) -> None:
        self.closed = True
        self.may.set()


def of_rule(rule: str) -> Message:
    return message(Event(EventKind.FIRED, incident(rule)))


def finish(worker: Worker) -> None:
    worker.finish()
    worker.join(60)


def test_a_message_is_tried_again_until_it_is_taken(http_sink: HttpSink) -> None:
    http_sink.statuses = [500, 503, 0, 429]
    worker = Worker(
        "hook", "webhook", WebhookSender(http_sink.url, {}, 0.3), RetryPolicy(9, 60, 0.01)
    )
    worker.put(message())
    wait_for(lambda: worker.status().sent == 1)
    assert http_sink.bodies == [message().body()] * 5
    status = worker.status()
    assert (status.waiting, status.dropped, status.problem) == (0, 0, "")
    assert status.sent_at == pytest.approx(time.time(), abs=60)
    finish(worker)


def test_messages_keep_their_order_while_one_is_tried_again() -> None:
    sender = FakeSender(SendError("down"), SendError("down"))
    worker = Worker("x", "fake", sender, QUICK)
    for rule in ("a", "b", "c"):
        worker.put(of_rule(rule))
    wait_for(lambda: worker.status().sent == 3)
    assert sender.tried == ["a", "a", "a", "b", "c"]
    finish(worker)


def test_a_dead_target_is_told_and_given_up_after_some_tries() -> None:
    sender = FakeSender(*[SendError("Connection refused")] * 4)
    worker = Worker("x", "fake", sender, QUICK)
    worker.put(message())
    wait_for(lambda: worker.status().dropped == 1)
    status = worker.status()
    assert (status.problem, status.sent, len(sender.tried)) == ("Connection refused", 0, 4)
    worker.put(message())
    wait_for(lambda: worker.status().sent == 1)
    assert worker.status().problem == ""
    finish(worker)


@pytest.mark.parametrize(
    ("failure", "retry"),
    [
        (SendError("HTTP 404", for_good=True), RetryPolicy()),
        (SendError("down"), RetryPolicy(max_age=0)),
    ],
)
def test_what_will_not_pass_or_is_old_is_not_tried_again(
    failure: SendError, retry: RetryPolicy
) -> None:
    sender = FakeSender(failure)
    worker = Worker("x", "fake", sender, retry)
    worker.put(message())
    wait_for(lambda: worker.status().dropped == 1)
    assert len(sender.tried) == 1
    finish(worker)


def test_an_error_nobody_thought_of_is_tried_again_and_its_text_not_shown() -> None:
    sender = FakeSender(RuntimeError("s3cret"))
    worker = Worker("x", "fake", sender, RetryPolicy(shortest=60))
    worker.put(message())
    wait_for(lambda: worker.status().problem)
    assert worker.status().problem == "failed (RuntimeError)"
    finish(worker)
    assert worker.status().sent == 1  # closing tries once more, without the pause


def test_of_too_many_the_oldest_are_dropped_and_nobody_waits() -> None:
    sender = FakeSender()
    sender.may.clear()
    worker = Worker("x", "fake", sender, QUICK)
    worker.put(of_rule("first"))
    wait_for(lambda: sender.tried)
    began = time.monotonic()
    for number in range(MAX_WAITING + 5):
        worker.put(of_rule(f"{number}"))
    assert time.monotonic() - began < 10  # far less than the sender's 30 s
    assert (worker.status().waiting, worker.status().dropped) == (MAX_WAITING + 1, 5)
    sender.may.set()
    wait_for(lambda: worker.status().sent == MAX_WAITING + 1)
    assert sender.tried[:2] == ["first", "5"]
    finish(worker)


def test_closing_sends_what_waits() -> None:
    sender = FakeSender(SendError("down"))
    worker = Worker("x", "fake", sender, RetryPolicy(shortest=60, longest=60))
    for rule in ("a", "b"):
        worker.put(of_rule(rule))
    wait_for(lambda: worker.status().problem)
    finish(worker)
    assert sender.tried == ["a", "a", "b"]
    assert (worker.status().sent, worker.status().waiting) == (2, 0)


def test_closing_tries_what_fails_only_once_more() -> None:
    sender = FakeSender(*[SendError("down")] * 100)
    worker = Worker("x", "fake", sender, RetryPolicy(shortest=60, longest=60))
    worker.put(message())
    wait_for(lambda: worker.status().problem)
    finish(worker)
    assert len(sender.tried) == 2
    assert worker.status().dropped == 1


def test_closing_does_not_wait_for_a_target_that_hangs() -> None:
    sender = FakeSender()
    sender.may.clear()
    worker = Worker("x", "fake", sender, QUICK)
    worker.put(message())
    wait_for(lambda: sender.tried)
    worker.finish()
    worker.join(0.05)
    assert sender.closed


def test_a_worker_that_never_had_a_message_has_no_thread() -> None:
    before = threading.active_count()
    worker = Worker("x", "fake", FakeSender())
    assert threading.active_count() == before
    finish(worker)


def test_pauses_double_up_to_the_longest_and_are_cut_by_chance() -> None:
    retry = RetryPolicy(shortest=1, longest=300)
    for tries, whole in ((1, 1), (2, 2), (6, 32), (12, 300), (10_000, 300)):
        pauses = {retry.pause(tries) for _ in range(50)}
        assert len(pauses) > 1
        assert whole / 2 <= min(pauses) <= max(pauses) <= whole
    assert worker_module.RetryPolicy().tries > 8
