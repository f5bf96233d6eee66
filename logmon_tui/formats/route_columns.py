r"""Sections and routes of whole columns of paths; what they are is told in `routes`.

RE2 works in linear time, and takes binary texts as Latin-1, so one byte is one character.
"""

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from logmon_tui.formats.hit_batch import TEXT, Column, Dimension, HitBatch
from logmon_tui.formats.routes import CANDIDATE, DATE, ID, PLAIN_ID, RANDOM, RANDOM_MARK, Routing
from logmon_tui.formats.routes import without_ids as one_without_ids

FEW = 300
"""So many paths are done before RE2 has read its expressions, which takes it about 1 ms."""

_NO_SECTION = pa.scalar(b"-", TEXT)


def sections(paths: pa.Array, routing: Routing) -> pa.Array:
    """Return `routing.section_of` each of the paths, a binary array without nulls."""
    deeper = rf"(?s)^((?:/[^/]*){{{routing.section_depth}}})/.*"
    return pc.replace_substring_regex(paths, deeper, r"\1")


def routes(paths: pa.Array, routing: Routing) -> pa.Array:
    """Return `routing.route_of` each of the paths, a binary array without nulls."""
    are_paths = pc.starts_with(paths, "/")
    found = paths.filter(are_paths)
    for rule in routing.own:
        found = pc.replace_substring_regex(found, rule.pattern, rule.replace)
    return pc.replace_with_mask(paths, are_paths, _where(CANDIDATE, found, _without_ids))


def _without_ids(paths: pa.Array) -> pa.Array:
    if len(paths) < FEW:
        return pa.array(map(one_without_ids, paths.to_pylist()), TEXT)
    undated = pc.replace_substring_regex(paths, f"{DATE}(/|$)", rf"/{ID}\1")
    split = pc.split_pattern(undated, "/")
    segments = _where(CANDIDATE, split.values, _named)
    return pc.binary_join(pa.ListArray.from_arrays(split.offsets, segments), b"/")


def _named(segments: pa.Array) -> pa.Array:
    named = pc.replace_substring_regex(segments, f"^{PLAIN_ID}$", rf"{ID}\1")
    return _where(RANDOM_MARK, named, _random_named)


def _random_named(segments: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(segments, f"^{RANDOM}$", rf"{ID}\1")


def _where(pattern: str, texts: pa.Array, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Return the texts, those in which `pattern` is found changed; most texts need nothing."""
    matching = pc.match_substring_regex(texts, pattern)
    chosen = texts.filter(matching)
    return pc.replace_with_mask(texts, matching, change(chosen)) if len(chosen) else texts


def routed(batch: HitBatch, routing: Routing) -> HitBatch:
    """Return `batch` with sections as deep as asked for, and with routes if asked for.

    What has no section, such as a request that is none, gets none.
    """
    if routing.section_depth == 1 and not routing.routes:
        return batch
    paths = batch.columns[Dimension.PATH]
    columns = dict(batch.columns)
    if routing.section_depth > 1:
        shallow = columns[Dimension.SECTION]
        deep = _taken(sections(paths.texts, routing), paths)
        is_none = pc.equal(shallow.texts, _NO_SECTION).take(pa.array(shallow.codes))
        columns[Dimension.SECTION] = _column(pc.if_else(is_none, _NO_SECTION, deep))
    if routing.routes:
        named = routes(paths.texts, routing).dictionary_encode()
        codes = named.indices.to_numpy()[paths.codes]
        columns[Dimension.ROUTE] = Column(named.dictionary, codes)
    return replace(batch, columns=columns)


def _taken(texts: pa.Array, column: Column) -> pa.Array:
    """Return, for each hit, the one of `texts` that has its number in `column`."""
    return texts.take(pa.array(column.codes))


def _column(texts: pa.Array) -> Column:
    encoded = texts.dictionary_encode()
    return Column(encoded.dictionary, encoded.indices.to_numpy())
