"""LOGs that are addresses to listen at, such as `syslog://127.0.0.1:5514`. Opens no socket."""

from ipaddress import ip_address
from typing import NamedTuple

from logmon_tui.config.address import Address, address_of
from logmon_tui.errors import SourceError
from logmon_tui.escape import printable

SYSLOG = ("syslog", "syslog+udp", "syslog+tcp")
HTTP = ("http", "https")


class Listening(NamedTuple):
    """How a LOG is received: by the scheme of its address, at a host and a port."""

    scheme: str
    address: Address

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine can send to it."""
        try:
            return ip_address(self.address.host).is_loopback
        except ValueError:
            return self.address.host == "localhost"


def is_syslog(log: str) -> bool:
    """Tell whether a LOG is an address to which syslog is sent."""
    return log.partition("://")[0] in SYSLOG


def is_http(log: str) -> bool:
    """Tell whether a LOG is an address to which lines are posted."""
    return log.partition("://")[0] in HTTP


def listening(log: str) -> Listening:
    """Return where a LOG listens; without a host, on this machine only. Raises SourceError."""
    scheme, _, rest = log.partition("://")
    try:
        return Listening(scheme, address_of(rest.removesuffix("/").removeprefix(":")))
    except ValueError as error:
        raise SourceError(f"{printable(log)}: {error}") from error
