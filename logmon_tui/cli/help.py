"""`logmon-tui help`: the manual in the terminal."""

import click

from logmon_tui.cli.options import GroupedCommand
from logmon_tui.docs.topics import TOPICS, read_topic
from logmon_tui.errors import UsageError, meant

_EXAMPLES = """
logmon-tui help                 the topics, a line each
logmon-tui help alerts          when the alerts fire, and how to keep them quiet
logmon-tui help rules | less    the same in a pipe: text without colours
"""


@click.command("help", cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument("topic", required=False)
@click.pass_context
def help_command(ctx: click.Context, topic: str | None) -> None:
    """Print a TOPIC of the manual; without TOPIC, list the topics.

    The dashboard shows the same topics: press F1.
    """
    if topic is None:
        _list_topics()
    elif topic in TOPICS:
        _print_topic(topic)
    else:
        raise UsageError(f"{topic}: no such topic{_hint(ctx, topic)}")


def _list_topics() -> None:
    width = max(map(len, TOPICS))
    click.echo("Topics of the manual (logmon-tui help TOPIC prints one):\n")
    for name in TOPICS:
        click.echo(f"  {name:{width}}  {read_topic(name).summary}")
    click.echo("\nlogmon-tui --help lists commands and options; COMMAND --help those of a command.")


def _print_topic(name: str) -> None:
    """Print a topic: in colour and page by page on a terminal, elsewhere as plain text."""
    # Rich is slow to import.
    from logmon_tui.cli.terminal import columns, takes_colour, takes_pages
    from logmon_tui.docs.page import printed

    text = printed(read_topic(name).text, columns(), colour=takes_colour())
    if takes_pages():
        click.echo_via_pager(text)
    else:
        click.echo(text, nl=False)


def _hint(ctx: click.Context, word: str) -> str:
    """Return a suggestion for a word that is not a topic."""
    commands = getattr(ctx.find_root().command, "commands", {})
    if word in commands:
        return f"; {word} is a command: logmon-tui {word} --help"
    return f"{meant(word, TOPICS) or ';'} logmon-tui help lists them"
