"""Finds the networks of many clients at once; `network_of` in `clients` is the reference.

Most clients are plain addresses. Their networks are numbers here, and get a name only when one is
asked for.
"""

import numpy as np

from logmon_tui.formats.clients import network_of, packed_of
from logmon_tui.native.networks import IPV4, IPV6, network_numbers
from logmon_tui.native.texts import Texts

_OTHERS = 1 << 24
"""The first number of the networks that are no /24 of IPv4: those are numbered by their address."""


class Networks:
    """The networks of n clients: `of_client` has the number of each, int64, shape (n,).

    Numbers are below 2^24 for networks of IPv4, and from there on for all others.
    """

    def __init__(self, clients: Texts) -> None:
        found = network_numbers(clients)
        numbers, versions = found.numbers, found.versions
        named: dict[bytes, list[int]] = {}  # the clients of each network that is no number
        for at in np.flatnonzero(versions == 0).tolist():
            name = network_of(clients[at])
            version, numbers[at] = _numbered(name)
            versions[at] = version
            if not version:
                named.setdefault(name, []).append(at)
        self.of_client = numbers.astype(np.int64)
        of_six = versions == IPV6
        self._sixes, places = np.unique(numbers[of_six], return_inverse=True)
        self.of_client[of_six] = _OTHERS + places
        for number, rows in enumerate(named.values(), _OTHERS + len(self._sixes)):
            self.of_client[rows] = number
        self._names = list(named)

    def name(self, number: int) -> bytes:
        """Return the name of a network, as `network_of` does."""
        if number < _OTHERS:
            return _name_of(IPV4, number)
        place = number - _OTHERS
        if place < len(self._sixes):
            return _name_of(IPV6, int(self._sixes[place]))
        return self._names[place - len(self._sixes)]


def _name_of(version: int, number: int) -> bytes:
    if version == IPV4:
        return b"%d.%d.%d.0/24" % (number >> 16, number >> 8 & 0xFF, number & 0xFF)
    import socket  # imported late: most clients are IPv4 addresses

    return socket.inet_ntop(socket.AF_INET6, number.to_bytes(8) + bytes(8)).encode() + b"/64"


def _numbered(network: bytes) -> tuple[int, int]:
    """Return the version and the number of a network; the former is 0 if it has none.

    A client that is no address, but reads like a network, counts as one.
    """
    packed = packed_of(network.rpartition(b"/")[0])
    version, size = (IPV4, 3) if len(packed) == 4 else (IPV6, 8)
    number = int.from_bytes(packed[:size])
    known = bool(packed) and _name_of(version, number) == network
    return (version, number) if known else (0, 0)
