"""A link that goes from log to log: what was written into the ones it left is read, once.

Kubernetes has `containers/x.log` name `pods/x/0.log`, which it rotates to `0.log.<time>`, and
`1.log` when the container starts again; mounted settings have `..data` name another directory.
"""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.sources.base import LogPosition
from logmon_tui.sources.file_observer import FileObserver

Follow = Callable[..., FileObserver]
Drain = Callable[[FileObserver], bytes]
Stop = Callable[[FileObserver], LogPosition]


class Container:
    """The logs of a container, and the link that names the newest."""

    def __init__(self, folder: Path) -> None:
        self.pod, self.link = folder / "pods" / "x", folder / "containers" / "x.log"
        self.pod.mkdir(parents=True)
        self.link.parent.mkdir()
        self.written: list[bytes] = []
        self.number = 0
        self.rotations = 0
        self._name()

    @property
    def log(self) -> Path:
        return self.pod / f"{self.number}.log"

    def write(self, log: Path | None = None) -> None:
        self.written.append(b"line %d\n" % len(self.written))
        with (log or self.log).open("ab") as file:
            file.write(self.written[-1])

    def restart(self) -> None:
        self.number += 1
        self._name()

    def rotate(self) -> Path:
        self.rotations += 1
        rotated = self.log.with_name(f"{self.log.name}.20261128-2100{self.rotations:02}")
        self.log.rename(rotated)
        self.log.touch()
        return rotated

    def _name(self) -> None:
        self.log.touch()
        new = self.link.with_name("new")
        new.symlink_to(self.log)
        new.replace(self.link)


@pytest.fixture
def container(tmp_path: Path) -> Container:
    made = Container(tmp_path / "var")
    made.write()
    return made


CASES = {
    "restart": "restart write",
    "twice": "restart write restart write",
    "rotated, then moved": "rotate write restart write",
    "rotated twice, then moved": "rotate write rotate write restart write",
    "moved, then rotated": "restart write rotate write",
    "moved twice, rotated between": "restart write rotate write restart write rotate write",
}


@pytest.mark.parametrize("steps", CASES.values(), ids=CASES)
@pytest.mark.parametrize("down", [False, True], ids=["live", "while down"])
def test_all_that_the_link_named_is_read(
    container: Container, follow: Follow, drain: Drain, steps: str, down: bool
) -> None:
    observer = follow(container.link)
    read = drain(observer)
    position = observer.position()
    container.write()
    for step in steps.split():
        getattr(container, step)()
    if down:
        observer.close()
        observer = follow(container.link, position=position)
    read += drain(observer)
    assert read == b"".join(container.written)
    assert observer.status().message == ""


@pytest.mark.parametrize("down", [False, True], ids=["live", "while down"])
def test_a_log_that_the_link_left_is_read_on_for_a_while(
    container: Container, follow: Follow, drain: Drain, clock: list[float], down: bool
) -> None:
    observer = follow(container.link)
    read = drain(observer)
    former = container.log
    container.restart()
    container.write()
    read += drain(observer)
    clock[0] += 4
    position = observer.position()
    container.write(former)
    if down:
        observer.close()
        observer = follow(container.link, position=position)
    read += drain(observer)
    assert read == b"".join(container.written)


@pytest.mark.parametrize("ahead", [False, True], ids=["made then", "made before"])
def test_the_next_log_may_be_written_before_the_link_names_it(
    container: Container, follow: Follow, drain: Drain, ahead: bool
) -> None:
    observer = follow(container.link)
    read = drain(observer)
    following = container.pod / "1.log"
    if ahead:
        container.write(following)
        assert drain(observer) == b""
    container.restart()
    container.write()
    container.restart()
    container.write()
    assert read + drain(observer) == b"".join(container.written)


