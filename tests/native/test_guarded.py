"""No byte is read beyond a buffer's end: each chunk here ends at a page that nobody may read."""

import ctypes
import mmap
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.delimited.token_specs import scanner_of
from logmon_tui.formats.json.json_format import JsonFormat
from logmon_tui.formats.json.json_parser import scanner_of as json_scanner_of
from logmon_tui.formats.presets import PRESETS
from logmon_tui.native.interner import Interner
from logmon_tui.native.library import is_native
from logmon_tui.native.networks import network_numbers
from logmon_tui.native.requests import split_requests
from logmon_tui.native.scanner import JsonScanner, ScannedLines, Scanner
from logmon_tui.native.specs import ScanWrapper
from logmon_tui.native.texts import Texts
from logmon_tui.native.wrappers import insides
from tests.effort import examples
from tests.formats.examples_data import load, names
from tests.formats.test_unwrapping import USUAL
from tests.native.fuzz_formats import delimited

pytestmark = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")

PAGE = mmap.PAGESIZE
PAGES = 16
SCANNERS: list[Scanner | JsonScanner] = [
    *(scanner_of(form) for form in delimited()),
    *(json_scanner_of(preset) for preset in PRESETS if isinstance(preset, JsonFormat)),
]
LINES = [line.text.encode() for name in names() for line in load(name).lines]


@contextmanager
def ending_at_a_wall(chunk: bytes) -> Iterator[ScannedLines]:
    """The chunk, copied so that the byte behind its last cannot be read."""
    room = mmap.mmap(-1, (PAGES + 1) * PAGE)
    begin = ctypes.addressof(ctypes.c_char.from_buffer(room))
    libc = ctypes.CDLL(None, use_errno=True)
    wall = ctypes.c_void_p(begin + PAGES * PAGE)
    assert libc.mprotect(wall, PAGE, 0) == 0
    try:
        address = begin + PAGES * PAGE - len(chunk)
        ctypes.memmove(address, chunk, len(chunk))
        yield ScannedLines(chunk, address)
    finally:
        assert libc.mprotect(wall, PAGE, mmap.PROT_READ | mmap.PROT_WRITE) == 0


def test_a_wall_is_there() -> None:
    """A byte too far would end the program: it is a fault that no Python code can catch."""
    with ending_at_a_wall(b"x\n") as table:
        assert table.ends.tolist() == [1]


@settings(max_examples=examples(300), deadline=None)
@given(
    line=st.sampled_from(LINES),
    cut=st.integers(0, 400),
    behind=st.sampled_from([b"", b"\\", b'"', b"\\u00", b"\r", b"-", b"1", b"[", b'{"a":', b'"x']),
    before=st.lists(st.sampled_from(LINES), max_size=2),
)
def test_no_cut_line_is_read_beyond_its_end(
    line: bytes, cut: int, behind: bytes, before: list[bytes]
) -> None:
    chunk = b"\n".join([*before, line[:cut] + behind]) + b"\n"
    with ending_at_a_wall(chunk) as table:
        for scanner in SCANNERS:
            scanned = scanner.scan(table, [Interner() for _ in range(scanner.texts)])
            assert len(scanned.lines) + len(scanned.left) == len(table)


@settings(max_examples=examples(300), deadline=None)
@given(chunk=st.binary(max_size=200).map(lambda data: data + b"\n"))
def test_any_bytes_end_before_the_wall(chunk: bytes) -> None:
    with ending_at_a_wall(chunk) as table:
        for scanner in SCANNERS:
            scanned = scanner.scan(table, [Interner() for _ in range(scanner.texts)])
            assert np.array_equal(
                np.sort(np.concatenate([scanned.lines, scanned.left])), np.arange(len(table))
            )


@settings(max_examples=examples(300), deadline=None)
@given(
    texts=st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(LINES)), min_size=1),
    ending=st.sampled_from(
        [
            b"",
            b"1.2.3.",
            b"2001:db8:",
            b"GET / HTTP/1.",
            b"GET /a?",
            b"GET",
            b"/",
            b"HTTP/",
            b" HTTP/1",
        ]
    ),
)
def test_texts_up_to_the_wall_are_numbered_copied_and_taken_apart(
    texts: list[bytes], ending: bytes
) -> None:
    listed = [*texts, ending] * 70  # few are not worth a call
    whole = b"".join(listed)[-PAGES * PAGE :]
    ends = len(whole) - np.cumsum([0, *map(len, listed[:0:-1])])[::-1]
    starts = np.array([0, *ends[:-1]])
    inside = ends > 0
    with ending_at_a_wall(whole) as table:
        data = np.ctypeslib.as_array((ctypes.c_uint8 * len(whole)).from_address(table.address))
        told = Texts(data, np.maximum(starts, 0)[inside], ends[inside])
        copied = Texts(whole, told.starts, told.ends).tolist()
        assert told.compact().tolist() == copied
        assert len(network_numbers(told).versions) == len(copied)
        assert told.having(b"/").tolist() == [b"/" in text for text in copied]
        numbers = Interner()
        codes = numbers.numbers(told)
        assert numbers.texts().take(codes).tolist() == copied
        assert len(split_requests(told).paths.numbers) == len(copied)
        assert len(split_requests(told, are_targets=True).paths.numbers) == len(copied)


WRAPPED = [
    *(line for lines in USUAL.values() for line in lines),
    *(line.text.encode() for line in load("wrapped").lines),
]


@settings(max_examples=examples(500), deadline=None)
@given(
    line=st.one_of(st.sampled_from(WRAPPED), st.binary(max_size=40)),
    cut=st.integers(0, 400),
    behind=st.sampled_from(
        [b"", b"\\", b'"', b"\\u00", b"\r", b"\xe2\x80", b"[", b' a="', b"\x1b["]
    ),
)
def test_no_cut_line_is_unwrapped_beyond_its_end(line: bytes, cut: int, behind: bytes) -> None:
    with ending_at_a_wall(line[:cut] + behind + b"\n") as table:
        for wrapper in ScanWrapper:
            found = insides(wrapper, table)
            assert len(found.left) <= len(table)
            assert len(found.data) <= len(table.chunk)
