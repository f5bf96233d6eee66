"""The networks of many clients at once: each is what `network_of` says."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.formats.clients import network_of
from logmon_tui.formats.networks import Networks
from tests.effort import examples

NUMBERS = st.one_of(st.integers(0, 300).map(str), st.sampled_from(("", "00", "01", "1000", "/")))
ADDRESSES = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=4).map("::ffff:{}".format),
    st.ip_addresses(v=4).map("{}:80".format),
    st.lists(NUMBERS, min_size=3, max_size=5).map(".".join),
    st.tuples(st.ip_addresses(v=4), st.sampled_from((8, 24))).map("{0[0]}/{0[1]}".format),
    st.integers(0, 2**24 - 1).map(lambda n: f"{n >> 16}.{n >> 8 & 255}.{n & 255}.0/24"),
)
CLIENTS = st.one_of(ADDRESSES.map(str.encode), st.binary(max_size=20))


@example([b"192.0.2.0/24", b"192.0.2.7", b"192.0.2.7\0", b"0192.0.2.7", b"192.0.2.256"])
@example([b"192.0.2.00/24", b"192.0.2.1/24", b"/24", b"", b".", b"...", b"1...", b"1.2.3."])
@example([b"1.2.3.4.5.6.7.8.9.10", b"255.255.255.255", b"255.255.255.2555", b"0.0.0.0"])
@settings(max_examples=examples(400))
@given(st.lists(CLIENTS, max_size=30))
def test_the_networks_of_many_clients_are_those_of_each(clients: list[bytes]) -> None:
    networks = Networks(clients)
    numbers, expected = networks.of_client.tolist(), [network_of(each) for each in clients]
    assert [networks.name(number) for number in numbers] == expected
    assert len(set(numbers)) == len(set(expected))
