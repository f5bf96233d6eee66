"""An agent and a reader of a stream end, whatever their libraries make of a cancellation."""

import asyncio
import contextlib
import threading
from typing import Any, cast

import pytest

from logmon_tui.agent.agent import Agent
from logmon_tui.agent.followed import Host
from logmon_tui.fleet.access import Access
from logmon_tui.sources.broker import read_ahead
from logmon_tui.sources.broker.read_ahead import ReadAhead


async def stubborn(*_: Any) -> None:
    """Take the first cancellation for something else, as publish_async of nats-py does."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(60)
    await asyncio.sleep(60)


@pytest.mark.parametrize("task", ["_send_for_ever", "_speak_for_ever", "_look_for_ever"])
def test_an_agent_ends_though_a_cancellation_was_lost(
    monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    monkeypatch.setattr(Agent, task, stubborn)
    access = Access("nats://127.0.0.1:1", tls=False)

    async def run() -> None:
        agent = Agent([], Host("web1"), lambda: access, lambda _: None)
        running = asyncio.create_task(agent.run())
        await asyncio.sleep(0.1)
        agent.stop()
        async with asyncio.timeout(30):
            await running

    asyncio.run(run())


def test_a_reader_ends_though_a_cancellation_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "CLOSE_SECONDS", 30.0)
    began = threading.Event()

    class Reader:
        async def run(self) -> None:
            began.set()
            await stubborn()

    ahead = ReadAhead()
    ahead.start(cast("Any", Reader()))
    assert began.wait(30)
    ahead.close()
    assert not any(thread.name == "broker" for thread in threading.enumerate())
