"""Hits of a chunk of several servers belong to the server that wrote their line, however parsed."""

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.delimited.variant_format import mixed
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.origin import Origin
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMBINED as COMBINED_FORMAT
from logmon_tui.formats.presets.clf import VHOST_COMBINED
from logmon_tui.formats.wrapped.wrapped_format import WRAPPERS, WrappedFormat, Wrapper
from tests.effort import examples
from tests.formats import examples_data
from tests.formats.strategies import COMBINED, VHOST
from tests.formats.test_recognition import WRAPPED

BY_NAME = {preset.name: preset for preset in PRESETS}
NO_HIT = b"certainly no hit"
SEEDS, COUNTS = st.integers(0, 2**32), st.integers(0, 40)
Kind: TypeAlias = tuple[bytes, bool]
"""A line, and whether it is a hit."""

ORIGINS = (
    Origin(b"eu/web1", b"eu", 0),
    Origin(b"eu/web2", b"eu", 0),
    Origin(b"us/web1", b"us", 0),
    Origin(b"plain", b"", 0),
)


def origins_of(chance: random.Random, count: int) -> list[Origin]:
    """Return runs of servers that are `count` lines together; some runs are empty."""
    found, left = [], count
    while left > 0:
        lines = chance.randint(0, min(left, 7))
        found.append(chance.choice(ORIGINS)._replace(lines=lines))
        left -= lines
    return found


def lines_of(chance: random.Random, kinds: Sequence[Kind], most: int = 25) -> list[Kind]:
    return [chance.choice(kinds) for _ in range(chance.randint(1, most))]


def servers_of_lines(origins: Sequence[Origin]) -> list[tuple[bytes, bytes]]:
    """Return the server and the site of each line."""
    return [(each.server, each.site or b"-") for each in origins for _ in range(each.lines)]


def assert_belong(batch: HitBatch, origins: Sequence[Origin], hits: Sequence[int]) -> None:
    """Check that the hits, which stand on the lines `hits`, belong to the servers of these."""
    assert len(batch) == len(hits)
    assert batch.lines is not None
    assert batch.lines.tolist() == list(hits)
    placed = batch.with_origins(origins)
    if not origins:
        assert placed is batch
        return
    servers, sites = placed.columns[Dimension.SERVER], placed.columns[Dimension.SITE]
    expected = servers_of_lines(origins)
    assert [(servers.at(row), sites.at(row)) for row in range(len(batch))] == [
        expected[line] for line in hits
    ]


def assert_every_way(
    log_format: LogFormat, lines: Sequence[Kind], chance: random.Random, header: bytes = b""
) -> None:
    """Check both parsers, and the chunk in two pieces that are joined again."""
    reader = log_format.following(header)
    texts = [text for text, _ in lines]
    hits = [place for place, (_, is_hit) in enumerate(lines) if is_hit]
    origins = origins_of(chance, len(lines))
    assert_belong(reader.columnar().parse(joined(texts)), origins, hits)
    assert_belong(reader.columnar().parse_by_lines(joined(texts)), origins, hits)
    cut = chance.randint(0, len(lines))
    pieces = [part for part in (texts[:cut], texts[cut:]) if part]
    parsed = [reader.columnar().parse(joined(part)) for part in pieces]
    assert_belong(HitBatch.concat(parsed, [len(part) for part in pieces]), origins, hits)


def joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


PLAIN = [
    name
    for name in examples_data.presets()
    if name in BY_NAME and not any(line.header for line in examples_data.load(name).lines)
]


@pytest.mark.parametrize("name", PLAIN)
@settings(max_examples=examples(40), deadline=None)
@given(seed=SEEDS)
def test_lines_of_every_preset(name: str, seed: int) -> None:
    example = examples_data.load(name)
    good = [line.text.encode() for line in example.lines if not (line.definition or line.preset)]
    header = f"{example.header}\n".encode() if example.header else b""
    reader = BY_NAME[name].following(header).columnar()
    good = [text for text in good if len(reader.parse(text + b"\n"))]  # some are in wrappers
    kinds = [*((text, True) for text in good), (NO_HIT, False), (NO_HIT, False)]
    chance = random.Random(seed)
    assert_every_way(BY_NAME[name], lines_of(chance, kinds), chance, header)


