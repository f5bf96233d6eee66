"""LogReaders: the readers of all watched logs, including logs that appear during the watch."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import msgspec

from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.parser import Parser
from logmon_tui.pipeline.log_reader import Arrivals, LogReader
from logmon_tui.sources.base import Feed, Source, SourceState, SourceStatus
from logmon_tui.sources.names import short_names


class Counts(msgspec.Struct, frozen=True):
    """Sums over all logs of the counts in SourceStatus."""

    oversize: int = 0
    rotations: int = 0
    truncations: int = 0

    def plus(self, status: SourceStatus) -> "Counts":
        """Return these sums plus the counts of one more log."""
        return Counts(
            self.oversize + status.oversize,
            self.rotations + status.rotations,
            self.truncations + status.truncations,
        )


class LogReaders:
    """One reader for each of `logs`, whose `sources` are in the same order.

    `arrivals` may find more logs later. Each reader parses its log in the format that `formats`
    assigns to it. `fail` receives each error together with the name of its log. Each batch is
    `work` of what was parsed; any thread may call it. Threads call `rest` before each chunk of a
    backlog.
    """

    def __init__(  # noqa: PLR0913 - the last ones are choices
        self,
        logs: Sequence[str],
        sources: Sequence[Source],
        formats: FormatSelector,
        arrivals: Arrivals | None,
        fail: Callable[[Exception, str], None],
        *,
        work: Callable[[HitBatch], HitBatch] = lambda batch: batch,
        rest: Callable[[], object] = lambda: None,
    ) -> None:
        self._formats = formats
        self._arrivals = arrivals
        self._fail = fail
        self._work, self._rest = work, rest
        self._readers: list[LogReader] = []
        self._dropped = Counts()
        self._add(list(zip(logs, sources, strict=True)), discovered=False)

    def __iter__(self) -> Iterator[LogReader]:
        """Yield the current readers; any thread may call this."""
        return iter(tuple(self._readers))

    def __len__(self) -> int:
        """Return the number of readers."""
        return len(self._readers)

    @property
    def names(self) -> set[bytes]:
        """The short names that label the hits of each log."""
        return {reader.name for reader in self._readers}

    def _add(self, opened: Sequence[tuple[str, Source]], *, discovered: bool) -> None:
        names = short_names([log for log, _ in opened], self.names)
        for name, (log, source) in zip(names, opened, strict=True):
            fail = partial(self._fail_at, source)
            parser_of = partial(self._parser_of, log)
            reader = LogReader(
                log,
                name,
                source,
                parser_of(""),
                fail,
                parser_of,
                self._work,
                self._rest,
                discovered=discovered,
            )
            self._readers.append(reader)

    def _parser_of(self, log: str, stream: str) -> Parser:
        """Return a parser for a stream of `log`: in its format, or else in that of this name."""
        given = self._formats.of(log) or self._formats.known_as(stream)
        return Parser(given, self._formats.known, self._formats.own)

    def _fail_at(self, source: Source, error: Exception) -> None:
        self._fail(error, f"{source.status().name}: ")

    def discover(self) -> None:
        """Add readers for logs that have appeared; if too many match, drop those that are gone."""
        if self._arrivals is None:
            return
        self._add(self._arrivals.new(), discovered=True)
        if self._arrivals.full:
            for reader in [each for each in self._readers if each.discovered and each.gone]:
                self._dropped = self._dropped.plus(reader.status())
                reader.close()
                self._readers.remove(reader)
                self._arrivals.forget(reader.log)

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Sleep until a log may have changed or `stop` is set, for at most `seconds`."""
        for reader in self:
            reader.source.wait(seconds / len(self))
        if not self._readers:
            stop.wait(seconds)

    def wake(self) -> None:
        """End a `wait` early; any thread may call this."""
        for reader in self:
            reader.source.wake()

    @property
    def behind(self) -> bool:
        """Whether any log has a backlog left to read."""
        return any(reader.behind for reader in self)

    @property
    def ended(self) -> bool:
        """Whether every log has ended and no other can appear."""
        states = {reader.source.status().state for reader in self}
        return self._arrivals is None and states == {SourceState.ENDED}

    def reached(self) -> int | None:
        """Return the second up to which every log, and every server of a log, has been read.

        Later seconds must not be judged yet: the log that is furthest behind still has lines of
        them. Nor are they while no log can be read at all, since silence is no quiet then. None if
        all have been read to their ends, or if there is only one log, of one server.
        """
        readers = tuple(self)
        if len(readers) == 1 and not readers[0].of_servers:
            return None
        unread = [each for each in readers if each.behind] or (readers if self.away else ())
        return min((each.reached for each in unread if each.reached is not None), default=None)

    @property
    def away(self) -> bool:
        """Whether no log can be read now, because other machines cannot be reached."""
        readers = tuple(self)
        return bool(readers) and all(reader.away for reader in readers)

    def statuses(self) -> tuple[SourceStatus, ...]:
        """Return the status of each log, and what to report of logs that are not watched."""
        statuses = [reader.status() for reader in self]
        if self._arrivals is not None:
            statuses += self._arrivals.status(len(self))
        return tuple(statuses)

    def counts(self, statuses: Iterable[SourceStatus]) -> Counts:
        """Return the sums over the logs of `statuses` and over those dropped earlier."""
        counts = self._dropped
        for status in statuses:
            counts = counts.plus(status)
        return counts

    def wrong_file_types(self) -> tuple[str, ...]:
        """Return one line for each log that is no access log: its name and what it is."""
        return tuple(f"{each.log} {each.wrong_file_type}" for each in self if each.wrong_file_type)

    def feeds(self) -> tuple[Feed, ...]:
        """Return what is known of the servers that write the logs, if they are other machines."""
        return tuple(feed for reader in self if (feed := reader.feed()) is not None)

    def formats(self) -> tuple[str, ...]:
        """Return the names of the formats in use, each once."""
        names = (reader.parser.format_name for reader in self)
        return tuple(dict.fromkeys(name for name in names if name))

    def close(self) -> None:
        """Close all logs."""
        for reader in self:
            reader.close()
        if self._arrivals is not None:
            self._arrivals.close()