def test_what_lay_there_from_the_start_stays_unread(
    container: Container, follow: Follow, drain: Drain, stop: Stop
) -> None:
    for name in ("1.log", "2.log.20261101-120000", "7.log", "x.log"):
        (container.pod / name).write_bytes(b"of another time\n")
    observer = follow(container.link)
    read = drain(observer)
    position = stop(observer)
    container.number = 2
    container.restart()
    container.write()
    observer = follow(container.link, position=position)
    assert read + drain(observer) == b"".join(container.written)


def test_rotated_logs_compressed_while_down_are_read(
    container: Container, follow: Follow, drain: Drain, stop: Stop
) -> None:
    observer = follow(container.link)
    read = drain(observer)
    position = stop(observer)
    for _ in range(3):
        container.write()
        rotated = container.rotate()
        Path(f"{rotated}.gz").write_bytes(gzip.compress(rotated.read_bytes()))
        rotated.unlink()
    container.restart()
    container.write()
    observer = follow(container.link, position=position)
    assert read + drain(observer) == b"".join(container.written)


def test_a_log_deleted_after_the_link_left_it_is_told(
    container: Container, follow: Follow, drain: Drain, stop: Stop
) -> None:
    observer = follow(container.link)
    drain(observer)
    position = stop(observer)
    container.write()
    container.log.unlink()
    container.restart()
    container.write()
    observer = follow(container.link, position=position)
    assert drain(observer) == container.written[-1]
    assert "after its byte 7 are missing" in observer.status().message


@pytest.mark.parametrize("down", [False, True], ids=["live", "while down"])
def test_directories_that_the_link_passed_by_are_read(
    tmp_path: Path, follow: Follow, drain: Drain, down: bool
) -> None:
    log = tmp_path / "access.log"
    log.symlink_to("..data/access.log")
    for number in (8, 11):
        (tmp_path / f"..{number}").mkdir()
        (tmp_path / f"..{number}" / "access.log").write_bytes(b"of another time\n")
        os.utime(tmp_path / f"..{number}" / "access.log", (1e9, 1e9))

    def flip(number: int) -> None:
        (tmp_path / f"..{number}").mkdir(exist_ok=True)
        if number != 11:
            (tmp_path / f"..{number}" / "access.log").write_bytes(b"%d\n" % number)
        (tmp_path / "..new").symlink_to(f"..{number}")
        (tmp_path / "..new").replace(tmp_path / "..data")

    flip(9)
    observer = follow(log)
    read = drain(observer)
    for number in range(10, 14):
        flip(number)
    position = observer.position()
    if down:
        observer.close()
        observer = follow(log, position=position)
    assert read + drain(observer) == b"9\n10\n12\n13\n"


@pytest.mark.parametrize("down", [False, True], ids=["live", "while down"])
def test_late_lines_behind_a_directory_that_the_link_left_are_read(
    tmp_path: Path, follow: Follow, drain: Drain, clock: list[float], down: bool
) -> None:
    written: list[bytes] = []

    def write(number: int) -> None:
        written.append(b"line %d\n" % len(written))
        with (tmp_path / f"..{number}" / "access.log").open("ab") as file:
            file.write(written[-1])

    def flip(number: int) -> None:
        (tmp_path / f"..{number}").mkdir()
        (tmp_path / f"..{number}" / "access.log").touch()
        (tmp_path / "..new").symlink_to(f"..{number}")
        (tmp_path / "..new").replace(tmp_path / "..data")

    flip(0)
    log = tmp_path / "access.log"
    log.symlink_to("..data/access.log")
    observer = follow(log)
    read = b""
    for number in range(5):
        write(number)
        read += drain(observer)
        flip(number + 1)
        write(number)
        write(number + 1)
        read += drain(observer)
        clock[0] += 1
        position = observer.position()
        write(number)
        if down:
            observer.close()
            observer = follow(log, position=position)
        read += drain(observer)
    assert sorted(read.splitlines()) == sorted(b"".join(written).splitlines())
    assert observer.status().message == ""
