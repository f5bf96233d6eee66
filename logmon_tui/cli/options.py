"""What several commands share: options, the argument LOG, and help in groups with examples."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

import click

from logmon_tui.cli import in_force
from logmon_tui.cli.parameters import DelaySeconds, FiniteRange, OwnRoutePair, SecondsRange
from logmon_tui.cli.variables import warn_of_unknown_variables
from logmon_tui.config.settings import MAX_EVALUATION_DELAY, Settings
from logmon_tui.escape import printable

_Command = TypeVar("_Command", bound=Callable[..., Any])
_DEFAULTS = Settings()
_UNGROUPED = "Other"
_ALERTS, _WINDOWS, _READING, _OUTPUT = "Alerts", "Windows", "Reading", "Output"


class GroupedOption(click.Option):
    """An option that help lists under the heading `group`; LOGMON_<OPTION> sets it too."""

    def __init__(self, *args: Any, group: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group
        if self.envvar is None and self.name is not None:
            self.envvar = f"LOGMON_{self.name.upper()}"

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return what help appends to the text: the default, but not click's `x>=1` ranges."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        if "default" in extra:  # may come from a settings file
            extra["default"] = printable(extra["default"])
        return extra


class GroupedCommand(click.Command):
    """A command whose help lists its options in groups, and its `epilog` as written."""

    def invoke(self, ctx: click.Context) -> Any:
        """Warn of unknown LOGMON_ variables in the environment, then run the command."""
        file = in_force.file_read(ctx)
        warn_of_unknown_variables(self, ctx, None if file is None else file.settings.notify)
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, one list for each group."""
        write_groups(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each on its own line."""
        del ctx
        write_examples(self.epilog, formatter)


def write_groups(
    command: click.Command, ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    """Write the options of `command` in their groups."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is not None and isinstance(parameter, click.Option):
            groups.setdefault(getattr(parameter, "group", _UNGROUPED), []).append(record)
    for heading, records in sorted(groups.items(), key=lambda group: group[0] == _UNGROUPED):
        with formatter.section(heading):
            formatter.write_dl(records)


def write_examples(text: str | None, formatter: click.HelpFormatter) -> None:
    """Write `text`, one example a line, under its heading."""
    if text:
        with formatter.section("Examples"):
            for line in text.strip().splitlines():
                formatter.write(f"  {line.strip()}\n")


def option(*names: str, group: str, **attributes: Any) -> Callable[[_Command], _Command]:
    """Declare an option in a group."""
    return click.option(*names, cls=GroupedOption, group=group, **attributes)


def config_option(
    read: Callable[[click.Context, click.Parameter, str | None], Any], *, expose_value: bool = False
) -> Callable[[_Command], _Command]:
    """Declare `--config`; `read` reads its file before the other options are parsed."""
    return option(
        "--config",
        group="Settings",
        type=click.Path(readable=False),
        metavar="FILE",
        is_eager=True,
        expose_value=expose_value,
        callback=read,
        help="TOML file with any of these options, by their names.",
    )


def output_option(*forms: str) -> Callable[[_Command], _Command]:
    """Declare `--output` of a command that prints one of `forms`, by default text."""
    return option(
        "--output",
        group=_OUTPUT,
        type=click.Choice(forms),
        default="text",
        show_default=True,
        help="The format of the output.",
    )


def logs_argument(metavar: str = "[LOG]...", **attributes: Any) -> Callable[[_Command], _Command]:
    """Declare the argument `logs`: paths, patterns, or `-` for standard input."""
    kind = click.Path(allow_dash=True, readable=False)
    return click.argument("logs", metavar=metavar, nargs=-1, type=kind, **attributes)


def options_of(
    command: click.Command, *without: str, shown: Collection[str] | None = None
) -> list[click.Option]:
    """Return copies of the options of `command` for another command, `without` some.

    Help lists only the options named in `shown`; None lists all.
    """
    from copy import copy  # few commands have the options of another one

    found = []
    for each in command.params:
        if isinstance(each, click.Option) and each.name not in without:
            taken = copy(each)
            taken.hidden = shown is not None and each.name not in shown
            found.append(taken)
    return found


def chain(*options: Callable[[_Command], _Command]) -> Callable[[_Command], _Command]:
    """Return a decorator that declares all `options`, in this order."""

    def declare(command: _Command) -> _Command:
        for declaration in reversed(options):
            command = declaration(command)
        return command

    return declare


_POSITIVE = FiniteRange(min=0, min_open=True)
_SHARE = FiniteRange(min=0, max=1, min_open=True, max_open=True)
_SECONDS = SecondsRange(1, 86_400)

threshold = option(
    "--threshold",
    group=_ALERTS,
    type=_POSITIVE,
    metavar="REQ_PER_S",
    default=_DEFAULTS.threshold,
    show_default=True,
    help="Fire when traffic averages more than this over the alert window.",
)
ddos_threshold = option(
    "--ddos-threshold",
    group=_ALERTS,
    type=_POSITIVE,
    metavar="REQ_PER_S",
    default=_DEFAULTS.ddos_threshold,
    show_default=True,
    help="Fire for each client host that averages more than this over the alert window.",
)
alert_window = option(
    "--alert-window",
    group=_ALERTS,
    type=_SECONDS,
    metavar="SECONDS",
    default=_DEFAULTS.alert_window,
    show_default=True,
    help="Length of the window over which every alert averages, such as 300 or 5m.",
)
error_rate = option(
    "--error-rate",
    group=_ALERTS,
    type=_SHARE,
    metavar="FRACTION",
    default=_DEFAULTS.error_rate,
    show_default=True,
    help="Fire when more than this share of at least 20 hits are server errors (5xx).",
)
evaluation_delay = option(
    "--evaluation-delay",
    group=_ALERTS,
    type=DelaySeconds(MAX_EVALUATION_DELAY),
    metavar="SECONDS",
    default=_DEFAULTS.evaluation_delay,
    show_default=True,
    help="How much later alerts are judged, for logs that are written in blocks; auto measures "
    "how late lines come, and waits up to 15 s.",
)
alert_options = chain(threshold, alert_window, error_rate, ddos_threshold)
bucket_size = option(
    "--bucket-size",
    group=_WINDOWS,
    type=SecondsRange(1, 60),
    metavar="SECONDS",
    default=_DEFAULTS.bucket_size,
    show_default=True,
    help="Width of the buckets into which hits are counted; windows must be multiples of it.",
)
stats_interval = option(
    "--stats-interval",
    group=_WINDOWS,
    type=_SECONDS,
    metavar="SECONDS",
    default=_DEFAULTS.stats_interval,
    show_default=True,
    help="Length of the panels' window, and how often text and JSON are printed.",
)


def _check_filter(ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Return the filter unchanged. Raises click's BadParameter if it is invalid."""
    if value is None:
        return None
    from logmon_tui.filters.language import FilterError, parsed  # few use a filter

    file = in_force.file_read(ctx)
    try:
        if file is None:
            parsed(value)
        else:
            parsed(value, saved=file.settings.filters, own=file.settings.own_dimensions)
    except FilterError as error:
        raise click.BadParameter(f"{error}.") from error
    return value


where = option(
    "--where",
    group=_READING,
    metavar="FILTER",
    callback=_check_filter,
    help="Show only the hits that FILTER chooses, such as 'status:5xx !is:bot'; `help filters` "
    "tells how. Alerts judge all hits.",
)
_format = option(
    "--format",
    group=_READING,
    metavar="FORMAT",
    default=_DEFAULTS.format,
    show_default=True,
    help="A name that `formats` lists, an Apache LogFormat or nginx log_format string; auto "
    "recognises it from the first lines.",
)
_nginx_conf = option(
    "--nginx-conf",
    group=_READING,
    type=click.Path(readable=False),
    metavar="FILE",
    help="Take formats from nginx's configuration; without LOG, the logs too.",
)
log_format = chain(_format, _nginx_conf)
section_depth = option(
    "--section-depth",
    group=_READING,
    type=click.IntRange(1, 10),
    metavar="N",
    default=_DEFAULTS.section_depth,
    show_default=True,
    help="How many segments of a path make its section: with 2, /api/v1/users is in /api/v1.",
)
routes = option(
    "--routes",
    group=_READING,
    type=OwnRoutePair(),
    multiple=True,
    metavar="REGEX REPLACEMENT",
    help="In routes, replace what matches in a path, before ids become :id; repeatable.",
)
path_options = chain(section_depth, routes)
geoip = option(
    "--geoip",
    group=_READING,
    type=click.Path(readable=False),
    multiple=True,
    metavar="FILE",
    help="Count clients by country or ASN, which this database (.mmdb) tells; repeatable.",
)
with_rotated = option(
    "--with-rotated",
    group=_READING,
    is_flag=True,
    help="Read each log's rotated files first: access.log.1, access.log.2.gz; "
    "when watching, give --from-start too.",
)
top = option(
    "--top",
    group=_OUTPUT,
    type=click.IntRange(0),
    metavar="N",
    default=_DEFAULTS.top,
    show_default=True,
    help="Rows of each table in text, JSON and CSV; 0 for all.",
)
saved_state = option(
    "--state",
    group="State",
    type=click.Path(readable=False),
    metavar="FILE",
    help="The state in FILE, as given to `watch`.  [default: that of the LOGs]",
)
marks = option(
    "--marks",
    group="State",
    type=click.Path(readable=False),
    metavar="FILE",
    help="Deploys and other moments that were marked, a time and a text a line; `mark` adds one.  "
    "[default: beside the state]",
)
config = config_option(lambda ctx, _, value: in_force.read_config(ctx, value))
