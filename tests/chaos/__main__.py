"""Long trials of many hosts: `python -m tests.chaos kills`, `hosts` or `cut`."""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.cut import Cut
from tests.chaos.hosts import Hosts
from tests.chaos.kills import Kills


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--folder", type=Path, help="where to keep logs and states; kept")
    trials = parser.add_subparsers(dest="trial", required=True)
    kills = trials.add_parser("kills", help="kill agents, broker and dashboard; count every line")
    kills.add_argument("--agents", type=int, default=20)
    kills.add_argument("--lines", type=int, default=1_200_000, help="of all agents together")
    kills.add_argument("--seconds", type=float, default=180, help="for how long they are written")
    kills.add_argument("--broker-kills", type=int, default=10)
    kills.add_argument("--agent-kills", type=int, default=20)
    kills.add_argument("--watch-kills", type=int, default=5)
    kills.add_argument("--rotations", type=int, default=60)
    kills.add_argument("--seed", type=int, default=1)
    hosts = trials.add_parser("hosts", help="one process speaks as many hosts; measure the lag")
    hosts.add_argument("--hosts", type=int, default=1_000)
    hosts.add_argument("--rate", type=int, default=100, help="lines a second of each host")
    hosts.add_argument("--seconds", type=float, default=60)
    cut = trials.add_parser("cut", help="cut the network between agent and broker; needs root")
    cut.add_argument("--lines", type=int, default=100_000)
    cut.add_argument("--cuts", type=int, default=3)
    given = vars(parser.parse_args())
    folder, trial = given.pop("folder"), given.pop("trial")
    run = {"kills": Kills, "hosts": Hosts, "cut": Cut}[trial]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        return run(folder, **given).run()
    with TemporaryDirectory(prefix="logmon-chaos-") as made:
        return run(Path(made), **given).run()


if __name__ == "__main__":
    sys.exit(main())
