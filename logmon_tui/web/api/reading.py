"""Reading: the endpoints that only show."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from msgspec import UnsetType

from logmon_tui import __version__
from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.history.wanted import Wanted, beginning_with, others_of, unknown_rule
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Settings
from logmon_tui.moments import in_calendar, moment
from logmon_tui.reports.history import HistoryContext, history_object
from logmon_tui.reports.json import present_object
from logmon_tui.reports.json_answers import answer_object, graph_object, silence_object
from logmon_tui.reports.json_objects import mark_objects, time_text
from logmon_tui.reports.rows import KEYS
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceState
from logmon_tui.toml_tables import unknown
from logmon_tui.web.api.asking import Asking
from logmon_tui.web.api.call import meaningless, or_none
from logmon_tui.web.api.parameters import (
    GraphParameters,
    IncidentParameters,
    IncidentsParameters,
    MarksParameters,
    Parameters,
    QueryParameters,
    SnapshotParameters,
)
from logmon_tui.web.api.questions import Questions
from logmon_tui.web.api.silences import id_of
from logmon_tui.web.problems import ProblemError


class Reading:
    """Answers with what a watch knows. `clock` is wall time in epoch seconds."""

    def __init__(self, asking: Asking, settings: Settings, clock: Callable[[], float]) -> None:
        self._asking = asking
        self._settings = settings
        self._clock = clock
        self._questions = Questions(settings)
        self._own = {dimension.value: name for name, dimension in settings.own_dimensions.items()}

    async def snapshot(self, given: SnapshotParameters) -> dict[str, Any]:
        """Return the present picture, whatever a screen shows."""
        top = self._questions.top(given.top)
        return present_object(await self._asking.ask(self._questions.present(top)), top)

    async def query(self, given: QueryParameters) -> dict[str, Any]:
        """Return the traffic of a window."""
        known = [*KEYS, *self._own.values()]
        for name in given.dimension:
            if name not in known:
                raise meaningless("dimension", f"{name} {unknown(name, known)}")
        question = self._questions.traffic(given, self._asking.latest, self._clock())
        found = await self._asking.ask(question)
        return answer_object(found, self._questions.top(given.top), given.dimension, self._own)

    async def graph(self, given: GraphParameters) -> dict[str, Any]:
        """Return the traffic of a time in columns."""
        question = self._questions.graph(given, self._asking.latest, self._clock())
        found = await self._asking.ask(question)
        if found.graph is None:
            return {
                "start": None,
                "step": given.step,
                "since": None,
                "filtered": False,
                "columns": [],
            }
        return graph_object(found.graph)

    async def incidents(self, given: IncidentsParameters) -> dict[str, Any]:
        """Return the incidents that are wanted, the newest first, without their evidence."""
        latest = self._asking.latest
        wanted = self._wanted(given, latest)
        found = wanted.of(latest.alerts.incidents)
        context = self._context(latest)
        shown = found[: given.top]
        return {
            "incidents": [history_object(each, context, with_evidence=False) for each in shown],
            "found": len(found),
        }

    def _wanted(self, given: IncidentsParameters, latest: Snapshot) -> Wanted:
        problem = unknown_rule(given.rule, self._settings.rule_names(), latest.alerts.incidents)
        if problem is not None:
            pattern, why = problem
            raise meaningless("rule", f"{pattern}: {why}")
        since, until = self._between(given.since, given.until)
        others = others_of(
            or_none(given.severity), or_none(given.scope), or_none(given.grep), firing=given.firing
        )
        return Wanted(since, until, tuple(given.rule), others)

    async def incident(self, given: IncidentParameters) -> dict[str, Any]:
        """Return all that is known of an incident."""
        latest = self._asking.latest
        found = the_incident(given.id, latest.alerts.incidents)
        return self.told(found, latest)

    def told(self, incident: Incident, latest: Snapshot) -> dict[str, Any]:
        """Return the object of an incident with its evidence."""
        return history_object(incident, self._context(latest))

    async def marks(self, given: MarksParameters) -> dict[str, Any]:
        """Return the newest marks."""
        since, until = self._between(given.since, given.until)
        found = [
            each
            for each in self._asking.latest.marks
            if (since is None or each.second >= since) and (until is None or each.second < until)
        ]
        return {"marks": mark_objects(found[-given.top :]), "found": len(found)}

    async def silences(self, _given: Parameters) -> dict[str, Any]:
        """Return the silences in force."""
        return {"silences": [told_silence(each) for each in self._asking.latest.alerts.silences]}

    async def health(self, _given: Parameters) -> dict[str, Any]:
        """Return whether the watch works. Raises ProblemError (503) if it does not."""
        latest = self._asking.latest
        if latest.ingest.failure:
            problem = f"reading fails: {latest.ingest.failure}"
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, problem, {"Retry-After": "5"})
        states = {source.state for source in latest.sources}
        behind = not states or SourceState.CATCHING_UP in states or latest.beginning
        log_time = latest.log_time
        return {
            "status": "catching up" if behind else "ok",
            "version": __version__,
            "time": time_text(None if log_time is None else int(log_time)),
            "lag": round(latest.ingest.lag, 3),
            "control": self._settings.web_control,
        }

    def _between(
        self, since: str | UnsetType, until: str | UnsetType
    ) -> tuple[float | None, float | None]:
        """Return two moments of wall time. Raises ProblemError (422)."""
        begin, end = self._wall("since", since), self._wall("until", until)
        if begin is not None and end is not None and begin >= end:
            raise meaningless("since", "nothing is between it and until; swap them")
        return begin, end

    def _wall(self, name: str, text: str | UnsetType) -> float | None:
        if isinstance(text, UnsetType):
            return None
        try:
            found = moment(text, self._clock())
        except ValueError as error:
            raise meaningless(name, str(error)) from error
        if not in_calendar(found):
            raise meaningless(name, "is in no year from 1 to 9999; give another")
        return found

    def _context(self, latest: Snapshot) -> HistoryContext:
        silences, saved_at = latest.alerts.silences, latest.saving.saved_at
        return HistoryContext(self._clock(), silences, watched=True, saved_at=saved_at)


def the_incident(beginning: str, incidents: tuple[Incident, ...]) -> Incident:
    """Return the one incident whose id begins so. Raises ProblemError (404)."""
    found = beginning_with(beginning, incidents)
    if len(found) != 1:
        problem = (
            f"the ids of {len(found):,} incidents begin so; give more of one"
            if found
            else "no incident has such an id; /api/v1/incidents lists them"
        )
        raise ProblemError(HTTPStatus.NOT_FOUND, f"id: {problem}")
    return found[0]


def told_silence(silence: Silence) -> dict[str, Any]:
    """Return the object of a silence, with its id."""
    return {"id": id_of(silence), **silence_object(silence)}
