"""What the scanner reads of a field it reads as Python does, which is the reference.

It may leave a field that Python can read, but not a usual one; it never reads one otherwise.
"""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.formats.delimited.token_specs import spec_of
from logmon_tui.formats.delimited.tokens import Token
from logmon_tui.formats.json import json_converters
from logmon_tui.formats.model.converters import Amount, Clock, Code, Converter, Duration, Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import UNKNOWN
from logmon_tui.native.library import is_native
from logmon_tui.native.scanner import JsonScanner, ScannedLines, Scanner
from logmon_tui.native.specs import MemberSpec, ScanEnding, ScanReading, TokenSpec
from tests.effort import examples

pytestmark = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")

READINGS: list[Converter] = [
    *(clock for clock in Clock if clock is not Clock.ZONED),
    *Code,
    Amount(),
    Amount(UNKNOWN),
    *(Duration(unit) for unit in Unit),
    Duration(Unit.SECONDS, whole=True),
    Duration(Unit.SECONDS, pointed=True),
    Duration(Unit.SECONDS, several=True),
]
"""ZONED is a text to the scanner: Python reads each distinct one."""

PIECES = st.sampled_from(
    [b"", b"-", b"-1", b"+", b".", b",", b"0", b"9" * 9, b" ", b":", b"Z", b", ", b" : ", b"\xff"]
)


def texts_of(converter: Converter) -> st.SearchStrategy[bytes]:
    """Texts of the form, and some that are nearly so."""
    once = (
        Duration(converter.unit)
        if isinstance(converter, Duration) and converter.several
        else converter
    )
    one = st.from_regex(re.compile(once.pattern), fullmatch=True)
    if once is not converter:
        one = st.lists(one, min_size=1, max_size=4).flatmap(
            lambda parts: st.sampled_from([b", ", b" : "]).map(lambda parting: parting.join(parts))
        )
    return st.one_of(one, mutated(one)).filter(is_one_line)


def is_one_line(text: bytes) -> bool:
    return b"\n" not in text and not text.endswith(b"\r")


@st.composite
def mutated(draw: st.DrawFn, texts: st.SearchStrategy[bytes]) -> bytes:
    text = draw(texts)
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    return text[:start] + draw(PIECES) + text[end if draw(st.booleans()) else start :]


@pytest.mark.parametrize("converter", READINGS, ids=str)
@settings(max_examples=examples(100), deadline=None)
@given(data=st.data())
def test_a_field_is_read_as_python_reads_it(converter: Converter, data: st.DataObject) -> None:
    texts = data.draw(st.lists(texts_of(converter), min_size=1, max_size=5))
    token = Token(Field.TIME, converter, rest=True)
    table = ScannedLines(b"".join(text + b"\n" for text in texts))
    scanned = Scanner([spec_of(token)], b"").scan(table, [])
    for number, value in zip(scanned.lines.tolist(), scanned.numbers[0].tolist(), strict=True):
        assert re.fullmatch(converter.pattern, texts[number])
        assert converter.read(texts[number]) == value
    for number in scanned.left.tolist():
        known = re.fullmatch(converter.pattern, texts[number]) is not None
        assert (
            not known or converter.read(texts[number]) is None or is_rare(converter, texts[number])
        )


@pytest.mark.parametrize("converter", READINGS, ids=str)
@settings(max_examples=examples(100), deadline=None)
@given(data=st.data(), stop=st.sampled_from([b" ", b"\t", b"/", b".", b"0"]))
def test_a_field_that_a_stop_ends_is_read_as_python_reads_it(
    converter: Converter, data: st.DataObject, stop: bytes
) -> None:
    texts = data.draw(st.lists(texts_of(converter), min_size=1, max_size=5))
    spec = spec_of(Token(Field.TIME, converter, rest=True))
    ended = msgspec.structs.replace(spec, ending=ScanEnding.STOP, stops=stop)
    table = ScannedLines(b"".join(text + stop + b"|\n" for text in texts) + b"|" * 80 + b"\n")
    scanned = Scanner([ended], stop + b"|").scan(table, [])
    found = dict(zip(scanned.lines.tolist(), scanned.numbers[0].tolist(), strict=True))
    for number, text in enumerate(texts):
        known = text.find(stop) == -1 and re.fullmatch(converter.pattern, text)
        value = converter.read(text) if known else None
        assert number not in found or found[number] == value
        assert number in found or value is None or is_rare(converter, text)


@settings(max_examples=examples(300), deadline=None)
@given(
    lines=st.lists(st.text("ab \t0", max_size=70).map(str.encode), max_size=4),
    stop=st.sampled_from([b" ", b"\t", b"0"]),
    count=st.integers(1, 6),
    tail=st.sampled_from([b"", b" ", b"\t", b"a"]),
)
def test_fields_that_are_passed_over_are_as_many_as_described(
    lines: list[bytes], stop: bytes, count: int, tail: bytes
) -> None:
    first, others = (
        TokenSpec(before, ScanReading.NOTHING, ScanEnding.STOP, stop) for before in (b"", stop)
    )
    part = b"[^" + stop + b"]++"  # up to the stop, whatever the tail is
    form = re.compile(stop.join([part] * count) + re.escape(tail))
    scanner = Scanner([first, *[others] * (count - 1)], tail)
    for behind in (b"", b"|" * 80 + b"\n"):
        table = ScannedLines(b"".join(line + b"\n" for line in lines) + behind)
        scanned = scanner.scan(table, [])
        assert scanned.lines.tolist() == [
            at for at in range(len(table)) if form.fullmatch(table.line(at))
        ]


