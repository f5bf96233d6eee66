"""E-mail: sends messages by SMTP."""

import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid
from typing import Annotated, ClassVar, Literal

import msgspec

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.notify.message import Message
from logmon_tui.notify.target import SendError, TargetSettings, Timeout, reason, redacted
from logmon_tui.notify.text import Text

Tls = Literal["none", "starttls", "ssl"]

_PORTS: dict[Tls, int] = {"none": 25, "starttls": 587, "ssl": 465}
_ADDRESS = re.compile(r"[^\s<>@,;:\"\\()\[\]]+@[^\s<>@,;:\"\\()\[\]]+")
_MAX_SUBJECT = 200
"""Maximum characters of a mail's subject."""


class Email(TargetSettings, frozen=True, kw_only=True, rename={"from_": "from"}):
    """`type = "email"`: sends mail through the server `host`, `from` one address `to` others.

    `port` defaults to 587, with `tls = "ssl"` to 465, and with `tls = "none"` to 25. User and
    password are never sent without TLS, except to this machine.
    """

    KIND: ClassVar[str] = "email"

    host: Text
    from_: Text
    to: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] | None = None
    tls: Tls = "starttls"
    user: Text | None = None
    password: Text | None = None
    timeout: Timeout = 20.0

    def problem(self) -> str:
        """Return what is wrong: a user without a password, the reverse, or a bad address."""
        if (self.user is None) != (self.password is None):
            return "user: user and password go together; give both or none"
        for key, texts in (("from", (self.from_,)), ("to", self.to)):
            for text in texts:
                try:
                    if not text.elsewhere:
                        _address(key, text.read())
                except UsageError as error:
                    return str(error)
        return ""

    def open(self) -> "EmailSender":
        """Return the sender. Raises UsageError for unreadable texts and bad addresses."""
        server = Server(
            self.host.read(),
            self.port or _PORTS[self.tls],
            self.tls,
            None if self.user is None else self.user.read(),
            None if self.password is None else self.password.read(),
            self.timeout,
        )
        if server.user is not None and self.tls == "none" and not server.is_local:
            raise UsageError('tls: a password is sent with "starttls" or "ssl" only; set one')
        sender = _address("from", self.from_.read())
        receivers = [_address("to", text.read()) for text in self.to]
        return EmailSender(server, sender, receivers)


def _address(key: str, text: str) -> str:
    if not _ADDRESS.fullmatch(text) or not text.isascii():
        raise UsageError(f"{key}: not an address; give it as name@host")
    return text


@dataclass(frozen=True, slots=True)
class Server:
    """The SMTP server, and how to log in there; `timeout` is in seconds."""

    host: str
    port: int
    tls: Tls
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)
    timeout: float

    @property
    def is_local(self) -> bool:
        """Whether it is this machine."""
        return self.host in {"localhost", "127.0.0.1", "::1"}

    def connect(self) -> smtplib.SMTP:
        """Return a connection that is logged in. Raises OSError or SMTPException."""
        if self.tls == "ssl":
            safe = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=safe
            )
        else:
            smtp = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            if self.tls == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if self.user is not None and self.password is not None:
                smtp.login(self.user, self.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


class EmailSender:
    """Sends each mail over a new connection."""

    def __init__(self, server: Server, sender: str, receivers: Sequence[str]) -> None:
        self.address: str = printable(f"{', '.join(receivers)} by {server.host}:{server.port}")
        self._server = server
        self._from = sender
        self._to = list(receivers)
        self._secrets = [each for each in (server.user, server.password) if each]

    def send(self, message: Message) -> None:
        """Send a mail. Raises SendError, `for_good` if the server refuses it with a 5xx."""
        try:
            with self._server.connect() as smtp:
                smtp.send_message(self.mail(message), self._from, self._to)
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            raise self._refused("the recipient is refused", code, reply) from None
        except smtplib.SMTPResponseException as error:
            raise self._refused("refused", error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError:
            why = 'the server cannot do STARTTLS or logins; see tls = "ssl"'
            raise SendError(why, for_good=True) from None
        except smtplib.SMTPException as error:
            raise SendError(f"the talk with the server failed ({type(error).__name__})") from None
        except OSError as error:
            raise SendError(redacted(reason(error), self._secrets)) from None

    def mail(self, message: Message) -> EmailMessage:
        """Return a message as mail; its subject is one line, whatever the log contains."""
        mail = EmailMessage(policy=SMTP)
        line = message.line
        short = line if len(line) <= _MAX_SUBJECT else line[: _MAX_SUBJECT - 1] + "…"
        mail["Subject"] = f"[logmon] {short}"
        mail["From"] = self._from
        mail["To"] = ", ".join(self._to)
        mail["Date"] = format_datetime(localtime())
        mail["Message-ID"] = make_msgid(domain=self._from.rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        mail.set_content(message.text + "\n")
        return mail

    def _refused(self, what: str, code: int, reply: bytes | str) -> SendError:
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        why = redacted(f"{what}: {code} {text}", self._secrets)
        return SendError(why, for_good=500 <= code < 600)

    def close(self) -> None:
        """Do nothing: the connection ends with the program."""
