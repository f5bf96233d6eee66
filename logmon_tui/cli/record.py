"""`logmon-tui record`: watches without a screen and prints only problems, as a service does."""

from contextlib import ExitStack
from functools import partial
from typing import Any

import click

from logmon_tui.cli import broker_options, in_force, options
from logmon_tui.cli.choosing import resolve_inputs
from logmon_tui.cli.exports import Exports
from logmon_tui.cli.options import GroupedCommand
from logmon_tui.cli.reloading import Reloader
from logmon_tui.cli.watch import (
    FROM_END,
    FROM_START,
    METRICS_LISTEN,
    STATE,
    check_logs,
    nearer_start,
    notifier,
    state_file_of,
)
from logmon_tui.cli.web_options import check_web, web_options
from logmon_tui.config.settings import check_windows
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.sources.given import check_distinct
from logmon_tui.state.files import shown
from logmon_tui.state.marks import marks_file

EXAMPLES = """
logmon-tui record /var/log/nginx/access.log      keep its past, and notify of alerts
logmon-tui /var/log/nginx/access.log             look at it at the same time, live and back
"""


@click.command(cls=GroupedCommand, epilog=EXAMPLES)
@options.logs_argument()
@options.alert_options
@options.evaluation_delay
@options.stats_interval
@options.bucket_size
@options.log_format
@options.path_options
@FROM_START
@FROM_END
@options.with_rotated
@options.marks
@METRICS_LISTEN
@STATE
@web_options
@broker_options.broker_options
@broker_options.stream
@options.config
@click.pass_context
def record(ctx: click.Context, /, logs: tuple[str, ...], **parameters: Any) -> int:
    """Record LOGs without a screen: read, save the state, notify.

    It prints a line when it begins, and problems. A watch of the same logs shows what is recorded,
    live and back, while it runs.
    """
    settings = nearer_start(ctx, in_force.settings_from(parameters))
    check_windows(settings, "alert_window", "stats_interval")
    in_force.check_alerts(settings)
    check_web(ctx, settings)
    formats, logs = resolve_inputs(ctx, settings, logs, live=True)
    check_distinct(logs)
    check_logs(ctx, logs, settings)
    state_file = state_file_of(logs, settings.changed(no_state=False, demo=False))
    if state_file is None:
        raise UsageError(
            "record keeps a state, which only plain files have, and streams of brokers; name "
            "such a LOG"
        )
    with ExitStack() as stack:
        marks = marks_file(logs, settings)
        exports = Exports(stack, settings, marks)
        told = notifier(stack, settings, logs)
        # Imported late: numpy is slow to import, and `--help` needs none.
        from logmon_tui.cli.headless import record_quietly

        click.echo(f"recording {', '.join(map(_shown, logs))} in {shown(state_file)}")
        record_quietly(
            logs,
            settings,
            formats,
            state_file,
            notifier=told,
            exports=exports,
            marks=marks,
            reloader=partial(Reloader, ctx, settings, told),
        )
    return 0


def _shown(log: str) -> str:
    return printable(log)
