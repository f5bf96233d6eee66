"""The examples are sound in themselves; what the parsers make of them is tested elsewhere."""

import json
from datetime import UTC, datetime

import pytest

from logmon_tui.formats.model.hit import UNKNOWN, Measure
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.model.values import section_of, split_request
from tests.formats.examples_data import Example, Line, load, names, presets

TOLD_BY_FORMATS = set(Dimension) - {Dimension.ROUTE, Dimension.SOURCE}
ALWAYS_TOLD = {"method", "path", "section"}
OLDEST, NEWEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
NO_STATUS = 0


def all_lines() -> list[tuple[str, Line]]:
    return [(name, line) for name in names() for line in load(name).lines]


LINES = [pytest.param(line, id=f"{name}:{at}") for at, (name, line) in enumerate(all_lines())]


@pytest.fixture(params=names())
def example(request: pytest.FixtureRequest) -> Example:
    return load(request.param)


def test_every_file_says_where_its_lines_are_from_and_has_some_of_both_kinds(
    example: Example,
) -> None:
    assert example.source
    assert len(example.lines) >= 3
    assert len(example.no_hits) >= 1


def test_no_text_stands_twice_in_a_file_nor_holds_a_newline(example: Example) -> None:
    texts = [line.text for line in example.lines] + list(example.no_hits)
    assert len(set(texts)) == len(texts)
    assert not [text for text in texts if "\n" in text or not text]


def test_times_of_goaccess_come_only_with_its_format(example: Example) -> None:
    assert bool(example.goaccess_date) == bool(example.goaccess_time) == ("%" in example.goaccess)


def test_the_log_has_every_line_and_header_once(example: Example) -> None:
    parts = [example.header, *(line.header for line in example.lines)]
    headers = [text for part in parts for text in part.splitlines()]
    lines = example.log.decode().split("\n")
    assert lines.pop() == ""
    assert sorted(lines) == sorted(headers + [line.text for line in example.lines])


def test_lines_inside_wrappings_name_a_preset_and_only_they() -> None:
    assert {line.preset for line in load("wrapped").lines} <= set(presets())
    others = [line for name in presets() for line in load(name).lines]
    assert not [line for line in others if line.preset]


@pytest.mark.parametrize("line", LINES)
def test_second_status_and_size_are_plausible(line: Line) -> None:
    assert OLDEST.timestamp() <= line.second < NEWEST.timestamp()
    assert line.status == NO_STATUS or 100 <= line.status < 600
    assert line.size >= 0


@pytest.mark.parametrize("line", LINES)
def test_values_are_those_of_dimensions_and_none_is_empty(line: Line) -> None:
    assert ALWAYS_TOLD <= set(line.values) <= TOLD_BY_FORMATS
    assert all(line.values.values())


@pytest.mark.parametrize("line", LINES)
def test_measures_are_known_ones_in_microseconds_and_bytes(line: Line) -> None:
    assert set(line.measures) <= set(Measure)
    assert {type(value) for value in line.measures.values()} <= {int}
    assert min(line.measures.values(), default=UNKNOWN) >= UNKNOWN


@pytest.mark.parametrize("line", LINES)
def test_the_section_is_the_path_s_unless_it_is_no_request(line: Line) -> None:
    path, section = line.values["path"].encode(), line.values["section"].encode()
    assert section == section_of(path) or (section == b"-" and line.values["method"] == "-")


@pytest.mark.parametrize("line", load("requests").lines, ids=lambda line: line.values["path"][:40])
def test_request_lines_are_told_as_they_are_taken_apart(line: Line) -> None:
    request = line.text.split('] "')[1].rpartition(f'" {line.status} ')[0].encode()
    told = [line.values[part].encode() for part in ("method", "path", "section")]
    assert list(split_request(request)) == told


@pytest.mark.parametrize(
    "name", ["caddy", "cloudflare", "envoy", "gcp", "json", "nginx_json", "traefik"]
)
def test_lines_of_json_formats_are_json_objects(name: str) -> None:
    assert all(isinstance(json.loads(line.text), dict) for line in load(name).lines)
