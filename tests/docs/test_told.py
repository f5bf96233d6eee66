"""What the program has, the manual tells: keys, options, commands, settings, names of all kinds."""

import tomllib

import click
import msgspec
import pytest
from prometheus_client import Metric

from logmon_tui.alerts.model.metric import Metric as RuleMetric
from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.alerts.rules.objectives import Objective
from logmon_tui.alerts.rules.shipped import shipped_rules
from logmon_tui.alerts.rules.tables import NO_KEYS
from logmon_tui.cli import cli
from logmon_tui.cli.groups import commands_below
from logmon_tui.config.output import Output
from logmon_tui.config.settings import Panel, Settings
from logmon_tui.formats.presets import PRESETS
from logmon_tui.notify.registry import KINDS
from logmon_tui.reports.json import alert_json, report_json, watch_json
from logmon_tui.reports.prometheus import SnapshotCollector
from logmon_tui.snapshot import Ingest, Report
from logmon_tui.tui.paint.keys import SIGNS
from logmon_tui.tui.panels.keys import ALL_GROUPS
from logmon_tui.tui.panels.registry import PANELS
from tests.docs.pages import ROOT, manual, text_of, told, words_of_code
from tests.tui.fakes import full_snapshot

COMMANDS = dict(commands_below(cli))


def missing(names: object, topic: str) -> list[str]:
    """Return the names that do not stand in backticks in a topic."""
    words = {part for words in words_of_code(text_of(topic)) for part in [words, *words.split()]}
    return [str(name) for name in names if str(name) not in words]  # type: ignore[attr-defined]


def test_every_key_is_told() -> None:
    bindings = [binding for group in ALL_GROUPS for binding in group.bindings]
    shown = [key for each in bindings for key in (each.key_display or each.key).split()]
    assert missing(shown, "keys") == []


def test_every_panel_is_told_with_its_key() -> None:
    text = text_of("panels")
    rows = [f"| `{panel.KEYS[0]}` | {panel.TITLE} |" for panel in PANELS]
    assert [row for row in rows if row not in text] == []


def test_every_sign_is_told() -> None:
    assert missing([sign for signs, _, _ in SIGNS for sign in signs.split()], "panels") == []


@pytest.mark.parametrize("words", [None, *COMMANDS])
def test_every_option_is_told(words: str | None) -> None:
    command = cli if words is None else COMMANDS[words]
    options = [each for each in command.params if isinstance(each, click.Option)]
    names = [name for each in options for name in [*each.opts, *each.secondary_opts]]
    assert [name for name in names if not told(name, manual())] == []


@pytest.mark.parametrize(
    "words", [words for words, command in COMMANDS.items() if not isinstance(command, click.Group)]
)
def test_every_command_is_told(words: str) -> None:
    assert told(f"logmon-tui {words}", manual())


def test_every_setting_is_told() -> None:
    names = [name.replace("_", "-") for name in Settings.__struct_fields__]
    options = [name for name in names if not told(f"--{name}", manual())]
    tables = {each for each in options if any(f"[{each}{end}" in manual() for end in ".]")}
    assert [name for name in options if name not in tables] == []


def test_every_name_that_show_takes_is_told() -> None:
    assert missing(Panel, "settings") == []


def test_every_name_that_output_takes_is_told() -> None:
    assert missing(Output, "settings") == []


def test_all_about_rules_is_told() -> None:
    keys = [f.encode_name for f in msgspec.structs.fields(Rule) if f.name not in NO_KEYS]
    names = [*keys, *RuleMetric, *Scope, *(rule.name for rule in shipped_rules(120))]
    assert missing(names, "rules") == []


def test_every_key_of_an_objective_is_told() -> None:
    keys = [field.name for field in msgspec.structs.fields(Objective) if field.name != "name"]
    assert missing(keys, "objectives") == []


def test_every_key_of_a_target_is_told() -> None:
    text = text_of("notifications")
    keys = {key for kind in KINDS for key in kind.__struct_encode_fields__}
    names = [*keys, *(kind.KIND for kind in KINDS)]
    assert [name for name in names if not told(name, text)] == []


def test_every_preset_is_told() -> None:
    assert missing([preset.name for preset in PRESETS], "formats") == []


def test_every_metric_of_prometheus_is_told() -> None:
    collector = SnapshotCollector()
    collector.snapshot = full_snapshot()
    names = [_exposed(family) for family in collector.collect()]
    assert [name for name in names if not told(name, text_of("prometheus"))] == []


def _exposed(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def test_every_key_of_the_json_is_told() -> None:
    snapshot = full_snapshot()
    report = Report(hits=snapshot.now, ingest=Ingest(), incidents=())
    documents = [
        msgspec.json.decode(report_json(report, top=1)),
        msgspec.json.decode(watch_json(snapshot, snapshot.alerts.incidents, top=1)),
    ]
    keys = {key for document in documents for key in [*document, *document["ingest"]]}
    keys |= set(documents[1]["alerts"][0])
    keys |= set(msgspec.json.decode(alert_json(snapshot.alerts.incidents[0])))
    assert missing(sorted(keys), "output") == []


def test_the_architecture_names_each_floor_in_its_place() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(each["layers"] for each in contracts["contracts"] if each["type"] == "layers")
    rows = [" ".join(f"`{room}`" for room in layer.split(" | ")) for layer in layers]
    places = [text_of("architecture").find(f"\n| {row} |") for row in rows]
    assert -1 not in places, [row for row, at in zip(rows, places, strict=True) if at < 0]
    assert places == sorted(places)
