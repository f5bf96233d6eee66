"""Makes the man page from the commands' help texts and the manual's topics.

`python -m logmon_tui.cli.manpage` writes `logmon_tui/docs/logmon-tui.1`, which a wheel installs as
`share/man/man1/logmon-tui.1`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from logmon_tui import __version__
from logmon_tui.cli import DEFAULT, EXAMPLES, PROGRAM, cli
from logmon_tui.cli.groups import commands_below
from logmon_tui.docs.topics import FOLDER, TOPICS, read_topic

PAGE = FOLDER / f"{PROGRAM}.1"

_SYNOPSIS = (
    f"{PROGRAM} [watch] [OPTIONS] [LOG]...",
    f"{PROGRAM} COMMAND [OPTIONS] [ARGS]...",
)
_FILES = {
    "~/.config/logmon-tui/config.toml": "The settings file, unless --config names another one.",
    "~/.local/state/logmon-tui/": "What watches keep from run to run, and the choices of panels.",
    "/tmp/access.log": "The LOG that is watched if none is given.",  # noqa: S108 - only named
}
_EXIT_CODES = {
    "0": "All went well.",
    "1": "Something failed, such as a target of notifications.",
    "2": "Wrong usage or settings, or a report without a hit; a line on standard error says why.",
    "3": "A limit of report --fail-if is crossed.",
    "4": "No limit of report --fail-if is crossed, but one could not be judged.",
    "130": "Interrupted.",
}


def man_page() -> str:
    """Return the page as roff, with the man macros."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield r".\" Written by python -m logmon_tui.cli.manpage."
    yield f'.TH {PROGRAM.upper()} 1 "" "{PROGRAM} {__version__}"'
    yield from (".nh", ".ad l")  # options and file names are not broken
    yield ".SH NAME"
    yield rf"{roff(PROGRAM)} \- live HTTP traffic on a split screen, read from access logs"
    yield ".SH SYNOPSIS"
    for line in _SYNOPSIS:
        yield from (".nf", roff(line), ".fi")
    yield ".SH DESCRIPTION"
    yield from _paragraphs(cli.help or "")
    yield ".SH COMMANDS"
    commands = dict(commands_below(cli))
    for words in sorted(commands, key=lambda each: each != DEFAULT):
        yield from _command(words, commands[words])
    yield ".SH ENVIRONMENT"
    yield from _paragraphs(
        "Each option of a command can be set as LOGMON_<OPTION>: LOGMON_THRESHOLD=50. Options beat "
        "the environment, which beats the settings file."
    )
    yield ".SH FILES"
    yield from _terms(_FILES.items())
    yield ".SH EXIT STATUS"
    yield from _terms(_EXIT_CODES.items())
    yield ".SH EXAMPLES"
    yield from (".nf", *map(roff, EXAMPLES.strip().splitlines()), ".fi")
    yield ".SH MANUAL"
    yield from _paragraphs(f"{PROGRAM} help TOPIC prints a topic; F1 shows all in the program.")
    yield from _terms((name, read_topic(name).summary) for name in TOPICS)


def _command(words: str, command: click.Command) -> Iterator[str]:
    """Yield what a command does, how it is called, its options and its examples."""
    root = click.Context(cli, info_name=PROGRAM, **cli.context_settings)
    ctx = click.Context(command, parent=root, info_name=words)
    yield f'.SS "{roff(words)}"'
    yield from (".nf", roff(" ".join([PROGRAM, words, *command.collect_usage_pieces(ctx)])), ".fi")
    yield from _paragraphs(command.help or "")
    options = [each for each in command.get_params(ctx) if isinstance(each, click.Option)]
    records = [each.get_help_record(ctx) for each in options]
    yield from _terms(record for record in records if record is not None)
    if command.epilog:
        lines = [line.strip() for line in command.epilog.strip().splitlines()]
        yield from (".PP", ".nf", *map(roff, lines), ".fi")


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.strip().split("\n\n"):
        yield ".PP"
        yield roff(" ".join(paragraph.split()))


def _terms(terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, meaning in terms:
        yield ".TP"
        yield rf"\fB{roff(term)}\fR"
        yield roff(meaning)


def roff(text: str) -> str:
    """Escape `text` so that roff prints it literally, from one line of input."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    escaped = escaped.replace("`", r"\(ga").replace("^", r"\(ha").replace("~", r"\(ti")
    escaped = escaped.replace('"', r"\(dq")
    return rf"\&{escaped}" if escaped.startswith(".") else escaped


def main(page: Path = PAGE) -> None:
    """Write the page."""
    page.write_text(man_page(), "utf-8")


if __name__ == "__main__":
    main()
