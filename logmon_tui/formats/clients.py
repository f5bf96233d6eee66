"""Reads the client of a hit: its address, the network it belongs to, and what a place is.

Pure: where an address lies is asked of a function, `Locate`, which whoever opens a database makes.
"""

from collections.abc import Callable
from typing import NamedTuple

from logmon_tui.late_patterns import late_pattern

_BYTE = rb"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_PORT = rb"(?::\d{1,5})?"
_IPV4 = late_pattern(rb"((?:%b\.){3}%b)%b" % (_BYTE, _BYTE, _PORT))
_BRACKETED = late_pattern(rb"\[([0-9A-Fa-f:.]+)(?:%%[^]]*)?\]%b" % _PORT)

_MAPPED = bytes(10) + b"\xff\xff"
"""What an IPv4 address in IPv6 begins with (RFC 4291, 2.5.5.2)."""

_LONGEST = 100
"""Maximum bytes of a client that may be an address: brackets, zone and port included."""


class Place(NamedTuple):
    """Where an address belongs: a country (`DE`) and a network's operator (`AS3320 Telekom`).

    Either is empty if it is not known.
    """

    country: bytes = b""
    asn: bytes = b""


NOWHERE = Place()

Locate = Callable[[str], Place]
"""Returns the place of an address, as `address_of` writes it."""


def address_of(client: bytes) -> str | None:
    """Return the address of a client; None if it is a name, or no address at all.

    IPv6 is written in its short form. Taken off are a port (`192.0.2.1:4711`, `[2001:db8::1]:443`)
    and a zone (`fe80::1%eth0`). An IPv4 address in IPv6 (`::ffff:192.0.2.1`) is that IPv4 address.
    """
    if (found := _IPV4().fullmatch(client)) is not None:
        return found[1].decode()
    six = _ipv6_of(client)
    if six is None:
        return None
    import socket  # imported late, here and below: most clients are plain IPv4 addresses

    if six.startswith(_MAPPED):
        return socket.inet_ntop(socket.AF_INET, six[len(_MAPPED) :])
    return socket.inet_ntop(socket.AF_INET6, six)


def packed_of(client: bytes) -> bytes:
    """Return the bytes of a client's address: 4 for IPv4, 16 for IPv6, none for no address."""
    if (found := _IPV4().fullmatch(client)) is not None:
        return bytes(map(int, found[1].split(b".")))
    six = _ipv6_of(client)
    if six is None:
        return b""
    return six.removeprefix(_MAPPED)


def network_of(client: bytes) -> bytes:
    """Return the network of a client: the /24 of an IPv4 address, the /64 of an IPv6 one.

    Whatever is no address stays as it is, names too: no part of a name tells the network.
    """
    if (found := _IPV4().fullmatch(client)) is not None:
        return found[1][: found[1].rindex(b".")] + b".0/24"
    six = _ipv6_of(client)
    if six is None:
        return client
    if six.startswith(_MAPPED):
        return b"%d.%d.%d.0/24" % (six[12], six[13], six[14])
    import socket

    return socket.inet_ntop(socket.AF_INET6, six[:8] + bytes(8)).encode() + b"/64"


def is_network(text: bytes) -> bool:
    """Tell whether `text` is what `network_of` returns for an address."""
    address, slash, length = text.rpartition(b"/")
    size = len(packed_of(address)) if slash else 0
    return (size, length) in {(4, b"24"), (16, b"64")}


def _ipv6_of(client: bytes) -> bytes | None:
    """Return the 16 bytes of an IPv6 address; None if `client` is none."""
    if b":" not in client or len(client) > _LONGEST:
        return None
    import socket  # it parses; nothing is sent

    found = _BRACKETED().fullmatch(client)
    text = client.partition(b"%")[0] if found is None else found[1]
    try:
        return socket.inet_pton(socket.AF_INET6, text.decode("ascii"))
    except (OSError, ValueError):
        return None
