"""The address and the network of a client, whatever bytes it is made of."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.formats.clients import address_of, network_of

IPV4 = st.ip_addresses(v=4)
IPV6 = st.ip_addresses(v=6)
PORT = st.one_of(st.just(""), st.integers(0, 65_535).map(":{}".format))
ZONE = st.sampled_from(("", "%eth0", "%1"))


@pytest.mark.parametrize(
    ("client", "address", "network"),
    [
        (b"203.0.113.7", "203.0.113.7", b"203.0.113.0/24"),
        (b"203.0.113.7:4711", "203.0.113.7", b"203.0.113.0/24"),
        (b"2001:db8:1:2:3::7", "2001:db8:1:2:3::7", b"2001:db8:1:2::/64"),
        (b"2001:0DB8:0001:0002:0003:0:0:7", "2001:db8:1:2:3::7", b"2001:db8:1:2::/64"),
        (b"[2001:db8::7]", "2001:db8::7", b"2001:db8::/64"),
        (b"[2001:db8::7]:443", "2001:db8::7", b"2001:db8::/64"),
        (b"fe80::1%eth0", "fe80::1", b"fe80::/64"),
        (b"[fe80::1%eth0]:443", "fe80::1", b"fe80::/64"),
        (b"::ffff:192.0.2.1", "192.0.2.1", b"192.0.2.0/24"),
        (b"[::FFFF:c000:201]:80", "192.0.2.1", b"192.0.2.0/24"),
        (b"::1", "::1", b"::/64"),
        (b"host.example.org", None, b"host.example.org"),
        (b"256.1.1.1", None, b"256.1.1.1"),
        (b"010.0.0.1", None, b"010.0.0.1"),
        (b"192.0.2.1, 192.0.2.2", None, b"192.0.2.1, 192.0.2.2"),
        (b"192.0.2.1\n", None, b"192.0.2.1\n"),
        (b"unix:", None, b"unix:"),
        (b"-", None, b"-"),
        (b"", None, b""),
    ],
)
def test_a_client_has_an_address_and_a_network(
    client: bytes, address: str | None, network: bytes
) -> None:
    assert address_of(client) == address
    assert network_of(client) == network


@given(IPV4, PORT)
def test_any_ipv4_address_is_in_its_24(address: IPv4Address, port: str) -> None:
    client = f"{address}{port}".encode()
    assert address_of(client) == str(address)
    assert network_of(client) == str(ip_network((int(address), 24), strict=False)).encode()


@given(IPV6, PORT, ZONE, st.sampled_from(("compressed", "exploded")))
def test_any_ipv6_address_is_in_its_64_however_it_is_written(
    address: IPv6Address, port: str, zone: str, form: str
) -> None:
    text = getattr(address, form)
    plain, bracketed = f"{text}{zone}".encode(), f"[{text}{zone}]{port}".encode()
    assert address_of(plain) == address_of(bracketed)
    assert network_of(plain) == network_of(bracketed)
    if address.ipv4_mapped is None:
        assert ip_address(address_of(plain) or "") == address
        network = ip_network((int(address), 64), strict=False)
        assert ip_network(network_of(plain).decode()) == network


@given(IPV4)
def test_an_ipv4_address_in_ipv6_is_that_ipv4_address(address: IPv4Address) -> None:
    plain = str(address).encode()
    for client in (b"::ffff:" + plain, b"[::ffff:" + plain + b"]:80"):
        assert address_of(client) == str(address)
        assert network_of(client) == network_of(plain)


@given(st.one_of(st.binary(max_size=200), st.text("0123456789abcdef:.%[]", max_size=50)))
def test_any_bytes_are_an_address_or_stay_as_they_are(client: bytes | str) -> None:
    client = client.encode() if isinstance(client, str) else client
    address, network = address_of(client), network_of(client)
    if address is None:
        assert network == client
        return
    found = ip_address(address)
    assert found in ip_network(network.decode())
    assert network_of(address.encode()) == network
    assert address_of(address.encode()) == address
