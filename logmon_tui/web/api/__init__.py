"""The API under `/api/v1`."""

from pathlib import Path

from starlette.routing import BaseRoute

from logmon_tui.config.settings import Settings
from logmon_tui.web.engine import Engine


def routes(engine: Engine, settings: Settings, marks: Path | None) -> list[BaseRoute]:
    """Return the routes below `/api/v1`; `settings.web_control` lets requests change the watch.

    `marks` is the file of users' marks, None if there is none.
    """
    del engine, settings, marks
    return []
