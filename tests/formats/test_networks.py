"""The networks of many clients at once: each is what `network_of` says."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.formats.clients import network_of
from logmon_tui.formats.networks import Networks
from logmon_tui.native import networks
from logmon_tui.native.library import is_native
from logmon_tui.native.texts import Texts
from tests.effort import examples

NATIVE = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")
NUMBERS = st.one_of(st.integers(0, 300).map(str), st.sampled_from(("", "00", "01", "1000", "/")))
ADDRESSES = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=4).map("::ffff:{}".format),
    st.ip_addresses(v=4).map("{}:80".format),
    st.lists(NUMBERS, min_size=3, max_size=5).map(".".join),
    st.tuples(st.ip_addresses(v=4), st.sampled_from((8, 24))).map("{0[0]}/{0[1]}".format),
    st.ip_addresses(v=6).map("[{}]:80".format),
    st.ip_addresses(v=6).map("{}%eth0".format),
    st.ip_addresses(v=6).map(lambda each: each.exploded.upper()),
    st.integers(0, 2**16 - 1).map("2001:db8:0:{:x}::/64".format),
    st.integers(0, 2**24 - 1).map(lambda n: f"{n >> 16}.{n >> 8 & 255}.{n & 255}.0/24"),
)
CLIENTS = st.one_of(ADDRESSES.map(str.encode), st.binary(max_size=20))


@pytest.fixture(params=[pytest.param(True, marks=NATIVE), False], ids=["library", "python"])
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the library does it."""
    monkeypatch.setattr(networks, "is_native", lambda: request.param)
    return bool(request.param)


@pytest.mark.usefixtures("native")
@example([b"192.0.2.0/24", b"192.0.2.7", b"192.0.2.7\0", b"0192.0.2.7", b"192.0.2.256"])
@example([b"192.0.2.00/24", b"192.0.2.1/24", b"/24", b"", b".", b"...", b"1...", b"1.2.3."])
@example([b"1.2.3.4.5.6.7.8.9.10", b"255.255.255.255", b"255.255.255.2555", b"0.0.0.0"])
@example(
    [b"2001:db8::1", b"2001:db8::/64", b"2001:DB8::/64", b"2001:db8::1\0", b"::", b"::1.2.3.4"]
)
@example([b"::ffff:192.0.2.1", b"::ffff:192.0.2.1/24", b"192.0.2.9", b":", b"fe80::1%eth0"])
@settings(max_examples=examples(400))
@given(st.lists(CLIENTS, max_size=30))
def test_the_networks_of_many_clients_are_those_of_each(clients: list[bytes]) -> None:
    found = Networks(Texts.of(clients))
    numbers, expected = found.of_client.tolist(), [network_of(each) for each in clients]
    assert [found.name(number) for number in numbers] == expected
    assert len(set(numbers)) == len(set(expected))
