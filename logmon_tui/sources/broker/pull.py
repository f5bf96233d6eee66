"""Pulls the messages of a consumer from the broker, a request at a time, and unpacks them."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress

from nats.aio.client import Client
from nats.aio.msg import Msg

from logmon_tui.fleet.protocol import (
    HEALTH,
    BrokenMessageError,
    Health,
    Lines,
    address,
    decode_health,
    decode_lines,
)
from logmon_tui.sources.broker.feed import Message
from logmon_tui.sources.broker.inbox import Inbox, Received

NANO = 1_000_000_000
"""Nanoseconds of a second: the broker's unit."""

_REQUEST_SECONDS = 20
"""Seconds after which a request for messages runs out."""

_BEAT_SECONDS = 2.0
"""Seconds without messages after which the broker says that a request still holds."""

LOOK_SECONDS = 0.5
"""Seconds between two looks at whether the connection of a request still stands."""

_LINGERING = {
    "expires": _REQUEST_SECONDS * NANO,
    "idle_heartbeat": int(_BEAT_SECONDS * NANO),
}
_REQUEST = {"batch": 1_000, "max_bytes": 2 * 1024 * 1024, **_LINGERING}
"""What one request asks for at most: messages, and bytes of them as they are packed."""
_LARGE = {"batch": 1, **_LINGERING}
"""The request for a message that is larger than that."""

_OVERHEAD = 1_000
"""Bytes that a message takes in memory beside its lines, if it has any."""

_END_OF_REQUEST = ("404", "408")
_TOO_LARGE = "message size exceeds maxbytes"


class LostError(Exception):
    """The consumer is gone, or messages were: reading begins anew after the last message."""


class Requests:
    """Asks a consumer for messages, a request at a time, and puts them into `inbox`."""

    def __init__(
        self,
        client: Client,
        consumer: str,
        inbox: Inbox,
        took: Callable[[int], None],
        ahead: float,
    ) -> None:
        self._client = client
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{consumer}"
        self._inbox = inbox
        self._took = took
        self._ahead = ahead  # seconds by which the broker's clock is ahead of ours
        self._asked = 0  # messages that the present request may still bring
        self._delivered = 0  # the consumer's number of the last message
        self._ended = asyncio.Event()  # the request has
        self._heard = 0.0
        self._holds = False  # what came is not taken in yet, for want of room
        self._lost = False
        self._too_large = False  # the next message is, for a request of the usual kind

    async def run(self) -> None:
        """Ask and read. Raises LostError when the consumer answers no more."""
        reply = self._client.new_inbox()
        sub = await self._client.subscribe(
            reply, cb=self._receive, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        try:
            while not self._lost:
                await self._inbox.room()
                request = _LARGE if self._too_large else _REQUEST
                self._asked, self._heard = request["batch"], time.monotonic()
                self._too_large = False
                self._ended.clear()
                await self._client.publish(self._next, json.dumps(request).encode(), reply)
                await self._until_ended()
        finally:
            with suppress(Exception):
                await sub.unsubscribe()
        raise LostError

    async def _until_ended(self) -> None:
        """Wait until the request has ended, with all that it brought, or was lost."""
        connection = self._client.stats["reconnects"]
        while not self._ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), LOOK_SECONDS)
            silent = not self._holds and time.monotonic() - self._heard > 3 * _BEAT_SECONDS
            another = self._client.stats["reconnects"] != connection
            if silent or another or not self._client.is_connected:
                self._lost = True
                return

    async def _receive(self, msg: Msg) -> None:
        self._heard = time.monotonic()
        if self._lost:
            return
        if self._client.is_connected:
            self._inbox.tell("")  # whatever was wrong, reading goes on
        if not msg.reply.startswith("$JS.ACK."):  # as messages of a stream have it
            headers = msg.headers or {}
            self._take_status(headers.get("Status", ""), headers.get("Description", ""))
            return
        words = msg.reply.split(".")
        sequence, delivered, stamp, missing = (int(words[at]) for at in _tokens(words))
        if delivered != self._delivered + 1:  # one is missing
            self._lost = True
            self._ended.set()
            return
        self._delivered = delivered
        at = stamp / NANO
        age = max(0.0, time.time() + self._ahead - at)
        content, size = _content(msg)
        self._took(sequence)
        message = Message(sequence, at, time.monotonic() - age, msg.subject, content)
        self._inbox.put(Received(message, size, missing))
        self._asked -= 1
        if not self._asked:
            self._ended.set()
        self._holds = True
        await self._inbox.room()  # the rest of the request waits in the client
        self._holds, self._heard = False, time.monotonic()

    def _take_status(self, status: str, description: str) -> None:
        if status == "100":  # a beat: the request still holds
            return
        small = status == "409" and description.lower().startswith(_TOO_LARGE)
        self._lost = not small and status not in _END_OF_REQUEST
        # With nothing delivered, the next message is larger than a whole request: no agent's.
        self._too_large = small and self._asked == _REQUEST["batch"]
        self._ended.set()


def _tokens(words: list[str]) -> tuple[int, int, int, int]:
    """Return where a message's reply has sequence, number, time and what follows it."""
    return (5, 6, 7, 8) if len(words) == 9 else (7, 8, 9, 10)


def _content(msg: Msg) -> tuple[Lines | Health | str, int]:
    """Return what a message says, or why it is broken, and its bytes in memory."""
    try:
        if address(msg.subject).kind == HEALTH:
            return decode_health(msg.subject, msg.data), _OVERHEAD + len(msg.data)
        lines = decode_lines(msg.subject, msg.headers, msg.data)
    except BrokenMessageError as error:
        return str(error), _OVERHEAD
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the others are read
        return f"it cannot be read ({type(error).__name__})", _OVERHEAD
    return lines, _OVERHEAD + len(lines.lines)
