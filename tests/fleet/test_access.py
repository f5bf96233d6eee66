import os
import shutil
import stat
from pathlib import Path

import pytest

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.errors import UsageError
from logmon_tui.fleet import access as module
from logmon_tui.fleet.access import access

SECRET = "correct-horse-battery-staple"
URL = "nats://broker:4222"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("nats://broker", "nats://broker:4222"),
        ("tls://broker.example.com:7000/", "tls://broker.example.com:7000"),
        ("nats://[::1]:4222", "nats://[::1]:4222"),
    ],
)
def test_an_address_is_shown_in_full(url: str, expected: str) -> None:
    assert access(FleetSettings(), url).address == expected


@pytest.mark.parametrize(
    "url",
    [
        "broker",
        "http://broker",
        "nats://",
        "nats://a:0",
        "nats://a:99999",
        "nats://a/b",
        "nats://a b",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match=r"the broker's address is none; give one such as nats://"):
        access(FleetSettings(), url)


@pytest.mark.parametrize("user", [f"me:{SECRET}@", f"{SECRET}@"])
def test_an_address_holds_no_secret_and_the_message_neither(user: str) -> None:
    with pytest.raises(UsageError, match="holds a user or a secret; give --user") as caught:
        access(FleetSettings(), f"nats://{user}broker:4222")
    assert SECRET not in str(caught.value)


def test_nothing_shows_what_a_file_holds(secret: Path) -> None:
    for settings in (
        FleetSettings(user="me", password_file=str(secret)),
        FleetSettings(token_file=str(secret)),
    ):
        reached = access(settings, URL)
        assert SECRET in reached.options.values()
        assert SECRET not in repr(reached)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
@pytest.mark.parametrize("key", ["token_file", "credentials", "nkey"])
def test_a_secret_that_others_may_read_is_refused(secret: Path, mode: int, key: str) -> None:
    secret.chmod(mode)
    with pytest.raises(
        UsageError, match=r"may be read by others; close it with chmod 600"
    ) as caught:
        access(FleetSettings(**{key: str(secret)}), URL)
    assert str(secret) in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_stricter_mode_is_fine(secret: Path) -> None:
    secret.chmod(0o400)
    assert access(FleetSettings(token_file=str(secret)), URL).options == {"token": SECRET}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"user": "me"}, "user needs a password; give --password-file too"),
        ({"password_file": "{secret}"}, "password-file needs a user; give --user too"),
        (
            {"token_file": "{secret}", "nkey": "{secret}"},
            "token-file and nkey both say who one is; give one of them",
        ),
        ({"token_file": "/nowhere"}, "/nowhere: cannot be read: No such file or directory"),
        ({"token_file": "/"}, "/ is no plain file; put the secret into one"),
        ({"nkey": "{secret}"}, "is no seed of a user's nkey, which begins with SU"),
        ({"credentials": "{secret}"}, "is no file of credentials; make it with `nsc` anew"),
        ({"ca": "/nowhere"}, "ca is for TLS; write tls://broker:4222"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    secret: Path, settings: dict[str, str], message: str
) -> None:
    given = {name: value.format(secret=secret) for name, value in settings.items()}
    with pytest.raises(UsageError) as caught:
        access(FleetSettings(**given), URL)
    assert message in str(caught.value)
    assert SECRET not in str(caught.value)


def test_an_empty_secret_is_refused(secret: Path) -> None:
    secret.write_text("\n")
    with pytest.raises(UsageError, match="is empty; write the secret into it"):
        access(FleetSettings(token_file=str(secret)), URL)


def test_a_secret_of_several_lines_is_refused(secret: Path) -> None:
    secret.write_text(f"{SECRET}\nmore\n")
    with pytest.raises(UsageError, match="holds more than one line of plain text"):
        access(FleetSettings(token_file=str(secret)), URL)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give a file away")
def test_a_secret_of_another_user_is_refused(secret: Path) -> None:
    os.chown(secret, 12_345, 12_345)
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="belongs to another user"):
        access(FleetSettings(token_file=str(secret)), URL)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ca": "/nowhere"}, "/nowhere: cannot be read: No such file or directory"),
        ({"ca": "{secret}"}, "is no certificate in PEM"),
        ({"key": "{secret}"}, "key needs its certificate; give --certificate too"),
        ({"certificate": "{secret}"}, "or its key, cannot be used: is no certificate in PEM"),
    ],
)
def test_certificates_that_cannot_be_used_are_told(
    secret: Path, settings: dict[str, str], message: str
) -> None:
    given = {name: value.format(secret=secret) for name, value in settings.items()}
    with pytest.raises(UsageError) as caught:
        access(FleetSettings(**given), "tls://broker:4222")
    assert message in str(caught.value)


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(UsageError) as caught:
        access(FleetSettings(), URL)
    assert str(caught.value).endswith(f"is not installed; run {module.INSTALL}")
    assert shutil.which("pip") is None or "pip install 'logmon-tui[fleet]'" in str(caught.value)
