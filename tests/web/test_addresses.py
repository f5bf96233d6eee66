"""Where a server listens, and which addresses browsers may use."""

import contextlib
import http.client
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from logmon_tui.config.address import Address
from logmon_tui.errors import UsageError
from logmon_tui.web import addresses
from logmon_tui.web.addresses import Place, bound
from tests.web.serving import BEARER, served, serving


@contextlib.contextmanager
def place(
    monkeypatch: pytest.MonkeyPatch, host: str, *, tls: bool = False, **settings: object
) -> Iterator[Place]:
    """Listen at any port of `host`."""
    if ":" in host:
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            pytest.skip("this machine has no IPv6")
    monkeypatch.setattr(addresses, "address_of", lambda _: Address(host, 0))
    found = bound(served(**settings), tls=tls)
    with found.socket:
        yield found


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.7"])
def test_loopback_needs_no_tls(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    with place(monkeypatch, host) as found:
        assert found.origins[0] == f"http://{host}:{found.port}"
        assert f"localhost:{found.port}" in found.hosts


def test_so_does_loopback_of_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    with place(monkeypatch, "::1") as found:
        assert found.origins == (f"http://[::1]:{found.port}", f"http://localhost:{found.port}")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_any_other_address_does(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    with pytest.raises(UsageError, match="--web-without-tls"), place(monkeypatch, host):
        pass
    for tls, more in ((True, {}), (False, {"web_without_tls": True})):
        with place(monkeypatch, host, tls=tls, **more) as found:
            assert found.origins[0].startswith("https://" if tls else "http://")
            assert f"127.0.0.1:{found.port}" in found.hosts
            assert f"0.0.0.0:{found.port}" not in found.hosts


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://logs.example.org", "https://logs.example.org"),
        ("https://Logs.Example.org:443/", "https://logs.example.org"),
        ("http://logs:8080", "http://logs:8080"),
        ("http://[2001:DB8::1]:80", "http://[2001:db8::1]"),
    ],
)
def test_a_proxy_has_an_address_of_its_own(
    monkeypatch: pytest.MonkeyPatch, url: str, origin: str
) -> None:
    with place(monkeypatch, "127.0.0.1", web_url=url) as found:
        assert found.origins[0] == origin
        assert origin.partition("://")[2] in found.hosts
        assert f"127.0.0.1:{found.port}" in found.hosts


@pytest.mark.parametrize(
    "url",
    [
        *("", "logs", "//logs", "https://", "https://a/b", "https://a?b", "https://a#b"),
        *("https://u@a", "https://a:b", "https://a:99999", "https://[a", "https://ä.example"),
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_for_browsers_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with (
        pytest.raises(UsageError, match="is no address for browsers"),
        place(monkeypatch, "127.0.0.1", web_url=url),
    ):
        pass


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


def test_with_a_certificate_it_speaks_tls_alone(certificate: tuple[str, str]) -> None:
    made, key = certificate
    context = ssl.create_default_context(cafile=made)
    with serving(served(web_certificate=made, web_key=key)) as server:
        assert server.url == f"https://127.0.0.1:{server.port}/"
        client = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=30, context=context)
        with contextlib.closing(client):
            client.request("GET", "/metrics", headers=BEARER)
            answer = client.getresponse()
            assert answer.status == 200
            answer.read()
            client.request("GET", "/metrics", headers={**BEARER, "Origin": server.url[:-1]})
            answer = client.getresponse()
            assert answer.status == 200
            answer.read()
        plain = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        with contextlib.closing(plain):
            plain.request("GET", "/")
            with pytest.raises((OSError, http.client.HTTPException)):
                plain.getresponse()


def test_a_client_that_never_speaks_tls_is_dropped(
    certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logmon_tui.web.server.REQUEST_SECONDS", 0.2)
    made, key = certificate
    with (
        serving(served(web_certificate=made, web_key=key)) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=30) as client,
    ):
        assert client.recv(1) == b""


def test_the_key_of_tls_is_a_secret_like_any_other(
    certificate: tuple[str, str], tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(Path(certificate[1]).read_bytes())
    key.chmod(0o644)
    with (
        pytest.raises(UsageError, match="may be read by others"),
        serving(served(web_certificate=certificate[0], web_key=str(key))),
    ):
        pass
