"""Apprise: Slack, Telegram, Matrix and a hundred others, where the package apprise is installed."""

import logging
import re
from typing import Any, ClassVar

from logmon_tui.alerts.model.rule import Severity
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.notify.message import EventKind, Message
from logmon_tui.notify.target import SendError, TargetSettings
from logmon_tui.notify.text import Text

INSTALL = "needs the package apprise; install it with: pip install 'logmon-tui[apprise]'"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")
_MENTIONS = re.compile(r"@(?=everyone|here|channel|all|room|team)|<(?=[!@#])", re.IGNORECASE)
"""The start of a mention that would notify a whole chat room, if a log contained it."""


class Apprise(TargetSettings, frozen=True, kw_only=True):
    """`type = "apprise"`: sends to one service; `url` has the form that apprise documents."""

    KIND: ClassVar[str] = "apprise"

    url: Text

    def open(self) -> "AppriseSender":
        """Return the sender. Raises UsageError if apprise is missing, or does not know the url."""
        try:
            import apprise
        except ImportError as error:
            raise UsageError(INSTALL) from error
        # Apprise would log urls, which hold secrets, to standard error, which is the screen.
        logger = logging.getLogger("apprise")
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
        url = self.url.read()
        service = apprise.Apprise()
        if not service.add(url):
            raise UsageError("url: apprise knows no such service; its documentation lists them")
        scheme = _SCHEME.match(url)
        return AppriseSender(service, f"{printable(scheme[0])}://…" if scheme else "…")


class AppriseSender:
    """Sends to one service."""

    def __init__(self, service: Any, address: str) -> None:
        self.address = address
        self._service = service

    def send(self, message: Message) -> None:
        """Send a message. Raises SendError; apprise does not say why a service refused it."""
        try:
            sent = self._service.notify(
                body=without_mentions(message.text),
                title=without_mentions(message.line),
                notify_type=notify_type(message),
                body_format="text",
            )
        except Exception as error:  # noqa: BLE001 - plugins of many hands
            raise SendError(f"apprise failed ({type(error).__name__})") from None
        if not sent:
            raise SendError("the service did not take it; apprise does not tell why")

    def close(self) -> None:
        """Do nothing: the thread that sends ends with the program."""


def without_mentions(text: str) -> str:
    """Return a text that mentions nobody in a chat: `@everyone` becomes `@ everyone`."""
    return _MENTIONS.sub(lambda found: f"{found[0]} ", text)


def notify_type(message: Message) -> str:
    """Return apprise's type for the worst of a message's events."""
    events = message.group.events
    if all(event.kind is EventKind.TEST for event in events):
        return "info"
    firing = [event for event in events if event.kind is not EventKind.RECOVERED]
    if not firing:
        return "success"
    critical = any(event.incident.severity is Severity.CRITICAL for event in firing)
    return "failure" if critical else "warning"
