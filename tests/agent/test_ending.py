"""An agent ends soon, whatever it is waiting for."""

import asyncio
import contextlib

from logmon_tui.agent.agent import _cancelled


def test_a_task_that_swallows_a_cancellation_is_cancelled_again() -> None:
    async def stubborn() -> None:
        for _ in range(3):
            with contextlib.suppress(asyncio.CancelledError):  # as nats-py does
                await asyncio.sleep(60)
        await asyncio.sleep(60)

    async def end() -> bool:
        tasks = [asyncio.create_task(stubborn()), asyncio.create_task(asyncio.sleep(60))]
        await asyncio.sleep(0)
        await asyncio.wait_for(_cancelled(tasks), 30)
        return all(task.cancelled() for task in tasks)

    assert asyncio.run(end())
