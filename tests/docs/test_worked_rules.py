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


def rules_in(topic: str, heading: str, folder: Path) -> tuple[Rule, ...]:
    """Return the rules that a section of the manual shows, read as settings."""
    section = text_of(topic).partition(heading)[2].partition("\n##")[0]
    file = folder / "config.toml"
    file.write_text("\n".join(code_of(section, "toml")))
    settings = read_settings_file(file).settings
    return tuple(rule for rule in settings.alert_rules() if rule.name in settings.rules)


@pytest.fixture
def rules(tmp_path: Path) -> tuple[Rule, ...]:
    found = rules_in("rules", "## Scans and guessed logins", tmp_path)
    assert {rule.name for rule in found} == {name for name, _, _ in EXPECTED}
    return found


@pytest.mark.parametrize("way", [watch_live, watch_backlog, watch_whole_log, reported])
def test_the_worked_examples_find_what_they_are_for(rules: tuple[Rule, ...], way: Way) -> None:
    found, _ = way(lines(), Ruled(given=rules), random.Random(2))
    told = [(each.rule, each.subject, each.triggered_at - START) for each in found]
    assert sorted(told, key=lambda each: (each[0], each[1] or b"")) == EXPECTED


DAY = 86_400
FOX = b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ADMINS = (b"10.0.0.1", b"10.0.0.2")
LATER = 9 * DAY
"""Seconds after which there are new subjects; all of the manual's rules have learnt by then."""


def days() -> Lines:
    """Return a few hits every six hours of nine days, then new ones, and what is new no longer."""
    hits = [hit for start in range(0, LATER + 1, DAY // 4) for hit in usual_hits(START + start)]
    new = [
        raw_hit(START + LATER + 1, host=b"203.0.113.5", path=b"/admin/users", agent=FOX),
        raw_hit(START + LATER + 2, host=b"203.0.113.6", path=b"/pages/1", agent=b"sqlmap/1.8"),
        *(raw_hit(START + LATER + 3 + at, path=b"/once-%d" % at, agent=FOX) for at in range(3)),
        *(raw_hit(START + LATER + 10 + at, path=b"/leak.zip", agent=FOX) for at in range(20)),
        *(raw_hit(START + LATER + 30, path=b"/.env", agent=FOX, status=404) for _ in range(20)),
    ]
    return Lines([*hits, *new, *usual_hits(START + LATER + DAY // 4)])


def usual_hits(second: int) -> Iterator[Hit]:
    for number in range(14):
        host, path = ADMINS[number % 2], b"/admin" if number < 4 else b"/pages/%d" % (number % 5)
        yield raw_hit(second, host=host, path=path, agent=FOX)


NEW: list[tuple[str, Subject, int, int]] = [
    ("new_admin_client", b"203.0.113.5", 1, 1),
    ("new_agent", b"sqlmap", 2, 2),
    ("new_path", b"/leak.zip", 10, 19),
]
"""Who is new to which rule, when it is seen first, and when its rule fires."""


@pytest.mark.parametrize("way", [watch_live, watch_backlog, watch_whole_log, reported])
@pytest.mark.parametrize(
    ("topic", "heading"),
    [("rules", "## What was never seen before"), ("alerts", "### A client, a path, a user agent")],
)
def test_the_worked_examples_find_what_was_never_seen(
    topic: str, heading: str, tmp_path: Path, way: Way
) -> None:
    rules = rules_in(topic, heading, tmp_path)
    found, _ = way(days(), Ruled(given=rules), random.Random(3))
    told = [(each.rule, each.subject, each.triggered_at - START - LATER) for each in found]
    assert sorted(told) == [(rule, subject, fires) for rule, subject, _, fires in NEW]
    windows = {rule.name: rule.window for rule in rules}
    for incident, (rule, _, first, _) in zip(
        sorted(found, key=lambda each: each.rule), NEW, strict=True
    ):
        assert incident.recovered_at == START + LATER + first + windows[rule]
