"""A server with the API and a watch that answers at once, without a pipeline."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from logmon_tui.monitor.commands import Ask, Command
from logmon_tui.web.server import WebServer
from tests.web.api_runs import END, SECONDS, MonitorEngine, monitor_of, settings
from tests.web.serving import serving, viewer


@contextmanager
def api_serving(marks: Path | None = None) -> Iterator[tuple[WebServer, MonitorEngine]]:
    """Run a server of the traffic of `api_runs`; it may change the watch."""
    given = settings(web="127.0.0.1:1")
    engine = MonitorEngine(monitor_of(given))
    with serving(given, marks) as server:

        def post(command: Command) -> None:
            if isinstance(command, Ask):
                command.reply(engine.monitor.answer(command.question, SECONDS - 1, END), 0.0)
            else:
                engine.post(command)
                server.publish(engine.latest)

        server.publish(engine.latest)
        server.attach(post)
        yield server, engine


def picture_of(server: WebServer, question: str = "") -> Any:
    """Return the first picture that a page gets of the answer to a question."""
    with viewer(server, f"/events{question}") as lines:
        data = next(line for line in lines if line.startswith(b"data: "))
    return json.loads(data.removeprefix(b"data: "))
