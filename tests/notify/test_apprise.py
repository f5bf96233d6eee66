"""Apprise, which is an extra: with a stand-in for the package, and without it."""

import sys
from types import ModuleType
from typing import Any

import pytest

from logmon_tui.alerts.model.rule import Severity
from logmon_tui.errors import UsageError
from logmon_tui.notify.apprise import Apprise, notify_type
from logmon_tui.notify.message import Event, EventKind, Message, trial_group
from logmon_tui.notify.target import SendError
from logmon_tui.notify.text import Text
from tests.notify.examples import hostile_message, incident, message

SECRET = "s3cret-t0ken"
TARGET = Apprise(url=Text(f"slack://{SECRET}/b/c"))


class FakeApprise:
    """Takes what apprise's own class does."""

    sent: list[dict[str, Any]] = []  # noqa: RUF012 - emptied by each test
    takes: object = True

    def add(self, url: str) -> bool:
        return url.startswith("slack://")

    def notify(self, **told: Any) -> object:
        self.sent.append(told)
        if isinstance(self.takes, Exception):
            raise self.takes
        return self.takes


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeApprise]:
    module = ModuleType("apprise")
    module.Apprise = FakeApprise  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "apprise", module)
    monkeypatch.setattr(FakeApprise, "sent", [])
    return FakeApprise


def test_a_message_is_sent_as_plain_text(fake: type[FakeApprise]) -> None:
    sender = TARGET.open()
    sender.send(message())
    assert fake.sent == [
        {
            "body": message().text,
            "title": message().line,
            "notify_type": "failure",
            "body_format": "text",
        }
    ]
    assert sender.address == "slack://…"


def test_hostile_subjects_call_nobody_in_a_chat(fake: type[FakeApprise]) -> None:
    TARGET.open().send(hostile_message())
    for text in (fake.sent[0]["body"], fake.sent[0]["title"]):
        assert "@everyone" not in text
        assert "<!channel>" not in text
        assert "< !channel> @ everyone" in text


@pytest.mark.parametrize("answer", [False, RuntimeError(SECRET)])
def test_one_that_fails_is_told_without_secrets(
    fake: type[FakeApprise], monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    monkeypatch.setattr(fake, "takes", answer)
    with pytest.raises(SendError) as raised:
        TARGET.open().send(message())
    assert SECRET not in str(raised.value)


def test_an_unknown_service_is_refused_without_being_shown(fake: type[FakeApprise]) -> None:
    with pytest.raises(UsageError, match=r"^url: apprise knows no such") as raised:
        Apprise(url=Text(f"nosuch://{SECRET}")).open()
    assert SECRET not in str(raised.value)


def test_without_the_package_a_line_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(UsageError) as raised:
        TARGET.open()
    assert str(raised.value) == (
        "needs the package apprise; install it with: pip install 'logmon-tui[apprise]'"
    )


def test_the_worst_that_still_fires_chooses_the_type() -> None:
    warning = Event(EventKind.FIRING, incident(severity=Severity.WARNING))
    critical = Event(EventKind.FIRED, incident())
    over = Event(EventKind.RECOVERED, incident())
    assert notify_type(message(over, warning, critical)) == "failure"
    assert notify_type(message(over, warning)) == "warning"
    assert notify_type(message(over)) == "success"
    assert notify_type(Message(trial_group("id", 5))) == "info"
