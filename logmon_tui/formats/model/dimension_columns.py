"""Turns the texts of fields into the columns of dimensions: requests into paths and sections."""

from collections.abc import Mapping, Sequence

import numpy as np

from logmon_tui.formats.model.columns import coded, renamed
from logmon_tui.formats.model.field import OWN_FIELDS, Field
from logmon_tui.formats.model.hit import NONE, OWN_DIMENSIONS
from logmon_tui.formats.model.hit_batch import Column, Dimension
from logmon_tui.formats.model.values import method_of, path_of, section_of, split_request
from logmon_tui.formats.model.vocabulary import mapped
from logmon_tui.native.interner import Interner
from logmon_tui.native.requests import Part, Requests, split_requests
from logmon_tui.native.texts import Texts

MAX_TEXT_BYTES = 1_000
"""Maximum bytes kept of a text. Clients choose paths, agents and referrers, of any length."""

_PARTS = Dimension.METHOD, Dimension.PATH, Dimension.SECTION

_TEXT_FIELDS = {
    Field.HOST: Dimension.HOST,
    Field.USER: Dimension.USER,
    Field.REFERRER: Dimension.REFERRER,
    Field.USER_AGENT: Dimension.USER_AGENT,
    Field.VIRTUAL_HOST: Dimension.VIRTUAL_HOST,
    Field.TLS: Dimension.TLS,
    **dict(zip(OWN_FIELDS, OWN_DIMENSIONS, strict=True)),
}
"""The dimensions whose values are fields of the line, unchanged."""


def columns_of(texts: Mapping[Field, Column]) -> dict[Dimension, Column]:
    """Return the column of every dimension that these fields provide."""
    if Field.REQUEST in texts:
        parts = mapped(texts[Field.REQUEST], "parts", _of_requests)
        columns = dict(zip(_PARTS, parts, strict=True))
    else:
        parts = mapped(texts[Field.TARGET], "parts", _of_targets)
        columns = dict(zip(_PARTS[1:], parts, strict=True))
        columns[Dimension.METHOD] = mapped(texts[Field.METHOD], "method", _of_methods)[0]
    for field, dimension in _TEXT_FIELDS.items():
        if field in texts:
            columns[dimension] = texts[field]
    kept = {each: mapped(column, "cropped", _cropped)[0] for each, column in columns.items()}
    return {each: _on_its_own(column) for each, column in kept.items()}


def _of_requests(column: Column) -> list[Column]:
    """Split each distinct request line into method, path and section."""
    found = split_requests(column.texts)
    unusual = [split_request(each) for each in _unusual(column, found)]
    return [
        _part_column(column, found.methods, [each.method for each in unusual]),
        _part_column(column, found.paths, [each.path for each in unusual]),
        _part_column(column, found.sections, [each.section for each in unusual]),
    ]


def _of_methods(column: Column) -> list[Column]:
    return [coded(map(method_of, column.values), column.codes)]


def _of_targets(column: Column) -> list[Column]:
    """Split each distinct request target into path and section."""
    found = split_requests(column.texts, are_targets=True)
    paths = [path_of(target) if target else NONE for target in _unusual(column, found)]
    return [
        _part_column(column, found.paths, paths),
        _part_column(column, found.sections, [section_of(path) for path in paths]),
    ]


def _unusual(column: Column, found: Requests) -> list[bytes]:
    """Return the texts that the native code did not split."""
    unusual = found.paths.numbers < 0
    return column.texts.take(unusual).tolist() if unusual.any() else []


def _part_column(column: Column, part: Part, others: Sequence[bytes]) -> Column:
    """Return the column of one part of each text; `others` are the parts of the unusual texts."""
    texts, numbers = part
    if others:
        interner = Interner()
        unusual, known = numbers < 0, interner.numbers(texts)
        numbers = np.empty_like(numbers)
        numbers[~unusual] = known[part.numbers[~unusual]]
        numbers[unusual] = interner.numbers(Texts.of(others))
        texts = interner.texts()
    return Column(texts, numbers[column.codes])


def _cropped(column: Column) -> list[Column]:
    """Return `column` with all texts cut to `MAX_TEXT_BYTES`."""
    texts = column.texts
    if texts.nbytes <= MAX_TEXT_BYTES:
        return [column]
    long = texts.ends - texts.starts > MAX_TEXT_BYTES
    if not long.any():
        return [column]
    cropped = [text[:MAX_TEXT_BYTES] + "…".encode() for text in texts.take(long).tolist()]
    return [renamed(column, long, cropped)]


def _on_its_own(column: Column) -> Column:
    """Return a column without a vocabulary that holds no more memory than its texts need."""
    compact = column.texts if column.vocabulary is not None else column.texts.compact()
    return column if compact is column.texts else Column(compact, column.codes)
