"""Sections and routes of the hits of a batch; what they are is told in `routes`."""

from dataclasses import replace

import numpy as np

from logmon_tui.formats.model.columns import coded, local, without_unused
from logmon_tui.formats.model.hit import NONE
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.routes import Routing
from logmon_tui.native.interner import Interner
from logmon_tui.native.texts import Texts

KNOWN_PATHS = 50_000
KNOWN_BYTES = 8 * 1024 * 1024
"""Once more paths are known, or longer ones, all are forgotten: most hits have a few of them."""


class KnownRoutes:
    """The routes of paths by `routing`: one that was met before is not worked out again.

    One thread at a time may use it.
    """

    def __init__(self, routing: Routing) -> None:
        self._routing = routing
        self._forget()

    def _forget(self) -> None:
        self._paths, self._routes = Interner(), Interner()
        self._route_of = np.zeros(0, dtype=np.int32)  # number of a path → number of its route

    def column(self, paths: Column) -> Column:
        """Return the routes of hits that have these paths."""
        numbers = self._paths.numbers(paths.texts)
        known = self._paths.texts()
        new = known.take(slice(len(self._route_of), None))
        if len(new):
            routes = Texts.of(map(self._routing.route_of, new.tolist()))
            self._route_of = np.append(self._route_of, self._routes.numbers(routes))
        column = Column(self._routes.texts(), self._route_of[numbers][paths.codes])
        if len(known) > KNOWN_PATHS or known.nbytes > KNOWN_BYTES:
            self._forget()
        return without_unused(column)


def routed(batch: HitBatch, routing: Routing, known: KnownRoutes | None = None) -> HitBatch:
    """Return `batch` with sections as deep as asked for, and with routes if asked for.

    What has no section, such as a request that is none, gets none. `known` are the routes by the
    same routing that were met before.
    """
    if routing.section_depth == 1 and not routing.routes:
        return batch
    paths = local(batch.columns[Dimension.PATH])
    columns = dict(batch.columns)
    if routing.section_depth > 1:
        columns[Dimension.SECTION] = _deeper(paths, local(columns[Dimension.SECTION]), routing)
    if routing.routes:
        columns[Dimension.ROUTE] = (known or KnownRoutes(routing)).column(paths)
    return replace(batch, columns=columns)


def _deeper(paths: Column, shallow: Column, routing: Routing) -> Column:
    """Return the sections of `paths`, but none where the `shallow` one is none."""
    have_none = np.array([section == NONE for section in shallow.values], dtype=np.bool_)
    none = len(paths.texts)
    codes = np.where(have_none[shallow.codes], none, paths.codes).astype(np.int32)
    sections = [routing.section_of(path) for path in paths.values]
    return without_unused(coded([*sections, NONE], codes))
