"""`logmon-tui simulate`: append realistic traffic to a log, live."""

import threading
from pathlib import Path
from typing import Any

import click

from logmon_tui.cli import options
from logmon_tui.cli.background import run_until_signalled
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.cli.parameters import FiniteRange
from logmon_tui.escape import printable
from logmon_tui.simulate.scenario import Scenario
from logmon_tui.simulate.simulator import Simulator, parse_rate
from logmon_tui.simulate.simulator import simulate as write_traffic

_TRAFFIC = "Traffic"

_EXAMPLES = """
logmon-tui simulate /tmp/access.log                      0 to 20 lines each second
logmon-tui simulate --rate 500-800 --duration 60 a.log   more of them, for a minute
logmon-tui simulate --scenario --alert-window 10 a.log   fire every alert in turn
"""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument("file", type=click.Path(readable=False))
@option(
    "--rate",
    group=_TRAFFIC,
    metavar="N|LOW-HIGH",
    default="0-20",
    show_default=True,
    help="Lines each second.",
)
@option("--seed", group=_TRAFFIC, type=int, metavar="N", help="Same seed, same lines.")
@option(
    "--duration",
    group=_TRAFFIC,
    type=FiniteRange(min=0, min_open=True),
    metavar="SECONDS",
    help="[default: until interrupted]",
)
@option(
    "--format",
    "line_format",
    group=_TRAFFIC,
    type=click.Choice(["common", "combined"]),
    default="combined",
    show_default=True,
    help="The format of the lines.",
)
@option(
    "--scenario",
    group=_TRAFFIC,
    is_flag=True,
    help="Walk through quiet, burst, error storm, noisy client and recovery.",
)
@options.threshold
@options.alert_window
@options.ddos_threshold
def simulate(file: str, **parameters: Any) -> None:
    """Append realistic traffic to FILE, live.

    The alert options set the scenario's limits.
    """
    limits = {name: parameters[name] for name in ("threshold", "alert_window", "ddos_threshold")}
    simulator = Simulator(
        seed=parameters["seed"],
        line_format=parameters["line_format"],
        rate=parse_rate(parameters["rate"]),
        scenario=Scenario(**limits) if parameters["scenario"] else None,
    )
    stop = threading.Event()
    duration = parameters["duration"]
    written = run_until_signalled(
        lambda: write_traffic(Path(file), simulator, duration=duration, stop=stop), stop.set
    )
    click.echo(f"{written} lines written to {printable(file)}")
