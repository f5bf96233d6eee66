"""Batches of the parts of a log, joined, are the batch of the whole log."""

import pytest

from logmon_tui.formats.model.batching import tail_of
from logmon_tui.formats.model.hit import NONE, UNKNOWN, Measure
from logmon_tui.formats.model.hit_batch import TAIL_LINES, Dimension, HitBatch
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMBINED_LINE, COMBINED_TIME_US, COMMON

COMBINED = PRESETS[0]
LINES = [
    b"no hit %d" % number
    if number % 7 == 3
    else COMBINED_LINE.replace("/user", f"/{number}").encode()
    for number in range(TAIL_LINES + 50)
]


def chunk_of(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def everything(batch: HitBatch) -> tuple[object, ...]:
    unparsed = batch.unparsed_after.tolist(), batch.unparsed_at.tolist(), batch.first_unparsed
    kept = batch.unparsed_lines, batch.others, batch.tail, batch.format_name, batch.resolution
    return list(batch.hits()), unparsed, kept


@pytest.mark.parametrize("cut", [1, 3, 4, 60, len(LINES) - 1])
def test_joined_parts_are_the_whole(cut: int) -> None:
    parts = LINES[:cut], LINES[cut:]
    batches = [COMBINED.columnar().parse(chunk_of(part)) for part in parts]
    joined = HitBatch.concat(batches, [len(part) for part in parts])
    assert everything(joined) == everything(COMBINED.columnar().parse(chunk_of(LINES)))


def test_what_only_one_part_has_is_missing_in_the_other() -> None:
    common = COMMON.columnar().parse(COMMON.example.encode() + b"\n")
    timed = COMBINED_TIME_US.columnar().parse(COMBINED_TIME_US.example.encode() + b"\n")
    joined = HitBatch.concat([common, timed], [1, 1])
    agents = [joined.columns[Dimension.USER_AGENT].at(row) for row in range(2)]
    assert agents[0] == NONE != agents[1]
    assert joined.measures[Measure.RESPONSE_TIME].tolist() == [UNKNOWN, 123_456]


@pytest.mark.parametrize("length", [0, 5, 400, 70_000])
@pytest.mark.parametrize("lines", [1, TAIL_LINES - 1, TAIL_LINES, TAIL_LINES + 1, 700])
def test_the_newest_lines_are_kept_however_long_they_are(length: int, lines: int) -> None:
    written = [b"%d " % number + b"x" * length for number in range(lines)]
    kept = tail_of(b"".join(line + b"\n" for line in written))
    assert kept == tuple(line[:2_000] for line in written[-TAIL_LINES:])
    assert tail_of(b"\n".join(written)) == kept
