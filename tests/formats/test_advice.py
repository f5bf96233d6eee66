"""What to do about a log of which no line parses."""

import pytest

from logmon_tui.formats.advice import advice
from logmon_tui.formats.model.unparsed import UNKNOWN_FORMAT, UnparsedLine


@pytest.mark.parametrize(
    ("line", "reason", "told"),
    [
        (b'{"when":1}', UNKNOWN_FORMAT, "[formats.NAME]"),
        (b"some line", UNKNOWN_FORMAT, "--nginx-conf"),
        (b"some line", "field 4 (time) expected at column 7", "check its format"),
        (b'{"ts":1}', "no status: code", "check its format"),
    ],
)
def test_the_first_unparsed_line_tells_what_to_do(line: bytes, reason: str, told: str) -> None:
    assert told in advice(UnparsedLine(line, reason))


def test_nothing_is_to_be_done_where_all_parses() -> None:
    assert advice(None) == ""
