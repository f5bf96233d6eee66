"""E-mail: what a server receives, and what is said of one that does not take it."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest

from logmon_tui.notify.email import EmailSender, Server
from logmon_tui.notify.target import SendError
from tests.notify.examples import hostile_message, message
from tests.notify.sinks import SmtpSink

SECRET = "s3cret-t0ken"


def sender(sink: SmtpSink, user: str | None = None) -> EmailSender:
    server = Server("127.0.0.1", sink.port, "none", user, SECRET if user else None, 10)
    return EmailSender(server, "logmon@example.com", ["ops@example.com", "sre@example.com"])


def received(sink: SmtpSink) -> EmailMessage:
    ((_, mail),) = sink.mails
    parsed = email.message_from_bytes(mail, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_a_mail_arrives_with_its_envelope_and_headers(smtp_sink: SmtpSink) -> None:
    sender(smtp_sink).send(message())
    ((envelope, _),) = smtp_sink.mails
    assert [command.split()[0:2] for command in envelope] == [
        ["mail", "FROM:<logmon@example.com>"],
        ["rcpt", "TO:<ops@example.com>"],
        ["rcpt", "TO:<sre@example.com>"],
    ]
    mail = received(smtp_sink)
    assert mail["Subject"] == f"[logmon] {message().line}"
    assert mail["To"] == "ops@example.com, sre@example.com"
    assert mail["Message-ID"].endswith("@example.com>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime is not None
    assert mail.get_content().split() == message().text.split()


def test_a_user_logs_in(smtp_sink: SmtpSink) -> None:
    sender(smtp_sink, "logmon").send(message())
    assert any(command.startswith("AUTH PLAIN") for command in smtp_sink.commands)


def test_hostile_subjects_add_no_header_and_no_receiver(smtp_sink: SmtpSink) -> None:
    sender(smtp_sink).send(hostile_message())
    mail = received(smtp_sink)
    assert mail["Bcc"] is None
    assert sorted(mail.keys()) == sorted(
        [
            "Subject",
            "From",
            "To",
            "Date",
            "Message-ID",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ]
    )
    assert "\\x0d\\x0aBcc: all@example.com" in mail["Subject"]
    assert "\x1b" not in mail["Subject"] + mail.get_content()
    assert len(smtp_sink.mails[0][0]) == 3


@pytest.mark.parametrize(
    ("verb", "answer", "told", "for_good"),
    [
        ("RCPT", f"550 no {SECRET} here", "550 no .* here", True),
        ("RCPT", "450 later", "450 later", False),
        ("DATA", "554 spam\x1b[31m", r"refused: 554 spam\\x1b", True),
        ("AUTH", f"535 {SECRET} is wrong", "refused: 535 … is wrong", True),
        ("MAIL", "421 busy", "421 busy", False),
    ],
)
def test_a_refusal_is_told_without_secrets(
    smtp_sink: SmtpSink, verb: str, answer: str, told: str, for_good: bool
) -> None:
    smtp_sink.answers = {verb: answer}
    only = sender(smtp_sink, "logmon")
    only._to = ["ops@example.com"]
    with pytest.raises(SendError, match=told) as raised:
        only.send(message())
    assert raised.value.for_good is for_good
    assert SECRET not in str(raised.value)


def test_a_server_without_tls_is_not_used_when_tls_is_asked_for(smtp_sink: SmtpSink) -> None:
    server = Server("127.0.0.1", smtp_sink.port, "starttls", "logmon", SECRET, 10)
    with pytest.raises(SendError, match="cannot do STARTTLS"):
        EmailSender(server, "a@example.com", ["b@example.com"]).send(message())
    assert not any("AUTH" in command for command in smtp_sink.commands)
    assert smtp_sink.mails == []
    assert SECRET not in repr(server)


def test_a_server_that_is_not_there_is_told() -> None:
    server = Server("127.0.0.1", 1, "none", None, None, 5)
    with pytest.raises(SendError, match=r"^Connection refused$"):
        EmailSender(server, "a@example.com", ["b@example.com"]).send(message())