def test_times_as_c_writes_them_are_read_as_python_reads_them() -> None:
    seconds = range(0, 2**31, 40_000_003)
    known = [time.asctime(time.gmtime(second)).encode() for second in seconds]
    odd = [text.replace(b" ", b"0", 1) for text in known[:1]] + [known[0] + b" ", known[0][:-1]]
    odd += [
        known[0].replace(*each) for each in ((b"Jan", b"Jam"), (b"Thu", b"thu"), (b" 1 ", b"00 "))
    ]
    chunk = b"".join(text + b"\n" for text in known + odd)
    spec = spec_of(Token(Field.TIME, Clock.CTIME, rest=True))
    scanned = Scanner([spec], b"").scan(ScannedLines(chunk), [])
    assert scanned.numbers[0].tolist() == list(seconds)
    assert scanned.left.tolist() == [len(known) + place for place in range(len(odd))]


def is_rare(converter: Converter, text: bytes) -> bool:
    """Whether no int64 holds it, as nanoseconds after the year 2262, or it is a sum near that."""
    nanoseconds = converter is Clock.EPOCH and len(text.partition(b".")[0]) == 19
    several = isinstance(converter, Duration) and converter.several
    return nanoseconds or (several and (converter.read(text) or 0) > 10**18)


UNSENT = ScanReading.STATUS_OR_NONE
JSON_READINGS: dict[ScanReading, Callable[[Any], int | None]] = {
    ScanReading.TIME: json_converters.read_time,
    ScanReading.STATUS: json_converters.read_status,
    UNSENT: lambda value: 0 if value is None else json_converters.read_status(value),
    ScanReading.AMOUNT: lambda value: json_converters.read_amount(value, UNKNOWN),
}

NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?\Z")
TIMES = st.from_regex(r"[1-9][0-9]{7,18}(\.[0-9]{1,12})?\Z")
SPANS = st.from_regex(r"[0-9]{1,13}(\.[0-9]{1,10})?( ?(h|ms|m|s|us|µs|μs|ns))?((, | : )-)?\Z")
OTHERS = st.sampled_from(["null", "true", "[]", '[1.5, "x"]', '["200"]', "{}", '""', '"-"', "-0"])
JSON_VALUES = st.one_of(
    NUMBERS,
    TIMES,
    OTHERS,
    st.integers(95, 1005).map(str),
    *(each.map(json.dumps) for each in (NUMBERS, TIMES)),
    SPANS.map(lambda text: json.dumps(text, ensure_ascii=False)),
    *(texts_of(each).map(lambda text: json.dumps(text.decode("latin-1"))) for each in READINGS[:4]),
)


def scanned_json(member: MemberSpec, value: str) -> int | None:
    """What the scanner reads of a member; None where it leaves the line."""
    scanned = JsonScanner([member]).scan(ScannedLines(f'{{"v":{value}}}\n'.encode()), [])
    return int(scanned.numbers[0][0]) if len(scanned.lines) else None


@pytest.mark.parametrize("reading", JSON_READINGS, ids=lambda each: each.name)
@settings(max_examples=examples(300), deadline=None)
@given(value=JSON_VALUES)
@example(value="1795336000.99999999999999999999")
@example(value="9999999999.999999")
@example(value="99999999999.5")
def test_a_value_of_json_is_read_as_python_reads_it(reading: ScanReading, value: str) -> None:
    found = scanned_json(MemberSpec(((b"v",),), reading, UNKNOWN), value)
    assert found is None or found == JSON_READINGS[reading](json.loads(value))


@pytest.mark.parametrize("unit", Unit, ids=lambda each: each.name)
@settings(max_examples=examples(300), deadline=None)
@given(value=JSON_VALUES)
@example(value="0.0000005")
@example(value="999999999999999e3")
@example(value="1e22")
def test_a_stretch_of_time_of_json_is_rounded_as_python_rounds_it(unit: Unit, value: str) -> None:
    found = scanned_json(MemberSpec(((b"v",),), ScanReading.SPAN, unit.value), value)
    assert found is None or found == json_converters.read_duration(json.loads(value), unit)


@pytest.mark.parametrize(
    ("reading", "value"),
    [
        (ScanReading.TIME, "1795336000.123456"),
        (ScanReading.TIME, '"2026-11-22T08:26:40.123Z"'),
        (ScanReading.STATUS, "200"),
        (ScanReading.AMOUNT, "5120"),
        (ScanReading.SPAN, "0.000929675"),
        (ScanReading.SPAN, "2.364e-06"),
        (ScanReading.SPAN, '"1.2ms"'),
    ],
)
def test_usual_values_of_json_are_not_left_to_python(reading: ScanReading, value: str) -> None:
    assert scanned_json(MemberSpec(((b"v",),), reading, 1), value) is not None


@pytest.mark.parametrize("leaves", [0, 2])
def test_a_member_has_one_value(leaves: int) -> None:
    members = [MemberSpec(((name,),), ScanReading.AMOUNT) for name in (b"a", b"b")]
    scanner, table = JsonScanner(members), ScannedLines(b'{"a":1}\n')
    assert scanner.scan(table, []).numbers[0].tolist() == [1]
    node = scanner.described.nodes[1]
    node.end_leaf = node.first_leaf + leaves
    with pytest.raises(ValueError, match="refuses"):
        scanner.scan(table, [])
