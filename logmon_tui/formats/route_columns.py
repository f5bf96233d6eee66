"""Adds sections and routes to the hits of a batch, by the rules of `routes`."""

import numpy as np
from msgspec.structs import replace

from logmon_tui.formats.model.columns import coded, local, without_unused
from logmon_tui.formats.model.hit import NONE
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.routes import Routing
from logmon_tui.native.interner import Interner
from logmon_tui.native.texts import Texts

MAX_KNOWN_PATHS = 50_000
MAX_KNOWN_BYTES = 8 * 1024 * 1024
"""Limits of the cache of routes. Beyond them it is emptied: most hits have a few paths anyway."""


class KnownRoutes:
    """A cache of the routes of paths by `routing`. Only one thread at a time may use it."""

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
        if len(known) > MAX_KNOWN_PATHS or known.nbytes > MAX_KNOWN_BYTES:
            self._forget()
        return without_unused(column)


def routed(batch: HitBatch, routing: Routing, known: KnownRoutes | None = None) -> HitBatch:
    """Return `batch` with sections of the depth of `routing`, and with routes if it wants them.

    A hit without a section, such as an invalid request, stays without one. `known` is a cache of
    routes by the same routing.
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
    """Return the sections of `paths`, but `-` for hits whose `shallow` section is `-`."""
    have_none = np.array([section == NONE for section in shallow.values], dtype=np.bool_)
    none = len(paths.texts)
    codes = np.where(have_none[shallow.codes], none, paths.codes).astype(np.int32)
    sections = [routing.section_of(path) for path in paths.values]
    return without_unused(coded([*sections, NONE], codes))
