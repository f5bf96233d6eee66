"""A reader of a stream ends, whatever its libraries make of a cancellation."""

import asyncio
import contextlib
import threading
from typing import Any, cast

import pytest

from logmon_tui.sources.broker import read_ahead
from logmon_tui.sources.broker.read_ahead import ReadAhead


def test_a_reader_ends_though_a_cancellation_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "CLOSE_SECONDS", 30.0)
    began = threading.Event()

    class Reader:
        async def run(self) -> None:
            began.set()
            with contextlib.suppress(asyncio.CancelledError):  # as nats-py does
                await asyncio.sleep(60)
            await asyncio.sleep(60)

    ahead = ReadAhead()
    ahead.start(cast("Any", Reader()))
    assert began.wait(30)
    ahead.close()
    assert ahead._thread is not None
    assert not ahead._thread.is_alive()
