"""A publisher of many hosts for tests: it keeps messages in flight, and sends again what was lost.

Each line has a size of its own, drawn at random, so that a lost line and a doubled one do not hide
each other.
"""

import asyncio
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field

from tests.brokers import FakeAgent, Sent, client_of

IN_FLIGHT = 16
"""Messages that are under way at the same time."""


@dataclass
class Counted:
    """What was published: lines, and the sum of the sizes in them."""

    lines: int = 0
    sizes: int = 0


@dataclass
class Publisher:
    """Publishes `chunks` chunks of each of `agents`, `lines` lines a chunk, and counts them.

    It rests `pause` seconds after each round of all hosts. With `again` it publishes that share of
    the chunks twice, as an agent does that was killed before it knew of the acknowledgement.
    """

    url: str
    agents: list[FakeAgent]
    chunks: int
    lines: int = 100
    pause: float = 0.02
    again: float = 0.1
    seed: int = 0
    counted: Counted = field(default_factory=Counted)
    failure: BaseException | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        if self.failure is not None:
            raise self.failure
        return self._thread is not None and not self._thread.is_alive()

    def _run(self) -> None:
        try:
            asyncio.run(self._publish())
        except BaseException as error:  # noqa: BLE001 - raised in the test's thread
            self.failure = error

    def _chunk(self, agent: FakeAgent, drawn: random.Random) -> Sent:
        stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
        sizes = [drawn.randrange(1, 1_000_000) for _ in range(self.lines)]
        self.counted.lines += len(sizes)
        self.counted.sizes += sum(sizes)
        return agent.lines(
            "".join(
                f'10.0.0.1 - - [{stamp}] "GET /{agent.host} HTTP/1.1" 200 {size} "-" "t"\n'
                for size in sizes
            ).encode()
        )

    async def _publish(self) -> None:
        drawn = random.Random(self.seed)
        waiting: deque[Sent] = deque()
        for _ in range(self.chunks):
            for agent in self.agents:
                sent = self._chunk(agent, drawn)
                waiting.append(sent)
                if drawn.random() < self.again:
                    waiting.append(sent)
            if len(waiting) >= IN_FLIGHT:
                await self._send(waiting)
            await asyncio.sleep(self.pause)
        await self._send(waiting)

    async def _send(self, waiting: deque[Sent]) -> None:
        """Publish all that waits; what fails goes to the end, so the order changes, too."""
        from nats import errors

        while waiting:
            try:
                client = await client_of(self.url)
            except AssertionError:
                continue
            try:
                stream = client.jetstream()
                while waiting:
                    batch = [waiting.popleft() for _ in range(min(IN_FLIGHT, len(waiting)))]
                    answers = await asyncio.gather(
                        *(stream.publish(m.subject, m.body, headers=m.headers) for m in batch),
                        return_exceptions=True,
                    )
                    lost = [
                        sent
                        for sent, answer in zip(batch, answers, strict=True)
                        if isinstance(answer, BaseException)
                    ]
                    waiting.extend(lost)
                    if lost:
                        break
            except (TimeoutError, errors.Error, OSError):
                pass
            finally:
                await client.close()
