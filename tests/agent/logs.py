"""Logs of numbered lines."""

from pathlib import Path


def write(log: Path, *lines: bytes) -> None:
    with log.open("ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))


def numbered(first: int, last: int) -> list[bytes]:
    return [b"line %d" % number for number in range(first, last)]
