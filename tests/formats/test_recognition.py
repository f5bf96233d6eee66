"""Which format a log has is told by its lines, wrapped or not, and the evidence is kept."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.formats import parser as parser_module
from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.detection import Recognition, hits_of, recognise, timestamp_reader
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMBINED
from tests.effort import examples
from tests.formats import examples_data
from tests.formats.strategies import COMBINED as LINE
from tests.formats.strategies import COMMON, chunks
from tests.formats.test_columnar_parser import assert_as_line_by_line

BY_NAME = {preset.name: preset for preset in PRESETS}
OWN = [name for name in examples_data.presets() if name in BY_NAME]

_INSTANT = b"2026-11-22T08:26:40.123456789Z "


def docker_file(line: bytes) -> bytes:
    entry = {"log": line.decode() + "\n", "stream": "stdout", "time": _INSTANT.decode().strip()}
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=False).encode()


WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "Kubernetes": lambda line: _INSTANT + b"stdout F " + line,
    "Docker json-file": docker_file,
    "docker-compose": lambda line: b"\x1b[36mweb-1  |\x1b[0m " + line,
    "kubectl": lambda line: b"[pod/nginx-7c5ddbdf54-x2x7l/nginx] " + line,
    "syslog RFC 5424": lambda line: b"<165>1 " + _INSTANT + b"web1 nginx 8710 - - " + line,
    "syslog": lambda line: b"<190>Nov 22 08:26:40 web1 nginx[812]: " + line,
    "timestamps": lambda line: _INSTANT + line,
    "quotes": lambda line: b'"' + line.replace(b'"', b'""') + b'"',
}


def named(found: Recognition | None) -> str:
    assert found is not None
    return found.format.name


@pytest.mark.parametrize("name", OWN)
def test_a_preset_is_recognised_by_its_own_lines(name: str) -> None:
    example = examples_data.load(name)
    others = {line.text.encode() for line in example.lines if line.definition}
    found = recognise([line for line in example.log.splitlines() if line not in others])
    inner = named(found).partition(" (")[0]
    assert inner == name
    assert found is not None
    assert found.hits == len([line for line in example.lines if not line.definition])


@pytest.mark.parametrize("wrapper", WRAPPED)
@pytest.mark.parametrize("name", OWN)
def test_a_preset_is_recognised_in_each_wrapper(name: str, wrapper: str) -> None:
    lines = examples_data.load(name).log.splitlines()
    lines = lines[:3] if name == "nginx_json" else lines  # the others have names of their own
    hits = len(list(hits_of(BY_NAME[name], lines)))
    found = recognise([WRAPPED[wrapper](line) for line in lines])
    inner, _, around = named(found).partition(" (")
    assert inner == name
    assert around.startswith(wrapper)
    assert found is not None
    assert found.hits == hits


SAMPLES = [
    line for name in OWN for line in examples_data.load(name).log.splitlines()[:3] if line.isascii()
]


@settings(max_examples=examples(100), deadline=None)
@given(
    lines=st.lists(st.sampled_from(SAMPLES), max_size=2).flatmap(
        lambda few: st.lists(st.sampled_from([*few, LINE, COMMON]), max_size=6)
    ),
    around=st.sampled_from([*WRAPPED.values(), bytes, bytes]),
)
def test_a_format_is_the_same_whether_or_not_all_others_are_tried(
    lines: list[bytes], around: Callable[[bytes], bytes]
) -> None:
    lines = [around(line) for line in lines]
    thorough, quick = recognise(lines), recognise(lines, thorough=False)
    if thorough is None or quick is None:
        assert thorough is quick
        return
    for name in ("format", "hits", "lines", "why"):
        assert getattr(thorough, name) == getattr(quick, name)


def test_formats_behind_the_one_of_all_lines_are_not_looked_at() -> None:
    looked_at: list[str] = []

    class Formats(list[LogFormat]):
        def __iter__(self) -> Iterator[LogFormat]:
            for each in super().__iter__():
                looked_at.append(each.name)
                yield each

    found = recognise([COMMON] * 3, Formats(PRESETS), thorough=False)
    assert named(found) == "common"
    assert looked_at == ["combined", "common"]


@settings(max_examples=examples(300), deadline=None)
@given(
    line=st.sampled_from(SAMPLES),
    cut=st.integers(0, 400),
    drop=st.integers(0, 30),
    put=st.sampled_from([b"", b" ", b'"', b"\\", b" - ", b"]"]),
)
def test_a_pattern_finds_what_it_does_before_it_is_compiled(
    line: bytes, cut: int, drop: int, put: bytes
) -> None:
    line = line[:cut] + put + line[cut + drop :]
    for preset in PRESETS:
        if isinstance(preset, DelimitedFormat):
            new = replace(preset)
            found, known = new.match(line), preset.line_pattern.match(line)
            assert (found and found.groups()) == (known and known.groups())


def test_json_of_no_known_server_is_recognised_by_its_names() -> None:
    lines = examples_data.load("json").log.splitlines()
    for line in lines:
        assert named(recognise([line])) == "json"
        assert named(recognise([b"web-1  | " + line, b"web-1  | {}"])) == "json (docker-compose)"


def test_wrappers_are_taken_off_one_after_the_other() -> None:
    line = b"web-1  | " + _INSTANT + LINE
    assert named(recognise([line])) == "combined (docker-compose, timestamps)"


def test_most_hits_win_and_the_others_are_named() -> None:
    caddy = examples_data.load("caddy").log.splitlines()[:1]
    found = recognise([LINE, LINE, *caddy, b"", b"no hit"])
    assert found is not None
    assert (found.format, found.hits, found.lines) == (COMBINED, 2, 4)
    assert found.runners_up == (("caddy", 1), ("json", 1))


SHARED = (
    LINE,
    b"www.example.com " + LINE,
    b"www.example.com:443 " + LINE,
    b"[2001:db8::80]:443 " + LINE,
    COMMON,
    LINE + b' "-"',
)
"""Lines of virtual hosts that share one log, each in a format of its own."""


@pytest.mark.parametrize("wrapper", ["", *WRAPPED])
def test_virtual_hosts_that_share_a_log_are_read_each_in_its_format(wrapper: str) -> None:
    texts = SHARED if not wrapper else [WRAPPED[wrapper](line) for line in SHARED]
    found = recognise([*texts, b"no hit"])
    assert found is not None
    around = f" ({wrapper})" if wrapper else ""
    assert found.format.name == f"vhost_combined + combined + common + nginx_main{around}"
    assert (found.hits, found.lines) == (6, 7)
    assert not {"combined", "common"} & {name for name, _ in found.runners_up}
    batch = found.format.columnar().parse(b"\n".join([*texts, b"no hit", b""]))
    assert (len(batch), batch.unparsed) == (6, 1)
    hosts = [batch.columns[Dimension.VIRTUAL_HOST].at(row) for row in range(6)]
    assert hosts == [b"-", b"www.example.com", b"www.example.com", b"2001:db8::80", b"-", b"-"]


def test_lines_of_two_formats_that_come_by_turns_are_all_read_after_one_turn() -> None:
    parser = Parser()
    names = []
    for line in (SHARED[0], SHARED[1], SHARED[0], b"\n".join(SHARED[:3]), SHARED[4], SHARED[0]):
        batch = parser.parse(line + b"\n")
        assert (len(batch), batch.unparsed) == (line.count(b"\n") + 1, 0)
        names.append(batch.format_name)
    both = "vhost_combined + combined"
    assert names == ["combined", "vhost_combined", both, both, *[f"{both} + common"] * 2]


def test_lines_that_do_not_parse_do_not_change_a_mixture() -> None:
    parser = Parser()
    parser.parse(b"\n".join([*SHARED, b""]))
    before = parser.columnar
    batch = parser.parse(b"\n".join([*SHARED, *[b"no line of a log"] * 9, *SHARED[1:], b""]))
    assert (len(batch), batch.unparsed) == (2 * len(SHARED) - 1, 9)
    assert parser.columnar is before


def test_a_format_that_a_log_had_before_is_not_mixed_with_one_of_another_kind() -> None:
    parser = Parser()
    for name in ("combined", "caddy", "combined", "caddy"):
        batch = parser.parse(log_of(name, 2))
        assert batch.format_name == name
        assert len(batch)


@settings(max_examples=examples(200), deadline=None)
@given(chunk=chunks(SHARED))
def test_a_mixture_reads_by_columns_what_it_reads_by_lines(chunk: bytes) -> None:
    found = recognise(SHARED)
    assert found is not None
    assert_as_line_by_line(found.format, chunk)


@pytest.mark.parametrize(
    ("times", "name", "why"),
    [
        ((1405, 283, 31), "combined_time_us", "of 3 requests no request took 0: microseconds"),
        ((0, 3, 0, 99), "combined_time_s", "of 4 requests 2 took 0, none more than 99: seconds"),
        ((12, 0, 100), "combined_time_ms", "of 3 requests 1 took 0, the longest 100: milli"),
    ],
)
def test_values_tell_the_unit_of_a_bare_number(times: tuple[int, ...], name: str, why: str) -> None:
    found = recognise([LINE + b" %d" % each for each in times])
    assert named(found) == name
    assert found is not None
    assert found.why.startswith(why)
    wrapped = recognise([b"web-1  | " + LINE + b" %d" % each for each in times])
    assert named(wrapped) == f"{name} (docker-compose)"


def test_nothing_is_recognised_in_what_is_no_access_log() -> None:
    assert recognise([b"", b"hello", b"web-1  | hello", b'{"log":"x","time":"y"}', b"\xff"]) is None


def test_recognition_takes_little_time_even_with_giant_lines() -> None:
    """The CPU time is some 10 ms; giant lines are passed over."""
    unknown = [b"web-1  | " + b"x" * 150 for _ in range(90)]
    giants = [LINE[:-1] + b"a" * 1_000_000 + b'"'] * 5
    started = time.process_time()
    found = recognise([*giants, *unknown, LINE])
    assert time.process_time() - started < 1
    assert named(found) == "combined"


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        b"web-1  | " + LINE,
        b"web-1  | " + _INSTANT + LINE,
        b"2018-05-09 16:00:39 192.0.2.80 GET / - 80 - 192.0.2.1 - - 200 0 0 5",
    ],
)
def test_a_timestamp_is_read_whatever_the_format(line: bytes) -> None:
    timestamp = timestamp_reader(PRESETS)
    for _ in range(2):
        assert timestamp(line) == 1525881639
        assert timestamp(b"no hit") is None


def test_a_date_alone_is_a_timestamp_only_where_headers_name_the_fields() -> None:
    assert timestamp_reader([COMBINED])(b"2018-05-09 16:00:39 something happened") is None


@pytest.mark.parametrize(
    "preset",
    [preset for preset in PRESETS if not preset.header_mark],
    ids=lambda preset: preset.name,
)
def test_the_example_of_a_preset_is_a_hit_in_it(preset: LogFormat) -> None:
    found = recognise([preset.example.encode()])
    assert preset.name in {named(found), "combined_time_s", "combined_time_ms"}
    assert preset.line_parser().parse(preset.example.encode()) is not None


def test_a_unit_told_by_few_lines_is_told_anew_when_more_have_come() -> None:
    parser = Parser()
    chunks = [LINE + b" %d\n" % time for time in (12, 30, 0, 480)]
    names, times = [], []
    for chunk in chunks:
        batch = parser.parse(chunk)
        names.append(batch.format_name.removeprefix("combined_time_"))
        times.append(int(batch.measures["response_time"][0]))
    assert names == ["us", "us", "s", "ms"]
    assert times == [12, 30, 0, 480_000]
    parser.parse((LINE + b" 7\n") * 60)
    assert parser.parse(LINE + b" 7\n").measures["response_time"][0] == 7_000
    assert not parser._before


def log_of(name: str, times: int) -> bytes:
    example = examples_data.load(name)
    own = [line for line in example.lines if line.definition in {"", example.definition}]
    texts = [line.text for line in own]
    return "".join(f"{text}\n" for text in texts * times).encode()


def test_a_format_that_changes_in_the_middle_of_a_chunk_costs_no_hit() -> None:
    parts = [log_of("combined", 30), log_of("caddy", 30), log_of("nginx_times", 30)]
    alone = [Parser().parse(part) for part in parts]
    batch = Parser().parse(b"".join(parts))
    assert len(batch) == sum(map(len, alone))
    assert batch.unparsed == 0
    assert batch.seconds.tolist() == [second for each in alone for second in each.seconds.tolist()]
    assert batch.tail[-1] == parts[-1].split(b"\n")[-2]


def test_lines_that_do_not_parse_do_not_change_the_format() -> None:
    lines = log_of("combined", 30).split(b"\n")
    lines[40:40] = [b"no line of a log"] * 20
    batch = Parser().parse(b"\n".join(lines))
    assert (batch.unparsed, batch.format_name) == (20, "combined")
    assert batch.unparsed + len(batch) == len(lines) - 1


def test_a_header_that_comes_before_the_first_hits_is_in_force_for_them() -> None:
    parser = Parser()
    parser.parse(b"#Fields: date time cs-method cs-uri-stem sc-status\n")
    assert len(parser.parse(b"2026-11-22 08:26:40 GET /a 200\n" * 20)) == 20


def test_formats_that_change_all_the_time_cost_a_few_looks_a_chunk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = []
    look = parser_module.recognised_in

    def counted(*arguments: Any, **named: Any) -> Recognition | None:
        looks.append(arguments)
        return look(*arguments, **named)

    monkeypatch.setattr(parser_module, "recognised_in", counted)
    chunk = (log_of("combined", 40) + log_of("caddy", 40)) * 20
    batch = Parser().parse(chunk)
    assert len(looks) <= 6
    assert len(batch) + batch.unparsed + batch.others == chunk.count(b"\n")
