"""Makes the README's pictures from the running program.

    python assets/pictures.py                     all of the README's, on simulated traffic
    python assets/pictures.py --only why          one of them
    python assets/pictures.py LOG --seconds 40    nginx.svg, of a log that is being written

It runs the program as it is, without a terminal, and saves what stands on its screen. Most are of
traffic that is written meanwhile; why.svg is of a storm that is over, hosts.svg of many hosts, and
those of the past of two recorded days. web.png and web_phone.png are of the live page in Chromium.
"""

import asyncio
import re
import tempfile
import time
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import click
import fleet
import past
import storm
import web

from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.thread import PipelineThread
from logmon_tui.simulate.scenario import Scenario
from logmon_tui.simulate.simulator import DemoTraffic, Simulator
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.engine import Engine

ASSETS = Path(__file__).parent.resolve()
SHOWN_NAME = "/var/log/nginx/access.log"


@dataclass(frozen=True)
class Picture:
    """What to watch for how long, which keys to press then, and the file's name."""

    name: str
    settings: Settings
    seconds: float
    size: tuple[int, int] = (120, 36)
    keys: tuple[str, ...] = ()

    async def of_log(self, log: str) -> None:
        """Watch `log`, then save the screen."""
        await self.of(PipelineThread([log], self.settings, FormatSelector()))

    async def of(self, engine: Engine, name_of_log: str = SHOWN_NAME) -> None:
        """Show what `engine` publishes, then save the screen."""
        app = LogmonApp(engine, self.settings, name_of_log=name_of_log)
        async with app.run_test(size=self.size) as pilot:
            await asyncio.sleep(self.seconds)
            await pilot.press(*self.keys)
            await asyncio.sleep(1)
            file = ASSETS / f"{self.name}.svg"
            file.write_text(plain_fonts(app.export_screenshot(title="logmon-tui")))
        click.echo(file.name)


def plain_fonts(svg: str) -> str:
    """Let the reader's own monospace font show the picture, instead of one from the network."""
    svg = re.sub(r"@font-face\s*{.*?}", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "Menlo, Consolas, DejaVu Sans Mono")


DEMO = Settings(alert_window=10)
README_PICTURES = (
    Picture("dashboard", DEMO, seconds=55),  # while the error alert fires
    Picture("panels", DEMO, seconds=3, size=(160, 45)),
    Picture("filter", Settings(alert_window=10, where="status:5xx"), seconds=3, size=(160, 45)),
    Picture("light", Settings(alert_window=10, theme="logmon-light"), seconds=3, size=(80, 24)),
)
HOSTS = Picture("hosts", fleet.SETTINGS, seconds=1, keys=("H", "j", "j"))
WHY = Picture("why", storm.SETTINGS, seconds=1, size=(120, 54), keys=("4", "enter"))
_BACK = ("left_square_bracket",)  # to the alert before; each of the newer ones takes a step
PAST_PICTURES = (
    Picture("past", past.SETTINGS, seconds=4, size=(160, 45), keys=(*_BACK * 3, "c")),
    Picture("past_client", past.SETTINGS, seconds=4, size=(120, 36), keys=_BACK * 2),
    Picture("past_burst", past.SETTINGS, seconds=4, size=(120, 36), keys=_BACK),
)
NAMES = [each.name for each in (*README_PICTURES, WHY, HOSTS, *PAST_PICTURES, *web.PICTURES)]


async def take_readme_pictures(names: Sequence[str]) -> None:
    """Let the demo's traffic run, and take one picture after the other."""
    scenario = Scenario(alert_window=DEMO.alert_window)
    with DemoTraffic(Simulator(scenario=scenario, seed=5)) as log:
        for picture in README_PICTURES:
            if picture.name in names:
                await picture.of_log(str(log))
    if WHY.name in names:
        await WHY.of(storm.ToldAlready(storm.picture_of_storm()))
    if HOSTS.name in names:
        await HOSTS.of(storm.ToldAlready(fleet.picture_of_fleet()), fleet.BROKER)
    if pictures := [picture for picture in PAST_PICTURES if picture.name in names]:
        with tempfile.TemporaryDirectory() as folder:
            log, state, marks = past.record(Path(folder), int(time.time()))
            for picture in pictures:
                await picture.of(
                    PipelineThread(
                        [str(log)],
                        picture.settings,
                        FormatSelector(),
                        state_file=state,
                        marks=marks,
                    )
                )


def take_pages(pictures: Sequence[web.PagePicture]) -> None:
    """Let the demo's traffic run, and take pictures of the live page in its error storm."""
    scenario = Scenario(alert_window=DEMO.alert_window)
    with DemoTraffic(Simulator(scenario=scenario, seed=5)) as log, chdir(log.parent):
        for file in web.take(log.name, DEMO, ASSETS, pictures):
            click.echo(file.name)


@click.command()
@click.argument("log", required=False)
@click.option("--only", type=click.Choice(NAMES), multiple=True)
@click.option("--threshold", default=50.0)
@click.option("--alert-window", default=20)
@click.option("--seconds", default=40.0)
def main(
    log: str | None, only: tuple[str, ...], threshold: float, alert_window: int, seconds: float
) -> None:
    """Make the pictures."""
    if log is None:
        asyncio.run(take_readme_pictures(only or NAMES))
        if pages := [each for each in web.PICTURES if each.name in (only or NAMES)]:
            take_pages(pages)
    else:
        # All of a load generator's requests come from one client.
        settings = Settings(threshold=threshold, alert_window=alert_window, ddos_threshold=1e6)
        asyncio.run(Picture("nginx", settings, seconds).of_log(log))


if __name__ == "__main__":
    main()
