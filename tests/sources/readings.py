"""Reading: a source of a broker's stream, and every chunk that it handed over."""

import re
from collections import Counter
from typing import Self

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.sources.base import Chunk, LogPosition, SourceState
from logmon_tui.sources.broker.nats import open_stream
from logmon_tui.sources.seek import FROM_START, Start
from tests.brokers import Broker
from tests.watching import wait_until


class Reading:
    """A source, and every chunk that it handed over."""

    def __init__(
        self,
        broker: Broker,
        path: str = "",
        start: Start = FROM_START,
        position: LogPosition | None = None,
        settings: FleetSettings | None = None,
    ) -> None:
        self.source = open_stream(broker.url + path, start, position, settings or FleetSettings())
        self.chunks: list[Chunk] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.source.close()

    @property
    def lines(self) -> Counter[int]:
        """How often each numbered line was handed over."""
        found = re.findall(rb'"GET /(\d+) ', b"".join(self.chunks))
        return Counter(map(int, found))

    def step(self) -> None:
        self.source.wait(0.25)
        while chunk := self.source.read():
            assert isinstance(chunk, Chunk)
            assert sum(each.lines for each in chunk.origins) == chunk.count(b"\n")
            self.chunks.append(chunk)

    def until_lines(self, count: int) -> None:
        def come() -> bool:
            self.step()
            return self.lines.total() >= count

        wait_until(come, lambda: (self.lines.total(), self.source.status()))

    def until_state(self, state: SourceState) -> None:
        def reached() -> bool:
            self.step()
            return self.source.status().state is state

        wait_until(reached, self.source.status)

    def until_told(self, words: str) -> None:
        def told() -> bool:
            self.step()
            return words in self.source.status().message

        wait_until(told, self.source.status)


def once(numbers: range) -> Counter[int]:
    return Counter(dict.fromkeys(numbers, 1))
