"""Real logs of many formats, counted here by other means than the parsers.

LOGMON_REAL_LOGS names the folder; the names of the files tell what they hold.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.parser import Parser

FOLDER = os.environ.get("LOGMON_REAL_LOGS")
pytestmark = pytest.mark.skipif(not FOLDER, reason="LOGMON_REAL_LOGS names no folder of real logs")


class Counted(NamedTuple):
    """What a log holds: its format, hits by status, methods and bytes, other and unparsed lines."""

    format: str
    status: dict[int, int]
    methods: dict[str, int]
    size: int
    others: int
    unparsed: int


def counted(name: str, hits: list[tuple[str, int, int]], others: int, unparsed: int) -> Counted:
    """Sum up (method, status, bytes) of each hit."""
    status = Counter(code for _, code, _ in hits)
    methods = Counter(method for method, _, _ in hits)
    return Counted(
        name, dict(status), dict(methods), sum(size for _, _, size in hits), others, unparsed
    )


def found(name: str, pattern: str, lines: list[str], others: int, unparsed: int) -> Counted:
    hits = [re.search(pattern, line) for line in lines]
    rows = [
        (hit["method"], int(hit["status"]), int(hit["size"].replace("-", "0")))
        for hit in hits
        if hit
    ]
    return counted(name, rows, others, unparsed)


def apache(lines: list[str]) -> Counted:
    pattern = r'"(?P<method>[A-Z]+) [^"]* HTTP/\d\.\d" (?P<status>\d{3}) (?P<size>\d+|-)( |$)'
    return found("combined", pattern, lines, 0, 0)


def alb(lines: list[str]) -> Counted:
    pattern = r' (?P<status>\d{3}) (\d{3}|-) \d+ (?P<size>\d+) "(?P<method>[A-Z]+) '
    return found("alb", pattern, lines, 0, 0)


def haproxy(lines: list[str]) -> Counted:
    pattern = r' (?P<status>\d{3}) (?P<size>\d+) - - .*"(?P<method>[A-Z]+) .*"$'
    handshakes = sum("SSL handshake" in line or "heartbeat" in line for line in lines)
    return found("haproxy", pattern, lines, handshakes, 0)


def iis(lines: list[str]) -> Counted:
    pattern = r"^\S+ \S+ \S+ (?P<method>[A-Z]+) .* (?P<status>\d{3}) \d+ \d+ (?P<size>\d+) \d+ \d+$"
    directives = [line for line in lines if line.startswith("#")]
    return found("w3c", pattern, lines, len(directives), 0)


def documents(lines: list[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        start = line.find("{")
        if start >= 0:
            yield json.loads(line[start:])


def caddy(name: str) -> Callable[[list[str]], Counted]:
    def count(lines: list[str]) -> Counted:
        each = list(documents(lines))
        access = [one for one in each if one.get("msg") == "handled request"]
        hits = [(one["request"]["method"], one["status"], one["size"]) for one in access]
        return counted(name, hits, len(each) - len(hits), len(lines) - len(each))

    return count


def traefik(lines: list[str]) -> Counted:
    each = list(documents(lines))
    hits = [
        (one["RequestMethod"], one["DownstreamStatus"], one["DownstreamContentSize"])
        for one in each
    ]
    return counted("traefik", hits, 0, len(lines) - len(each))


def envoy(lines: list[str]) -> Counted:
    hits = [(one["method"], one["response_code"], 0) for one in documents(lines)]
    return counted("envoy (Kubernetes)", hits, 0, len(lines) - len(hits))


LOGS: dict[str, Callable[[list[str]], Counted]] = {
    "apache_combined_10k.log": apache,
    "aws_alb.log": alb,
    "caddy.jsonl": caddy("caddy"),
    "caddy_docker.log": caddy("caddy (docker-compose)"),
    "envoy_k8s.log": envoy,
    "haproxy.log": haproxy,
    "iis_w3c.log": iis,
    "traefik.jsonl": traefik,
}


def told(batch: HitBatch) -> Counted:
    hits = [
        (batch.columns[Dimension.METHOD].at(row).decode(), int(status), int(size))
        for row, (status, size) in enumerate(zip(batch.status, batch.sizes, strict=True))
    ]
    return counted(batch.format_name, hits, batch.others, batch.unparsed)


def read(name: str) -> bytes:
    return Path(FOLDER or "", name).read_bytes().removesuffix(b"\n") + b"\n"


@pytest.mark.parametrize("name", LOGS)
def test_a_real_log_is_recognised_and_counted_as_by_other_means(name: str) -> None:
    data = read(name)
    lines = data.decode("utf-8", "replace").removesuffix("\n").split("\n")
    parser = Parser()
    assert told(parser.parse(data)) == LOGS[name](lines)
    assert told(parser.parse_by_lines(data)) == LOGS[name](lines)


def test_every_real_log_is_known_here() -> None:
    files = Path(FOLDER or "").iterdir()
    names = {file.name for file in files if file.suffix in {".log", ".jsonl"}}
    assert names == set(LOGS)


def test_response_times_of_real_logs_are_those_of_their_lines() -> None:
    batch = Parser().parse(read("iis_w3c.log"))
    texts = [line for line in read("iis_w3c.log").decode().splitlines() if line[:1].isdigit()]
    expected = [int(line.rsplit(" ", 1)[1]) * 1_000 for line in texts]
    assert batch.measures[Measure.RESPONSE_TIME].tolist() == expected
