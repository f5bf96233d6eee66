"""RouteNamer: names the section and the route of each hit, but for routes that nobody asks for."""

import threading

from msgspec.structs import replace

from logmon_tui.alerts.evaluation.counter_keys import columns_of
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import NONE
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.route_columns import KnownRoutes, routed
from logmon_tui.monitor.selection import Ignoring


class RouteNamer:
    """Adds sections and routes to batches as the settings say; any thread may call it."""

    def __init__(self, settings: Settings) -> None:
        self._routing = settings.routing(routes=True)
        self._sections = settings.routing(routes=False)
        self._known, self._lock = KnownRoutes(self._routing), threading.Lock()
        looked_at = columns_of(settings.alert_rules()).used | Ignoring(settings).dimensions
        self._by_route = Dimension.ROUTE in looked_at
        self._from = 0  # second

    def begin_backlog(self, since: int) -> None:
        """Expect an old log: of hits before the second `since` no keys by route are counted."""
        self._from = 0 if self._by_route else since

    def __call__(self, batch: HitBatch) -> HitBatch:
        """Return a batch with the sections and routes of its hits, `-` where nobody needs them."""
        if len(batch) and int(batch.seconds.max()) < self._from:
            batch = routed(batch, self._sections)
            routes = Column.constant(NONE, len(batch))
            return replace(batch, columns={**batch.columns, Dimension.ROUTE: routes})
        with self._lock:
            return routed(batch, self._routing, self._known)
