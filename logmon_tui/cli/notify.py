"""`logmon-tui notify`: list the targets of notifications, and try them."""

import time
from collections.abc import Sequence
from uuid import uuid4

import click

from logmon_tui.cli import in_force, options
from logmon_tui.cli.groups import CommandGroup
from logmon_tui.cli.options import GroupedCommand
from logmon_tui.config.logs import DEFAULT_LOG
from logmon_tui.errors import OutputError, UsageError
from logmon_tui.escape import printable
from logmon_tui.notify.message import trial_group
from logmon_tui.notify.notifier import message_of
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
_FAILED = "✗"
_SENT = {True: "✓", False: _FAILED, None: "·"}


@click.group("notify", cls=CommandGroup, no_args_is_help=False)
def notify() -> None:
    """List targets of notifications, or send them a test message."""


@notify.command("list", cls=GroupedCommand, epilog=_LIST_EXAMPLES)
@options.config
def list_targets() -> None:
    """List the targets, with the alerts that each of them receives."""
    targets = in_force.targets()
    if not targets:
        click.echo(_none_set())
        return
    rows, broken = [], 0
    for name, target in targets.items():
        try:
            sign, where = "●", address_of_target(target)
        except UsageError as error:
            sign, where = _FAILED, str(error)
            broken += 1
        rules = ", ".join(map(printable, target.rules)) or "all rules"
        level = f"{target.severity.value} and worse" if target.severity == "warning" else "critical"
        chosen = f", where {printable(target.where)}" if target.where else ""
        if target.group_by:
            chosen += f", by {', '.join(map(printable, target.group_by))}"
        rows.append((f"{sign} {printable(name)}", target.KIND, where, f"{level}, {rules}{chosen}"))
    click.echo("\n".join(_aligned(rows)))
    if broken:
        raise OutputError(f"{broken} of {len(targets)} targets cannot be sent to")


@notify.command("test", cls=GroupedCommand, epilog=_TEST_EXAMPLES)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@options.config
def send_test(names: tuple[str, ...]) -> None:
    """Send a test message to the targets called NAME, or to all.

    It is not tried again.
    """
    targets = in_force.targets()
    if not targets:
        raise UsageError(_none_set())
    unknown = [name for name in names if name not in targets]
    if unknown:
        raise UsageError(f"{unknown[0]}: no such target; there are {', '.join(targets)}")
    chosen = {name: target for name, target in targets.items() if not names or name in names}
    titles = _aligned([(printable(name), target.KIND, "") for name, target in chosen.items()])
    failed = 0
    for title, target in zip(titles, chosen.values(), strict=True):
        sent, outcome = tested(target)
        click.echo(f"{_SENT[sent]} {title}{outcome}")
        failed += sent is False
    if failed:
        raise OutputError(f"{failed} of {len(chosen)} targets failed")


def _none_set() -> str:
    file = printable(str(in_force.settings_file()))
    return f"no targets are set; add a table [notify.NAME] to {file}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return one line for each row, with all columns but the last padded."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]


def address_of_target(target: TargetSettings) -> str:
    """Return a target's address without secrets. Raises UsageError if it cannot be opened."""
    sender = target.open()
    return _BY_SCREEN if sender is None else sender.address


def tested(target: TargetSettings) -> tuple[bool | None, str]:
    """Send a test message to a target; return whether it was sent, and a message about it.

    None instead of a bool means a target that only the screen can serve, such as the bell.
    """
    try:
        sender = target.open()
        if sender is None:
            return None, "nothing to send: the screen does it"
        message = message_of(trial_group(str(uuid4()), int(time.time())), (DEFAULT_LOG,))
        sender.send(message)
    except (SendError, UsageError) as error:
        return False, str(error)
    return True, f"sent to {sender.address}"
