"""StreamReader: reads the messages of a broker's stream in order, from a place on, for ever.

It runs in the thread of its source, on asyncio. A pull consumer without acknowledgements hands over
what was asked for, a request at a time: no more than fits is under way. A consumer does not outlive
a restart of the broker, nor does a request; so after any loss, reading begins anew at the message
after the last one.
"""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from logmon_tui.errors import LogmonError
from logmon_tui.escape import printable
from logmon_tui.fleet.access import Access
from logmon_tui.fleet.connection import connected, pause
from logmon_tui.fleet.protocol import (
    HEALTH,
    BrokenMessageError,
    Health,
    Lines,
    address,
    decode_health,
    decode_lines,
)
from logmon_tui.sources.feed import Message, Place
from logmon_tui.sources.feed_place import FeedPlace

_ANSWER_SECONDS = 5.0
"""Maximum seconds to wait for an answer of the broker."""

_REQUEST_SECONDS = 20
"""Seconds after which a request for messages runs out."""

_BEAT_SECONDS = 2.0
"""Seconds without messages after which the broker says that a request still holds."""

_MESSAGES, _BYTES = 1_000, 2 * 1024 * 1024
"""What one request asks for at most: messages, and bytes of them as they are packed."""

_CONSUMER_SECONDS = 60
"""Seconds after which the broker forgets a consumer that asks for nothing."""

_NANO = 1_000_000_000

_NO_STREAM, _NO_STREAMS_HERE = 10059, (10039, 10076)
"""Error codes of JetStream's answers."""

_END_OF_REQUEST = ("404", "408")
_TOO_LARGE = "message size exceeds maxbytes"


class _LostError(Exception):
    """The consumer is gone, or messages were: reading begins anew after the last message."""


class _StreamError(LogmonError):
    """The stream cannot be read now; the text says why, and how to mend it."""


class Begun(NamedTuple):
    """Reading begins at a `place`, with `missing` messages in the stream. `note` is for the user.

    `since_made` is false if the stream is another one than before, or went back.
    """

    place: Place
    missing: int
    note: str = ""


class Received(NamedTuple):
    """A message, the bytes that it holds in memory, and how many follow it in the stream by now."""

    message: Message
    size: int
    missing: int


class Inbox(Protocol):
    """Where a StreamReader puts what it reads, and what it has to tell."""

    def put(self, item: Begun | Received) -> None:
        """Take the next item."""

    async def room(self) -> None:
        """Wait until there is room for more."""

    def tell(self, problem: str, *, no_stream: bool = False) -> None:
        """Take one line that says what is wrong, empty if nothing is."""


