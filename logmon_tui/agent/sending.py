"""Sender: publishes chunks until the broker has stored each of them, whatever happens to it.

Chunks are on their way together, so a slow network costs one delay a batch. Those without an answer
are published again; the broker, or else the dashboard, drops what it got before.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from nats import errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import PubAck
from nats.js.errors import APIError, NoStreamResponseError

from logmon_tui.fleet.access import Access
from logmon_tui.fleet.connection import Told, connected, pause, problem
from logmon_tui.fleet.protocol import MAX_BODY, Lines, encode_lines

ANSWER_SECONDS = 5.0
"""Seconds to wait for the broker's answers before publishing again."""

CLOSE_SECONDS = 1.0
"""Maximum seconds to wait for the end of the connection: a broker may be stuck."""

HEALTH_KEPT = 600
"""Seconds for which a broker keeps what an agent says of itself, if its stream allows that."""

NO_STREAM = "no stream takes lines there; make it with: logmon-tui fleet setup --to"


class Sender:
    """The connection of an agent. `told` hears what is wrong, and "" when all is well again.

    `access` reads anew how the broker is reached: a token may have changed.
    """

    def __init__(self, access: Callable[[], Access], told: Told, name: str, inbox: str) -> None:
        self._access, self._told = access, told
        self._name, self._inbox = name, inbox
        self._reached = access()
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None
        self._keeps_health = True
        self._connecting = asyncio.Lock()

    async def connect(self) -> JetStreamContext:
        """Return the broker's streams once there is a connection; wait for ever."""
        async with self._connecting:
            while self._client is None or not self._client.is_connected or self._stream is None:
                if self._client is None or self._client.is_closed:
                    with suppress(Exception):  # what cannot be read now was fine before
                        self._reached = self._access()
                    self._client = await connected(
                        self._reached, self._told, self._name, self._inbox
                    )
                    self._stream = self._client.jetstream(timeout=ANSWER_SECONDS)
                else:
                    await asyncio.sleep(0.05)
        return self._stream

    async def send(self, subject: str, messages: Sequence[Lines]) -> list[Lines]:
        """Publish messages until all are stored; return those that are too large for the broker."""
        left = list(messages)
        refused: list[Lines] = []
        attempt = 0
        while left:
            stream = await self.connect()
            left, why = await self._publish(stream, subject, left, refused)
            if left:
                attempt += 1
                if why:
                    self._told(why)
                await asyncio.sleep(pause(attempt))
        if attempt:
            self._told("")
        return refused

    async def _publish(
        self,
        stream: JetStreamContext,
        subject: str,
        messages: Sequence[Lines],
        refused: list[Lines],
    ) -> tuple[list[Lines], str]:
        """Publish messages once; return those that were not stored, and why."""
        waiting: list[tuple[Lines, asyncio.Future[PubAck]]] = []
        why = ""
        for message in messages:
            headers, body = encode_lines(message)
            if len(body) > min(MAX_BODY, self._room):
                refused.append(message)
                continue
            try:
                answer = await stream.publish_async(
                    subject, body, headers=headers, wait_stall=ANSWER_SECONDS
                )
            except (errors.Error, OSError) as error:
                why = problem(error, self._reached)
                break
            waiting.append((message, answer))
        if waiting:
            await asyncio.wait([answer for _, answer in waiting], timeout=ANSWER_SECONDS)
        stored = set()
        for message, answer in waiting:
            failure = answer.exception() if answer.done() else TimeoutError()
            if failure is None:
                stored.add(id(message))
            else:
                answer.cancel()
                why = self._reason(failure)
        gone = {*stored, *map(id, refused)}
        return [message for message in messages if id(message) not in gone], why

    @property
    def _room(self) -> int:
        """The bytes that a body may have, beside the headers."""
        return MAX_BODY if self._client is None else self._client.max_payload - 2048

    def _reason(self, error: BaseException) -> str:
        if isinstance(error, NoStreamResponseError):
            return f"{self._reached.address}: {NO_STREAM} {self._reached.address}"
        if isinstance(error, APIError) and error.description:
            return f"{self._reached.address}: does not store lines: {error.description[:200]}"
        return problem(error, self._reached)

    async def tell(self, subject: str, body: bytes) -> None:
        """Publish what an agent says of itself; what does not arrive is said again soon."""
        if self._client is None or not self._client.is_connected or self._stream is None:
            return
        lifetime = HEALTH_KEPT if self._keeps_health else None
        with suppress(errors.Error, OSError, asyncio.TimeoutError):
            try:
                await self._stream.publish(subject, body, msg_ttl=lifetime)
            except APIError:  # a stream without times to live
                if lifetime is None:
                    raise
                self._keeps_health = False
                await self._stream.publish(subject, body)

    async def close(self) -> None:
        """Close the connection; what was published is sent before."""
        if self._client is not None:
            with suppress(Exception):  # nothing depends on it any more
                await asyncio.wait_for(self._client.close(), CLOSE_SECONDS)
