"""Exports: who gets the Snapshots of a watch beside its output: Prometheus, and browsers."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logmon_tui.cli.marks_by_http import receiver_into
from logmon_tui.config.address import address_of
from logmon_tui.config.settings import Settings
from logmon_tui.errors import UsageError
from logmon_tui.snapshot import Snapshot

if TYPE_CHECKING:
    from logmon_tui.monitor.commands import Command
    from logmon_tui.reports.prometheus_server import Exporter
    from logmon_tui.web.server import WebServer


class Exports:
    """The servers that a watch feeds; they are closed with `stack`.

    `marks` is the file of marks; if a token for it is configured, marks are taken into it.
    Raises UsageError if a server cannot listen.
    """

    def __init__(self, stack: ExitStack, settings: Settings, marks: Path | None) -> None:
        self._exporter = _exporter(settings, marks)
        if self._exporter is not None:
            stack.callback(self._exporter.close)
        self._web = _web_server(settings, marks)
        if self._web is not None:
            stack.callback(self._web.close)
            self._web.start()
            click.echo(f"logmon-tui: the page is at {self._web.url}", err=True)

    @property
    def url(self) -> str:
        """The address of the page, empty if none is served."""
        return "" if self._web is None else self._web.url

    @property
    def asks(self) -> bool:
        """Whether questions about traffic may come."""
        return self._web is not None

    def publish(self, snapshot: Snapshot) -> None:
        """Hand over the newest Snapshot; any thread may call this."""
        if self._exporter is not None:
            self._exporter.publish(snapshot)
        if self._web is not None:
            self._web.publish(snapshot)

    def attach(self, post: "Callable[[Command], None]") -> None:
        """Let questions be asked of the watch that `post` passes commands to."""
        if self._web is not None:
            self._web.attach(post)


def _exporter(settings: Settings, marks: Path | None) -> "Exporter | None":
    if settings.metrics_listen is None:
        return None
    from logmon_tui.reports.prometheus_server import Exporter

    receiver = receiver_into(marks, settings) if marks is not None else None
    return Exporter(address_of(settings.metrics_listen), receiver)


def _web_server(settings: Settings, marks: Path | None) -> "WebServer | None":
    if settings.web is None:
        return None
    try:
        import starlette  # noqa: F401 - or another import that fails would be blamed on it
        import uvicorn  # noqa: F401
    except ImportError as error:
        how = "pip install 'logmon-tui[web]'"
        raise UsageError(f"--web needs starlette and uvicorn, which are missing: {how}") from error
    from logmon_tui.web.server import WebServer

    return WebServer(settings, marks)
