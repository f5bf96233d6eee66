"""Every preset reads its documented lines as they are meant, in both parsers."""

import re

import pytest
from msgspec.structs import replace

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMBINED, COMBINED_LINE, COMBINEDIO, COMMON
from logmon_tui.formats.presets.proxies import HAPROXY
from logmon_tui.formats.servers.apache import apache_format
from tests.formats.examples_data import Example, Line, load, names

NAMED = {preset.name: preset for preset in PRESETS}
CASES = [pytest.param(NAMED[name], load(name), id=name) for name in names() if name in NAMED]


def values_of(batch: HitBatch, row: int) -> dict[str, str]:
    """The texts of one hit, without the routes, which are not the log's own."""
    return {
        str(name): column.at(row).decode("utf-8", "backslashreplace")
        for name, column in batch.columns.items()
        if name is not Dimension.ROUTE
    }


def facts(batch: HitBatch, row: int) -> tuple[int, int, int, dict[str, str], dict[str, int]]:
    measures = {str(name): int(values[row]) for name, values in batch.measures.items()}
    numbers = int(batch.seconds[row]), int(batch.status[row]), int(batch.sizes[row])
    return (*numbers, values_of(batch, row), measures)


def expected(line: Line) -> tuple[int, int, int, dict[str, str], dict[str, int]]:
    return line.second, line.status, line.size, line.values, line.measures


def own_lines(example: Example) -> list[Line]:
    """The lines that have the file's own form, with nothing that a logger put before them."""
    own = [line for line in example.lines if line.definition in {"", example.definition}]
    return [line for line in own if not re.match(r"(?:<\d+>)?\w{3} [ \d]\d ", line.text)]


@pytest.mark.parametrize(("preset", "example"), CASES)
def test_a_preset_reads_its_documented_lines(preset: LogFormat, example: Example) -> None:
    reader = preset.following(f"{example.header}\n".encode())
    for line in own_lines(example):
        reader = reader.following(f"{line.header}\n".encode())
        parser = reader.columnar()
        chunk = line.text.encode() + b"\n"
        for batch in (parser.parse(chunk), parser.parse_by_lines(chunk)):
            assert len(batch) == 1, (line.text, batch.unparsed_lines)
            assert facts(batch, 0) == expected(line)


@pytest.mark.parametrize("preset", [COMMON, COMBINED, COMBINEDIO], ids=lambda each: each.name)
def test_a_format_of_apache_is_what_its_definition_says(preset: DelimitedFormat) -> None:
    made = apache_format(preset.name, preset.definition, preset.example)
    # Names tell fields that no hit has from each other, of which these formats have none.
    assert not any(token.is_extra for token in made.tokens)
    unnamed = tuple(token.changed(name="") for token in made.tokens)
    assert replace(made, tokens=unnamed) == preset


@pytest.mark.parametrize(("preset", "example"), CASES)
def test_other_lines_are_no_hits(preset: LogFormat, example: Example) -> None:
    for line in example.no_hits:
        batch = preset.columnar().parse(line.encode() + b"\n")
        assert len(batch) == 0, line
        assert batch.unparsed + batch.others == 1


@pytest.mark.parametrize(("preset", "example"), CASES)
def test_the_example_of_a_preset_is_a_hit(preset: LogFormat, example: Example) -> None:
    if not preset.header_mark:  # else a header says how to read it
        assert preset.line_parser().parse(preset.example.encode()) is not None


@pytest.mark.parametrize(
    "line",
    [
        f"198.51.100.7, {COMBINED_LINE}",  # X-Forwarded-For: what follows is a proxy
        f'198.51.100.7, {COMBINED_LINE} "-"',
        f"198.51.100.7, {COMMON.example}",
        f'{COMBINED_LINE} "session=5f2b; theme=dark"',
        *(f"{COMBINED_LINE} 0.123 {number}" for number in ("612", "200", "443", "4711")),
        f'{COMBINED_LINE} "-" 0.123 612',
        '"{}"'.format(HAPROXY.example.replace('"', r"\"")),  # the quotes are the wrapper's
    ],
)
def test_what_is_of_no_preset_is_no_hit_in_any(line: str) -> None:
    found = [each.name for each in PRESETS if each.line_parser().parse(line.encode()) is not None]
    assert found == []
    found = [each.name for each in PRESETS if len(each.columnar().parse(line.encode() + b"\n"))]
    assert found == []
