"""Finds the networks of many clients at once, in the compiled library: no others are told."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import is_native, library
from logmon_tui.native.texts import Texts, address_of

IPV4, IPV6 = 4, 6
"""The versions of addresses, as NetworkNumbers have them."""


class NetworkNumbers(msgspec.Struct, frozen=True):
    """The networks of n clients, each of shape (n,).

    `numbers` (uint64) are the first 24 bits of an IPv4 address, or the first 64 of an IPv6 one, as
    `versions` (uint8) say. The version is 0 where a client is no such address, or has a port or
    anything else around it.
    """

    numbers: NDArray[np.uint64]
    versions: NDArray[np.uint8]


def network_numbers(clients: Texts) -> NetworkNumbers:
    """Return the networks of those clients that are plain addresses; of none without a library."""
    numbers, versions = np.zeros(len(clients), np.uint64), np.zeros(len(clients), np.uint8)
    places = address_of(numbers), address_of(versions)
    if is_native() and not library().logmon_find_networks(clients.structure(), *places):
        message = "a text does not stand within the bytes"
        raise ValueError(message)
    return NetworkNumbers(numbers, versions)
