"""FeedPlace: what a dashboard remembers of a stream, from run to run. Pure."""

import msgspec

from logmon_tui.errors import LogmonError
from logmon_tui.sources.broker.counted_ranges import MAX_RANGES, FileRanges, SavedRanges


class DamagedPlaceError(LogmonError):
    """A saved place that cannot be used."""


class FeedPlace(msgspec.Struct, array_like=True):
    """Where the next run goes on in a stream.

    `next` is the sequence of the first message that was not handed over in full, 0 if none was
    read; then reading begins `since` an epoch second, None for the stream's beginning. `made` is
    when the stream was created, in the broker's words. What was counted of the files is `counted`.
    """

    made: str = ""
    next: int = 0
    since: float | None = None
    counted: SavedRanges = {}

    def encoded(self) -> bytes:
        """Return the place in the form in which it is saved."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def decoded(cls, saved: bytes) -> "FeedPlace":
        """Return a saved place. Raises DamagedPlaceError if it makes no sense."""
        try:
            place = msgspec.msgpack.decode(saved, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise DamagedPlaceError("the saved place in the stream is damaged") from error
        files = (file for of_server in place.counted.values() for file in of_server.values())
        if place.next < 0 or not all(map(_is_sound, files)):
            raise DamagedPlaceError("the saved place in the stream is damaged")
        return place


def _is_sound(file: FileRanges) -> bool:
    """Tell whether ranges are sorted, apart from each other, and few."""
    end = -1
    for each in file.ranges:
        if not end < each.start < each.end:
            return False
        end = each.end
    return len(file.ranges) <= MAX_RANGES and file.given_up >= 0
