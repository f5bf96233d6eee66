"""`logmon-tui doctor`: the command."""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from logmon_tui import __version__
from logmon_tui.cli import in_force, options
from logmon_tui.cli.choosing import resolve_inputs
from logmon_tui.cli.doctor.findings import SIGNS, Asked, Check, Finding, State, from_error
from logmon_tui.cli.doctor.registry import CHECKS
from logmon_tui.cli.options import GroupedCommand, option, options_of
from logmon_tui.cli.terminal import columns
from logmon_tui.cli.variables import unknown_here
from logmon_tui.cli.watch import watch
from logmon_tui.config.logs import DEFAULT_LOG
from logmon_tui.config.settings_file import default_settings_file
from logmon_tui.errors import OutputError, UsageError
from logmon_tui.fitting import flowed, words_of
from logmon_tui.formats.format_selector import FormatSelector

_EXAMPLES = """
logmon-tui doctor                                this machine, and the default log
logmon-tui doctor /var/log/nginx/access.log      whether this log can be watched
logmon-tui doctor --notify --config alerts.toml  send each target a test message, too
logmon-tui doctor --output json | jq '.checks[] | select(.state == "failed")'
"""
_PROBLEM = "logmon_tui.settings_problem"
"""Key under which a context keeps the error of the settings file."""

_Found = list[tuple[str, Finding]]


class _DoctorCommand(GroupedCommand):
    """A command that reports unknown variables in its findings instead of warning of them."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        return click.Command.invoke(self, ctx)


def _read_config(ctx: click.Context, _param: click.Parameter, value: str | None) -> Path:
    """Read the settings file as every command does, but keep its error instead of raising it."""
    try:
        in_force.read_config(ctx, value)
    except UsageError as error:
        ctx.meta[_PROBLEM] = str(error)
    return Path(value) if value else default_settings_file()


def _doctor(
    logs: tuple[str, ...], config: Path, output: str, *, send: bool, **parameters: Any
) -> None:
    """Check what a watch needs, and say how to mend what is wrong.

    Takes the options of `watch`. The exit code is 1 if a check fails (✗), 0 if all is fine or there
    are only warnings (!), and 2 for wrong usage.
    """
    asked = _asked(logs, config, parameters, notify=send)
    found = [(name, finding) for name, check in CHECKS for finding in _findings(check, asked)]
    click.echo(_json(found) if output == "json" else _encodable("\n".join(_lines(found))))
    failed = _count(found, State.FAILED)
    if failed:
        raise OutputError(f"{failed} of {len(found)} checks failed")


doctor = _DoctorCommand(
    "doctor",
    callback=_doctor,
    help=_doctor.__doc__,
    epilog=_EXAMPLES,
    params=[
        *options_of(watch, "output", "config", "demo", shown=("format", "nginx_conf", "state"))
    ],
)
doctor = options.logs_argument()(doctor)
doctor = option(
    "--notify",
    "send",
    group="Checks",
    is_flag=True,
    envvar="LOGMON_NOTIFY",
    help="Send each target a test message, as `notify test` does.",
)(doctor)
doctor = options.output_option("text", "json")(doctor)
doctor = options.config_option(_read_config, expose_value=True)(doctor)


def _asked(logs: tuple[str, ...], file: Path, parameters: dict[str, Any], *, notify: bool) -> Asked:
    """Return what to check: what a watch with these parameters would use."""
    context = click.get_current_context()
    settings = in_force.settings_from(parameters)
    if not logs and settings.nginx_conf is None:
        logs = settings.fleet.watched() or tuple(settings.logs)
    formats, problem = FormatSelector(), ""
    try:
        formats, logs = resolve_inputs(context, settings, logs, live=True)
    except UsageError as error:
        problem = str(error)
    return Asked(
        logs=logs or (DEFAULT_LOG,),
        settings=settings,
        file=file,
        file_problem=context.meta.get(_PROBLEM, ""),
        targets=in_force.targets(),
        formats=formats,
        formats_problem=problem,
        environment=os.environ,
        unknown_variables=tuple(unknown_here(context, settings.notify)),
        notify=notify,
        now=time.time(),
    )


def _findings(check: Check, asked: Asked) -> Iterator[Finding]:
    """Yield the findings of a check; an OSError in it becomes a finding too."""
    try:
        yield from check(asked)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        yield from_error(State.FAILED, UsageError(f"{where}{error.strerror or error}"))


def _count(found: _Found, state: State) -> int:
    return sum(finding.state is state for _, finding in found)


def _lines(found: _Found) -> Iterator[str]:
    """Yield a line for each finding, or several on a narrow terminal."""
    width = columns()
    widest = max(len(name) for name, _ in found)
    for name, finding in found:
        start = f"{SIGNS[finding.state]} {name:<{widest}}  "
        text = f"{finding.text}; {finding.mend}" if finding.mend else finding.text
        yield from flowed(words_of(text), width, start=start, hanging=len(start))
    failed, warnings = _count(found, State.FAILED), _count(found, State.WARNING)
    warned = f"{warnings} warning{'' if warnings == 1 else 's'}"
    yield f"{len(found)} checks: {failed} failed, {warned}"


def _encodable(text: str) -> str:
    """Return a text with backslash escapes for signs that standard output cannot encode."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _json(found: Sequence[tuple[str, Finding]]) -> str:
    listed = list(found)
    return json.dumps(
        {
            "version": __version__,
            "failed": _count(listed, State.FAILED),
            "warnings": _count(listed, State.WARNING),
            "checks": [{"check": name, **finding._asdict()} for name, finding in listed],
        },
        indent=2,
    )
