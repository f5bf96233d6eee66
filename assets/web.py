"""The live page during an incident, in a real browser: at the width of a desk and of a phone."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from logmon_tui.alerts.rules.builtin import ERROR_RATE
from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.thread import PipelineThread
from logmon_tui.snapshot import Snapshot
from logmon_tui.web.server import WebServer

CHROMIUM = "/usr/bin/chromium"
DEADLINE = 300
"""Seconds within which the simulated traffic has had an error storm."""

INTO_THE_STORM = 8
"""Seconds from the alert to the picture."""


class PagePicture(NamedTuple):
    """A picture's name, the window of the browser, and its colours."""

    name: str
    width: int
    height: int
    colours: str


PICTURES = (PagePicture("web", 1280, 830, "light"), PagePicture("web_phone", 390, 830, "dark"))


def take(
    log: str, settings: Settings, folder: Path, pictures: Sequence[PagePicture], scale: int = 1
) -> Iterator[Path]:
    """Watch `log` until errors fire an alert, then save the page; yield the files.

    `scale` are the pixels of a picture for one of the page.
    """
    settings = settings.changed(web=f"127.0.0.1:{_free_port()}")
    server = WebServer(settings)
    watch = PipelineThread([log], settings, FormatSelector(), export=server.publish)
    server.attach(watch.post)
    server.start()
    fired = threading.Event()
    watch.start(lambda snapshot: fired.set() if _has_fired(snapshot) else None)
    try:
        if not fired.wait(DEADLINE):
            raise TimeoutError("no error alert fired")
        time.sleep(INTO_THE_STORM)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            with closing(browser):
                for picture in pictures:
                    yield _saved(browser, server.url, folder, picture, scale)
    finally:
        watch.stop()
        server.close()


def _has_fired(snapshot: Snapshot) -> bool:
    return any(each.firing and each.rule == ERROR_RATE for each in snapshot.alerts.incidents)


def _saved(browser: Browser, url: str, folder: Path, picture: PagePicture, scale: int) -> Path:
    """Save the upper part of the page, as a browser of this size shows it; return the file."""
    file = folder / f"{picture.name}.png"
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=scale,
        color_scheme="dark" if picture.colours == "dark" else "light",
    )
    page.goto(url)
    page.wait_for_selector("#tiles li")
    page.wait_for_timeout(1_500)
    page.screenshot(path=file)
    page.close()
    return file


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
