"""`logmon-tui rules`: check alert rules, list them, try them on logs, and hold them to tests."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.text import rule_text
from logmon_tui.cli import in_force, options
from logmon_tui.cli.groups import CommandGroup
from logmon_tui.cli.options import GroupedCommand
from logmon_tui.cli.report import check_hits, read_asked
from logmon_tui.cli.terminal import columns
from logmon_tui.config.expectations import Trial, read_expectations
from logmon_tui.config.settings import Settings, check_windows
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.toml_tables import unknown

if TYPE_CHECKING:
    from logmon_tui.snapshot import Report

_CHECK_EXAMPLES = """
logmon-tui rules check config.toml                 list each rule, or say what is wrong with it
logmon-tui rules check --threshold 50 config.toml  the same, with an option of `watch`
"""
_LIST_EXAMPLES = """
logmon-tui rules list                            built-in, shipped and own rules
"""
_TEST_EXAMPLES = """
logmon-tui rules test config.toml access.log     what would have fired, when and for how long
logmon-tui rules test --output json config.toml 'logs/*.log' | jq .rules
"""

_EXPECT_EXAMPLES = """
logmon-tui rules expect expected.toml    exit code 1 if rules find other incidents than expected
"""

_FILE = click.Path(readable=False)
_EXPECTED = "logmon_tui.expectations"
"""Key under which the context of `expect` keeps what is expected."""

_STATE = 5
"""Columns of `on` or `off` and the blanks after it."""
_LEAST_ROOM = 36
"""Minimum columns for a rule's text beside its names; with fewer, the text goes below them."""


@click.group("rules", cls=CommandGroup, no_args_is_help=False)
def rules_commands() -> None:
    """Check alert rules, list them, or try them on logs."""


