"""Finds the networks of many clients at once; `network_of` in `clients` is the reference.

Most clients are plain IPv4 addresses. Their networks are numbers here, and get a name only when
one is asked for.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.clients import network_of, packed_of

_NAMED = 1 << 24
"""The first number of the networks that are no /24 of IPv4: those are numbered by their address."""

_WIDTH = 16
"""Bytes looked at of a client: an IPv4 address has at most 15."""

_DOT, _ZERO = b".0"
_LENGTH = b"/24"


class Networks:
    """The networks of n clients: `of_client` has the number of each, int64, shape (n,).

    Numbers are below 2^24 for networks of IPv4, and from there on for all others.
    """

    def __init__(self, clients: Sequence[bytes]) -> None:
        numbers: dict[bytes, int] = {}
        self.of_client, odd = _plain_networks(clients)
        for at in np.flatnonzero(odd).tolist():
            name = network_of(clients[at])
            number = _number_of(name)
            if number is None:
                number = _NAMED + numbers.setdefault(name, len(numbers))
            self.of_client[at] = number
        self._names = list(numbers)

    def name(self, number: int) -> bytes:
        """Return the name of a network, as `network_of` does."""
        if number >= _NAMED:
            return self._names[number - _NAMED]
        return b"%d.%d.%d.0/24" % (number >> 16, number >> 8 & 0xFF, number & 0xFF)


def _number_of(network: bytes) -> int | None:
    """Return the number of a network of IPv4, None of any other.

    A client that is no address, but reads like such a network, counts as one.
    """
    address = packed_of(network.removesuffix(_LENGTH)) if network.endswith(_LENGTH) else b""
    if len(address) != 4 or b"%d.%d.%d.0/24" % tuple(address[:3]) != network:
        return None
    return int.from_bytes(address[:3], "big")


def _plain_networks(clients: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the number of each client's network, and which clients are no plain IPv4 address.

    The numbers of the latter mean nothing.
    """
    count = len(clients)
    lengths = np.fromiter(map(len, clients), np.int32, count)
    texts = np.array(clients, dtype=f"S{_WIDTH}").view(np.uint8).reshape(count, _WIDTH)
    dots = texts == _DOT
    digits = texts - np.uint8(_ZERO)  # all other bytes are above 9, for bytes wrap around
    plain = _in_row(dots) == 3
    plain &= _in_row(dots | (digits < 10)) == lengths
    rows = np.flatnonzero(plain).astype(np.int32)
    places = np.flatnonzero(dots[rows]).astype(np.int32).reshape(-1, 3).T & (_WIDTH - 1)
    # Where the four numbers of an address end, and how many digits each has; shape (4, rows).
    ends = np.vstack((places, lengths[rows]))
    sizes = ends - 1
    sizes[0] += 1
    sizes[1:] -= places
    values = np.zeros(ends.shape, dtype=np.int32)
    begins = rows * _WIDTH
    for back, weight in ((1, 1), (2, 10), (3, 100)):
        digit = digits.ravel()[begins + np.maximum(ends - back, 0)]
        values += np.where(sizes >= back, digit, 0) * np.int32(weight)
    # A number with a leading zero is smaller than its size lets one expect.
    least = np.array([0, 0, 10, 100], dtype=np.int32)[np.minimum(sizes, 3)]
    valid = (sizes >= 1) & (sizes <= 3) & (values >= least) & (values <= 255)
    plain[rows] = valid.all(axis=0)
    networks = np.zeros(count, dtype=np.int64)
    networks[rows] = values[0] << 16 | values[1] << 8 | values[2]
    return networks, ~plain


def _in_row(marks: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the number of marks in each row."""
    return marks.view(np.int8) @ np.ones(_WIDTH, dtype=np.int8)
