"""What a generated log is like, and where it is kept. Light: whoever measures imports it."""

import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import click

FORMATS = ("combined", "common")


@dataclass(frozen=True)
class Shape:
    """What a log is like. `rate` is the mean number of hits a second.

    The share `spread` of the hits goes evenly to all paths and clients, the rest by Zipf's law: so
    a log of a few million lines can really hold a million of each.
    """

    lines: int = 1_000_000
    format: str = "combined"
    rate: float = 100.0
    paths: int = 13_000
    clients: int = 50_000
    agents: int = 800
    referrers: int = 3_000
    spread: float = 0.0
    seed: int = 1

    @property
    def name(self) -> str:
        """A file's name that tells such logs apart."""
        keys = "" if self.paths == Shape.paths else f"-{self.paths}x{self.clients}"
        return f"{self.format}-{self.lines}{keys}-{self.rate:g}-{self.seed}.log"

    @property
    def options(self) -> list[str]:
        """What to tell the generator."""
        return [f"--{name}={value}" for name, value in asdict(self).items()]


def log_in(folder: Path, shape: Shape) -> Path:
    """Return a log of that shape in `folder`, written now if it is not there yet."""
    path = folder / shape.name
    if not path.exists():
        click.echo(f"writing {path} …", err=True)
        folder.mkdir(parents=True, exist_ok=True)
        generator = [sys.executable, "-m", "tests.benchmarks.generator"]
        subprocess.run([*generator, *shape.options, str(path)], check=True)
    return path
