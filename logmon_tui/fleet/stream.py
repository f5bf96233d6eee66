"""A broker's stream: makes it, and tells who sends to it. Imports nats-py, so import it late."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nats import errors
from nats.js import JetStreamContext
from nats.js.api import RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.fleet.access import Access
from logmon_tui.fleet.connection import connect_once
from logmon_tui.fleet.protocol import (
    EVERYTHING,
    HEALTH,
    PREFIX,
    Address,
    BrokenMessageError,
    Health,
    address,
    decode_health,
)

DUPLICATE_SECONDS = 120
"""Seconds for which a broker remembers what it got, and drops it when it comes again."""
MAX_MESSAGE = 1024 * 1024 + 8 * 1024
"""Maximum bytes of a message with its headers."""

_ANSWER_SECONDS = 5.0
_AT_ONCE = 32
"""Questions that are asked at the same time."""
_NO_STORAGE = 10047

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a stream keeps: seconds, bytes, and on how many brokers of a cluster."""

    seconds: int = 86_400
    size: int = 10 * 10**9
    replicas: int = 1


@dataclass(frozen=True, slots=True)
class SentBy:
    """What is known of a host: its last word, and how long ago that was (seconds)."""

    host: str
    site: str
    health: Health | None = None
    age: float | None = None


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """What a stream holds, and from which hosts; `seconds` and `size` (bytes) are its limits."""

    name: str
    messages: int
    bytes: int
    seconds: float
    size: int
    hosts: Sequence[SentBy] = field(default=())


async def set_up(reached: Access, name: str, limits: Limits) -> bool:
    """Make the stream, or give it these limits; return whether it is new. Raises UsageError."""

    async def make(stream: JetStreamContext) -> bool:
        config = StreamConfig(
            name=name,
            description="lines of access logs, sent by logmon-tui agents",
            subjects=[EVERYTHING],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            max_age=limits.seconds,
            max_bytes=limits.size,
            max_msg_size=MAX_MESSAGE,
            duplicate_window=min(DUPLICATE_SECONDS, limits.seconds),
            num_replicas=limits.replicas,
            allow_msg_ttl=True,
        )
        try:
            await stream.stream_info(name)
        except NotFoundError:
            await stream.add_stream(config)
            return True
        await stream.update_stream(config)
        return False

    return await _asked(reached, name, make)


async def status(reached: Access, name: str) -> StreamStatus:
    """Return what a stream holds, and who sends to it. Raises UsageError."""
    return await _asked(reached, name, lambda stream: _status(stream, name))


async def _status(stream: JetStreamContext, name: str) -> StreamStatus:
    info = await stream.stream_info(name, subjects_filter=EVERYTHING)
    there = {_sender(each) for each in info.state.subjects or {}}
    found = sorted(each for each in there if each is not None)
    room = asyncio.Semaphore(_AT_ONCE)

    async def ask(where: Address) -> SentBy:
        async with room:
            return await _last_word(stream, name, where)

    hosts = await asyncio.gather(*map(ask, found))
    return StreamStatus(
        name=name,
        messages=info.state.messages,
        bytes=info.state.bytes,
        seconds=info.config.max_age or 0.0,
        size=info.config.max_bytes or 0,
        hosts=hosts,
    )


def _sender(of: str) -> Address | None:
    """Return whose subject this is; None for one of no agent."""
    try:
        return address(of)._replace(kind=HEALTH)
    except BrokenMessageError:
        return None


async def _last_word(stream: JetStreamContext, name: str, where: Address) -> SentBy:
    """Return the last health of a host; without any, only its name in the subject."""
    its = f"{PREFIX}.{where.site}.{where.host}.{HEALTH}"
    try:
        message = await stream.get_last_msg(name, its)
        health = decode_health(its, message.data or b"")
    except (NotFoundError, BrokenMessageError):
        return SentBy(where.host, where.site.removeprefix("_"))
    age = time.time() - message.time.timestamp() if message.time is not None else None
    return SentBy(health.host, health.site, health, None if age is None else max(0.0, age))


async def _asked(
    reached: Access, name: str, ask: Callable[[JetStreamContext], Awaitable[_Answer]]
) -> _Answer:
    """Connect, ask and close. Raises UsageError, in one line, for whatever does not work."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def hear(trouble: str) -> None:
        if trouble and not told.done():
            told.set_result(trouble)

    client = await connect_once(reached, hear)
    answer = asyncio.ensure_future(ask(client.jetstream(timeout=_ANSWER_SECONDS)))
    try:
        # Who lacks a right hears of it at once, but gets no answer.
        both: set[asyncio.Future[Any]] = {answer, told}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise UsageError(told.result())
        return answer.result()
    except NotFoundError as error:
        how = f"make it with: logmon-tui fleet setup --to {reached.address}"
        raise UsageError(
            f"{reached.address}: there is no stream {printable(name)}; {how}"
        ) from error
    except ServiceUnavailableError as error:
        raise UsageError(
            f"{reached.address}: has no JetStream, or it is not ready; "
            "write jetstream {} into its configuration"
        ) from error
    except APIError as error:
        raise UsageError(f"{reached.address}: {_refusal(error)}") from error
    except ValueError as error:
        raise UsageError(f"stream {printable(name)!r}: is no name of a stream") from error
    except (TimeoutError, errors.Error, OSError) as error:
        raise UsageError(f"{reached.address}: does not answer; try again") from error
    finally:
        answer.cancel()
        told.cancel()
        await client.close()


def _refusal(error: APIError) -> str:
    said = printable(error.description or f"refused, code {error.code}")
    if error.err_code == _NO_STORAGE:
        return f"has not so much room: {said}; give a smaller --max-bytes"
    return f"refused: {said}"
