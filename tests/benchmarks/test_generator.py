"""The logs that the benchmarks read: each line is a hit, and they are as they were asked for."""

import calendar
import re
import time
from collections import Counter

import pytest

from logmon_tui.formats.presets.clf import COMBINED, COMMON
from tests.benchmarks.generator import BEGIN, ODD_SHARE, Generator
from tests.benchmarks.shape import Shape
from tests.benchmarks.vocabulary import ODD_LINES

LINES = 20_000
FORMATS = {"combined": COMBINED, "common": COMMON}


def lines_of(shape: Shape) -> list[bytes]:
    return b"".join(Generator(shape).blocks()).splitlines(keepends=True)


def seconds_of(lines: list[bytes]) -> list[int]:
    times = [re.search(rb"\[(.+?) \+0000\]", line) for line in lines]
    shape = "%d/%b/%Y:%H:%M:%S"
    return [calendar.timegm(time.strptime(each[1].decode(), shape)) for each in times if each]


@pytest.mark.parametrize("name", FORMATS)
def test_every_line_is_a_hit(name: str) -> None:
    parser = FORMATS[name].line_parser()
    lines = lines_of(Shape(LINES, format=name))
    assert len(lines) == LINES
    assert [line for line in lines if parser.parse(line.rstrip(b"\n")) is None] == []


def test_stated_share_of_lines_is_odd() -> None:
    lines = lines_of(Shape(LINES))
    odd = sum(any(each in line for each in ODD_LINES) for line in lines)
    assert ODD_SHARE / 2 < odd / LINES < ODD_SHARE * 2


def test_same_seed_gives_the_same_lines_and_another_one_others() -> None:
    assert lines_of(Shape(LINES)) == lines_of(Shape(LINES))
    assert lines_of(Shape(LINES)) != lines_of(Shape(LINES, seed=2))


@pytest.mark.parametrize("rate", [1.0, 20.0, 200.0])
def test_times_ascend_at_the_rate_asked_for(rate: float) -> None:
    seconds = seconds_of(lines_of(Shape(LINES, rate=rate)))
    assert seconds == sorted(seconds)
    assert seconds[0] - BEGIN < 60
    assert LINES / (seconds[-1] - BEGIN) == pytest.approx(rate, rel=0.2)


def test_few_keys_are_frequent_and_many_are_there_when_spread() -> None:
    usual, spread = (
        Counter(line.split(b" ")[0] for line in lines_of(shape))
        for shape in (Shape(LINES), Shape(LINES, clients=10_000, spread=1.0))
    )
    assert usual.most_common(1)[0][1] > LINES / 20
    assert len(spread) > 8_000
