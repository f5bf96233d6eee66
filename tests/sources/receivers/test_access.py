"""Who may post lines: tokens, certificates."""

import contextlib
import http.client
import ssl
import subprocess
from pathlib import Path

import pytest

from logmon_tui.config.fleet import RECEIVE_TOKEN
from logmon_tui.errors import UsageError
from logmon_tui.sources.receivers.troubles import Trouble
from tests.sources.receivers.conftest import Receive
from tests.sources.receivers.lines import wait_for
from tests.sources.receivers.posting import LINES, answered, post, raw

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize("how", ["environment", "file"])
def test_with_a_token_nobody_sends_without_it(
    receive: Receive, port: int, how: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o600)
    if how == "environment":
        monkeypatch.setenv(RECEIVE_TOKEN, TOKEN)
    fleet = {} if how == "environment" else {"receive_token_file": str(file)}
    source = receive(f"http://127.0.0.1:{port}", **fleet)
    answer = post(port)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.text.startswith("send Authorization: Bearer and the token")
    for wrong in ("Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xff"):
        assert post(port, Authorization=wrong).status == 401
    assert post(port, path="/v1/logs", body=b"{}").status == 401
    assert post(port, Authorization=f"bearer  {TOKEN}").status == 204
    assert len(wait_for(source, 2)) == 2
    assert source.status().message == "7 requests refused, as the token was wrong"
    assert TOKEN not in source.status().message


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "192.0.2.1"])
def test_other_machines_need_a_token(receive: Receive, port: int, host: str) -> None:
    with pytest.raises(UsageError, match="other machines must send a token; set LOGMON_RECEIVE"):
        receive(f"http://{host}:{port}")


def test_a_token_must_be_good_and_secret(
    receive: Receive, port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = f"http://127.0.0.1:{port}"
    for token in ("short", "with blanks and so on", "nön-ascii-characters"):
        monkeypatch.setenv(RECEIVE_TOKEN, token)
        with pytest.raises(UsageError, match="16 ASCII characters or more"):
            receive(log)
    monkeypatch.delenv(RECEIVE_TOKEN)
    file = tmp_path / "token"
    file.write_text(TOKEN)
    file.chmod(0o644)
    with pytest.raises(UsageError, match="may be read by others"):
        receive(log, receive_token_file=str(file))
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        receive(log, receive_token_file=str(tmp_path / "missing"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for loopback and its key, made by openssl."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = str(folder / "certificate.pem"), str(folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-keyout", key, "-out", made, "-days", "2", "-subj", "/CN=localhost"]
    try:
        subprocess.run(
            [*command, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    return made, key


def test_https(receive: Receive, port: int, certificate: tuple[str, str]) -> None:
    made, key = certificate
    source = receive(f"https://127.0.0.1:{port}", certificate=made, key=key)
    context = ssl.create_default_context(cafile=made)
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
    with contextlib.closing(connection):
        connection.request("POST", "/", LINES)
        assert answered(connection).status == 204
    assert b"HTTP/" not in raw(port, b"POST / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert len(wait_for(source, 2)) == 2
    assert source._troubles.count(Trouble.FAILED) == 0


def test_https_needs_a_proper_certificate(
    receive: Receive, port: int, tmp_path: Path, certificate: tuple[str, str]
) -> None:
    log = f"https://127.0.0.1:{port}"
    with pytest.raises(UsageError, match="needs a certificate; set certificate and key"):
        receive(log)
    with pytest.raises(UsageError, match="No such file"):
        receive(log, certificate=str(tmp_path / "missing"))
    with pytest.raises(UsageError, match="no certificate and its key in PEM"):
        receive(log, certificate=certificate[1], key=certificate[1])


def test_the_key_of_https_is_a_secret_like_any_other(
    receive: Receive,
    port: int,
    tmp_path: Path,
    certificate: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log, key = f"https://127.0.0.1:{port}", tmp_path / "key.pem"
    key.write_bytes(Path(certificate[1]).read_bytes())
    key.chmod(0o644)
    with pytest.raises(UsageError, match="may be read by others; close it with chmod 600"):
        receive(log, certificate=certificate[0], key=str(key))
    key.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    receive(log, certificate=certificate[0], key="~/key.pem")
