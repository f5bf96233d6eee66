"""Parses the address to listen at, as options and settings give it. Opens no socket."""

import re
from typing import NamedTuple

from logmon_tui.late_patterns import late_pattern

LOOPBACK = "127.0.0.1"
_HOST = r"[a-z0-9._-]*|\[[0-9a-f:.]+(?:%[a-z0-9]+)?\]"
_ADDRESS = late_pattern(rf"(?:(?P<host>{_HOST}):)?(?P<port>[0-9]{{1,5}})", re.IGNORECASE | re.ASCII)


class Address(NamedTuple):
    """A host, by name or IP address, and a port."""

    host: str
    port: int


def address_of(text: str) -> Address:
    """Return the address in `127.0.0.1:9100`, `[::1]:9100` or `9100`; without a host, loopback.

    Raises ValueError, whose message says what an address looks like.
    """
    found = _ADDRESS().fullmatch(text)
    port = int(found["port"]) if found else 0
    if found is None or not 0 < port < 65_536:
        raise ValueError(f"{text!r} is no address such as 127.0.0.1:9100; the port is 1 to 65535")
    return Address((found["host"] or LOOPBACK).strip("[]"), port)
