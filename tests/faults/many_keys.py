"""A million hits through Parser and HTTPMonitor. Run as `python many_keys.py few|many`.

Prints, as JSON, the peak of memory in KiB, the top ten paths and hosts that the monitor shows
for its last window, and those counted one by one.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice, repeat
from pathlib import Path

from logmon_tui.config.settings import Settings
from logmon_tui.formats.parser import Parser
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Ranking

BEGIN = 1_795_262_400
SECONDS, PER_SECOND, WINDOW = 200, 5_500, 10
PARTS = 4
"""So many batches a second, as on a live log."""

LOUD = 500
"""So many hits of a second are for the paths, and by the hosts, of which the top ten consist."""

Hit = tuple[bytes, bytes]  # host, path


def hits_of(second: int, numbers: Iterator[int]) -> list[Hit]:
    """Return the hits of a second: ten hosts and paths are loud, the others come once each."""
    loud = [rank for rank in range(1, 13) for _ in range(LOUD // 78 * rank)]
    crowd = [*loud, *islice(numbers, PER_SECOND - len(loud))]
    random.Random(second).shuffle(crowd)
    return [(b"10.%d.%d.%d" % (n >> 16, n >> 8 & 255, n & 255), b"/p/%d" % n) for n in crowd]


def lines_of(second: int, hits: list[Hit]) -> bytes:
    stamp = f"{datetime.fromtimestamp(second, UTC):%d/%b/%Y:%H:%M:%S} +0000".encode()
    line = b"%b - - [" + stamp + b'] "GET %b HTTP/1.1" 200 99\n'
    return b"".join(line % hit for hit in hits)


def top(counts: Counter[bytes]) -> list[tuple[str, int]]:
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return [(key.decode(), hits) for key, hits in rows[:10]]


def shown(ranking: Ranking) -> list[tuple[str, int]]:
    return [(row.key.decode(), row.hits) for row in ranking.rows[:10]]


def main(kind: str) -> None:
    monitor, parser = HTTPMonitor(Settings(stats_interval=WINDOW)), Parser()
    numbers = count(1_000) if kind == "many" else repeat(1_000)
    window: list[list[Hit]] = []
    for second in range(BEGIN, BEGIN + SECONDS):
        hits = hits_of(second, numbers)
        window = [*window[1 - WINDOW :], hits]
        for part in range(PARTS):
            now = second - BEGIN + part / PARTS
            monitor.feed(parser.parse(lines_of(second, hits[part::PARTS])), now)
            monitor.tick(now, second)
    picture = monitor.snapshot(now, second)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    print(
        json.dumps(
            {
                "hits": picture.ingest.hits,
                "peak": int(peak.split()[1]),
                "paths": shown(picture.now.paths),
                "hosts": shown(picture.now.hosts),
                "true_paths": top(Counter(path for hits in window for _, path in hits)),
                "true_hosts": top(Counter(host for hits in window for host, _ in hits)),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
