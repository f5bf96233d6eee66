"""Where a server listens, and by which addresses browsers reach it."""

import socket
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from logmon_tui.config.address import Address, address_of
from logmon_tui.config.settings import Settings
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.reports.prometheus_server import listening

_PORTS = {"http": 80, "https": 443}
"""The ports that addresses leave out."""


class Place(NamedTuple):
    """A listening socket, and the origins at which browsers reach it, the best one first.

    An origin is such as `http://127.0.0.1:8080`.
    """

    socket: socket.socket
    origins: tuple[str, ...]

    @property
    def port(self) -> int:
        """The port that it listens at."""
        found: int = self.socket.getsockname()[1]
        return found

    @property
    def hosts(self) -> frozenset[str]:
        """What requests name as their host."""
        return frozenset(origin.partition("://")[2] for origin in self.origins)


def bound(settings: Settings, *, tls: bool) -> Place:
    """Return where to listen. Raises UsageError if that is impossible, or unsafe."""
    if settings.web is None:
        raise UsageError("nothing is to be served; give --web, such as --web 127.0.0.1:8080")
    address = address_of(settings.web)
    public = () if settings.web_url is None else (_origin_of(settings.web_url),)
    found = listening(address, "--web")
    try:
        host, port = found.getsockname()[:2]
        if not (tls or settings.web_without_tls):
            _check_unheard(settings.web, host)
    except BaseException:
        found.close()
        raise
    return Place(found, (*public, *_own_origins(address, host, port, tls=tls)))


def _check_unheard(web: str, host: str) -> None:
    """Raise UsageError if other machines could listen to what is sent without TLS."""
    if not ip_address(host).is_loopback:
        raise UsageError(
            f"--web {printable(web)}: without TLS others could read figures and token on the way; "
            "give --web-certificate, or listen at 127.0.0.1 behind a proxy that speaks TLS, or "
            "allow it with --web-without-tls"
        )


def _own_origins(address: Address, host: str, port: int, *, tls: bool) -> list[str]:
    """Return the origins of a socket bound to `host`, which `address` names."""
    scheme = "https" if tls else "http"
    names = [address.host.lower(), host]
    if ip_address(host).is_unspecified:  # any address of this machine, by which name is unknown
        names = [socket.gethostname().lower(), "localhost", "127.0.0.1", "::1"]
    elif ip_address(host).is_loopback:
        names.append("localhost")
    return list(dict.fromkeys(_origin(scheme, name, port) for name in names))


def _origin(scheme: str, host: str, port: int | None) -> str:
    """Return an origin as browsers write it."""
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + ("" if port in {None, _PORTS[scheme]} else f":{port}")


def _origin_of(text: str) -> str:
    """Return the origin of the address that the user gives browsers. Raises UsageError."""
    problem = UsageError(
        f"--web-url {printable(text)}: is no address for browsers such as "
        "https://logs.example.org; it has no path"
    )
    try:
        found = urlsplit(text)
        origin = _origin(found.scheme, found.hostname or "", found.port)
    except (ValueError, KeyError) as error:
        raise problem from error
    plain = f"{found.scheme}://{found.netloc}"
    if not found.hostname or "@" in text or text.removesuffix("/") != plain or not text.isascii():
        raise problem
    return origin