class StreamReader:
    """Reads from the stream called `stream` the messages of subjects that match `subject`.

    `place` is where to begin. Without one in it, that is `since` a time, None for the beginning;
    with `only_new`, the end.
    """

    def __init__(  # noqa: PLR0913 - one for each choice
        self,
        access: Access,
        stream: str,
        subject: str,
        place: FeedPlace,
        inbox: Inbox,
        *,
        only_new: bool = False,
        setup: str = "",
    ) -> None:
        self._access = access
        self._stream = stream
        self._subject = subject
        self._made, self._next, self._since = place.made, place.next, place.since
        self._only_new = only_new
        self._setup = setup
        self._inbox = inbox
        self._refused = ""  # what the broker did not allow, of late
        self._fails = 0

    async def run(self) -> None:
        """Read until cancelled. Whatever goes wrong is told, and tried again."""
        while True:
            client = await connected(self._access, self._tell, "logmon-tui watch")
            try:
                await self._read(client)
            finally:
                await _closed(client)

    def _tell(self, problem: str) -> None:
        if problem:
            self._refused = problem
            self._inbox.tell(problem)

    async def _read(self, client: Client) -> None:
        """Read until the connection is closed for good."""
        while not client.is_closed:
            try:
                await self._follow(client)
            except _LostError:
                pass
            except _StreamError as error:
                self._inbox.tell(str(error), no_stream=error.args[1:] == (True,))
            except (errors.Error, OSError, asyncio.TimeoutError) as error:
                self._inbox.tell(self._refused or self._unanswered(error))
            except Exception as error:  # noqa: BLE001 - told, and tried again
                text = printable(f"{type(error).__name__}: {error}")
                self._inbox.tell(f"{self._access.address}: reading failed: {text}")
            self._fails += 1
            await asyncio.sleep(pause(self._fails))

    def _unanswered(self, error: BaseException) -> str:
        if isinstance(error, errors.NoRespondersError):
            return f"{self._access.address}: has no JetStream; start it with: nats-server -js"
        return f"{self._access.address}: does not answer about the stream {self._stream}"

    async def _follow(self, client: Client) -> None:
        """Make a consumer and read by it until something is lost."""
        self._refused = ""
        begin, policy = self._place(await self._asked(client, f"STREAM.INFO.{self._stream}", {}))
        name = f"logmon-tui-{client._nuid.next().decode()}"  # noqa: SLF001 - as nats-py draws names
        made = await self._asked(
            client,
            f"CONSUMER.CREATE.{self._stream}.{name}.{self._subject}",
            {"stream_name": self._stream, "config": _consumer(name, self._subject, policy)},
        )
        self._made, self._next = begin.place
        missing = int(made.get("num_pending", 0))
        self._inbox.put(begin._replace(missing=missing))
        self._inbox.tell("")
        ahead = _epoch(made["ts"]) - time.time() if "ts" in made else 0.0
        try:
            await _Requests(client, f"{self._stream}.{name}", self._inbox, self._took, ahead).run()
        finally:
            with suppress(Exception):
                await client.publish(f"$JS.API.CONSUMER.DELETE.{self._stream}.{name}")

    def _took(self, sequence: int) -> None:
        self._next = sequence + 1
        self._fails = 0

    def _place(self, info: dict[str, Any]) -> tuple[Begun, dict[str, Any]]:
        """Return where reading begins in the stream of which the broker told, and its policy."""
        made, state = str(info["created"]), info["state"]
        first, last = int(state["first_seq"]), int(state["last_seq"])
        note = ""
        if self._made and made != self._made:
            note = f"the stream {self._stream} was made anew, and is read from its beginning"
        elif self._next > last + 1:
            note = f"the stream {self._stream} went back, and is read from its beginning"
        if note:
            return Begun(Place(made, 0), 0, note), _policy("all")
        if self._next:
            gone = max(0, min(first, last + 1) - self._next)
            if gone and self._made:
                note = f"the broker deleted {gone:,} messages of {self._stream} before they were read"
            return Begun(Place(made, self._next), 0, note), _from(self._next)
        if self._only_new:
            return Begun(Place(made, last + 1), 0), _from(last + 1)
        if self._since is None:
            return Begun(Place(made, 0), 0), _policy("all")
        start = datetime.fromtimestamp(self._since, UTC).isoformat().replace("+00:00", "Z")
        return Begun(Place(made, 0), 0), _policy("by_start_time", opt_start_time=start)

    async def _asked(self, client: Client, what: str, question: dict[str, Any]) -> dict[str, Any]:
        """Return the broker's answer. Raises _StreamError if it refuses."""
        asked = json.dumps(question).encode() if question else b""
        answer = await client.request(f"$JS.API.{what}", asked, timeout=_ANSWER_SECONDS)
        told: dict[str, Any] = json.loads(answer.data)
        if "error" in told:
            code, text = told["error"].get("err_code"), told["error"].get("description", "")
            where = self._access.address
            if code == _NO_STREAM:
                mend = f"make it with: {self._setup}"
                raise _StreamError(f"{where}: has no stream {self._stream}; {mend}", True)
            if code in _NO_STREAMS_HERE:
                raise _StreamError(f"{where}: has no JetStream; start it with: nats-server -js")
            raise _StreamError(f"{where}: {self._stream}: {printable(str(text)[:200])}")
        return told


