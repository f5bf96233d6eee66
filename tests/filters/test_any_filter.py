"""Properties of all filters: they choose what a plain predicate chooses, and read as written."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.errors import FilterError
from logmon_tui.escape import printable
from logmon_tui.filters.completion import completions
from logmon_tui.filters.fields import FIELDS, NUMBERS, Kind, field_of
from logmon_tui.filters.language import parsed, term_of
from logmon_tui.formats.model.hit import OWN_DIMENSIONS, Dimension
from logmon_tui.formats.model.hit_batch import HitBatch, HitRecord, batch_of_records
from logmon_tui.formats.model.vocabulary import Vocabulary
from logmon_tui.native.texts import Texts
from tests.filters.predicates import Meaning, expressions, records

SAVED = {"office": "client:10.0.0.0/8 !is:bot", "all": ""}


def masks(text: str, hits: list[HitRecord]) -> list[list[bool]]:
    """The hits chosen of one batch, of a part of it, and of columns with vocabularies."""
    batch = batch_of_records(hits)
    chosen = parsed(text)
    backwards = np.arange(len(hits))[::-1]
    return [
        chosen.mask(batch).tolist(),
        chosen.mask(batch.select(backwards)).tolist()[::-1],
        chosen.mask(HitBatch.concat([batch.select(backwards[-1:]), batch], [1, 1])).tolist()[1:],
        [flag for part in numbered(batch) for flag in chosen.mask(part).tolist()],
    ]


def numbered(batch: HitBatch) -> list[HitBatch]:
    """The hits of a batch one by one, in batches whose columns share vocabularies."""
    vocabularies = {dimension: Vocabulary() for dimension in batch.columns}
    found = []
    for row in range(len(batch)):
        part = batch.select(np.array([row]))
        columns = {
            dimension: vocabulary.column(vocabulary.interner.numbers(Texts.of([column.at(0)])))
            for (dimension, column), vocabulary in zip(
                part.columns.items(), vocabularies.values(), strict=True
            )
        }
        found.append(
            HitBatch(part.seconds, part.status, part.sizes, columns, measures=part.measures)
        )
    return found


@given(expressions, st.lists(records, min_size=1, max_size=6))
def test_a_filter_chooses_the_hits_that_a_plain_predicate_chooses(
    meaning: Meaning, hits: list[HitRecord]
) -> None:
    expected = [meaning.fits(hit) for hit in hits]
    for found in masks(meaning.text, hits):
        assert found == expected


@given(expressions)
def test_the_normal_form_reads_as_the_same_filter(meaning: Meaning) -> None:
    chosen = parsed(meaning.text)
    again = parsed(chosen.text)
    assert (again, again.text, hash(again)) == (chosen, chosen.text, hash(chosen))
    assert parsed(" ".join(chosen.terms)) == chosen
    assert all(parsed(each).terms == (each,) for each in chosen.terms)
    assert printable(chosen.text) == chosen.text


NAMING = ("@it {}", "!@it {}", "@it,!@all {}", "!(@it,@all) {}", "@twice,method:GET {}", "!@all,{}")


@given(expressions, expressions, st.sampled_from(NAMING), st.lists(records, min_size=1, max_size=6))
def test_with_what_names_stand_for_in_their_place_a_filter_means_the_same(
    first: Meaning, second: Meaning, naming: str, hits: list[HitRecord]
) -> None:
    saved = {"it": first.text, "all": "", "twice": f"!@it,@all {second.text}"}
    named = parsed(naming.format(second.text or "!@it"), saved=saved)
    plain = named.without_names()
    batch = batch_of_records(hits)
    assert plain.mask(batch).tolist() == named.mask(batch).tolist()
    assert parsed(plain.text) == plain == plain.without_names()
    assert plain.dimensions == named.dimensions


@given(expressions, records)
def test_a_filter_looks_at_no_other_dimensions_than_it_says(
    meaning: Meaning, hit: HitRecord
) -> None:
    chosen = parsed(meaning.text)
    kept = {each: text for each, text in hit.values.items() if each in chosen.dimensions}
    part = batch_of_records([hit._replace(values=kept)])
    assert chosen.mask(part).tolist() == chosen.mask(batch_of_records([hit])).tolist()


@given(expressions, expressions)
def test_a_term_is_added_once_and_taken_off_again(first: Meaning, second: Meaning) -> None:
    chosen, more = parsed(first.text), parsed(second.text)
    both = chosen
    for term in more.terms:
        both = both.with_term(term)
    assert both == parsed(f"{first.text} {second.text}")
    assert both.with_term(second.text) == both
    while both:
        shorter = both.without_last()
        assert shorter.terms == both.terms[:-1]
        both = shorter
    assert both == parsed("")


TEXT_FIELDS = sorted(
    name for name, field in FIELDS.items() if field.kind not in {*NUMBERS, Kind.WHO, Kind.ANYWHERE}
)
any_bytes = (
    st.binary(max_size=12)
    | st.text(max_size=8).map(str.encode)
    | st.sampled_from(
        [
            b"",
            b"-",
            b"*",
            b"?",
            b"10.0.0.0/8",
            b"!x",
            b"@x",
            b"re:/x/",
            b"path:/",
            b'"',
            b"\\",
            b">1",
        ]
    )
)


@given(
    st.sampled_from(sorted({*Dimension} - {*OWN_DIMENSIONS})), any_bytes, any_bytes, st.booleans()
)
def test_a_term_of_a_value_fits_only_that_value(
    dimension: Dimension, value: bytes, other: bytes, negated: bool
) -> None:
    hits = [HitRecord(0, 200, 0, {dimension: each}) for each in (value, other)]
    term = term_of(field_of(dimension), value, negated=negated)
    assert parsed(term).text == term
    assert printable(term) == term
    found = parsed(term).mask(batch_of_records(hits)).tolist()
    assert found == [not negated, (value == other) != negated]


OWN = {"cache": Dimension.OWN_1, "tenant": Dimension.OWN_2}


@given(st.sampled_from(sorted(OWN)), any_bytes, any_bytes, st.booleans())
def test_a_term_of_an_own_field_fits_only_that_value(
    name: str, value: bytes, other: bytes, negated: bool
) -> None:
    hits = [HitRecord(0, 200, 0, {OWN[name]: each}) for each in (value, other)]
    term = term_of(name, value, negated=negated)
    where = parsed(term, own=OWN)
    assert where.text == term
    assert printable(term) == term
    assert where.dimensions == {OWN[name]}
    assert where.mask(batch_of_records(hits)).tolist() == [not negated, (value == other) != negated]
    assert parsed("", own=OWN).with_term(term) == where


def test_text_anywhere_is_looked_for_in_own_fields_too() -> None:
    hits = batch_of_records(
        [HitRecord(0, 200, 0, {Dimension.OWN_2: each}) for each in (b"A", b"b")]
    )
    assert parsed("q:a").mask(hits).tolist() == [True, False]


GRAMMAR = st.lists(
    st.sampled_from(
        [
            *FIELDS,
            *'!,:=<>()@"\\/ *?',
            "re:/",
            "/",
            "@office",
            "@all",
            "404",
            "10.0.0.1/8",
            "1s",
            "a",
        ]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=300)
@given(st.text(max_size=30) | GRAMMAR)
@example("\ud800")
@example("path:\udcff\udcfe")
@example("(" * 10_000)
@example("!" * 10_000)
@example("a," * 10_000)
@example('q:"' + "x" * 100_000)
@example("re:/(?:x{1000}){1000}/")
@example("status:" + "9" * 5_000)
@example("size>" + "9" * 5_000 + "TB")
def test_any_text_is_a_filter_or_an_error_with_its_place(text: str) -> None:
    try:
        chosen = parsed(text, saved=SAVED)
    except FilterError as refused:
        error = refused
    else:
        assert parsed(chosen.text, saved=SAVED) == chosen
        chosen.mask(batch_of_records([HitRecord(0, 0, 0, {Dimension.PATH: b"/"})]))
        return
    assert 0 <= error.position <= len(text)
    assert "\n" not in str(error)


@given(st.text(max_size=15) | GRAMMAR, st.integers(0, 40))
def test_any_text_can_be_completed(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    for each in completions(text, cursor, lambda _field: ["/a b", "x\n"], SAVED):
        assert 0 <= each.start <= each.end == cursor
        assert each.text
