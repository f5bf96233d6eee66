"""Vocabularies: what is known of a log's texts from former chunks changes no hit."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.columns import local
from logmon_tui.formats.model.dimension_columns import MAX_TEXT_BYTES
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit_batch import Column, HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.vocabulary import Vocabularies, Vocabulary, mapped
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMBINED as COMBINED_FORMAT
from logmon_tui.native.texts import Texts
from tests.effort import examples
from tests.formats.examples_data import load, names
from tests.formats.strategies import COMBINED, chunks

KNOWN = [preset for preset in PRESETS if preset.name in names()]


def told(batch: HitBatch) -> tuple[object, ...]:
    measures = {str(name): values.tolist() for name, values in batch.measures.items()}
    return list(batch.hits()), measures, batch.unparsed_lines, batch.others, batch.resolution


@pytest.mark.parametrize("log_format", KNOWN, ids=lambda preset: preset.name)
@settings(max_examples=examples(40), deadline=None)
@given(data=st.data())
def test_hits_are_those_of_chunks_on_their_own(log_format: LogFormat, data: st.DataObject) -> None:
    example = load(log_format.name)
    texts = [line.encode() for line in (*(each.text for each in example.lines), *example.no_hits)]
    parser, words = log_format.columnar(), Vocabularies(kept=True)
    for chunk in data.draw(st.lists(chunks(texts), min_size=2, max_size=4)):
        assert told(parser.parse(chunk, words)) == told(parser.parse(chunk))


def test_a_column_is_as_good_on_its_own() -> None:
    parser, words = COMBINED_FORMAT.columnar(), Vocabularies(kept=True)
    other = COMBINED.replace(b"/report", b"/other").replace(b"127.0.0.1", b"::1") + b"\n"
    parser.parse(COMBINED + b"\n", words)
    batch = parser.parse(other, words)
    for dimension, column in batch.columns.items():
        assert local(column).values == [column.at(0)], dimension
        assert local(column).vocabulary is None


@pytest.mark.parametrize("long_first", [True, False])
def test_long_texts_are_cropped_whenever_they_come(long_first: bool) -> None:
    parser, words = COMBINED_FORMAT.columnar(), Vocabularies(kept=True)
    long = COMBINED.replace(b"/report", b"/" + b"r" * 2_000) + b"\n"
    for chunk in (long, COMBINED + b"\n") if long_first else (COMBINED + b"\n", long):
        batch = parser.parse(chunk, words)
        assert told(batch) == told(parser.parse(chunk))
        assert all(len(column.at(0)) <= MAX_TEXT_BYTES + 3 for column in batch.columns.values())


class Numbered:
    """Adds texts to a vocabulary and has them worked on."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.seen: list[bytes] = []

    def work(self, column: Column) -> Sequence[Column]:
        """Make small letters of capitals; the column itself comes back where there are none."""
        self.seen += column.values
        lower = [text.lower() for text in column.values]
        if lower == column.values:
            return [column]
        changed = Vocabulary().interner
        codes = changed.numbers(Texts.of(lower))
        return [Column(changed.texts(), codes[column.codes])]

    def add(self, texts: list[bytes]) -> list[bytes]:
        """Return what the texts stand for."""
        codes = self.vocabulary.interner.numbers(Texts.of(texts))
        column = mapped(self.vocabulary.column(codes), "lower", self.work)[0]
        return [column.at(row) for row in range(len(codes))]


@given(batches=st.lists(st.lists(st.sampled_from([b"a", b"A", b"b", b"B", b"c", b""])), max_size=6))
def test_each_text_is_worked_on_once(batches: list[list[bytes]]) -> None:
    numbered = Numbered()
    for batch in batches:
        assert numbered.add(batch) == [text.lower() for text in batch]
    assert len(numbered.seen) == len(set(numbered.seen))
    assert set(numbered.seen) == {text for batch in batches for text in batch}


def test_texts_that_stand_for_themselves_are_not_kept_twice() -> None:
    numbered = Numbered()
    numbered.add([b"a", b"b"])
    assert numbered.vocabulary.size() == (2, 2)
    numbered.add([b"A"])
    assert numbered.vocabulary.size() == (5, 5)  # a, b, A; a, b


def test_what_was_told_before_stays_as_it_is() -> None:
    words = Vocabularies(kept=True)
    interner = words.interner(Field.HOST)
    before = words.column(Field.HOST, interner.numbers(Texts.of([b"one", b"two"])))
    interner.numbers(Texts.of([b"%d" % number for number in range(5_000)]))
    assert before.values == [b"one", b"two"]
    assert np.array_equal(before.codes, [0, 1])


def test_hits_are_chosen_of_a_mapped_column_before_or_after_its_codes_are_made() -> None:
    numbered = Numbered()
    numbered.add([b"A", b"b"])
    for made in (False, True):
        source = numbered.vocabulary.column(np.array([1, 0, 1], dtype=np.int32))
        column = mapped(source, "lower", numbered.work)[0]
        assert column.mapped is not None
        assert column.mapped.source is source
        if made:
            assert [column.at(row) for row in range(3)] == [b"b", b"a", b"b"]
        chosen = column.select(np.array([False, True, True]))
        assert [chosen.at(row) for row in range(2)] == [b"a", b"b"]
        assert chosen.vocabulary is column.vocabulary
        assert chosen.mapped is None
