"""StreamReader: reads the messages of a broker's stream in order, from a place on, for ever.

It runs in the thread of its source, on asyncio. A pull consumer without acknowledgements hands over
what was asked for, a request at a time: no more than fits is under way. A consumer does not outlive
a restart of the broker, nor does a request; so after any loss, reading begins anew at the message
after the last one.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from nats import errors
from nats.aio.client import Client

from logmon_tui.errors import LogmonError, UsageError
from logmon_tui.escape import printable
from logmon_tui.fleet.access import Access
from logmon_tui.fleet.connection import connected, pause
from logmon_tui.sources.broker.feed import Place
from logmon_tui.sources.broker.feed_place import FeedPlace
from logmon_tui.sources.broker.inbox import Begun, Inbox
from logmon_tui.sources.broker.pull import LOOK_SECONDS, NANO, LostError, Requests

_ANSWER_SECONDS = 5.0
"""Maximum seconds to wait for an answer of the broker."""

_CONSUMER_SECONDS = 60
"""Seconds after which the broker forgets a consumer that asks for nothing."""

_NO_STREAM, _NO_STREAMS_HERE = 10059, (10039, 10076)
"""Error codes of JetStream's answers."""


class _StreamError(LogmonError):
    """The stream cannot be read now; the text says why, and how to mend it."""


class _NoStreamError(_StreamError):
    """There is no stream yet."""


