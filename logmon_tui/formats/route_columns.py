"""Sections and routes of the hits of a batch; what they are is told in `routes`."""

from dataclasses import replace

import numpy as np

from logmon_tui.formats.columns import coded, without_unused
from logmon_tui.formats.hit import NONE
from logmon_tui.formats.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.routes import Routing


def routed(batch: HitBatch, routing: Routing) -> HitBatch:
    """Return `batch` with sections as deep as asked for, and with routes if asked for.

    What has no section, such as a request that is none, gets none.
    """
    if routing.section_depth == 1 and not routing.routes:
        return batch
    paths = batch.columns[Dimension.PATH]
    columns = dict(batch.columns)
    if routing.section_depth > 1:
        columns[Dimension.SECTION] = _deeper(paths, columns[Dimension.SECTION], routing)
    if routing.routes:
        columns[Dimension.ROUTE] = coded(map(routing.route_of, paths.values), paths.codes)
    return replace(batch, columns=columns)


def _deeper(paths: Column, shallow: Column, routing: Routing) -> Column:
    """Return the sections of `paths`, but none where the `shallow` one is none."""
    have_none = np.array([section == NONE for section in shallow.values], dtype=np.bool_)
    none = len(paths.texts)
    codes = np.where(have_none[shallow.codes], none, paths.codes).astype(np.int32)
    sections = [routing.section_of(path) for path in paths.values]
    return without_unused(coded([*sections, NONE], codes))
