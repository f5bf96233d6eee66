"""The rules that the manual shows against scans and guessed logins find these, and nobody else."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.config.settings_file import read_settings_file
from logmon_tui.formats.model.hit import Hit
from tests.alerts.raw_traffic import Lines, raw_hit
from tests.alerts.ways import Ruled, Way, reported, watch_backlog, watch_live, watch_whole_log
from tests.docs.pages import code_of, text_of
from tests.traffic import START

SCANNER, DEAD_LINK, COPYING, FORGETFUL = (
    b"198.51.100.9",
    b"198.51.100.7",
    b"192.0.2.1",
    b"192.0.2.2",
)
SECONDS = 640


def people(at: int, chance: random.Random) -> Iterator[Hit]:
    """Yield the hits of a second, some of which are 404s."""
    for number in range(12 if at == SECONDS - 1 else 4):
        host, path = b"10.0.0.%d" % (at % 3 * 12 + number), b"/pages/%d" % chance.randrange(8)
        status = 404 if chance.random() < 0.02 else 200
        yield raw_hit(START + at, host=host, path=path, status=status)
    if 480 <= at < 483:
        yield raw_hit(START + at, host=FORGETFUL, path=b"/login", status=401)
    if at >= 500:
        yield raw_hit(START + at, host=b"10.0.0.1", path=b"/login", status=200)


def strangers(at: int) -> Iterator[Hit]:
    """Yield the hits of a copy of the site, a scan, a dead link, and of guessed passwords."""
    if 50 <= at < 450:
        yield raw_hit(START + at, host=COPYING, path=b"/archive/%d" % at)
    for number in range(2):
        if 100 <= at < 180:
            path = b"/cgi-bin/%d-%d" % (at, number)
            yield raw_hit(START + at, host=SCANNER, path=path, status=404)
        if 200 <= at < 280:
            yield raw_hit(START + at, host=DEAD_LINK, path=b"/logo.png", status=404)
    if 500 <= at < 620:
        host = b"203.0.113.%d" % (at - 500)
        yield raw_hit(START + at, host=host, path=b"/login", status=403 if at % 2 else 401)


def lines() -> Lines:
    chance = random.Random(1)
    return Lines([hit for at in range(SECONDS) for hit in (*people(at, chance), *strangers(at))])


EXPECTED: list[tuple[str, Subject, int]] = [
    ("failed_logins", None, 597),
    ("login_sources", None, 519),
    ("missing", DEAD_LINK, 230),
    ("missing", SCANNER, 130),
    ("scanner", SCANNER, 115),
]
"""The rules that fire, for whom, and the second."""


@pytest.fixture
def rules(tmp_path: Path) -> tuple[Rule, ...]:
    """The rules of the manual's section, read as settings."""
    section = text_of("rules").partition("## Scans and guessed logins")[2].partition("\n## ")[0]
    file = tmp_path / "config.toml"
    file.write_text("\n".join(code_of(section, "toml")))
    names = {name for name, _, _ in EXPECTED}
    settings = read_settings_file(file).settings
    found = tuple(rule for rule in settings.alert_rules() if rule.name in names)
    assert {rule.name for rule in found} == names == set(settings.rules)
    return found


@pytest.mark.parametrize("way", [watch_live, watch_backlog, watch_whole_log, reported])
def test_the_worked_examples_find_what_they_are_for(rules: tuple[Rule, ...], way: Way) -> None:
    found, _ = way(lines(), Ruled(given=rules), random.Random(2))
    told = [(each.rule, each.subject, each.triggered_at - START) for each in found]
    assert sorted(told, key=lambda each: (each[0], each[1] or b"")) == EXPECTED
