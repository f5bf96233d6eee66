"""NewestLines: each line keeps the machine that wrote it, however the lines are parsed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.formats.model.hit import Dimension
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.origin import Origin, origins_of_last
from logmon_tui.formats.newest_lines import NewestLines
from logmon_tui.formats.presets.clf import COMBINED, COMMON
from logmon_tui.formats.routes import Routing
from tests.alerts.evidence_cases import line_of

EU1, EU2 = Origin(b"eu/web1", b"eu", 2), Origin(b"eu/web2", b"eu", 1)


def servers_of(newest: NewestLines) -> dict[bytes, tuple[bytes, bytes]]:
    """Return the server and the site of each line that is a hit."""
    found = {}
    for part in newest.parsed():
        if part.hits is not None:
            columns = [part.hits.texts_of(each) for each in (Dimension.SERVER, Dimension.SITE)]
            for row, line in enumerate(part.lines):
                found[line] = tuple(column.at(row) for column in columns)
    return found


@pytest.mark.parametrize("others", [[], [b"no hit at all"], [b"no hit %d" % n for n in range(9)]])
def test_a_line_keeps_its_server_beside_lines_that_are_no_hits(others: list[bytes]) -> None:
    newest = NewestLines(Routing())
    one, two, three = (line_of(b"10.0.0.1", second=n) for n in range(3))
    ours = Origin(b"eu/web3", b"eu", len(others))
    newest.note(COMBINED, [one, *others, two, three], None, [EU2, ours, EU1])
    assert servers_of(newest) == {
        one: (b"eu/web2", b"eu"),
        two: (b"eu/web1", b"eu"),
        three: (b"eu/web1", b"eu"),
    }


def test_of_a_chunk_with_more_lines_the_last_ones_keep_theirs() -> None:
    newest = NewestLines(Routing())
    two, three = (line_of(b"10.0.0.1", second=n) for n in range(2))
    newest.note(COMBINED, [two, three], None, [Origin(b"far", b"", 900), EU2, EU2])
    assert servers_of(newest) == {two: (b"eu/web2", b"eu"), three: (b"eu/web2", b"eu")}


def test_lines_of_this_machine_have_no_server() -> None:
    newest = NewestLines(Routing())
    newest.note(COMBINED, [line_of(b"10.0.0.1")])
    (part,) = newest.parsed()
    assert part.hits is not None
    assert Dimension.SERVER not in part.hits.columns


@pytest.mark.parametrize("other", [COMBINED, COMMON])
def test_chunks_of_several_servers_are_parsed_together(other: LogFormat) -> None:
    newest = NewestLines(Routing())
    lines = [line_of(b"10.0.0.1", second=n) for n in range(3)]
    if other is COMMON:
        lines[2] = lines[2].replace(b' "-" "x"', b"")
    newest.note(COMBINED, lines[:2], None, [EU1])
    newest.note(other, lines[2:], None, [EU2])
    assert [server for server, _ in servers_of(newest).values()] == [
        b"eu/web1",
        b"eu/web1",
        b"eu/web2",
    ]
    assert len(newest.parsed()) == (1 if other is COMBINED else 2)


@given(st.lists(st.integers(1, 5), min_size=1), st.integers(0, 60))
def test_the_origins_of_the_last_lines(runs: list[int], lines: int) -> None:
    origins = [Origin(b"%d" % place, b"", run) for place, run in enumerate(runs)]
    whole = [origin.server for origin in origins for _ in range(origin.lines)]
    last = [each.server for each in origins_of_last(origins, lines) for _ in range(each.lines)]
    assert last == (whole[-lines:] if lines else [])
