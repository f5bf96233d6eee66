"""The same sums as a report's, by plain Python: one expression a line, one Counter a column.

    python -m tests.benchmarks.plain_reader FILE

What one writes in ten minutes, and as fast as that gets. It keeps every key, so that it is also
the reference for top tens, distinct clients and quantiles. Prints JSON.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

LINE = re.compile(
    rb"([^ ]+) [^ ]+ ([^ ]+) \[([^ ]+) [^ ]+\] "
    rb'"([^"\\]*(?:\\.[^"\\]*)*)" ([0-9]{3}) ([0-9]+|-)'
    rb'(?: "([^"\\]*(?:\\.[^"\\]*)*)" "([^"\\]*(?:\\.[^"\\]*)*)")?\n'
)
TOP = 10


class Sums:
    """What is counted: hits by each column's values."""

    def __init__(self) -> None:
        self.unparsed = 0
        self.seconds: defaultdict[bytes, int] = defaultdict(int)
        self.hosts: defaultdict[bytes, int] = defaultdict(int)
        self.users: defaultdict[bytes, int] = defaultdict(int)
        self.requests: defaultdict[bytes, int] = defaultdict(int)
        self.status: defaultdict[bytes, int] = defaultdict(int)
        self.sizes: defaultdict[bytes, int] = defaultdict(int)
        self.referrers: defaultdict[bytes, int] = defaultdict(int)
        self.agents: defaultdict[bytes, int] = defaultdict(int)

    def read(self, path: Path) -> None:
        match = LINE.fullmatch
        seconds, hosts, users, requests = self.seconds, self.hosts, self.users, self.requests
        statuses, sizes, referrers, agents = self.status, self.sizes, self.referrers, self.agents
        with path.open("rb") as file:
            for line in file:
                found = match(line)
                if found is None:
                    self.unparsed += 1
                    continue
                host, user, second, request, status, size, referrer, agent = found.groups()
                hosts[host] += 1
                users[user] += 1
                seconds[second] += 1
                requests[request] += 1
                statuses[status] += 1
                sizes[size] += 1
                if agent is not None:
                    referrers[referrer] += 1
                    agents[agent] += 1

    def paths(self) -> Counter[bytes]:
        """Return hits by path, without its query; `-` where the request has none."""
        found: Counter[bytes] = Counter()
        for request, hits in self.requests.items():
            words = request.split(b" ")
            target = words[1] if len(words) == 3 else b"-"
            found[target.partition(b"?")[0]] += hits
        return found

    def numbers(self) -> Counter[int]:
        """Return hits by response size; `-` is none."""
        found: Counter[int] = Counter()
        for size, hits in self.sizes.items():
            found[0 if size == b"-" else int(size)] += hits
        return found


def top(counts: Mapping[bytes, int]) -> list[tuple[str, int]]:
    """Return the ten keys with the most hits, ties by key."""
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:TOP]
    return [(key.decode(), hits) for key, hits in rows]


def quantile(counts: Counter[int], share: float) -> int:
    """Return the smallest value that at least `share` of all counted are not above."""
    wanted = share * counts.total()
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= wanted:
            return value
    return 0


def main(path: Path) -> None:
    sums = Sums()
    sums.read(path)
    paths, sizes = sums.paths(), sums.numbers()
    result = {
        "hits": sizes.total(),
        "unparsed": sums.unparsed,
        "bytes": sum(size * hits for size, hits in sizes.items()),
        "unique_paths": len(paths),
        "unique_hosts": len(sums.hosts),
        "p50": quantile(sizes, 0.5),
        "p95": quantile(sizes, 0.95),
        "paths": top(paths),
        "hosts": top(sums.hosts),
    }
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
