"""`logmon-tui [watch]`: the dashboard, or its figures as lines of text or JSON."""

import gc
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from logmon_tui.cli import broker_options, in_force, options
from logmon_tui.cli.choosing import resolve_inputs
from logmon_tui.cli.exports import Exports
from logmon_tui.cli.groups import check_no_command
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.cli.parameters import PanelNames
from logmon_tui.cli.reloading import Reloader
from logmon_tui.cli.terminal import dumbness
from logmon_tui.cli.web_options import address, check_web, web_options
from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.config.remote import is_remote
from logmon_tui.config.settings import Panel, Settings, check_windows
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.lookups.places import opened
from logmon_tui.notify.notifier import Notifier
from logmon_tui.reports.registry import outputs_of
from logmon_tui.sources.given import check_distinct, check_log
from logmon_tui.sources.registry import NO_KIND, is_read_once, kind_of
from logmon_tui.state.location import default_state_file
from logmon_tui.state.marks import marks_file

DEMO_ALERT_WINDOW = 10
"""Seconds; short enough that each alert of the demo fires and recovers within two minutes."""

_SOURCES = (
    ParameterSource.COMMANDLINE,
    ParameterSource.ENVIRONMENT,
    ParameterSource.DEFAULT_MAP,
    ParameterSource.DEFAULT,
    ParameterSource.PROMPT,
    None,
)
"""Sources of a value in order of precedence."""

_LOOK, _READING, _OUTPUT, _STATE = "Look", "Reading", "Output", "State"


FROM_START = option(
    "--from-start",
    group=_READING,
    is_flag=True,
    help="Read the whole log, not only its end, if it was not watched before.",
)
FROM_END = option(
    "--from-end",
    group=_READING,
    is_flag=True,
    help="Read only what is written from now on, if the log was not watched before.",
)
METRICS_LISTEN = option(
    "--metrics-listen",
    group=_OUTPUT,
    callback=address,
    metavar="HOST:PORT",
    help="Serve metrics for Prometheus at http://HOST:PORT/metrics; PORT alone: this machine only.",
)
STATE = option(
    "--state",
    group=_STATE,
    type=click.Path(readable=False),
    metavar="FILE",
    help="Save positions, counts and alerts in FILE.  [default: one file for each set of logs]",
)
"""Options that `record` has too."""


@click.command(cls=GroupedCommand)
@options.logs_argument()
@options.alert_options
@options.evaluation_delay
@options.stats_interval
@options.bucket_size
@options.where
@options.log_format
@options.path_options
@options.geoip
@FROM_START
@FROM_END
@options.with_rotated
@option(
    "--demo",
    "--give-me-traffic",
    "demo",
    group=_READING,
    is_flag=True,
    help="Watch simulated traffic that fires every alert, in a temporary log.",
)
@option(
    "--output",
    group=_OUTPUT,
    type=click.Choice(outputs_of("watch")),
    help="[default: screen on a terminal, else text]",
)
@option(
    "--show",
    group=_OUTPUT,
    type=PanelNames(),
    metavar="NAMES",
    help=f"Panels of the screen, statistics of text: {', '.join(Panel)}.  "
    "[default: the screen's last ones]",
)
@options.top
@METRICS_LISTEN
@STATE
@option(
    "--no-state",
    group=_STATE,
    is_flag=True,
    help="Load and save no state; beats --state.",
)
@options.marks
@option(
    "--marks-token-file",
    group=_STATE,
    type=click.Path(readable=False),
    metavar="FILE",
    help="Take marks at POST /marks of --metrics-listen too, with the token in FILE, or the one in "
    "the variable LOGMON_MARKS_TOKEN.",
)
@option("--no-bell", group=_LOOK, is_flag=True, help="Do not ring the terminal's bell on alerts.")
@option(
    "--css",
    group=_LOOK,
    type=click.Path(readable=False),
    metavar="FILE",
    help="Restyle the screen with FILE.",
)
@option("--theme", group=_LOOK, metavar="NAME", help="Colours of the screen, e.g. logmon-light.")
@web_options
@broker_options.broker_options
@broker_options.stream
@options.config
@click.pass_context
def watch(ctx: click.Context, /, logs: tuple[str, ...], **parameters: Any) -> int:
    """Watch logs live on a full screen (the default command)."""
    settings = _settings_of(ctx, parameters, logs)
    formats, logs = resolve_inputs(ctx, settings, logs, live=True)
    check_distinct(logs)
    output, why = _output(settings)
    check_look(settings)
    locate = opened(settings.geoip)
    with ExitStack() as stack:
        if settings.demo:
            logs = (_start_demo(stack, settings),)
        check_logs(ctx, logs, settings)
        state_file = state_file_of(logs, settings)
        marks = marks_file(logs, settings)
        exports = Exports(stack, settings, marks)
        told = notifier(stack, settings, logs)
        reloader = partial(Reloader, ctx, settings, told)
        if output == "screen":
            # Objects made before the first paint stay. PipelineThread enables the search for
            # garbage again.
            gc.disable()
            # Imported late: Textual is slow to import, and only the screen needs it.
            from logmon_tui.cli.on_screen import watch_on_screen

            return watch_on_screen(
                logs,
                settings,
                formats,
                reloader=reloader,
                state_file=state_file,
                targets=tuple(in_force.targets().values()),
                notifier=told,
                exports=exports,
                locate=locate,
                marks=marks,
            )
        if why:
            click.echo(f"logmon-tui: {why}", err=True)
        # Imported late: numpy is slow to import, and the screen's first paint must not wait for it.
        from logmon_tui.cli.headless import watch_in_lines

        watch_in_lines(
            logs,
            settings,
            formats,
            output,
            reloader=reloader,
            state_file=state_file,
            notifier=told,
            exports=exports,
            locate=locate,
            marks=marks,
        )
    return 0


