"""Tables of the settings file as targets: what is wrong is told by its key, secrets never are."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from logmon_tui.errors import TargetError, UsageError
from logmon_tui.notify.command import Command
from logmon_tui.notify.email import Email
from logmon_tui.notify.registry import KINDS, check_patterns, read_targets
from logmon_tui.notify.text import Text
from logmon_tui.notify.webhook import shown_url

SECRET = "s3cret-t0ken"
HOOK = {"type": "webhook", "url": f"https://hooks.example.com/services/{SECRET}?key={SECRET}"}
KINDS_TOLD = "expected one of webhook, apprise, email, command, bell, desktop"
MAIL = {"type": "email", "host": "mail", "from": "a@example.com", "to": "b@example.com"}


def test_every_kind_is_read_with_its_defaults() -> None:
    targets = read_targets(
        {
            "hook": {**HOOK, "rules": "!ddos", "group-wait": 5, "severity": "critical"},
            "chat": {"type": "apprise", "url": "slack://a/b/c"},
            "mail": MAIL,
            "cmd": {"type": "command", "command": ["page", "--now"]},
            "bell": {"type": "bell"},
            "desk": {"type": "desktop"},
        }
    )
    assert [type(target) for target in targets.values()] == [*KINDS[:2], Email, Command, *KINDS[4:]]
    hook = targets["hook"]
    assert (hook.rules, hook.group_wait, hook.severity) == (("!ddos",), 5.0, "critical")
    assert targets["mail"].severity == "warning"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({}, f"notify.x.type: {KINDS_TOLD}"),
        ({"type": "webhok"}, f"notify.x.type: {KINDS_TOLD}; not 'webhok'; did you mean webhook?"),
        ({"type": "webhook"}, "notify.x: url is missing; type webhook needs it"),
        ({"type": "email", "host": "mail"}, "notify.x: from is missing; type email needs it"),
        ({**HOOK, "url": 5}, "notify.x.url: expected a text, { env ="),
        ({**HOOK, "url": ""}, "notify.x.url: expected a text, { env ="),
        ({**HOOK, "url": {"vault": SECRET}}, "notify.x.url: expected a text, { env ="),
        (
            {**HOOK, "timeout": 0},
            "notify.x.timeout: expected a number of seconds above 0, and at most 300",
        ),
        (
            {**HOOK, "severity": "info"},
            "notify.x.severity: expected one of warning, critical; not 'info'",
        ),
        (
            {**HOOK, "severity": "crit"},
            "notify.x.severity: expected one of warning, critical; not 'crit'; did you mean crit",
        ),
        ({**HOOK, "severity": 3}, "notify.x.severity: expected one of warning, critical"),
        ({**HOOK, "where": 3}, "notify.x.where: expected a filter in quotes such as"),
        (
            {**HOOK, "where": "status:5xx"},
            "notify.x.where: status is no field; a text with a colon",
        ),
        (
            {**HOOK, "where": "rul:x"},
            "notify.x.where: rul is no field; did you mean rule?, at 'rul",
        ),
        ({**HOOK, "where": "@office"}, "notify.x.where: @office is no saved filter; known: none"),
        (
            {**HOOK, "where": "severity:warning,crit"},
            "notify.x.where: severity:crit is none of warning, critical; did you mean critical?",
        ),
        ({**HOOK, "where": "!scope:host"}, "notify.x.where: scope:host is none of all, section"),
        ({**HOOK, "rules": 3}, "notify.x.rules: expected a pattern in quotes such as"),
        ({**HOOK, "per_minute": 0}, "notify.x.per_minute: expected a whole number from 1 to 600"),
        ({**HOOK, "shell": "x"}, "notify.x.shell: is not known; known are type, group_by, group_w"),
        ({**HOOK, "header": {}}, "notify.x.header: is not known; did you mean headers? known are"),
        ({**HOOK, "headers": {"A b": "c"}}, "notify.x.headers: 'A b' is no name of a header"),
        ({**HOOK, "headers": {"A": 1}}, "notify.x.headers: expected a text"),
        (
            {"type": "command", "command": f"page {SECRET}"},
            "notify.x.command: expected a list of a program and its arguments, as [",
        ),
        ({"type": "command", "command": []}, "notify.x.command: expected a list of a program"),
        ({**HOOK, "url": f"host/{SECRET}"}, "notify.x.url: is no address; give one such as"),
        ({**HOOK, "url": f"ftp://host/{SECRET}"}, "notify.x.url: is no address"),
        ({**MAIL, "to": ["a@b.example", SECRET]}, "notify.x.to: not an address; give it as name@"),
        ({**MAIL, "user": "u"}, "notify.x.user: user and password go together"),
        (
            {**MAIL, "tls": "maybe"},
            "notify.x.tls: expected one of none, starttls, ssl; not 'maybe'",
        ),
        ({**MAIL, "port": 0}, "notify.x.port: expected a whole number from 1 to 65,535"),
        (
            {**HOOK, "group-wait": 1, "group_wait": 2},
            "notify.x.group_wait: is the same as group-wait; leave one out",
        ),
        ({"type": "bell", "url": "x"}, "notify.x.url: is not known"),
    ],
)
def test_what_is_wrong_is_told_by_its_key(table: dict[str, Any], told: str) -> None:
    with pytest.raises(TargetError) as raised:
        read_targets({"x": table})
    assert str(raised.value).startswith(told)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    "table",
    [
        {**HOOK, "url": f"ftp://host/{SECRET}"},
        {**HOOK, "url": f"https:///{SECRET}"},
        {**HOOK, "url": f"https://host:99999/{SECRET}"},
        {**HOOK, "url": f"https://[::1/{SECRET}"},
        {**HOOK, "url": f"https://host/{SECRET} x"},
        {**HOOK, "url": f"https://user:{SECRET}@host/"},
        {**HOOK, "url": f"https://host/{SECRET}\r\nX: y"},
        {**HOOK, "headers": {"Authorization": f"{SECRET}\r\nX-Evil: 1"}},
        {**HOOK, "headers": {"Authorization": f"{SECRET}é"}},
        {**MAIL, "from": f"{SECRET}\n@example.com"},
        {**MAIL, "to": [f"{SECRET}, c@example.com"]},
        {**MAIL, "tls": "none", "user": "u", "password": SECRET},
        {"type": "command", "command": [f"{SECRET}\0"]},
        {"type": "command", "command": [" "]},
    ],
)
def test_what_cannot_be_sent_to_is_refused_without_being_shown(table: dict[str, Any]) -> None:
    assert SECRET not in (told := refusal(table))
    assert told


def refusal(table: dict[str, Any]) -> str:
    """Say why a target is not read or not opened; an empty text if it is."""
    try:
        (target,) = read_targets({"x": table}).values()
        assert SECRET not in repr(target)
        target.open()
    except UsageError as error:
        return str(error)
    return ""


def test_an_address_that_stands_elsewhere_is_looked_at_when_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (target,) = read_targets({"x": {**HOOK, "url": {"env": "PAGER_URL"}}}).values()
    monkeypatch.setenv("PAGER_URL", SECRET)
    with pytest.raises(UsageError, match=r"^url: is no address"):
        target.open()


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (["trafic"], "notify.x.rules: no rule matches 'trafic'; did you mean traffic?"),
        (["traffic", "!dos"], "notify.x.rules: no rule matches 'dos'; did you mean ddos?"),
        (["api_*"], "notify.x.rules: no rule matches 'api_*'"),
    ],
)
def test_a_pattern_that_fits_no_rule_is_refused(rules: list[str], told: str) -> None:
    with pytest.raises(TargetError) as raised:
        check_patterns(read_targets({"x": {**HOOK, "rules": rules}}), ["traffic", "ddos"])
    assert str(raised.value) == told


def test_patterns_that_fit_a_rule_are_fine() -> None:
    check_patterns(read_targets({"x": {**HOOK, "rules": ["t*", "!ddos"]}}), ["traffic", "ddos"])


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    text = Text({"env": "PAGER_TOKEN"})
    monkeypatch.delenv("PAGER_TOKEN", raising=False)
    with pytest.raises(UsageError, match="PAGER_TOKEN is not set in the environment; set it"):
        text.read()
    monkeypatch.setenv("PAGER_TOKEN", SECRET)
    assert text.read() == SECRET
    assert SECRET not in repr(text)


def test_a_secret_comes_from_a_file_of_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    assert Text({"file": str(file)}).read() == SECRET


@pytest.mark.parametrize(
    ("mode", "content", "told"),
    [
        (0o640, b"x", "may be read by others; close it with chmod 600"),
        (0o604, b"x", "may be read by others; close it with chmod 600"),
        (0o600, b"", "is empty"),
        (0o600, b"\n", "is empty"),
        (0o600, b"\xff", "is not UTF-8"),
        (0o600, SECRET.encode() + b"\nX: y\n", "holds more than one line of plain text"),
    ],
)
def test_a_file_that_is_no_safe_place_is_refused(
    tmp_path: Path, mode: int, content: bytes, told: str
) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    file.chmod(mode)
    with pytest.raises(UsageError, match=told) as raised:
        Text({"file": str(file)}).read()
    assert SECRET not in str(raised.value)


def test_a_secret_in_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(0o700)
    for name, told in (
        ("pipe", "is no plain file"),
        ("folder", "is no plain file"),
        ("missing", "No such file"),
    ):
        with pytest.raises(UsageError, match=told):
            Text({"file": str(tmp_path / name)}).read()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (HOOK["url"], "https://hooks.example.com/…"),
        (f"http://u:{SECRET}@[::1]:8080/?{SECRET}", "http://[::1]:8080/…"),
        ("https://example.com/", "https://example.com"),
        (f"https://example.com#{SECRET}", "https://example.com/…"),
    ],
)
def test_of_an_address_only_the_host_is_shown(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_help_needs_neither_mail_nor_http(tmp_path: Path) -> None:
    """They take as long to import as the rest of the command line."""
    code = "import sys, logmon_tui.cli; print('smtplib' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout == "False\n"
