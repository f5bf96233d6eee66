"""Makes the README's pictures from the running program.

    python assets/pictures.py                                  all of the README's, on simulated traffic
    python assets/pictures.py LOG --threshold 50 --seconds 40  one, of a log being written: nginx.svg

It runs the program as it is, without a terminal, on a log that is being written, and saves what
stands on its screen.
"""

import asyncio
import re
import tempfile
from pathlib import Path

import click

from logmon_tui.config import Settings
from logmon_tui.engine import BackgroundEngine
from logmon_tui.sources.scenario import Scenario
from logmon_tui.sources.simulator import DemoTraffic, Simulator
from logmon_tui.tui.app import LogmonApp

ASSETS = Path(__file__).parent


def plain_fonts(svg: str) -> str:
    """Let the reader's own monospace font show the picture, instead of one from the network."""
    svg = re.sub(r"@font-face\s*{.*?}", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "Menlo, Consolas, DejaVu Sans Mono")


async def picture(  # noqa: PLR0913 - a picture has many sides
    name: str,
    log: str,
    settings: Settings,
    seconds: float,
    size: tuple[int, int],
    keys: tuple[str, ...] = (),
    title: str = "/var/log/nginx/access.log",
) -> None:
    """Watch `log` for some seconds, press `keys`, save the screen as `name`.svg."""
    engine = BackgroundEngine([log], settings, None)
    app = LogmonApp(engine, settings, name_of_log=title)
    async with app.run_test(size=size) as pilot:
        await asyncio.sleep(seconds)
        await pilot.press(*keys)
        await asyncio.sleep(1)
        (ASSETS / f"{name}.svg").write_text(plain_fonts(app.export_screenshot(title="logmon-tui")))
    click.echo(f"assets/{name}.svg")


async def readme_pictures() -> None:
    """Take the dashboard while an alert fires, dark and wide, light and narrow, and the help."""
    settings = Settings(alert_window=10)
    with tempfile.TemporaryDirectory(), DemoTraffic(Simulator(scenario=Scenario(alert_window=10), seed=5)) as log:
        await asyncio.gather(
            picture("dashboard", str(log), settings, 75, (120, 36)),
        )
        await picture("panels", str(log), settings, 5, (160, 45), ("5", "6", "7", "9"))
        light = Settings(alert_window=10, theme="logmon-light")
        await picture("light", str(log), light, 5, (80, 24))
        await picture("help", str(log), settings, 3, (120, 36), ("question_mark",))


@click.command()
@click.argument("log", required=False)
@click.option("--threshold", default=10.0)
@click.option("--alert-window", default=20)
@click.option("--seconds", default=40.0)
@click.option("--name", default="nginx")
def main(log: str | None, threshold: float, alert_window: int, seconds: float, name: str) -> None:
    """Make the pictures."""
    if log is None:
        asyncio.run(readme_pictures())
    else:
        settings = Settings(threshold=threshold, alert_window=alert_window, ddos_threshold=1e9)
        asyncio.run(picture(name, log, settings, seconds, (120, 36), title=log))


if __name__ == "__main__":
    main()