class StreamReader:
    """Reads from the stream called `stream` the messages of subjects that match `subject`.

    `access` tells how the broker is reached; it is asked anew when the broker refuses. `place` is
    where to begin. `setup` is the command that makes the stream.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - one for each choice
        self,
        access: Callable[[], Access],
        stream: str,
        subject: str,
        place: FeedPlace,
        inbox: Inbox,
        setup: str,
    ) -> None:
        self._read_access = access
        self._access = access()
        self._stream = stream
        self._subject = subject
        self._made, self._next, self._since = place.made, place.next, place.since
        self._setup = setup
        self._inbox = inbox
        self._refused = ""  # what the broker did not allow, of late
        self._fails = 0

    async def run(self) -> None:
        """Read until cancelled. Whatever goes wrong is told, and tried again."""
        while True:
            try:
                await self._connect()
            except Exception as error:  # noqa: BLE001 - told, and tried again
                self._inbox.tell(self._failed(error))
            await self._rest()
            with suppress(UsageError):  # what cannot be read now was fine before
                self._access = self._read_access()

    async def _connect(self) -> None:
        """Connect, and read until the connection is closed for good."""
        client = await connected(self._access, self._tell, "logmon-tui watch")
        try:
            await self._read(client)
        finally:
            await _closed(client)

    async def _rest(self) -> None:
        """Wait longer each time that nothing was read."""
        self._fails += 1
        await asyncio.sleep(pause(self._fails))

    def _failed(self, error: Exception) -> str:
        text = printable(f"{type(error).__name__}: {error}")
        return f"{self._access.address}: reading failed: {text}"

    def _tell(self, problem: str) -> None:
        if problem:
            self._refused = problem
            self._inbox.tell(problem)

    async def _read(self, client: Client) -> None:
        """Read until the connection is closed for good."""
        while not client.is_closed:
            if not client.is_connected:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            try:
                await self._follow(client)
            except LostError:
                pass
            except _StreamError as error:
                self._inbox.tell(str(error), no_stream=isinstance(error, _NoStreamError))
            except (TimeoutError, errors.Error, OSError) as error:
                self._inbox.tell(self._refused or self._unanswered(error))
            except Exception as error:  # noqa: BLE001 - told, and tried again
                self._inbox.tell(self._failed(error))
            await self._rest()

    def _unanswered(self, error: BaseException) -> str:
        if isinstance(error, errors.NoRespondersError):
            return f"{self._access.address}: has no JetStream; start it with: nats-server -js"
        return f"{self._access.address}: does not answer about the stream {self._stream}"

    async def _follow(self, client: Client) -> None:
        """Make a consumer and read by it until something is lost."""
        self._refused = ""
        asked = time.time()
        info = await self._asked(client, f"STREAM.INFO.{self._stream}", {})
        begin, policy = self._place(info, _clock_ahead(info, asked))
        name = f"logmon-tui-{secrets.token_hex(8)}"
        asked = time.time()
        made = await self._asked(
            client,
            f"CONSUMER.CREATE.{self._stream}.{name}.{self._subject}",
            {"stream_name": self._stream, "config": _consumer(name, self._subject, policy)},
        )
        self._made, self._next = begin.place
        missing = int(made.get("num_pending", 0))
        self._inbox.put(begin._replace(missing=missing))
        self._inbox.tell("")
        consumer = f"{self._stream}.{name}"
        try:
            ahead = _clock_ahead(made, asked)
            await Requests(client, consumer, self._inbox, self._took, ahead).run()
        finally:
            with suppress(Exception):
                await client.publish(f"$JS.API.CONSUMER.DELETE.{self._stream}.{name}")

    def _took(self, sequence: int) -> None:
        self._next = sequence + 1
        self._fails = 0

    def _place(self, info: dict[str, Any], ahead: float) -> tuple[Begun, dict[str, Any]]:
        """Return where reading begins in the stream of which the broker told, and its policy.

        The broker's clock is `ahead` seconds ahead.
        """
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
            gone = min(first, last + 1) - self._next
            # Where messages may end by themselves, health does, and gaps tell of lost lines.
            if gone > 0 and not info["config"].get("allow_msg_ttl"):
                note = (
                    f"the broker deleted {gone:,} messages of {self._stream} before they were read"
                )
            return Begun(Place(made, self._next), 0, note), _from(self._next)
        if self._since is None:
            return Begun(Place(made, 0), 0), _policy("all")
        by_broker = self._since + ahead
        start = datetime.fromtimestamp(by_broker, UTC).isoformat().replace("+00:00", "Z")
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
                raise _NoStreamError(f"{where}: has no stream {self._stream}; {mend}")
            if code in _NO_STREAMS_HERE:
                raise _StreamError(f"{where}: has no JetStream; start it with: nats-server -js")
            raise _StreamError(f"{where}: {self._stream}: {printable(str(text)[:200])}")
        return told


def _consumer(name: str, subject: str, policy: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "filter_subject": subject,
        "ack_policy": "none",
        "replay_policy": "instant",
        "mem_storage": True,
        "max_waiting": 8,
        "inactive_threshold": _CONSUMER_SECONDS * NANO,
        **policy,
    }


def _policy(name: str, **more: Any) -> dict[str, Any]:
    return {"deliver_policy": name, **more}


def _from(sequence: int) -> dict[str, Any]:
    return _policy("by_start_sequence", opt_start_seq=sequence)


def _clock_ahead(answer: dict[str, Any], asked: float) -> float:
    """Return the seconds by which the broker's clock is ahead; 0 for brokers that do not tell.

    It answered between `asked`, in epoch seconds, and now: how long that took is no difference.
    """
    if "ts" not in answer:
        return 0.0
    stamp = _epoch(answer["ts"])
    return stamp - min(max(stamp, asked), time.time())


def _epoch(moment: str) -> float:
    """Return the epoch seconds of a moment in the broker's words, which have nanoseconds."""
    whole, _, rest = moment.partition(".")
    seconds = datetime.fromisoformat(f"{whole.rstrip('Z')}+00:00").timestamp()
    digits = rest.rstrip("Z")
    return seconds + (float(f"0.{digits}") if digits.isdigit() else 0.0)


async def _closed(client: Client) -> None:
    with suppress(Exception):
        await asyncio.wait_for(client.close(), _ANSWER_SECONDS)
