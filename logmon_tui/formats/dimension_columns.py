"""From the texts of fields to the columns of dimensions: requests become paths and sections."""

from collections.abc import Mapping, Sequence

import numpy as np

from logmon_tui.formats.columns import coded, renamed
from logmon_tui.formats.field import Field
from logmon_tui.formats.hit import NONE
from logmon_tui.formats.hit_batch import Column, Dimension
from logmon_tui.formats.values import method_of, path_of, section_of, split_request
from logmon_tui.native.interner import Interner
from logmon_tui.native.requests import Part, Requests, split_requests
from logmon_tui.native.texts import Texts

LONGEST_TEXT = 1_000
"""Bytes of a text that are kept: whoever sends requests chooses paths, agents and referrers."""

_TEXT_FIELDS = {
    Field.HOST: Dimension.HOST,
    Field.USER: Dimension.USER,
    Field.REFERRER: Dimension.REFERRER,
    Field.USER_AGENT: Dimension.USER_AGENT,
    Field.VIRTUAL_HOST: Dimension.VIRTUAL_HOST,
    Field.TLS: Dimension.TLS,
}
"""The dimensions that are fields of the line as they stand."""


def columns_of(texts: Mapping[Field, Column]) -> dict[Dimension, Column]:
    """Return the columns of every dimension that the fields' texts bring."""
    if Field.REQUEST in texts:
        columns = _of_requests(texts[Field.REQUEST])
    else:
        methods = texts[Field.METHOD]
        columns = _of_targets(texts[Field.TARGET])
        columns[Dimension.METHOD] = coded(map(method_of, methods.values), methods.codes)
    for field, dimension in _TEXT_FIELDS.items():
        if field in texts:
            columns[dimension] = texts[field]
    return {dimension: _kept(column) for dimension, column in columns.items()}


def _of_requests(column: Column) -> dict[Dimension, Column]:
    """Take request lines apart, each once."""
    found = split_requests(column.texts)
    unusual = [split_request(each) for each in _unusual(column, found)]
    return {
        Dimension.METHOD: _parted(column, found.methods, [each.method for each in unusual]),
        Dimension.PATH: _parted(column, found.paths, [each.path for each in unusual]),
        Dimension.SECTION: _parted(column, found.sections, [each.section for each in unusual]),
    }


def _of_targets(column: Column) -> dict[Dimension, Column]:
    """Take request targets apart, each once."""
    found = split_requests(column.texts, are_targets=True)
    paths = [path_of(target) if target else NONE for target in _unusual(column, found)]
    return {
        Dimension.PATH: _parted(column, found.paths, paths),
        Dimension.SECTION: _parted(column, found.sections, [section_of(path) for path in paths]),
    }


def _unusual(column: Column, found: Requests) -> list[bytes]:
    """Return the texts that were not taken apart."""
    return column.texts.take(found.paths.numbers < 0).tolist()


def _parted(column: Column, part: Part, others: Sequence[bytes]) -> Column:
    """Return the column of a part of each text; `others` are those of the unusual ones in turn."""
    texts, numbers = part
    if others:
        interner = Interner()
        unusual, known = numbers < 0, interner.numbers(texts)
        numbers = np.empty_like(numbers)
        numbers[~unusual] = known[part.numbers[~unusual]]
        numbers[unusual] = interner.numbers(Texts.of(others))
        texts = interner.texts()
    return Column(texts, numbers[column.codes])


def _kept(column: Column) -> Column:
    """Return a column with texts of its own, none of which is longer than `LONGEST_TEXT`."""
    texts = column.texts
    long = texts.ends - texts.starts > LONGEST_TEXT
    if long.any():
        cropped = [text[:LONGEST_TEXT] + "…".encode() for text in texts.take(long).tolist()]
        return renamed(column, long, cropped)
    compact = texts.compact()
    return column if compact is texts else Column(compact, column.codes)
