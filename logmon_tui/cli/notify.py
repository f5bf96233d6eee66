"""`logmon-tui notify`: list the targets of notifications, and try them."""

from collections.abc import Mapping

import click

from logmon_tui.cli import options
from logmon_tui.cli.options import GroupedCommand
from logmon_tui.config import default_settings_file
from logmon_tui.errors import OutputError, UsageError
from logmon_tui.escape import printable
from logmon_tui.notify.message import trial_group
from logmon_tui.notify.notifier import message_of, open_sender
from logmon_tui.notify.target import SendError, TargetSettings

_LIST_EXAMPLES = """
logmon-tui notify list                       those of the settings file
logmon-tui notify list --config alerts.toml  those of another one
"""
_TEST_EXAMPLES = """
logmon-tui notify test        send a test message to every target
logmon-tui notify test pager  to one of them
"""
_BY_SCREEN = "the screen"


@click.group("notify", no_args_is_help=False)
def notify() -> None:
    """List the targets of notifications, or send them a test message."""


@notify.command("list", cls=GroupedCommand, epilog=_LIST_EXAMPLES)
@options.config
def list_targets() -> None:
    """Tell which targets there are, and what each of them hears of."""
    targets = _targets()
    for name, target in targets.items():
        try:
            where = _address(name, target)
        except UsageError as error:
            where = f"✗ {error}"
        rules = ", ".join(map(printable, target.rules)) or "all rules"
        told = f"{target.severity.value} and worse" if target.severity == "warning" else "critical"
        click.echo(f"{printable(name)}  {target.KIND}  {where}  {told}, {rules}")
    if not targets:
        click.echo(f"no targets are set; add a table [notify.NAME] to {_default_file()}")


@notify.command("test", cls=GroupedCommand, epilog=_TEST_EXAMPLES)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@options.config
def send_test(names: tuple[str, ...]) -> None:
    """Send a test message to the targets called NAME, or to all; once, without trying again."""
    targets = _targets()
    if not targets:
        raise UsageError(f"no targets are set; add a table [notify.NAME] to {_default_file()}")
    unknown = [name for name in names if name not in targets]
    if unknown:
        raise UsageError(f"{unknown[0]}: no such target; there are {', '.join(targets)}")
    chosen = {name: target for name, target in targets.items() if not names or name in names}
    failed = [name for name, target in chosen.items() if not _test(name, target)]
    if failed:
        raise OutputError(f"{len(failed)} of {len(chosen)} targets failed")


def _targets() -> Mapping[str, TargetSettings]:
    # Mail and HTTP take their time to import, which `--help` need not.
    from logmon_tui.notify.registry import read_targets

    return read_targets(options.settings_from({}).notify)


def _default_file() -> str:
    return printable(str(default_settings_file()))


def _address(name: str, target: TargetSettings) -> str:
    sender = open_sender(name, target)
    return _BY_SCREEN if sender is None else sender.address


def _test(name: str, target: TargetSettings) -> bool:
    """Send one target a test message, say how that went, and return whether it went well."""
    title = f"{printable(name)}  {target.KIND}"
    try:
        sender = open_sender(name, target)
        if sender is None:
            click.echo(f"{title}  nothing to send: the screen does it")
            return True
        sender.send(message_of(trial_group()))
    except (SendError, UsageError) as error:
        click.echo(f"✗ {title}  {error}")
        return False
    click.echo(f"✓ {title}  sent to {sender.address}")
    return True
