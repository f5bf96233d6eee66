"""Realistic access logs of any size: seeded, in bounded memory, about a million lines a second.

    python -m tests.benchmarks.generator --lines 50000000 /tmp/big.log

Paths, clients, user agents and referrers come with Zipf's frequencies (1/rank); times ascend at a
mean rate that swings by a third. One line in a thousand is an odd one (`ODD_LINES`), and a hit all
the same.
"""

import calendar
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks import vocabulary
from tests.benchmarks.shape import FORMATS, Shape

BEGIN = calendar.timegm((2026, 11, 22, 0, 0, 0))
BLOCK_LINES = 50_000
WAVE, WAVE_SECONDS = 0.33, 600
ODD_SHARE, HEAD_SHARE, DIRECT_SHARE = 0.001, 0.01, 0.3


class Choice:
    """Draws numbers below `count`: the first the most often, number n with the weight 1/(n + 1)."""

    def __init__(self, count: int, spread: float = 0.0) -> None:
        weights = 1 / np.arange(1, count + 1)
        self._cumulative = np.cumsum((1 - spread) * weights / weights.sum() + spread / count)
        self._last = count - 1

    def draw(self, rng: np.random.Generator, count: int) -> NDArray[np.intp]:
        """Return `count` numbers."""
        drawn = np.searchsorted(self._cumulative, rng.random(count), side="right")
        return np.minimum(drawn, self._last)  # the sum may fall short of 1 by rounding


class Generator:
    """Makes lines of one shape; the same shape gives the same lines."""

    def __init__(self, shape: Shape) -> None:
        self._rng = np.random.default_rng(shape.seed)
        self._shape = shape
        self._combined = shape.format == "combined"
        self._path = Choice(shape.paths, shape.spread)
        self._client = Choice(shape.clients, shape.spread)
        self._referrer = Choice(shape.referrers)
        self._requests = _array(vocabulary.requests(shape.paths))
        self._clients = _array(vocabulary.clients(shape.clients))
        self._referrers = _array(vocabulary.referrers(shape.referrers))
        self._agents = _array(vocabulary.agents(shape.agents))
        self._agent_of_client = Choice(shape.agents).draw(self._rng, shape.clients)
        self._outcomes = _array(vocabulary.outcomes(self._rng))
        self._odd = _array(vocabulary.ODD_LINES)

    def blocks(self) -> Iterator[bytes]:
        """Yield the whole log in pieces of about ten megabytes."""
        missing = self._shape.lines
        for seconds in self._seconds():
            taken = seconds[:missing]
            yield self.block(_times(taken))
            missing -= len(taken)
            if not missing:
                return

    def block(self, times: NDArray[np.object_]) -> bytes:
        """Return a line for each of `times`, which stand for `22/Nov/2026:08:26:40 +0000] `."""
        rng, count = self._rng, len(times)
        clients = self._client.draw(rng, count)
        paths = self._path.draw(rng, count)
        pieces = np.empty((count, 6), dtype=object)
        pieces[:, 0] = self._clients[clients]
        pieces[:, 1] = times
        pieces[:, 2] = self._requests[2 * paths + (rng.random(count) < HEAD_SHARE)]
        pieces[:, 3] = self._outcomes[rng.integers(0, len(self._outcomes), count)]
        if self._combined:
            referrers = self._referrer.draw(rng, count) * (rng.random(count) >= DIRECT_SHARE)
            pieces[:, 4] = self._referrers[referrers]
            pieces[:, 5] = self._agents[self._agent_of_client[clients]]
        else:
            pieces[:, 4:] = b"", b"\n"
        self._make_odd(pieces)
        return b"".join(pieces.ravel().tolist())

    def _make_odd(self, pieces: NDArray[np.object_]) -> None:
        odd = np.flatnonzero(self._rng.random(len(pieces)) < ODD_SHARE)
        pieces[odd, 2] = b""
        pieces[odd, 3] = self._odd[self._rng.integers(0, len(self._odd), len(odd))]

    def _seconds(self) -> Iterator[NDArray[np.int64]]:
        """Yield the ascending seconds of hits, without end; a piece is whole seconds."""
        rate, start = self._shape.rate, BEGIN
        length = max(1, int(BLOCK_LINES / rate))
        while True:
            seconds = np.arange(start, start + length)
            swing = 1 + WAVE * np.sin(2 * np.pi / WAVE_SECONDS * (seconds - BEGIN))
            yield np.repeat(seconds, self._rng.poisson(rate * swing))
            start += length


def time_piece(second: float) -> bytes:
    """Return the time of a line, as it stands between its brackets and with what follows."""
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000] ", time.gmtime(second)).encode()


def _times(seconds: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return what stands for each of these seconds, formatting each distinct one once."""
    distinct, places = np.unique(seconds, return_inverse=True)
    return _array([time_piece(second) for second in distinct.tolist()])[places]


def _array(pieces: Sequence[bytes]) -> NDArray[np.object_]:
    found = np.empty(len(pieces), dtype=object)
    found[:] = pieces
    return found


def write_log(shape: Shape, path: Path) -> None:
    """Write a log; a file of that name appears only when it is whole."""
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        for block in Generator(shape).blocks():
            file.write(block)
    unfinished.rename(path)


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--lines", default=Shape.lines, show_default=True)
@click.option("--format", type=click.Choice(FORMATS), default=Shape.format, show_default=True)
@click.option("--rate", default=Shape.rate, show_default=True, help="Mean hits a second.")
@click.option("--paths", default=Shape.paths, show_default=True, help="Distinct paths.")
@click.option("--clients", default=Shape.clients, show_default=True, help="Distinct clients.")
@click.option("--agents", default=Shape.agents, show_default=True, help="Distinct user agents.")
@click.option("--referrers", default=Shape.referrers, show_default=True, help="Distinct referrers.")
@click.option(
    "--spread", default=Shape.spread, show_default=True, help="Share spread evenly over them."
)
@click.option("--seed", default=Shape.seed, show_default=True)
def main(path: Path, **shape: float | str) -> None:
    """Write a realistic log to PATH."""
    write_log(Shape(**shape), path)  # type: ignore[arg-type]  # click gives what the options say


if __name__ == "__main__":
    main()