class _Requests:
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
        self._lost = False

    async def run(self) -> None:
        """Ask and read. Raises _LostError when the consumer answers no more."""
        reply = self._client.new_inbox()
        sub = await self._client.subscribe(
            reply, cb=self._receive, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        question = {
            "batch": _MESSAGES,
            "max_bytes": _BYTES,
            "expires": _REQUEST_SECONDS * _NANO,
            "idle_heartbeat": int(_BEAT_SECONDS * _NANO),
        }
        asked = json.dumps(question).encode()
        try:
            while not self._lost:
                await self._inbox.room()
                self._asked, self._heard = _MESSAGES, time.monotonic()
                self._ended.clear()
                await self._client.publish(self._next, asked, reply)
                await self._until_ended()
        finally:
            with suppress(Exception):
                await sub.unsubscribe()
        raise _LostError

    async def _until_ended(self) -> None:
        """Wait until the request has ended, and has brought all that it will."""
        while not self._ended.is_set():
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._ended.wait(), _BEAT_SECONDS)
                return
            if self._client.is_closed or time.monotonic() - self._heard > 3 * _BEAT_SECONDS:
                self._lost = True
                return

    async def _receive(self, msg: Msg) -> None:
        self._heard = time.monotonic()
        if self._lost:
            return
        status = (msg.headers or {}).get("Status") if not msg.reply or not msg.data else None
        if status:
            self._take_status(status, (msg.headers or {}).get("Description", ""))
            return
        words = msg.reply.split(".")
        sequence, delivered, stamp, missing = (int(words[at]) for at in _tokens(words))
        if delivered != self._delivered + 1:  # one is missing
            self._lost = True
            self._ended.set()
            return
        self._delivered = delivered
        at = stamp / _NANO
        age = max(0.0, time.time() + self._ahead - at)
        content, size = _content(msg)
        self._took(sequence)
        message = Message(sequence, at, time.monotonic() - age, msg.subject, content)
        self._inbox.put(Received(message, size, missing))
        self._asked -= 1
        if not self._asked:
            self._ended.set()
        await self._inbox.room()  # the rest of the request waits in the client
        self._heard = time.monotonic()

    def _take_status(self, status: str, description: str) -> None:
        if status == "100":  # a beat: the request still holds
            return
        small = status == "409" and description.lower().startswith(_TOO_LARGE)
        self._lost = not small and status not in _END_OF_REQUEST
        # With nothing delivered, the very next message is larger than a request may be.
        self._ended.set()


def _tokens(words: list[str]) -> tuple[int, int, int, int]:
    """Return where a message's reply has sequence, number, time and what follows it."""
    return (5, 6, 7, 8) if len(words) == 9 else (7, 8, 9, 10)


def _content(msg: Msg) -> tuple[Lines | Health | str, int]:
    """Return what a message says, or why it is broken, and its bytes in memory."""
    try:
        if address(msg.subject).kind == HEALTH:
            return decode_health(msg.subject, msg.data), len(msg.data)
        lines = decode_lines(msg.subject, msg.headers, msg.data)
    except BrokenMessageError as error:
        return str(error), 0
    return lines, len(lines.lines)


def _consumer(name: str, subject: str, policy: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "filter_subject": subject,
        "ack_policy": "none",
        "replay_policy": "instant",
        "mem_storage": True,
        "max_waiting": 8,
        "inactive_threshold": _CONSUMER_SECONDS * _NANO,
        **policy,
    }


def _policy(name: str, **more: Any) -> dict[str, Any]:
    return {"deliver_policy": name, **more}


def _from(sequence: int) -> dict[str, Any]:
    return _policy("by_start_sequence", opt_start_seq=sequence)


def _epoch(moment: str) -> float:
    """Return the epoch seconds of a moment in the broker's words, which have nanoseconds."""
    whole, _, rest = moment.partition(".")
    seconds = datetime.fromisoformat(f"{whole.rstrip('Z')}+00:00").timestamp()
    digits = rest.rstrip("Z")
    return seconds + (float(f"0.{digits}") if digits.isdigit() else 0.0)


async def _closed(client: Client) -> None:
    with suppress(Exception):
        await asyncio.wait_for(client.close(), _ANSWER_SECONDS)
