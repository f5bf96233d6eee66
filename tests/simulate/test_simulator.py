"""The simulator: what its lines look like, and how many there are."""

import math
import re
import time
from collections import Counter

import apache_log_parser
import pytest

from logmon_tui.errors import UsageError
from logmon_tui.simulate.simulator import (
    LineFormat,
    Rate,
    Simulator,
    parse_rate,
)
from tests.simulate.start import START

COMBINED = re.compile(
    rb"(?P<host>[0-9a-f.:]+) - (?P<user>[a-z]+|-) \[22/Nov/2025:08:26:40 \+0000\] "
    rb'"(?P<method>[A-Z]+) (?P<path>/[^ "]*) HTTP/[0-9.]+" (?P<status>\d{3}) (?P<size>\d+)'
    rb'(?P<rest> "[^"]+" "[^"]+")?\n'
)


def fields(lines: list[bytes]) -> list[dict[str, bytes]]:
    found = []
    for line in lines:
        match = COMBINED.fullmatch(line)
        assert match, line
        found.append(match.groupdict())
    return found


@pytest.fixture(scope="module")
def many() -> list[dict[str, bytes]]:
    """Twenty thousand lines of one second, taken apart."""
    return fields(Simulator(seed=1, rate=Rate(20_000, 20_000)).lines(START))


# --- lines ---------------------------------------------------------------------------------


def test_same_seed_and_second_give_the_same_bytes() -> None:
    one, other = Simulator(seed=7), Simulator(seed=7)
    other.lines(START + 5)  # asking out of order changes nothing
    seconds = range(START, START + 30)
    assert [one.lines(s) for s in seconds] == [other.lines(s) for s in seconds]


def test_other_seeds_and_no_seed_give_other_lines() -> None:
    rate = Rate(50, 50)
    makers = [Simulator(seed=seed, rate=rate) for seed in (1, 2, None, None)]
    assert len({b"".join(maker.lines(START)) for maker in makers}) == 4


def test_default_rate_is_anything_from_0_to_20_lines_a_second() -> None:
    simulator = Simulator(seed=3)
    counts = {len(simulator.lines(second)) for second in range(START, START + 600)}
    assert counts == set(range(21))


@pytest.mark.parametrize(
    ("line_format", "directives"),
    [
        ("common", '%h %l %u %t "%r" %>s %b'),
        ("combined", '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'),
    ],
)
def test_lines_are_what_apaches_directives_say(line_format: LineFormat, directives: str) -> None:
    parser = apache_log_parser.Parser(directives)
    lines = Simulator(seed=4, line_format=line_format, rate=Rate(300, 300)).lines(START)
    assert len(lines) == 300
    for line in lines:
        assert line.endswith(b"\n")
        hit = parser.parse(line[:-1].decode("ascii"))
        assert hit["time_received_utc_isoformat"] == "2025-11-22T08:26:40+00:00"
        assert hit["request_url_path"].startswith("/")


def test_common_lines_carry_neither_referrer_nor_agent() -> None:
    lines = Simulator(seed=4, line_format="common", rate=Rate(50, 50)).lines(START)
    assert all(found["rest"] is None for found in fields(lines))


def test_traffic_is_skewed_as_real_traffic_is(many: list[dict[str, bytes]]) -> None:
    sections = Counter(re.split(rb"[/?]", found["path"])[1] for found in many)
    hosts = Counter(found["host"] for found in many)
    assert len(sections) >= 8
    assert sections.most_common(1)[0][1] > 5 * sections.most_common()[5][1]
    assert len(hosts) > 100
    assert hosts.most_common(1)[0][1] > 3 * hosts.most_common()[100][1]
    assert any(b":" in host for host in hosts)
    assert any(b"?" in found["path"] for found in many)


def test_most_hits_succeed_and_few_fail(many: list[dict[str, bytes]]) -> None:
    statuses = Counter(found["status"] for found in many)
    assert {b"200", b"301", b"304", b"403", b"404", b"500", b"503"} <= statuses.keys()
    assert statuses[b"200"] > 0.7 * len(many)
    failing = sum(count for status, count in statuses.items() if status[:1] == b"5")
    assert 0 < failing < 0.03 * len(many)


def test_static_files_rarely_name_a_user_and_the_api_mostly_does(
    many: list[dict[str, bytes]],
) -> None:
    def named(section: bytes) -> float:
        users = [found["user"] != b"-" for found in many if found["path"].startswith(section)]
        return sum(users) / len(users)

    assert named(b"/static") < 0.1
    assert named(b"/api") > 0.4


def test_sizes_are_spread_around_each_endpoints_own(many: list[dict[str, bytes]]) -> None:
    def sizes(path: bytes) -> list[int]:
        return [int(f["size"]) for f in many if (f["path"], f["status"]) == (path, b"200")]

    script, knights = sizes(b"/static/app.js"), sizes(b"/api/knights")
    assert max(knights) > 3 * min(knights) > 0
    assert sum(script) / len(script) > 20 * sum(knights) / len(knights)


def test_a_hundred_thousand_lines_take_much_less_than_a_second() -> None:
    simulator = Simulator(seed=1, rate=Rate(100_000, 100_000))
    best = math.inf
    for second in range(START, START + 3):
        begun = time.process_time()
        assert len(simulator.lines(second)) == 100_000
        best = min(best, time.process_time() - begun)
    assert best < 0.8


@pytest.mark.parametrize(
    ("text", "rate"), [("5", Rate(5, 5)), ("0-20", Rate(0, 20)), ("100000", Rate(100_000, 100_000))]
)
def test_rate_is_a_number_or_a_range(text: str, rate: Rate) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "-", "5-", "-5", "1-2-3", "20-10", "a", "1.5", "²"])
def test_a_wrong_rate_is_told_with_what_is_right(text: str) -> None:
    with pytest.raises(UsageError, match="rate"):
        parse_rate(text)
