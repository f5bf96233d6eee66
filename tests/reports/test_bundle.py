"""A bundle tells all that is kept of an incident, in files that are safe to paste and to open."""

import json
import re
import stat
import tomllib
import xml.etree.ElementTree as ET
import zipfile
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.evidence.answer import answer
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.alerts.rules.messages import value_text
from logmon_tui.alerts.rules.tables import Limits, read_rules, rules_of
from logmon_tui.config.settings import Settings
from logmon_tui.reports.bundle import MARKS_BEFORE, Bundle, files_of
from logmon_tui.reports.bundle.graph import HEIGHT, WIDTH, incident_graph
from logmon_tui.reports.bundle.markdown import incident_markdown
from logmon_tui.reports.bundle.writing import write_bundle
from logmon_tui.reports.history import HistoryContext
from tests.alerts.test_answer import AT, MANY, PATHS, STATUS, explained
from tests.effort import examples

LIMITS = Limits(10, 0.05, 2.5, 120)
CONTEXT = HistoryContext(AT + 60.0, (), watched=False, saved_at=AT + 50.0)


def told() -> Incident:
    incident = explained(STATUS, PATHS, MANY, message="it fired", note="see #12")
    assert incident.evidence is not None
    lines = (b'10.0.0.1 - - "GET /a|b `c` HTTP/1.1" 503', b"\x1b]0;owned\x07")
    return replace(incident, evidence=replace(incident.evidence, samples=lines))


def bundle_of(incident: Incident) -> Bundle:
    rule = next(each for each in Settings().all_rules() if each.name == "error_rate")
    marks = (
        Mark(AT - MARKS_BEFORE - 1, "too early"),
        Mark(AT - 12, "api 4.12"),
        Mark(AT + 9_999, "late"),
    )
    return Bundle(incident, CONTEXT, rule, marks, ["access.log"], "<svg/>")


def test_its_files_tell_all_that_is_kept() -> None:
    incident = told()
    files = dict(files_of(bundle_of(incident)))
    assert set(files) == {
        *("incident.md", "incident.json", "graph.svg", "screen.svg"),
        *("lines.txt", "rule.toml", "marks.txt"),
    }
    text = files["incident.md"].decode()
    assert answer(incident).replace("_", "\\_") in text
    assert "| `503` | 0 | 81 | 81.0 % |" in text
    assert "| `/api/café` | 0 | 58 | 58.0 % |" in text
    assert json.loads(files["incident.json"])["why"] == answer(incident)
    assert files["marks.txt"] == b"2026-11-22T08:26:48Z api 4.12\n"
    assert files["lines.txt"].splitlines()[1] == rb"\x1b]0;owned\x07"
    graph = ET.fromstring(files["graph.svg"])
    assert graph.tag.endswith("svg")
    assert "High error rate" in "".join(graph.itertext())


@pytest.mark.parametrize("rule", Settings().all_rules(), ids=lambda rule: rule.name)
def test_the_rule_is_one_that_settings_can_have(rule: Rule) -> None:
    files = dict(files_of(Bundle(told(), CONTEXT, rule)))
    tables = tomllib.loads(files["rule.toml"].decode())["rules"]
    (name,) = tables
    read = {each.name: each for each in rules_of(read_rules(tables, {}), LIMITS)}
    assert msgspec.structs.replace(read[name], name=rule.name) == rule


@pytest.mark.parametrize("threshold", [0.0, 0.01, 0.05, 0.3, 0.64, 0.67, 0.9])
def test_labels_of_the_graph_are_whole_and_apart(threshold: float) -> None:
    incident = replace(told(), threshold=threshold)
    assert incident.evidence is not None
    graph = ET.fromstring(incident_graph(incident, incident.evidence))
    labels = [each for each in graph if each.tag.endswith("text")]
    tops = sorted(float(each.attrib["y"]) for each in labels if float(each.attrib["x"]) < 90)
    assert len(tops) > 1
    assert all(below - above >= 15 for above, below in pairwise(tops))
    assert value_text(incident.unit, threshold) in [each.text for each in labels]
    first, *_, last = [each for each in labels if float(each.attrib["y"]) > HEIGHT - 20]
    assert (first.attrib["text-anchor"], last.attrib["text-anchor"]) == ("start", "end")
    assert float(last.attrib["x"]) <= WIDTH


def test_silence_is_no_share_of_hits_and_has_no_window() -> None:
    silence = replace(
        told(), scope=Scope.SERVER, unit=Unit.SECONDS, value=60.1, hits=0, evidence=None
    )
    text = dict(files_of(bundle_of(silence)))["incident.md"].decode()
    assert "| at trigger | 60.1 s |" in text
    assert "| window |" not in text


def test_an_incident_without_evidence_has_fewer_files() -> None:
    incident = replace(told(), evidence=None)
    files = dict(files_of(Bundle(incident, CONTEXT)))
    assert set(files) == {"incident.md", "incident.json"}
    assert b"Why it fired was not kept" in files["incident.md"]


@pytest.mark.parametrize("name", ["one", "one.zip"])
def test_it_is_written_whole_for_the_user_alone(tmp_path: Path, name: str) -> None:
    bundle = bundle_of(told())
    path = write_bundle(bundle, tmp_path / name)
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    if path.is_dir():
        read = {each.name: each.read_bytes() for each in path.iterdir()}
    else:
        with zipfile.ZipFile(path) as archive:
            read = {each.removeprefix("one/"): archive.read(each) for each in archive.namelist()}
    assert read == dict(files_of(bundle))
    assert [each.name for each in tmp_path.iterdir()] == [name], "nothing is left beside it"


@pytest.mark.parametrize("name", ["one", "one.zip"])
def test_what_is_there_is_never_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_bundle(bundle_of(told()), tmp_path / name)
    assert not (tmp_path / "elsewhere").exists()


def test_its_name_is_safe_whatever_the_rule_is_called() -> None:
    bundle = Bundle(replace(told(), rule="../../x y\n" * 20), CONTEXT)
    assert re.fullmatch(r"incident-[0-9TZ]+-[A-Za-z0-9_]+-[0-9a-f]{8}", bundle.name)


MARKUP = st.sampled_from(
    [
        b"`",
        b"``",
        b"|",
        b"*",
        b"_",
        b"<b>",
        b"](x)",
        b"![",
        b"@all",
        b"https://x",
        b"\n",
        b"#",
        b"$",
    ]
)


SPANS = re.compile(r"\\.|(`+)(?!`).*?(?<!`)\1(?!`)")
"""An escaped character, or code; from left to right, as Markdown is read."""


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(MARKUP | st.binary(max_size=5), min_size=1, max_size=8).map(b"".join))
def test_no_text_becomes_markup(key: bytes) -> None:
    """Take away code and escaped characters: nothing of the key is left that means anything."""
    movers = tuple((kind, (Mover(key, 0, 9, 0.9),)) for kind in Kind)
    evidence = Evidence(0, 9, movers, samples=(key,))
    title = key.decode("utf-8", "surrogateescape")
    incident = replace(told(), evidence=evidence, title=title, note=title, subject=key)
    for line in incident_markdown(incident, (Mark(AT, title),), (title,)):
        assert "\n" not in line
        if line.startswith("    "):  # code
            continue
        cells = re.split(r"(?<!\\)\|", line) if line.startswith("|") else [line]
        assert len(cells) in {1, 4, 6}
        for cell in cells:
            rest = SPANS.sub("", cell).replace("**", "")
            assert not re.search(r"[`<>\[\]@$|]|://", rest), (line, rest)
