"""Hub: what viewers of the page look at, as server-sent events.

Viewers who ask the same question are one topic: it is asked, made and encoded once a tick, however
many they are. A topic whose answers cost much is asked less often, so that others need not be.
A viewer who reads slowly misses pictures, and never holds more than one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from logmon_tui.snapshot import Question, Snapshot
from logmon_tui.web.engine import SHARE, Answer
from logmon_tui.web.problems import ProblemError, problem_body

EVENT_STREAM = "text/event-stream"
TICK_SECONDS = 1.0
"""Seconds between two pictures of the present."""
PAST_SECONDS = 10.0
"""Seconds between two pictures of a past moment: only alerts and the like change in them."""
HEARTBEAT_SECONDS = 15.0
"""Seconds of silence after which a comment is sent, so that nobody on the way gives up."""
RETRY_MILLISECONDS = 2_000
"""After how long a viewer comes back when the connection breaks."""
VIEWERS_SHARE = 0.8 * SHARE
"""Share of a core for pictures; the rest is left to programs that ask the API."""
MAX_VIEWERS = 100
MAX_TOPICS = 16
"""Maximum distinct questions at a time."""

_HEARTBEAT = b": still here\n\n"
_LATER = {"Retry-After": "10"}


class Topic:
    """A question, how many look at it, and its newest event, with a number."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.viewers = 0
        self.event = b""
        self.number = 0
        self.due = 0.0  # monotonic
        self.cost = 0.0  # CPU seconds of its last answer
        self.changed = asyncio.Event()

    def tell(self, event: bytes) -> None:
        """Give all viewers a new event."""
        self.event = event
        self.number += 1
        self.changed.set()
        self.changed = asyncio.Event()


class Hub:
    """Brings answers to viewers; used in one event loop. `encode` makes JSON of a Snapshot.

    Public attribute: `topics`, those that somebody looks at, by their questions.
    """

    def __init__(
        self,
        ask: Callable[[Question], Awaitable[Answer]],
        encode: Callable[[Snapshot], bytes],
    ) -> None:
        self._ask = ask
        self._encode = encode
        self.topics: dict[Question, Topic] = {}
        self._viewers = 0
        self._sent = 0  # numbers events
        self._wanted = asyncio.Event()
        self._closing = False

    def join(self, question: Question) -> "Viewer":
        """Return a new viewer, who must leave. Raises ProblemError if there is no room."""
        if self._viewers >= MAX_VIEWERS:
            raise _no_room(f"there are {MAX_VIEWERS} viewers already, and no room for more")
        topic = self.topics.get(question)
        if topic is None:
            if len(self.topics) >= MAX_TOPICS:
                raise _no_room(
                    f"viewers look at {MAX_TOPICS} different pictures already, which is all that "
                    "one server makes; look at one of theirs, or come back later"
                )
            topic = self.topics[question] = Topic(question)
            self._wanted.set()
        self._viewers += 1
        topic.viewers += 1
        return Viewer(self, topic)

    async def events(self, topic: Topic) -> AsyncIterator[bytes]:
        """Yield the events of a viewer of `topic`, from the newest one on."""
        seen = 0
        yield b"retry: %d\n\n" % RETRY_MILLISECONDS
        while not self._closing:
            changed = topic.changed
            if topic.number != seen:
                seen = topic.number
                yield topic.event
                continue
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await changed.wait()
            except TimeoutError:
                yield _HEARTBEAT

    def leave(self, topic: Topic) -> None:
        """Note that a viewer of `topic` has gone."""
        self._viewers -= 1
        topic.viewers -= 1
        if not topic.viewers:
            del self.topics[topic.question]

    async def run(self) -> None:
        """Ask the questions of all viewers again and again, while there are any."""
        while True:
            if not self.topics:
                self._wanted.clear()
                await self._wanted.wait()
            now = time.monotonic()
            due = [topic for topic in self.topics.values() if topic.due <= now]
            for topic in due:
                topic.due = now + self._pause(topic)
            await asyncio.gather(*map(self._renew, due))
            self._wanted.clear()
            first = min((topic.due for topic in self.topics.values()), default=now)
            wait = max(0.0, first - time.monotonic())
            try:
                async with asyncio.timeout(wait):
                    await self._wanted.wait()  # a new question
            except TimeoutError:
                pass

    def _pause(self, topic: Topic) -> float:
        """Return the seconds until a topic is asked again: it may take its part of the share."""
        usual = TICK_SECONDS if topic.question.end is None else PAST_SECONDS
        return max(usual, topic.cost * len(self.topics) / VIEWERS_SHARE)

    async def _renew(self, topic: Topic) -> None:
        """Ask a question again, and tell its viewers the answer."""
        try:
            picture, topic.cost = await self._ask(topic.question)
            name, data = b"picture", self._encode(picture)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next tick may do better
            busy = isinstance(error, TimeoutError)
            detail = "the watch is busy" if busy else "this cannot be answered"
            name, data = b"problem", problem_body(HTTPStatus.SERVICE_UNAVAILABLE, detail)
            topic.due = min(topic.due, time.monotonic() + TICK_SECONDS)
        self._sent += 1
        topic.tell(b"id: %d\nevent: %s\ndata: %s\n\n" % (self._sent, name, data))

    def close(self) -> None:
        """End the events of all viewers."""
        self._closing = True
        for topic in self.topics.values():
            topic.changed.set()


class Viewer(StreamingResponse):
    """The answer to somebody who looks at `topic`; it ends when they go, or with the Hub."""

    def __init__(self, hub: Hub, topic: Topic) -> None:
        unbuffered = {"X-Accel-Buffering": "no"}  # nginx would wait for more
        super().__init__(hub.events(topic), headers=unbuffered, media_type=EVENT_STREAM)
        self._hub = hub
        self.topic = topic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events, and leave."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.leave(self.topic)


def _no_room(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail, _LATER)
