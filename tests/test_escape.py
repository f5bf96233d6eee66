"""What is shown holds nothing that commands a terminal or that a reader cannot see."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.escape import decoded, printable
from tests.hostile import COMMANDING, PAYLOADS, harm, value

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Not of these categories, yet invisible, or reserved for what will be.
INVISIBLE = [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x2065, 0x3164, 0xFE0F, 0xFFA0]
TAGS = range(0xE0000, 0xE1000)


def test_no_character_that_hides_or_commands_remains() -> None:
    unsafe = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in HIDDEN or code in INVISIBLE or code in TAGS
    ]
    assert len(unsafe) > 140_000
    assert [hex(ord(each)) for each in unsafe if each in printable(f"a{each}b")] == []


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
