import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.masking.masks import Masks
from tests.effort import examples

MASKS = Masks(b"0123456789abcdef")


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (b"192.0.2.77", b"192.0.2.0"),
        (b"192.0.2.77:4711", b"192.0.2.0:4711"),
        (b"2001:db8:1:2:3:4:5:6", b"2001:db8:1::"),
        (b"[2001:db8:1:2::6]:443", b"[2001:db8:1::]:443"),
        (b"::ffff:192.0.2.77", b"::ffff:192.0.2.0"),
        (b"192.0.2.77, 10.1.2.3", b"192.0.2.0, 10.1.2.0"),
        (b"-", b"-"),
        (b"", b""),
    ],
)
def test_addresses_lose_their_end(given_: bytes, expected: bytes) -> None:
    assert MASKS.client(given_) == expected


def test_a_clients_name_becomes_a_pseudonym() -> None:
    masked = MASKS.client(b"alice.example.com")
    assert len(masked) == 12
    assert masked == MASKS.client(b"alice.example.com") != MASKS.client(b"bob.example.com")


def test_pseudonyms_depend_on_the_key() -> None:
    assert MASKS.pseudonym(b"alice") != Masks(b"fedcba9876543210").pseudonym(b"alice")


def test_queries_become_pseudonyms_and_paths_stay() -> None:
    masked = MASKS.query(b"GET /a/b?token=secret&x=1 HTTP/1.1")
    assert masked.startswith(b"GET /a/b?")
    assert masked.endswith(b" HTTP/1.1")
    assert b"secret" not in masked
    assert MASKS.query(b"GET /a/b HTTP/1.1") == b"GET /a/b HTTP/1.1"
    assert b"top" not in MASKS.query(b"https://example.com/#top")


@settings(max_examples=examples(300))
@given(st.ip_addresses())
def test_no_address_comes_through(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    text = str(address).encode()
    masked = ipaddress.ip_address(MASKS.client(text).decode())
    bits = 24 if address.version == 4 else 48
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        bits = 120
    assert masked == ipaddress.ip_network(f"{address}/{bits}", strict=False).network_address


@settings(max_examples=examples(300))
@given(st.binary(max_size=80))
def test_any_text_can_be_masked(text: bytes) -> None:
    for mask in (MASKS.client, MASKS.anything, MASKS.query, MASKS.pseudonym):
        assert isinstance(mask(text), bytes)