def test_most_presets_are_tried() -> None:
    assert len(PLAIN) >= len(BY_NAME) - 3


def wrapping(wrapper: Wrapper) -> Callable[[bytes], bytes] | None:
    """Return what puts a line into a wrapper; None if no example does."""
    parser = WrappedFormat.of(wrapper, COMBINED_FORMAT).columnar()
    fitting = (wrap for wrap in WRAPPED.values() if len(parser.parse(wrap(COMBINED) + b"\n")))
    return next(fitting, None)


FITTING = [(each, wrap) for each in WRAPPERS if (wrap := wrapping(each)) is not None]


@pytest.mark.parametrize(("wrapper", "wrap"), FITTING, ids=[each.name for each, _ in FITTING])
@settings(max_examples=examples(40), deadline=None)
@given(seed=SEEDS)
def test_lines_in_every_wrapper(
    wrapper: Wrapper, wrap: Callable[[bytes], bytes], seed: int
) -> None:
    kinds = [(wrap(COMBINED), True), (wrap(NO_HIT), False), (NO_HIT, False)]
    chance = random.Random(seed)
    log_format = WrappedFormat.of(wrapper, COMBINED_FORMAT)
    assert_every_way(log_format, lines_of(chance, kinds), chance)


def test_several_wrappers_are_tried() -> None:
    assert len(FITTING) >= 6


@settings(max_examples=examples(100), deadline=None)
@given(seed=SEEDS)
def test_lines_of_a_mixture(seed: int) -> None:
    chance = random.Random(seed)
    lines = lines_of(chance, [(COMBINED, True), (VHOST, True), (NO_HIT, False)], 30)
    assert_every_way(mixed(COMBINED_FORMAT, VHOST_COMBINED), lines, chance)


@settings(max_examples=examples(100), deadline=None)
@given(before=COUNTS, between=st.integers(0, 6), after=COUNTS, seed=SEEDS)
def test_lines_of_a_log_whose_format_changes_within_a_chunk(
    before: int, between: int, after: int, seed: int
) -> None:
    """The parser then joins batches; where it gives up, there are no hits, and no servers."""
    lines = [COMBINED] * before + [NO_HIT] * between + [VHOST] * after
    if not lines:
        return
    batch = Parser().parse(b"".join(line + b"\n" for line in lines))
    assert batch.lines is not None
    origins = origins_of(random.Random(seed), len(lines))
    placed = batch.with_origins(origins)
    expected = servers_of_lines(origins)
    assert len(batch.lines) == len(batch)
    assert sorted(set(batch.lines.tolist())) == batch.lines.tolist()
    for row, line in enumerate(batch.lines.tolist()):
        assert lines[line] != NO_HIT
        assert placed.columns[Dimension.SERVER].at(row) == expected[line][0]
        vhost = b"-" if lines[line] == COMBINED else b"www.example.org:443"
        assert placed.texts_of(Dimension.VIRTUAL_HOST).at(row) in (vhost, b"www.example.org")


def test_hits_that_stem_from_no_chunk_get_no_servers() -> None:
    batch = COMBINED_FORMAT.columnar().parse(COMBINED + b"\n")
    part = batch.select(np.array([0]))
    assert part.lines is None
    assert part.with_origins([Origin(b"web1", b"", 1)]) is part


def test_claims_of_fewer_lines_than_there_are_do_no_harm() -> None:
    """What a message says of its lines may be wrong: the last server gets the rest."""
    batch = COMBINED_FORMAT.columnar().parse((COMBINED + b"\n") * 3)
    placed = batch.with_origins([Origin(b"web1", b"", 1), Origin(b"web2", b"", 1)])
    servers = placed.columns[Dimension.SERVER]
    assert [servers.at(row) for row in range(3)] == [b"web1", b"web2", b"web2"]


def test_a_format_is_known_by_its_name() -> None:
    selector = FormatSelector()
    assert selector.known_as("combined") is COMBINED_FORMAT
    assert selector.known_as("") is None
    assert selector.known_as("no such format") is None
    assert FormatSelector(known=()).known_as("combined") is None