def _settings_of(ctx: click.Context, parameters: dict[str, Any], logs: Sequence[str]) -> Settings:
    """Return the settings of a watch. Raises UsageError if some of them exclude each other."""
    settings = in_force.settings_from(parameters)
    if settings.demo:
        if logs:
            raise UsageError("--demo watches a log of its own; leave out LOG, or --demo")
        if _is_unset(ctx, settings, "alert_window"):
            settings = settings.changed(alert_window=DEMO_ALERT_WINDOW)
    check_windows(settings, "alert_window", "stats_interval")
    in_force.check_alerts(settings)
    settings = nearer_start(ctx, settings)
    if _is_option(ctx, "with_rotated") and settings.with_rotated and not settings.from_start:
        raise UsageError("--with-rotated reads whole logs; give --from-start with it")
    if _is_option(ctx, "marks_token_file") and settings.metrics_listen is None:
        raise UsageError("--marks-token-file needs --metrics-listen, where marks come in")
    check_web(ctx, settings)
    return settings


def _is_unset(ctx: click.Context, settings: Settings, name: str) -> bool:
    """Tell whether a setting has its default value, even if the settings file repeats it."""
    farther = {ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP}
    same = getattr(settings, name) == getattr(Settings(), name)
    return same and ctx.get_parameter_source(name) in farther


def check_logs(ctx: click.Context, logs: Sequence[str], settings: Settings) -> None:
    """Raise SourceError for a log that cannot be watched, UsageError for a misspelt command."""
    for log in logs:
        if is_remote(log):
            if (kind := kind_of(log)) is None:
                raise UsageError(f"{printable(log)}: {NO_KIND}")
            kind.check(log, settings.fleet)
            if log != STANDARD_INPUT and _is_option(ctx, "with_rotated"):
                name = printable(log)
                raise UsageError(
                    f"{name}: --with-rotated is for files of this machine; leave it out"
                )
        else:
            if ctx.parent and isinstance(ctx.parent.command, click.Group):
                check_no_command(ctx.parent.command, log)
            check_log(Path(log))


def nearer_start(ctx: click.Context, settings: Settings) -> Settings:
    """If both --from-start and --from-end are set, keep the one whose source has precedence."""
    if not (settings.from_start and settings.from_end):
        return settings
    start, end = (
        _SOURCES.index(ctx.get_parameter_source(name)) for name in ("from_start", "from_end")
    )
    if start == end:
        raise UsageError("--from-start and --from-end exclude each other; give one of them")
    return settings.changed(from_start=start < end, from_end=end < start)


def check_look(settings: Settings) -> None:
    """Raise UsageError for an invalid theme or stylesheet, even if the output is no screen."""
    if settings.theme is None and settings.css is None:
        return
    from logmon_tui.tui.paint.styles import check_css, check_theme

    if settings.theme is not None:
        check_theme(settings.theme)
    if settings.css is not None:
        check_css(Path(settings.css))


def _output(settings: Settings) -> tuple[str, str]:
    """Return the kind of output, and why it is text on a terminal without a screen, or "".

    It is what the user asked for, else the screen if the terminal can show it.
    """
    terminal = sys.stdout.isatty() and sys.stderr.isatty()  # Textual paints on standard error
    if settings.output == "screen":
        if not terminal:
            raise UsageError("--output screen needs a terminal; use --output text or json")
        if why := dumbness():
            mend = "set TERM to the terminal's type, or use --output text or json"
            raise UsageError(f"--output screen needs more of a terminal: {why}; {mend}")
    if settings.output is not None:
        return settings.output, ""
    if terminal and (why := dumbness()):
        return "text", f"{why}, so here is text in place of the screen"
    return "screen" if terminal else "text", ""


def _start_demo(stack: ExitStack, settings: Settings) -> str:
    """Start simulated traffic, which stops when `stack` closes; return its log."""
    from logmon_tui.simulate.scenario import Scenario
    from logmon_tui.simulate.simulator import DemoTraffic, Simulator

    scenario = Scenario(
        threshold=settings.threshold,
        ddos_threshold=settings.ddos_threshold,
        alert_window=settings.alert_window,
    )
    return str(stack.enter_context(DemoTraffic(Simulator(scenario=scenario))))


def state_file_of(logs: Sequence[str], settings: Settings) -> Path | None:
    """Return the state file; None if no state is saved.

    Standard input cannot be read again, a compressed log is read once, and the demo deletes its
    log: none of them has a state.
    """
    if settings.no_state or settings.demo:
        return None
    once = [log for log in logs if is_read_once(log)]
    if once:
        if settings.state is not None:
            name = printable(once[0])
            raise UsageError(f"--state is for logs that are followed; leave out --state, or {name}")
        return None
    return Path(settings.state) if settings.state else default_state_file(logs)


def _is_option(ctx: click.Context, name: str) -> bool:
    """Tell whether a setting was given as an option, not by environment or file."""
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def notifier(stack: ExitStack, settings: Settings, logs: Sequence[str]) -> Notifier | None:
    """Return the notifier for the targets; None in a demo. A reload may bring the first ones."""
    targets = in_force.targets()
    if settings.demo:
        return None
    renotify = {rule.name: rule.renotify for rule in settings.alert_rules()}
    found = Notifier(targets, renotify, logs)
    stack.callback(found.close)
    return found
