"""The command line: `logmon-tui [watch]`, and one module for each other command.

A command's module is imported only when the command runs, so that no command waits for another's
imports. An error of usage or configuration prints one line on standard error, with exit code 2.
"""

import os
import sys
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource
from click_default_group import DefaultGroup

from logmon_tui import __version__
from logmon_tui.cli.groups import LazyCommands, check_no_command
from logmon_tui.errors import LogmonError, meant
from logmon_tui.escape import printable

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PROGRAM = "logmon-tui"

DEFAULT = "watch"
_COMMANDS = {
    "ack": "logmon_tui.cli.ack:ack",
    "agent": "logmon_tui.cli.agent:agent",
    "alerts": "logmon_tui.cli.alerts:alerts",
    "bundle": "logmon_tui.cli.bundle:bundle",
    "completion": "logmon_tui.cli.completion:completion",
    "config": "logmon_tui.cli.config:config_commands",
    "doctor": "logmon_tui.cli.doctor.command:doctor",
    "fleet": "logmon_tui.cli.fleet:fleet_commands",
    "formats": "logmon_tui.cli.formats:formats",
    "help": "logmon_tui.cli.help:help_command",
    "mark": "logmon_tui.cli.mark:mark",
    "notify": "logmon_tui.cli.notify:notify",
    "record": "logmon_tui.cli.record:record",
    "report": "logmon_tui.cli.report:report",
    "rules": "logmon_tui.cli.rules:rules_commands",
    "silence": "logmon_tui.cli.silence:silence",
    "simulate": "logmon_tui.cli.simulate:simulate",
    "state": "logmon_tui.cli.state:state_commands",
    "unsilence": "logmon_tui.cli.silence:unsilence",
    DEFAULT: "logmon_tui.cli.watch:watch",
}
"""Each command's module, and its name in that module."""

_RELOADING = ("record", DEFAULT)
"""Commands that SIGHUP has read the settings file again."""


_OWN_PROCESS = object()
"""The object of the context where a command runs in a process of its own."""


EXAMPLES = """
logmon-tui /var/log/nginx/access.log                    watch it on the full screen
logmon-tui --threshold 50 --alert-window 60 access.log  with other alert limits
logmon-tui --demo                                       see it at work on simulated traffic
logmon-tui --output json access.log | jq .rate          without a screen, for scripts
logmon-tui record access.log                            keep its past, as a service does
logmon-tui report --top 20 access.log                   read a whole log once, sum it up
logmon-tui report --since -10m --against -1d access.log what changed since yesterday
tail -F access.log | logmon-tui -                       read standard input
logmon-tui syslog://127.0.0.1:5514                      what servers send; http:// too
logmon-tui formats access.log                           how its lines read, and why some do not
logmon-tui state show access.log                        what is kept of it from run to run
logmon-tui alerts --since 3d access.log                 what fired of late, from what is kept
logmon-tui ack 5702 access.log                          somebody sees to that one alert
logmon-tui silence --rule ddos --for 2h access.log      notify nobody of a rule's alerts
logmon-tui bundle 5702 access.log                       all that is kept of one alert, as files
logmon-tui mark 'api 4.12' access.log                   name this moment in graphs and alerts
logmon-tui rules test config.toml access.log            what its alert rules would have found
logmon-tui agent --to nats://broker:4222 access.log     send its lines to dashboards elsewhere
logmon-tui watch nats://broker:4222                     what the agents of many hosts send
logmon-tui notify test                                  try how alerts reach someone
logmon-tui doctor access.log                            check what the watch of a log needs
logmon-tui config show                                  the settings in force, and where from
logmon-tui help alerts                                  the manual's page on alerts
"""


