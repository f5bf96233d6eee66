"""Webhook: posts the JSON body of `message.py` to a URL."""

import http.client
import re
from collections.abc import Mapping
from typing import ClassVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec

from logmon_tui import __version__
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.notify.message import Message
from logmon_tui.notify.target import SendError, TargetSettings, Timeout, reason, redacted
from logmon_tui.notify.text import Text

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2: token
_TRY_AGAIN = frozenset({408, 425, 429})


class Webhook(TargetSettings, frozen=True, kw_only=True):
    """`type = "webhook"`: posts to `url`, with `headers`; redirects are not followed."""

    KIND: ClassVar[str] = "webhook"

    url: Text
    headers: dict[str, Text] = msgspec.field(default_factory=dict)
    timeout: Timeout = 10.0

    def problem(self) -> str:
        """Return what is wrong with the header names, or with a URL given as plain text."""
        odd = [name for name in self.headers if not _HEADER.fullmatch(name)]
        if odd:
            return f"headers: {odd[0]!r} is no name of a header"
        if not self.url.elsewhere:
            try:
                checked_url(self.url.read())
            except UsageError as error:
                return str(error)
        return ""

    def open(self) -> "WebhookSender":
        """Return the sender. Raises UsageError for unreadable secrets, bad headers or a bad URL."""
        headers = {name: text.read() for name, text in self.headers.items()}
        for name, value in headers.items():
            if not value.isascii():
                raise UsageError(f"headers.{name}: holds characters that no header may; mend it")
        return WebhookSender(checked_url(self.url.read()), headers, self.timeout)


def checked_url(url: str) -> str:
    """Return `url` if it can be posted to. Raises UsageError, which does not contain the URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError("url: is no address; give one such as https://host/path") from error
    fine = parts.scheme in {"http", "https"} and parts.hostname and port != 0
    if not fine or not url.isascii() or " " in url:
        raise UsageError("url: is no address; give one such as https://host/path")
    if parts.username is not None or parts.password is not None:
        raise UsageError("url: user and password belong into headers = { Authorization = … }")
    return url


def shown_url(url: str) -> str:
    """Return a URL without its parts that may be secret: user, password, path, query."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    rest = "/…" if parts.path.strip("/") or parts.query or parts.fragment else ""
    return printable(f"{parts.scheme}://{host}{port}{rest}")


class _NoRedirects(HTTPRedirectHandler):
    """Turns a redirect into an error: secrets must not go to a URL that a server chose."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        """Return None, which makes urllib raise HTTPError."""


class WebhookSender:
    """Posts messages."""

    def __init__(self, url: str, headers: Mapping[str, str], timeout: float) -> None:
        self.address: str = shown_url(url)
        self._url = url
        self._headers = {
            "Content-Type": "application/json",
            "User-Agent": f"logmon-tui/{__version__}",
            **headers,
        }
        self._timeout = timeout
        self._secrets = (url, url.partition("://")[2], urlsplit(url).path, *headers.values())
        self._opener = build_opener(_NoRedirects())

    def send(self, message: Message) -> None:
        """Post a message. Raises SendError unless the answer's status is 2xx."""
        request = Request(  # noqa: S310 - `checked_url` allows only http and https
            self._url, data=message.json(), headers=self._headers, method="POST"
        )
        try:
            self._opener.open(request, timeout=self._timeout).close()
        except HTTPError as error:
            with error:
                raise self._refused(error.code, str(error.reason)) from None
        except URLError as error:
            why = reason(error.reason) if isinstance(error.reason, OSError) else "not reachable"
            raise SendError(redacted(why, self._secrets)) from None
        except OSError as error:
            raise SendError(redacted(reason(error), self._secrets)) from None
        except http.client.HTTPException as error:
            raise SendError(f"the answer is not HTTP ({type(error).__name__})") from None

    def _refused(self, code: int, phrase: str) -> SendError:
        why = f"HTTP {code} {redacted(phrase, self._secrets)}".rstrip()
        if 300 <= code < 400:
            return SendError(f"{why}: redirects are not followed; give that url", for_good=True)
        return SendError(why, for_good=400 <= code < 500 and code not in _TRY_AGAIN)

    def close(self) -> None:
        """Do nothing: the request ends with the program."""
