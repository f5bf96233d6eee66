"""How the columns of requests share a line, at any width and with any content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from logmon_tui.escape import printable
from logmon_tui.formats.model.hit import Dimension, Measure
from logmon_tui.snapshot import Request
from logmon_tui.tui.panels.request_columns import (
    MIN_PATH,
    family_text,
    header_pieces,
    highlighted,
    layout_of,
    searched_text,
    shifted,
)
from tests.tui.fakes import HOSTILE, NOW
from tests.tui.request_fakes import ROWS, request

TODAY = NOW // 86_400
BYTES = st.one_of(st.binary(max_size=60), st.sampled_from(HOSTILE))
ADDRESSES = st.ip_addresses(v=4).map(lambda each: str(each).encode())
REQUESTS = st.builds(
    Request,
    number=st.integers(0, 1 << 40),
    second=st.integers(0, 4_000_000_000),
    status=st.integers(0, 999),
    size=st.integers(0, 1 << 62),
    texts=st.dictionaries(st.sampled_from(Dimension), BYTES),
    measures=st.dictionaries(st.sampled_from(Measure), st.integers(0, 1 << 62)),
)


def columns(rows: tuple[Request, ...], width: int) -> list[str]:
    found = layout_of(rows, width, today=TODAY, resolution=0.001).columns
    return [column.id for column, _ in found]


@given(st.lists(REQUESTS, max_size=6), st.integers(20, 300))
def test_columns_fill_the_width_exactly_and_hold_nothing_unsafe(
    rows: list[Request], width: int
) -> None:
    layout = layout_of(rows, width, today=TODAY, resolution=0.001)
    gaps = len(layout.columns) - 1
    assert sum(cells for _, cells in layout.columns) + gaps == width
    assert sum(len(text) for text, _ in header_pieces(layout, Style())) == width + 1
    assert layout.width_of("path") >= min(MIN_PATH, width - 7)
    for row in rows:
        assert searched_text(row) == printable(searched_text(row))
        for column, _ in layout.columns:
            text = column.text(row, layout.reading)
            assert text == printable(text)


@given(st.lists(ADDRESSES, min_size=1, max_size=5), st.integers(20, 300))
def test_an_ipv4_address_is_never_cut(hosts: list[bytes], width: int) -> None:
    rows = [request(n, host=host) for n, host in enumerate(hosts)]
    layout = layout_of(rows, width, today=TODAY, resolution=0.001)
    cells = layout.width_of("client")
    assert cells == 0 or cells >= max(map(len, hosts))


@given(st.text(max_size=30), st.integers(0, 40))
def test_a_shifted_text_is_no_longer_than_what_is_left(text: str, shift: int) -> None:
    assert len(shifted(text, shift)) == max(0, len(text) - shift)


@given(st.lists(st.text("abİß ", max_size=6), max_size=5), st.text("abİß", max_size=3))
def test_highlighting_changes_no_character_and_finds_every_match(
    texts: list[str], sought: str
) -> None:
    match = Style(bold=True)
    pieces = highlighted([(text, Style()) for text in texts], sought, match)
    whole = "".join(texts)
    assert "".join(text for text, _ in pieces) == whole
    found = "".join(text for text, style in pieces if style.bold)
    assert len(found) >= len(sought) * whole.count(sought)


def test_columns_go_one_by_one_as_room_gets_short() -> None:
    every = ["time", "client", "method", "path", "status", "size", "took", "agent"]
    gone: list[str] = []
    for width, first in ((88, ""), (87, "agent"), (72, "size"), (66, "method"), (58, "time")):
        gone.append(first)
        assert columns(ROWS, width) == [each for each in every if each not in gone]
    assert columns(ROWS, 49) == ["client", "path", "status"]
    assert columns(ROWS, 42) == ["path", "status"]


def test_columns_that_no_request_tells_are_left_out() -> None:
    rows = tuple(request(n, user_agent=b"-", measures={}) for n in range(5))
    assert columns(rows, 150) == ["time", "client", "method", "path", "status", "size"]


@pytest.mark.parametrize(
    ("agent", "text"),
    [
        (b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot"),
        (b"curl/8.11.0", "curl"),
        (b"-", "·"),
        (b"\x1b[31m", "·"),
    ],
)
def test_user_agents_show_as_families(agent: bytes, text: str) -> None:
    assert family_text(agent) == text


def test_agents_show_in_full_where_there_is_much_room() -> None:
    assert not layout_of(ROWS, 160, today=TODAY, resolution=0.0).reading.whole_agents
    wide = layout_of(ROWS, 240, today=TODAY, resolution=0.0)
    assert wide.reading.whole_agents
    assert wide.width_of("agent") > 60


def test_the_machine_shows_where_several_wrote_the_lines() -> None:
    of_one = tuple(request(n, server=b"eu/web1") for n in range(5))
    assert "server" not in columns(of_one, 150)
    rows = (*of_one, request(9, server=b"us/web22"))
    assert columns(rows, 150)[:3] == ["time", "server", "client"]
    assert "server" in columns(rows, 80)
    layout = layout_of(rows, 150, today=TODAY, resolution=0.001)
    assert layout.width_of("server") == len("us/web22")
