"""Decides which logs to read and in which formats, from options, settings file and nginx."""

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from logmon_tui.config.logs import DEFAULT_LOG, STANDARD_INPUT
from logmon_tui.config.settings import Settings
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.naming import named_format
from logmon_tui.formats.presets import PRESETS
from logmon_tui.sources.given import check_here

if TYPE_CHECKING:
    from logmon_tui.sources.nginx_conf import NginxConf, NginxLog

_NEAR = {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}

Named = tuple[tuple[str, LogFormat | None], ...]


def resolve_inputs(
    ctx: click.Context, settings: Settings, logs: Sequence[str], *, live: bool
) -> tuple[FormatSelector, tuple[str, ...]]:
    """Return the formats of the logs, and the logs: those given, nginx's, or the default ones.

    The default of what is watched are the fleet's logs.

    With `live`, nginx's logs are only those that can be watched. A `--format` on the command line
    or in the environment applies to all logs; a format in the settings file applies to logs that
    have no more specific one. Raises UsageError, naming the file, for an invalid configuration,
    and SourceError for a log of another machine that is not to be watched.
    """
    own = settings.own_formats
    given = named_format(settings.format, own)
    named: Named = ()
    known: Sequence[LogFormat] = [*own.values(), *PRESETS] if own else PRESETS
    if settings.nginx_conf is not None and not settings.demo:
        from logmon_tui.sources.nginx_conf import read_nginx_conf

        conf = read_nginx_conf(Path(settings.nginx_conf))
        if not logs:
            logs = _logs_of(conf, live=live)
        named = _formats_of(conf, logs)
        written = dict.fromkeys(each for _, each in named if each and each not in known)
        known = [*written, *known]
    if given is not None and ctx.get_parameter_source("format") in _NEAR:
        named = ()
    else:
        named = (*settings.formats_of_logs.items(), *named)
    if not live:
        check_here(logs)
    elif not logs and not settings.demo:
        logs = settings.fleet.watched()
    selector = FormatSelector(given, named, known, settings.own_fields)
    return selector, tuple(logs) or (DEFAULT_LOG,)


def _logs_of(conf: "NginxConf", *, live: bool) -> tuple[str, ...]:
    logs = [log.path for log in conf.logs if not (live and log.compressed)]
    if not logs:
        file, purpose = printable(str(conf.file)), "watched" if live else "read"
        raise UsageError(f"{file}: no access_log that can be {purpose}; name a LOG")
    return tuple(dict.fromkeys(logs))


def _formats_of(conf: "NginxConf", logs: Sequence[str]) -> Named:
    """Return the formats of those `logs` that nginx writes; None if a log has several."""
    found: dict[str, LogFormat | None] = {}
    for log in logs:
        formats = {each.format_name: conf.format_of(each) for each in _named_by(log, conf.logs)}
        if formats:
            found[log] = next(iter(formats.values())) if len(formats) == 1 else None
    return tuple(found.items())


def _named_by(log: str, known: "Sequence[NginxLog]") -> "Iterator[NginxLog]":
    """Yield nginx's entries for a log, with symbolic links resolved."""
    if log == STANDARD_INPUT:
        return
    paths = {log, str(Path(log).absolute()), os.path.realpath(log)}  # Path.resolve may raise
    for each in known:
        names = {each.path, os.path.realpath(each.path)}
        if paths & names or any(fnmatchcase(path, name) for path in paths for name in names):
            yield each