class MainGroup(DefaultGroup):  # type: ignore[misc]  # the library carries no types
    """All commands. Its help lists them, and the options of `watch`, the default command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Fall back to the default command, except while the shell completes the first word."""
        if ctx.resilient_parsing and not args:
            return click.Group.parse_args(self, ctx, args)
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command. Raises UsageError for a misspelt command."""
        if not ctx.resilient_parsing and args[0] not in self.commands:
            check_no_command(self, args[0])
        resolved: tuple[str | None, click.Command | None, list[str]]
        if ctx.obj is _OWN_PROCESS and (args[0] in _RELOADING or args[0] not in self.commands):
            from logmon_tui.cli.background import remember_hangups

            remember_hangups()
        resolved = super().resolve_command(ctx, args)
        return resolved

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return commands, the options of `watch`, and files."""
        from click.shell_completion import CompletionItem

        watch = self.commands[DEFAULT]
        own = click.Group.shell_complete(self, ctx, incomplete)
        taken = {item.value for item in own}
        others = [*watch.shell_complete(ctx, incomplete), CompletionItem(incomplete, type="file")]
        return own + [item for item in others if item.value not in taken]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options of `watch` in their groups."""
        from logmon_tui.cli.options import write_groups

        self.format_commands(ctx, formatter)
        write_groups(self.commands[DEFAULT], ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        from logmon_tui.cli.options import write_examples

        del ctx
        write_examples(EXAMPLES, formatter)


@click.group(
    cls=MainGroup,
    commands=LazyCommands(_COMMANDS),
    default=DEFAULT,
    default_if_no_args=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    options_metavar="",
    subcommand_metavar="[watch] [OPTIONS] [LOG]... | COMMAND [OPTIONS] [ARGS]...",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _, asked: _show_version(ctx) if asked else None,
    help="Show the version and exit.",
)
def cli() -> None:
    """Live HTTP traffic on a split screen, read straight from access logs.

    What is hot, what is failing, which alert fired and why. LOG defaults to /tmp/access.log;
    a log that does not exist yet is waited for. HOST:/PATH is a log of another machine, read by
    ssh. LOG may also be an address at which to receive lines, such as syslog://127.0.0.1:5514;
    `help receive` tells how. Each option can also be set in the environment as LOGMON_<OPTION>, and
    in a settings file.
    """


def _show_version(ctx: click.Context) -> None:
    """Print the version and the scanner in use: without the native one, reading is slow."""
    from logmon_tui.native.library import problem

    why = problem()
    reader = f"line parser: {why}" if why else "native scanner"
    click.echo(f"{PROGRAM}, version {__version__} ({reader})")
    ctx.exit()


def main() -> None:
    """Run the command line and exit."""
    if sys.stdout is None:
        sys.exit(_print_error("standard output is closed; send it to a file or /dev/null", 2))
    try:
        code = cli.main(prog_name=PROGRAM, standalone_mode=False, obj=_OWN_PROCESS)
        sys.stdout.flush()
    except LogmonError as error:
        sys.exit(_print_error(str(error), error.exit_code))
    except click.UsageError as error:
        sys.exit(_print_error(_usage_message(error), 2))
    except click.ClickException as error:
        sys.exit(_print_error(error.format_message(), error.exit_code))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except OSError as error:
        # Or the interpreter would fail again when it flushes standard output at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        reader_gone = isinstance(error, BrokenPipeError)  # such as `head`: no error to report
        where = printable(str(error.filename)) if error.filename else "output cannot be written"
        sys.exit(1 if reader_gone else _print_error(f"{where}: {error.strerror}", 1))
    sys.exit(code if isinstance(code, int) else 0)


def _usage_message(error: click.UsageError) -> str:
    """Return the message, with the option or the environment variable that caused the error."""
    command = error.ctx.command_path if error.ctx else PROGRAM
    message = error.format_message()
    if isinstance(error, click.NoSuchOption):
        near = meant(error.option_name, _options(error.ctx))
        message = f"{error.option_name}: no such option{near}"
    if isinstance(error, click.BadParameter) and isinstance(error.param, click.Option):
        where = error.param.opts[0]
        name = error.param.name or ""
        source = error.ctx.get_parameter_source(name) if error.ctx else None
        if source is ParameterSource.ENVIRONMENT:
            where = f"LOGMON_{name.upper()} in the environment"
        message = f"{where}: {error.message}"
    return f"{message} ({command} --help tells more)"


def _options(ctx: click.Context | None) -> list[str]:
    """Return the names of the running command's options."""
    parameters = ctx.command.get_params(ctx) if ctx else []
    return [name for each in parameters if isinstance(each, click.Option) for name in each.opts]


def _print_error(message: str, code: int) -> int:
    """Print an error in one line on standard error; return the exit code."""
    line = printable(" ".join(message.split()))
    click.echo(f"{PROGRAM}: {line}", err=True)
    return code