def _use_file(ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Read the settings from FILE, as `--config` does."""
    if not ctx.resilient_parsing:
        in_force.use_settings_file(ctx, Path(value))
    return value


@rules_commands.command(cls=GroupedCommand, epilog=_CHECK_EXAMPLES)
@click.argument("file", type=_FILE, is_eager=True, callback=_use_file)
@options.alert_options
@options.bucket_size
def check(file: str, **parameters: Any) -> None:
    """Check the settings in FILE, and say what each rule does."""
    settings = in_force.settings_from(parameters)
    check_windows(settings, "alert_window")
    in_force.check_alerts(settings)
    rules = settings.all_rules()
    click.echo("\n".join(_lines(rules, columns())))
    on = sum(rule.enabled for rule in rules)
    targets, windows = len(settings.notify), len(settings.maintenance)
    more = f", {targets} target{'s' if targets > 1 else ''} of notifications" if targets else ""
    more += f", {windows} maintenance window{'s' if windows > 1 else ''}" if windows else ""
    click.echo(f"{printable(file)}: ok, {on} rules on, {len(rules) - on} off{more}")


@rules_commands.command("list", cls=GroupedCommand, epilog=_LIST_EXAMPLES)
@options.alert_options
@options.bucket_size
@options.config
def list_rules(**parameters: Any) -> None:
    """List all alert rules, on or off, with their thresholds."""
    settings = in_force.settings_from(parameters)
    check_windows(settings, "alert_window")
    in_force.check_alerts(settings)
    click.echo("\n".join(_lines(settings.all_rules(), columns())))


@rules_commands.command(cls=GroupedCommand, epilog=_TEST_EXAMPLES)
@click.argument("file", type=_FILE, is_eager=True, callback=_use_file, expose_value=False)
@options.logs_argument("LOG...", required=True)
@options.alert_options
@options.bucket_size
@options.log_format
@options.with_rotated
@options.path_options
@options.output_option("text", "json")
@click.pass_context
def test(ctx: click.Context, /, logs: tuple[str, ...], **parameters: Any) -> None:
    """Show what the rules in FILE would have found in whole LOGs.

    FILE is a settings file.
    """
    settings = in_force.settings_from(parameters)
    report, names = read_asked(ctx, settings, logs, seen=True)
    from logmon_tui.cli.replay import replay_json, replay_text

    rules = [rule for rule in settings.alert_rules() if not rule.of_silence]  # it needs hosts
    if settings.output == "json":
        click.echo(replay_json(report, rules))
    else:
        click.echo("\n".join(replay_text(report, rules, names, columns())))
    check_hits(report, names)


def _use_settings_of(ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Read the settings that the expectations in FILE name, or else the user's own."""
    if not ctx.resilient_parsing:
        found = ctx.meta[_EXPECTED] = read_expectations(Path(value))
        in_force.read_config(ctx, None if found.settings is None else str(found.settings))
    return value


@rules_commands.command(cls=GroupedCommand, epilog=_EXPECT_EXAMPLES)
@click.argument("file", type=_FILE, is_eager=True, callback=_use_settings_of)
@options.alert_options
@options.bucket_size
@options.log_format
@options.with_rotated
@options.path_options
@click.pass_context
def expect(ctx: click.Context, /, file: str, **parameters: Any) -> None:
    """Check that rules find what FILE expects in logs, and no more.

    If they find others, print how they differ; the exit code is 1 then. `help rules` tells what
    stands in FILE.
    """
    settings = in_force.settings_from(parameters)
    from logmon_tui.cli.expecting import difference_lines, differing

    trials, failed = ctx.meta[_EXPECTED].trials, 0
    for trial in trials:
        _check_patterns(trial, settings)
        report = _report_of(ctx, settings, trial)
        if differs := differing(trial, report):
            failed += 1
            click.echo(f"{printable(trial.name)}: failed; - is missing, + was not expected")
            click.echo("\n".join(difference_lines(differs, report.first_hit or 0)))
    tests = f"{len(trials)} test{'' if len(trials) == 1 else 's'}"
    click.echo(f"{printable(file)}: {f'{failed} of {tests} failed' if failed else f'ok, {tests}'}")
    if failed:
        ctx.exit(1)


def _check_patterns(trial: Trial, settings: Settings) -> None:
    """Raise UsageError for a rule that is not on, of which nothing can be found."""
    on = [rule.name for rule in settings.alert_rules() if not rule.of_silence]
    for name in (*trial.rules, *(each.rule for each in trial.incident)):
        if not any(fnmatchcase(each, name) for each in on):
            where = f"test {printable(trial.name)!r}"
            raise UsageError(f"{where}: the rule {printable(name)!r} {unknown(name, on)}")


def _report_of(ctx: click.Context, settings: Settings, trial: Trial) -> "Report":
    """Return the report of a trial's log. Raises UsageError if it cannot be read or has no hit."""
    with TemporaryDirectory() as folder:
        log = Path(trial.log) if trial.log else Path(folder, "lines")
        if trial.lines:
            log.write_text(trial.lines)
        report, names = read_asked(ctx, settings, (str(log),))
        check_hits(report, names)
    return report


def _lines(rules: Sequence[Rule], width: int | None) -> Iterator[str]:
    """Yield lines of at most `width` columns for each rule; with None, one line for each.

    A rule's text stands in its own column beside the names, or below them if there is too little
    room.
    """
    from logmon_tui.fitting import flowed, words_of, wrapped_text

    names = max(len(rule.name) for rule in rules)
    titles = max(len(printable(rule.title)) for rule in rules)
    before = _STATE + names + 2 + titles + 2
    for rule in rules:
        state = f"{'on' if rule.enabled else 'off':<{_STATE}}"
        text = printable(rule_text(rule))
        if width is None or width - before >= _LEAST_ROOM:
            start = f"{state}{rule.name:<{names}}  {printable(rule.title):<{titles}}  "
            yield from flowed(words_of(text), width, start=start, hanging=before)
        else:
            names_line = f"{state}{rule.name}  {printable(rule.title)}"
            yield from wrapped_text(names_line, width, hanging=_STATE)
            yield from wrapped_text(f"{'':{_STATE}}{text}", width, hanging=_STATE)
