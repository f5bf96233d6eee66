"""What is shown holds nothing that commands a terminal or that a reader cannot see."""

import json
import sys
import unicodedata
from urllib.parse import quote, quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcwidth

from logmon_tui.escape import decoded, printable, readable
from logmon_tui.fitting import width_of
from tests.hostile import COMMANDING, PAYLOADS, harm, percent_encoded, value

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Not of these categories, yet invisible, or reserved for what will be.
INVISIBLE = [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x2065, 0x2800, 0x3164, 0xFE0F, 0xFFA0]
TAGS = range(0xE0000, 0xE1000)


def test_no_character_that_hides_or_commands_remains() -> None:
    unsafe = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in HIDDEN
        or code in INVISIBLE
        or code in TAGS
        or (unicodedata.category(chr(code)) == "Zs" and code != ord(" "))
    ]
    assert len(unsafe) > 140_000
    assert [hex(ord(each)) for each in unsafe if each in printable(f"a{each}b")] == []


def test_a_character_takes_as_many_cells_as_a_terminal_gives_it() -> None:
    flags = range(0x1F1E6, 0x1F200)  # a letter is one cell, but some terminals make a flag of two
    assigned = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if code not in flags and unicodedata.category(chr(code)) not in {"Cn", "Cs"}
    ]
    shown = set(printable("".join(assigned)))
    assert len(shown) > 140_000
    assert [hex(ord(each)) for each in shown if width_of(each) != wcwidth(each)] == []


@pytest.mark.parametrize("text", ["Grüße", "日本語", "café/naïve", "Ωμέγα", "😀", "שלום", "a b\\c"])
def test_letters_of_all_languages_show_as_themselves(text: str) -> None:
    assert printable(text) == text
    assert printable(text.encode()) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        (b"a\tb\r\n", "a\\x09b\\x0d\\x0a"),
        (b"\x7f\x00", "\\x7f\\x00"),
        (b"\xff\xfe/x", "\\xff\\xfe/x"),
        (b"\x9b31m", "\\x9b31m"),
        ("\x9b31m".encode(), "\\x9b31m"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
        (b"\xf0\x9f\x98", "\\xf0\\x9f\\x98"),
        ("\u202egnp.exe".encode(), "\\u202egnp.exe"),
        ("zero\u200bwidth\ufeff".encode(), "zero\\u200bwidth\\ufeff"),
        ("\U000e0041".encode(), "\\U000e0041"),
        ("👍🏽".encode(), "👍\\U0001f3fd"),
        ("\ud800", "\\ud800"),
        ("a\udcff.log", "a\\xff.log"),
    ],
)
def test_what_cannot_be_shown_is_spelt_out(value: bytes | str, shown: str) -> None:
    assert printable(value) == shown


@given(st.binary(max_size=200))
def test_shown_once_is_shown_for_good(value: bytes) -> None:
    shown = printable(value)
    assert printable(shown) == shown
    assert printable(shown.encode()) == shown


@given(st.text(max_size=100))
def test_text_and_its_bytes_show_alike(text: str) -> None:
    value = text.encode("utf-8", "surrogatepass")
    if decoded(value) == text:
        assert printable(value) == printable(text)


@given(st.binary(max_size=60))
def test_every_byte_that_does_not_decode_shows_as_its_number(value: bytes) -> None:
    assert decoded(value) == value.decode("utf-8", "backslashreplace")
    assert "\ufffd" not in decoded(value) or "\ufffd".encode() in value


def test_every_payload_that_commands_or_hides_is_noticed_as_it_stands() -> None:
    assert [number for number in range(COMMANDING) if not harm(value(number, "path"))] == []


@pytest.mark.parametrize("number", range(PAYLOADS))
def test_a_payload_is_harmless_once_spelt_out_also_where_json_brought_it(number: int) -> None:
    raw = value(number, "agent")
    from_json = json.loads(json.dumps(raw.decode("utf-8", "surrogateescape")))
    for shown in (printable(raw), printable(from_json)):
        assert harm(shown.encode()) == set()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("/caf%C3%A9/%e6%97%a5", "/café/日"),
        ("/%41b%7Ec%5B1%5D", "/Ab~c[1]"),
        ("/plain", "/plain"),
        # Decoded once, and what parts a path is not decoded.
        ("/%2525/100%25", "/%2525/100%25"),
        ("/a%2Fb%2fc%3Fd%3fe%23f", "/a%2Fb%2fc%3Fd%3fe%23f"),
        ("/%252F%251b", "/%252F%251b"),
        ("/%%34%31", "/%41"),
        # One blank between others; more could pass for the end of a column.
        ("/my%20own%20file", "/my own file"),
        ("/a%20", "/a%20"),
        ("%20a", "%20a"),
        ("/a%20%20b%20%20%20c", "/a%20%20b%20%20%20c"),
        ("/a %20b%20 c", "/a %20b%20 c"),
        ("/a%C2%A0%E3%80%80", "/a\\xa0\\u3000"),
        # No encoding.
        ("/%", "/%"),
        ("/%4", "/%4"),
        ("/%zz%u0041%-1%+1%_1", "/%zz%u0041%-1%+1%_1"),
        ("/a+b", "/a+b"),
        # Harmless still.
        ("/%1b]0;x%07", "/\\x1b]0;x\\x07"),
        ("/%00%0d%0A%7f", "/\\x00\\x0d\\x0a\\x7f"),
        ("/%e2%80%ae", "/\\u202e"),
        ("/%ff%C3", "/\\xff\\xc3"),
        ("/%c2%9d", "/\\x9d"),
        ("/%ED%A0%80", "/\\xed\\xa0\\x80"),
        ("/%E2\u20ac%82%AC", "/\\xe2€\\x82\\xac"),
    ],
)
def test_percent_encoding_is_taken_away_once(value: str, shown: str) -> None:
    assert readable(value.encode()) == shown


@given(st.binary(max_size=100).map(lambda b: b.replace(b"%", b"")))
def test_what_is_not_percent_encoded_reads_as_it_prints(value: bytes) -> None:
    assert readable(value) == printable(value)


@given(st.text(st.characters(exclude_characters="/?#% ", exclude_categories=("Cs",))))
def test_encoded_or_not_text_reads_the_same(text: str) -> None:
    assert readable(quote(text, safe="").encode()) == readable(text.encode())


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_paths_with_other_parts_read_differently(one: bytes, other: bytes) -> None:
    """A path's parts stay its parts: no `/` comes from decoding, and none goes."""
    path = (
        quote_from_bytes(one, safe="").encode() + b"/" + quote_from_bytes(other, safe="").encode()
    )
    assert readable(path).count("/") == 1


@given(
    st.lists(st.sampled_from(["%", "25", "2", "0", "1b", "9b", "e2%80%ae", "ff", " ", "%20", "/"]))
)
def test_no_harm_comes_of_decoding(pieces: list[str]) -> None:
    shown = readable("".join(pieces).encode())
    assert harm(shown.encode()) == set()
    assert printable(shown) == shown


@pytest.mark.parametrize("number", range(COMMANDING))
def test_a_payload_is_harmless_also_where_it_came_percent_encoded(number: int) -> None:
    shown = readable(percent_encoded(value(number, "path")))
    assert harm(shown.encode()) == set()
    assert f"zq{number:02}pa" in shown
