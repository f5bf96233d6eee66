"""Lines of one preset in the parser of another: no hit, or one that says the same."""

from functools import cache

import pytest

from logmon_tui.formats.detection import hits_of
from logmon_tui.formats.model.field import MEASURES, TEXTS, Field
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.values import method_of, path_of, split_request
from logmon_tui.formats.presets import PRESETS
from tests.formats import examples_data

BY_NAME = {preset.name: preset for preset in PRESETS}
OWN = [name for name in examples_data.presets() if name in BY_NAME]

EXCEPTIONS: dict[tuple[str, str], str] = {}
_UNITS = ("combined_time_us", "combined_time_s", "combined_time_ms")
for one in _UNITS:
    for other in _UNITS:
        EXCEPTIONS[one, other] = "they differ in the unit only, which the values of a sample tell"


@cache
def own_hits(name: str) -> list[tuple[bytes, Hit]]:
    return list(hits_of(BY_NAME[name], examples_data.load(name).log.splitlines()))


def under_its_header(preset: LogFormat) -> LogFormat:
    """A preset of which lines can be hits."""
    return preset.following(f"{examples_data.load(preset.name).header}\n".encode())


def told(hit: Hit, log_format: LogFormat) -> dict[str, object]:
    """What a hit says, in words that any two formats share."""
    fields = log_format.fields
    facts: dict[str, object] = {"second": hit.second, "status": hit.status}
    if Field.REQUEST in fields:
        facts["method"], facts["path"] = split_request(hit.request)[:2]
    else:
        facts["method"], facts["path"] = method_of(hit.method), path_of(hit.target)
    for field, name in TEXTS.items():
        if field in fields and field not in {Field.REQUEST, Field.METHOD, Field.TARGET}:
            facts[field.value] = getattr(hit, name)
    if Field.SIZE in fields:
        facts["size"] = hit.size
    for field, measure in MEASURES.items():
        if field in fields:
            facts[field.value] = getattr(hit, measure)
    return facts


@pytest.mark.parametrize("name", OWN)
def test_the_wrong_preset_finds_no_wrong_hits(name: str) -> None:
    wrong = []
    for other in PRESETS:
        if (name, other.name) in EXCEPTIONS:
            continue
        parser = under_its_header(other).line_parser()
        for line, hit in own_hits(name):
            found = parser.parse(line)
            if found is not None:
                right, here = told(hit, BY_NAME[name]), told(found, other)
                different = {
                    key: (right[key], here[key])
                    for key in right.keys() & here.keys()
                    if right[key] != here[key]
                }
                if different:
                    wrong.append((other.name, line[:80], different))
    assert wrong == []


def test_every_preset_has_examples_that_are_hits() -> None:
    assert [preset.name for preset in PRESETS if preset.name not in OWN] == []
    assert all(own_hits(name) for name in OWN)
