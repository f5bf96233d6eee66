"""Writes small databases in MaxMind's format: https://maxmind.github.io/MaxMind-DB/."""

from collections.abc import Mapping
from ipaddress import IPv6Network, ip_network
from pathlib import Path
from typing import Any

_UINT16, _UINT32, _UINT64 = 5, 6, 9

MADE = 1_795_000_000  # 2026-11-18
COUNTRIES = {
    "192.0.2.0/24": {"country": {"iso_code": "DE", "names": {"en": "Germany"}}},
    "198.51.100.0/24": {"country": {"iso_code": "US"}},
    "2001:db8::/32": {"registered_country": {"iso_code": "FR"}},
    "203.0.113.0/24": {"continent": {"code": "EU"}},
}
ASNS = {
    "192.0.2.0/25": {
        "autonomous_system_number": 3320,
        "autonomous_system_organization": "Deutsche Telekom AG",
    },
    "198.51.100.0/24": {"autonomous_system_number": 64_496},
}


def write_mmdb(
    path: Path, networks: Mapping[str, Any], kind: str = "Test-Country", built: int = MADE
) -> str:
    """Write a database of the records of `networks`; return its path."""
    data, offsets = b"", {}
    for network, record in networks.items():
        offsets[network] = len(data)
        data += _encoded(record)
    tree = _tree({_in_ipv6(network): offset for network, offset in offsets.items()})
    about = {
        "node_count": len(tree),
        "record_size": _number(_UINT16, 24),
        "ip_version": _number(_UINT16, 6),
        "database_type": kind,
        "languages": ["en"],
        "binary_format_major_version": _number(_UINT16, 2),
        "binary_format_minor_version": _number(_UINT16, 0),
        "build_epoch": _number(_UINT64, built),
        "description": {"en": "for tests"},
    }
    nodes = b"".join(_record(side, len(tree)) for node in tree for side in node)
    path.write_bytes(nodes + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _encoded(about))
    return str(path)


def _in_ipv6(network: str) -> IPv6Network:
    found = ip_network(network)
    if isinstance(found, IPv6Network):
        return found
    return IPv6Network((int(found.network_address), found.prefixlen + 96))


def _tree(offsets: Mapping[IPv6Network, int]) -> list[list[Any]]:
    """Return the nodes: each has two sides, a node's number, the offset of a record, or None."""
    nodes: list[list[Any]] = [[None, None]]
    for network, offset in offsets.items():
        bits = f"{int(network.network_address):0128b}"[: network.prefixlen]
        at = 0
        for bit in map(int, bits[:-1]):
            if nodes[at][bit] is None:
                nodes[at][bit] = len(nodes)
                nodes.append([None, None])
            at = nodes[at][bit]
        nodes[at][int(bits[-1])] = b"%d" % offset
    return nodes


def _record(side: Any, count: int) -> bytes:
    if side is None:
        return count.to_bytes(3, "big")
    number = count + 16 + int(side) if isinstance(side, bytes) else side
    return number.to_bytes(3, "big")


def _encoded(value: Any) -> bytes:
    """Return a value as the format has it; what is bytes already stays."""
    if isinstance(value, str):
        return _control(2, len(value.encode())) + value.encode()
    if isinstance(value, int):
        return _number(_UINT32, value)
    if isinstance(value, bytes):
        return value
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(_encoded, value))
    pairs = (_encoded(key) + _encoded(each) for key, each in value.items())
    return _control(7, len(value)) + b"".join(pairs)


def _number(kind: int, value: int) -> bytes:
    size = (value.bit_length() + 7) // 8
    return _control(kind, size) + value.to_bytes(size, "big")


def _control(kind: int, size: int) -> bytes:
    """Return the bytes before a value: its type, and its size, up to 284."""
    length, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    if kind > 7:
        return bytes([length, kind - 7]) + more
    return bytes([kind << 5 | length]) + more
