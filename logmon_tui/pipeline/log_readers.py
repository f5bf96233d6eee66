"""LogReaders: the logs that are watched, those that come meanwhile, too."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from logmon_tui.formats.format_selector import Formats
from logmon_tui.formats.parser import Parser
from logmon_tui.pipeline.log_reader import Arrivals, LogReader
from logmon_tui.sources.base import Source, SourceState, SourceStatus
from logmon_tui.sources.names import short_names


class Counts(NamedTuple):
    """Sums of what is counted of each log in its SourceStatus."""

    oversize: int = 0
    rotations: int = 0
    truncations: int = 0

    def plus(self, status: SourceStatus) -> "Counts":
        """Return the sums with one more log."""
        return Counts(
            self.oversize + status.oversize,
            self.rotations + status.rotations,
            self.truncations + status.truncations,
        )


class LogReaders:
    """The feeds of `logs`, whose `sources` stand in the same order; `arrivals` may bring more.

    Each parses lines in the one of `formats` that is its own. Errors are told to `fail`, with the
    name of the log that they concern.
    """

    def __init__(
        self,
        logs: Sequence[str],
        sources: Sequence[Source],
        formats: Formats,
        arrivals: Arrivals | None,
        fail: Callable[[Exception, str], None],
    ) -> None:
        self._formats = formats
        self._arrivals = arrivals
        self._fail = fail
        self._feeds: list[LogReader] = []
        self._given_up = Counts()
        self._add(list(zip(logs, sources, strict=True)), passes=False)

    def __iter__(self) -> Iterator[LogReader]:
        """Yield the feeds there are now; any thread may ask for them."""
        return iter(tuple(self._feeds))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._feeds)

    @property
    def names(self) -> set[bytes]:
        """The names by which the logs' hits are told apart."""
        return {feed.name for feed in self._feeds}

    def _add(self, opened: Sequence[tuple[str, Source]], *, passes: bool) -> None:
        names = short_names([log for log, _ in opened], self.names)
        for name, (log, source) in zip(names, opened, strict=True):
            fail = partial(self._fail_at, source)
            parser = Parser(self._formats.of(log), self._formats.known)
            self._feeds.append(LogReader(log, name, source, parser, fail, passes=passes))

    def _fail_at(self, source: Source, error: Exception) -> None:
        self._fail(error, f"{source.status().name}: ")

    def welcome(self) -> None:
        """Take in the logs that have come; if there are too many, give up those that are gone."""
        if self._arrivals is None:
            return
        self._add(self._arrivals.new(), passes=True)
        if self._arrivals.full:
            for feed in [feed for feed in self._feeds if feed.passes and feed.gone]:
                self._given_up = self._given_up.plus(feed.status())
                feed.close()
                self._feeds.remove(feed)
                self._arrivals.forget(feed.log)

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Sleep until one of the logs may have changed, or `stop` is set; `seconds` at most."""
        for feed in self:
            feed.source.wait(seconds / len(self))
        if not self._feeds:
            stop.wait(seconds)

    def wake(self) -> None:
        """End a `wait` early; any thread may call this."""
        for feed in self:
            feed.source.wake()

    @property
    def behind(self) -> bool:
        """Whether any log has a backlog left to read."""
        return any(feed.behind for feed in self)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        states = {feed.source.status().state for feed in self}
        return self._arrivals is None and states == {SourceState.ENDED}

    def reached(self) -> int | None:
        """Return up to which second all of several logs were read; None if to their ends.

        What lies behind it must not be judged while another log's lines of then are still to come.
        """
        if len(self) == 1:
            return None
        reached = [feed.reached for feed in self if feed.behind and feed.reached is not None]
        return min(reached, default=None)

    def statuses(self) -> tuple[SourceStatus, ...]:
        """Tell where each log stands, and what is to be told of logs that are not watched."""
        statuses = [feed.status() for feed in self]
        if self._arrivals is not None:
            statuses += self._arrivals.status(len(self))
        return tuple(statuses)

    def counts(self, statuses: Iterable[SourceStatus]) -> Counts:
        """Return what happened to all logs so far: those of `statuses`, and those given up."""
        counts = self._given_up
        for status in statuses:
            counts = counts.plus(status)
        return counts

    def strangers(self) -> tuple[str, ...]:
        """Say in one line of each log that is no access log what it is."""
        return tuple(f"{feed.log} {feed.stranger}" for feed in self if feed.stranger)

    def formats(self) -> tuple[str, ...]:
        """Return the names of the formats in use."""
        names = (feed.parser.format_name for feed in self)
        return tuple(dict.fromkeys(name for name in names if name))

    def close(self) -> None:
        """Let go of all logs."""
        for feed in self:
            feed.close()
        if self._arrivals is not None:
            self._arrivals.close()
