"""The lines behind a line change nothing: the scanner may look at their bytes, not read them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.native.interner import Interner
from logmon_tui.native.library import is_native
from logmon_tui.native.scanner import ScannedLines
from tests.effort import examples
from tests.native.test_file_lines import facts
from tests.native.test_guarded import LINES, SCANNERS

pytestmark = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")

BEHIND = [b"", b'"', b'" "-"', b" ", b"]", b"\\", b"0", b'"\\', b" 200 5 ", b"\r"]
"""Bytes at the end of a line, or at the beginning of the next."""


@settings(max_examples=examples(300), deadline=None)
@given(
    line=st.sampled_from(LINES),
    cut=st.integers(0, 400),
    ending=st.one_of(st.sampled_from(BEHIND), st.binary(max_size=3)),
    start=st.one_of(st.sampled_from(BEHIND), st.binary(max_size=3)),
)
def test_a_line_is_read_the_same_whatever_follows(
    line: bytes, cut: int, ending: bytes, start: bytes
) -> None:
    alone = (line[:cut] + ending).replace(b"\n", b"") + b"\n"
    behind = start.replace(b"\n", b"") + line[cut:] + b'" - 0 ' * 30 + b"\n"
    for scanner in SCANNERS:
        found = []
        for chunk in (alone, alone + behind):
            interners = [Interner() for _ in range(scanner.texts)]
            scanned = scanner.scan(ScannedLines(chunk), interners)
            lines, numbers, texts, _ = facts(scanned, interners)
            fits = lines[:1] == [0]
            found.append((fits, [each[:fits] for each in numbers], [each[:fits] for each in texts]))
        assert found[0] == found[1]
