"""Clients and users get names that are the same wherever they stand, and tell nothing."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS
from logmon_tui.masking.edits import Edits, editor_of
from logmon_tui.masking.masks import Masks
from logmon_tui.masking.pseudonyms import Pseudonyms
from tests.effort import examples

KEY = b"0123456789abcdef"
NAMED = re.compile(rb"client-[0-9a-f]{8}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"192.0.2.77", b"::ffff:192.0.2.77"),
        (b"2001:db8::1", b"2001:0DB8:0:0::0001"),
        (b"2001:db8::1", b"[2001:db8::1]"),
    ],
)
def test_a_client_has_one_name_however_it_is_written(one: bytes, other: bytes) -> None:
    name = Pseudonyms(KEY).client(one)
    assert NAMED.fullmatch(name)
    assert Pseudonyms(KEY).client(other) == name != Pseudonyms(KEY * 2).client(one)


def test_ports_and_lists_stay_apart() -> None:
    masks = Pseudonyms(KEY)
    name, other = masks.client(b"192.0.2.77"), masks.client(b"alice.example.com")
    assert masks.client(b"192.0.2.77:4711") == name + b":4711"
    assert masks.client(b"[2001:db8::1]:443") == masks.client(b"2001:db8::1") + b":443"
    assert masks.client(b"192.0.2.77, alice.example.com") == name + b", " + other
    assert [masks.client(each) for each in (b"", b"-")] == [b"", b"-"]
    assert set(masks.clients) == {
        *(b"192.0.2.77", b"alice.example.com", b"[2001:db8::1]", b"2001:db8::1")
    }


def test_texts_lose_addresses_and_mail() -> None:
    masks = Pseudonyms(KEY)
    text = masks.prose(b"for 192.0.2.77, 2001:db8::1 and bob@example.com at 12:30:45")
    assert NAMED.findall(text) == [masks.client(b"192.0.2.77"), masks.client(b"2001:db8::1")]
    assert b" user-" in text
    assert b"bob" not in text
    assert text.endswith(b" at 12:30:45")


@pytest.mark.parametrize(
    ("url", "begin", "end"),
    [
        (rb"GET /a?q=\"my secret\" x HTTP/1.1", b"GET /a?", b" HTTP/1.1"),
        (b"GET /a?secret", b"GET /a?", b""),
        (b"/a#secret?secret", b"/a#", b""),
        (b"https://secret:secret@example.com/a?secret", b"https://", b""),
    ],
)
def test_no_part_of_a_query_or_login_stays(url: bytes, begin: bytes, end: bytes) -> None:
    for masks in (Masks(KEY), Pseudonyms(KEY)):
        masked = masks.url(url)
        assert masked.startswith(begin)
        assert masked.endswith(end)
        assert b"secret" not in masked


def test_a_user_that_is_a_number_gets_a_name() -> None:
    line = b'{"time":"2026-11-29T18:27:01Z","remote_addr":"192.0.2.77","request":"GET / HTTP/1.1",'
    line += b'"status":200,"user_id":4711,"bytes":5}'
    (edited,) = _edited(line, Pseudonyms(KEY))
    assert b"4711" not in edited
    assert b'"status":200' in edited


def test_a_number_of_too_many_digits_is_no_reason_to_stop() -> None:
    line = b'{"time":"2026-11-29T18:27:01Z","remote_addr":"192.0.2.77","request":"GET / HTTP/1.1",'
    line += b'"status":200,"user_id":' + b"4" * 5_000 + b"}"
    assert b"4" * 5_000 not in b"".join(_edited(line, Pseudonyms(KEY)))


def _edited(line: bytes, masks: Masks) -> list[bytes]:
    from logmon_tui.formats.detection import recognise

    found = recognise([line])
    editor = None if found is None else editor_of(found.format, Edits(masks))
    edited = None if editor is None else editor.edit(line)
    return [] if edited is None else [edited.line]


EXAMPLES = [each for each in PRESETS if each.example and not each.header_mark]


@pytest.mark.parametrize("preset", EXAMPLES, ids=lambda preset: preset.name)
def test_every_preset_reads_its_line_with_names(preset: LogFormat) -> None:
    editor = editor_of(preset, Edits(Pseudonyms(KEY)))
    assert editor is not None
    line = preset.example.encode()
    edited = editor.edit(line)
    assert edited is not None
    parser = preset.tolerant().line_parser()
    before, after = parser.parse(line), parser.parse(edited.line)
    assert before is not None
    assert after is not None
    assert (after.second, after.status, after.method) == (
        before.second,
        before.status,
        before.method,
    )
    assert before.host == b"-" or NAMED.match(after.host)


@settings(max_examples=examples(300))
@given(st.binary(max_size=80))
def test_any_text_gets_a_name_or_stays_text(text: bytes) -> None:
    masks = Pseudonyms(KEY)
    for mask in (masks.client, masks.user, masks.url, masks.prose, masks.anything):
        assert isinstance(mask(text), bytes)
