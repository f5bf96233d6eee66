"""Control: the endpoints that change a watch, only with `--web-control`."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from logmon_tui.alerts.history.expression import checked
from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.mark import checked_mark
from logmon_tui.config.settings import Settings
from logmon_tui.errors import FilterError
from logmon_tui.monitor.commands import (
    Acknowledge,
    AddSilence,
    Command,
    EndSilence,
    SetNote,
)
from logmon_tui.reports.json_objects import mark_objects
from logmon_tui.reports.mark_receiver import mark_second
from logmon_tui.state.files import RefusedError, shown
from logmon_tui.state.marks import add_mark
from logmon_tui.toml_tables import unknown
from logmon_tui.web.api.asking import Asking
from logmon_tui.web.api.call import meaningless, or_none
from logmon_tui.web.api.parameters import (
    IncidentParameters,
    NewMark,
    NewNote,
    NewSilence,
    Parameters,
    SilenceParameters,
)
from logmon_tui.web.api.reading import Reading, the_incident, told_silence
from logmon_tui.web.api.silences import id_of
from logmon_tui.web.problems import ProblemError

MAX_SILENCES = 200
"""Maximum silences in force at a time."""


def _choice(where: str | None, incident: str | None) -> str:
    """Return which alerts a filter chooses, empty for none. Raises ProblemError."""
    if where is None:
        return ""
    if incident is not None:
        raise meaningless("where", "an incident tells what is meant; leave one of them out")
    try:
        return checked(where)
    except FilterError as error:
        raise meaningless("where", str(error)) from error


class Control:
    """Changes a watch. `marks` is the file of users' marks, None if there is none."""

    def __init__(
        self,
        asking: Asking,
        reading: Reading,
        settings: Settings,
        marks: Path | None,
        clock: Callable[[], float],
    ) -> None:
        self._asking = asking
        self._reading = reading
        self._settings = settings
        self._marks = marks
        self._clock = clock

    async def acknowledge(self, given: IncidentParameters) -> dict[str, Any]:
        """Note that a user saw to an incident, and return it."""
        incident = self._incident(given.id)
        return await self._changed(incident, Acknowledge(incident, self._clock()))

    async def take_back(self, given: IncidentParameters) -> dict[str, Any]:
        """Note that nobody saw to an incident, and return it."""
        incident = self._incident(given.id)
        return await self._changed(incident, Acknowledge(incident, None))

    async def note(self, given: IncidentParameters, body: NewNote) -> dict[str, Any]:
        """Keep what a user wrote about an incident, and return the incident."""
        incident = self._incident(given.id)
        return await self._changed(incident, SetNote(incident, body.note.strip()))

    async def silence(self, _given: Parameters, body: NewSilence) -> dict[str, Any]:
        """Notify nobody of something for a time, and return the silence."""
        self._check_here()
        if len(self._asking.latest.alerts.silences) >= MAX_SILENCES:
            problem = f"{MAX_SILENCES} silences are in force already; end one"
            raise ProblemError(HTTPStatus.CONFLICT, problem)
        now = self._clock()
        made = Silence(now, now + body.seconds)
        made = self._covering(made, or_none(body.incident), or_none(body.rule))
        made = made._replace(where=_choice(or_none(body.where), or_none(body.incident)))
        await self._asking.apply(AddSilence(made))
        return told_silence(made)

    def _covering(self, made: Silence, incident: str | None, rule: str | None) -> Silence:
        """Return a silence of what the incident is about, or of a rule. Raises ProblemError."""
        if incident is not None:
            if rule is not None:
                raise meaningless("rule", "an incident tells its rule; leave one of them out")
            found = the_incident(incident, self._asking.latest.alerts.incidents)
            if found.subject is None:
                return made._replace(rule=found.rule)
            return made._replace(rule=found.rule, scope=found.scope, subject=found.subject)
        if rule is not None and rule not in (known := self._settings.rule_names()):
            raise meaningless("rule", f"{rule} {unknown(rule, known)}")
        return made._replace(rule=rule)

    async def end_silence(self, given: SilenceParameters) -> dict[str, Any]:
        """End a silence before its time, and return it."""
        self._check_here()
        for silence in self._asking.latest.alerts.silences:
            if id_of(silence) == given.id:
                await self._asking.apply(EndSilence(silence))
                return told_silence(silence)
        problem = "id: no silence in force has it; /api/v1/silences lists them"
        raise ProblemError(HTTPStatus.NOT_FOUND, problem)

    async def mark(self, _given: Parameters, body: NewMark) -> dict[str, Any]:
        """Keep a mark, and return it."""
        if self._marks is None:
            problem = "this watch keeps no marks; start it with --marks FILE"
            raise ProblemError(HTTPStatus.CONFLICT, problem)
        at = or_none(body.at)
        try:
            mark = checked_mark(int(self._clock()) if at is None else mark_second(at), body.text)
        except ValueError as error:
            raise meaningless("mark", str(error)) from error
        try:
            add_mark(self._marks, mark)
        except RefusedError as error:
            raise _unkept(f"{shown(self._marks)} {error}") from error
        except OSError as error:
            raise _unkept(error.strerror or "the file fails") from error
        return mark_objects([mark])[0]

    def _incident(self, beginning: str) -> str:
        """Return the id of an incident that may be changed here. Raises ProblemError."""
        self._check_here()
        return the_incident(beginning, self._asking.latest.alerts.incidents).id

    def _check_here(self) -> None:
        """Raise ProblemError if another watch keeps the alerts."""
        if self._asking.latest.saving.elsewhere:
            problem = "another logmon-tui watches these logs and keeps their alerts; ask that one"
            raise ProblemError(HTTPStatus.CONFLICT, problem)

    async def _changed(self, incident: str, command: Command) -> dict[str, Any]:
        """Apply a command, and return the incident as it is then."""
        found = await self._asking.apply(command)
        return self._reading.told(the_incident(incident, found.alerts.incidents), found)


def _unkept(why: str) -> ProblemError:
    return ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, f"the mark cannot be kept: {why}")
