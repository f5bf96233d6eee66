"""Kill agents, broker and dashboard while logs are written and rotated, and count every line."""

import random
import signal
import time
from pathlib import Path

from tests.brokers import Broker
from tests.chaos.processes import (
    Process,
    WatchProcess,
    Writers,
    agent,
    told,
    until_counted,
    verdict,
)
from tests.watching import wait_until


def _subjects(broker: Broker) -> int:
    return int(broker.ask("STREAM.INFO.LOGMON")["state"].get("num_subjects", 0))


class Kills:
    """The trial; its figures are the numbers of what is killed, and of the lines written."""

    def __init__(self, folder: Path, **given: float) -> None:
        self._folder = folder
        self._given = {name: int(value) for name, value in given.items()}
        self._drawn = random.Random(self._given["seed"])

    def run(self) -> int:
        given = self._given
        (self._folder / "broker").mkdir(exist_ok=True)
        broker = Broker(self._folder / "broker")
        broker.setup(max_age=86_400 * 1_000_000_000)
        logs = []
        for number in range(given["agents"]):
            place = self._folder / f"web{number}"
            place.mkdir(exist_ok=True)
            logs.append(place / "access.log")
            logs[-1].touch()
        agents = [agent(log.parent, broker.url, log.parent.name, log) for log in logs]
        watch = WatchProcess(self._folder / "watch", broker.url)
        writers = Writers(
            logs, given["lines"], given["seconds"], given["rotations"], random.Random(given["seed"])
        )
        told(f"{len(agents)} agents, {given['lines']:,} lines in {given['seconds']} s")
        try:
            # A log that is rotated before its agent ever saw it is none of the agent's.
            wait_until(lambda: _subjects(broker) >= len(agents))
            writers.start()
            self._kill(broker, agents, watch)
            writers.join()
            told("all is written, and all is killed that was to be")
            until_counted(watch, given["lines"])
            watch.kill(signal.SIGTERM)
        finally:
            for each in (*agents, watch):
                each.kill()
            broker.close()
        return verdict(writers.counted, watch.saved())

    def _kill(self, broker: Broker, agents: list[Process], watch: WatchProcess) -> None:
        given = self._given
        plan = [
            *(("broker", broker.restart) for _ in range(given["broker_kills"])),
            *(("watch", watch.restart) for _ in range(given["watch_kills"])),
            *(
                (f"agent {number}", agents[number].restart)
                for number in (
                    self._drawn.randrange(len(agents)) for _ in range(given["agent_kills"])
                )
            ),
        ]
        self._drawn.shuffle(plan)
        began = time.monotonic()
        for at, (name, kill) in zip(
            sorted(self._drawn.uniform(5, given["seconds"]) for _ in plan), plan, strict=True
        ):
            time.sleep(max(0.0, began + at - time.monotonic()))
            told(f"kill -9 {name}; counted {watch.total():,}")
            kill()
