"""ReadingStatus: adds to Snapshots how reading goes: how fast, how far behind, what failed."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from logmon_tui.pipeline.log_readers import LogReaders
from logmon_tui.pipeline.notifications import Notifications
from logmon_tui.pipeline.user_files import UserFiles
from logmon_tui.snapshot import Ingest, Snapshot
from logmon_tui.sources.base import SourceState, SourceStatus


class CatchUp(msgspec.Struct):
    """Lines and bytes read since `started` (monotonic seconds), for speed and time left."""

    started: float
    lines: int = 0
    bytes: int = 0

    def speed(self, now: float) -> float:
        """Return lines per second."""
        return self.lines / max(now - self.started, 0.001)

    def seconds_left(self, now: float, missing: int) -> float | None:
        """Return the seconds that reading `missing` bytes will take; None before the first read."""
        if not self.bytes:
            return None
        return missing * (now - self.started) / self.bytes


class ReadingStatus:
    """Knows how far the logs are read; `now` is when that begins, in monotonic seconds.

    Public attributes: what was read so far, to `catch_up`; when everything written had been read,
    `up_to_date_at` (monotonic); and the `failure` of the present step, empty if there is none.
    """

    def __init__(
        self, readers: LogReaders, notifications: Notifications, user_files: UserFiles, now: float
    ) -> None:
        self._readers = readers
        self._notifications = notifications
        self._user_files = user_files
        self.catch_up = CatchUp(now)
        self.up_to_date_at = now
        self.failure = ""

    def added_to(self, snapshot: Snapshot, now: float) -> Snapshot:
        """Return `snapshot` with the state of sources and targets."""
        statuses = self._readers.statuses()
        logs = tuple(reader.name for reader in self._readers)
        return replace(
            snapshot,
            ingest=self._with_progress(self._ingest(snapshot.ingest, statuses, now), statuses, now),
            sources=statuses,
            logs=logs if len(logs) > 1 else (),
        )

    def _ingest(self, ingest: Ingest, statuses: Sequence[SourceStatus], now: float) -> Ingest:
        counts = self._readers.counts(statuses)
        return replace(
            ingest,
            formats=self._readers.formats(),
            unparsed=ingest.unparsed + counts.oversize,
            oversize=counts.oversize,
            rotations=counts.rotations,
            truncations=counts.truncations,
            lag=now - self.up_to_date_at,
            failure=self.failure,
            not_access_logs=self._readers.wrong_file_types(),
            targets=self._notifications.statuses(),
            marks_problem=self._user_files.problem,
        )

    def _with_progress(
        self, ingest: Ingest, statuses: Sequence[SourceStatus], now: float
    ) -> Ingest:
        """Return `ingest` with speed and time left while a backlog is read."""
        behind = [status for status in statuses if status.state is SourceState.CATCHING_UP]
        if not behind:
            return ingest
        missing = sum(status.size - status.position for status in behind)
        return replace(
            ingest,
            lines_per_second=self.catch_up.speed(now),
            seconds_left=self.catch_up.seconds_left(now, missing),
        )
