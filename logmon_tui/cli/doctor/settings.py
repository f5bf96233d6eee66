"""Checks of the settings: the file, the environment, databases, targets of notifications."""

import os
from collections.abc import Iterator
from pathlib import Path

from logmon_tui.cli import in_force
from logmon_tui.cli.doctor.findings import Asked, Finding, State, fine, from_error
from logmon_tui.cli.notify import address_of_target, tested
from logmon_tui.cli.watch import check_look
from logmon_tui.config.settings import check_windows
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.lookups.places import open_database

_DAY = 86_400
"""Seconds of a day."""

_OLD_DAYS = 60
"""Maximum age of a database of places, in days, that goes without a warning."""

WINDOWS = ("alert_window", "stats_interval")


def settings(asked: Asked) -> Iterator[Finding]:
    """Check that a watch could use the settings."""
    if asked.file_problem:
        yield from_error(State.FAILED, UsageError(asked.file_problem))
        return
    name = printable(os.fsencode(asked.file))
    try:
        check_windows(asked.settings, *WINDOWS)
        in_force.check_alerts(asked.settings)
        check_look(asked.settings)
    except UsageError as error:
        yield from_error(State.FAILED, error)
        return
    on = len(asked.settings.alert_rules())
    where = name if _is_file(asked.file) else f"there is no {name}, so they are the defaults"
    yield fine(f"{where}; {on} alert rules are on")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def geoip(asked: Asked) -> Iterator[Finding]:
    """Check that the databases of places can be read, and how old they are."""
    for path in asked.settings.geoip:
        try:
            database = open_database(path)
        except UsageError as error:
            yield from_error(State.FAILED, error)
            continue
        held = [("countries", database.countries), ("ASNs", database.asns)]
        what = " and ".join(name for name, there in held if there)
        days = int(max(0.0, asked.now - database.built) // _DAY)
        age = f"{days} day{'' if days == 1 else 's'} old"
        text = f"{printable(path)}: {what}, {printable(database.type)}, {age}"
        if days > _OLD_DAYS:
            yield Finding(State.WARNING, text, "download it anew: addresses move")
        else:
            yield fine(text)


def environment(asked: Asked) -> Iterator[Finding]:
    """Warn of LOGMON_ variables that set nothing."""
    for text in asked.unknown_variables:
        yield from_error(State.WARNING, UsageError(text))


def targets(asked: Asked) -> Iterator[Finding]:
    """Check that each target can be opened with its secrets; send a test message only if asked."""
    for name, target in asked.targets.items():
        begin = f"{printable(name)}, {target.KIND}"
        if asked.notify:
            sent, outcome = tested(target)
            state = {True: State.OK, False: State.FAILED, None: State.NOTE}[sent]
        else:
            try:
                state, outcome = State.OK, address_of_target(target)
            except UsageError as error:
                state, outcome = State.FAILED, str(error)
        found = from_error(state, UsageError(outcome))
        yield found._replace(text=f"{begin}: {found.text}")
    if not asked.targets and not asked.file_problem:
        yield Finding(State.NOTE, "none are set: nobody hears of alerts but who looks at them")
