"""What a dashboard does with the messages of an agent: it counts each range of a file once."""

from collections.abc import Iterable
from pathlib import Path

from logmon_tui.agent.altered import Alteration
from logmon_tui.agent.followed import FollowedLog, Host
from logmon_tui.fleet.protocol import LINES, Lines, decode_lines, encode_lines, subject
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.sources.broker.counted_ranges import FileRanges, Range
from logmon_tui.sources.seek import FROM_START, Start

HOST = Host("web1", "eu")


class Dashboard:
    """Counts what it hears; `lines` are all counted lines, in the order in which they came."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.dropped = 0
        self.left_out = 0
        self.counted: dict[str, FileRanges] = {}

    def hear(self, messages: Iterable[Lines]) -> None:
        for message in messages:
            headers, body = encode_lines(message)
            got = decode_lines(subject(message.site, message.host, LINES), headers, body)
            whole = Range(got.start, got.end)
            known = self.counted.setdefault(got.file, FileRanges())
            if known.uncounted(whole) != [whole]:
                self.dropped += 1
                continue
            known.count(whole)
            self.left_out += got.left_out
            self.lines += got.lines.splitlines()


def followed(
    log: Path, folder: Path, *, start: Start = FROM_START, alteration: Alteration | None = None
) -> FollowedLog:
    return FollowedLog(
        str(log),
        HOST,
        folder,
        formats=FormatSelector(),
        alteration=alteration or Alteration(),
        start=start,
    )


def messages_of(log: FollowedLog) -> list[Lines]:
    return [chunk.message for chunk in log.chunks]


def send_all(log: FollowedLog, dashboard: Dashboard) -> None:
    """Send everything that is there now."""
    while log.read():
        log.save()
        dashboard.hear(messages_of(log))
        log.sent()
    log.save()
