"""Random interleavings of all that servers, rotators and the follower do, against a model.

The model is simple: what was written is read once. What no follower could know is left out:
nothing is deleted, cut short or moved out of reach before it was looked at.
"""

import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.sources.base import LogPosition
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.lines import LONGEST_LINE
from logmon_tui.sources.seek import FROM_START

KEPT = 2
STEPS = (
    *("write",) * 6,
    *("write half",) * 2,
    *("write late",) * 3,
    *("read",) * 4,
    "read once",
    "write giant",
    "pass second",
    "pass time",
    "restart",
    "rotate",
    "rotate twice",
    "rotate and delete",
    "compress",
    "copytruncate",
    "read and truncate",
    "delete and create",
    "delete directory",
    "swap link",
)


AN_EMPTY_FILE_S_INODE_USED_AGAIN = [
    *("write", "copytruncate", "rotate", "write", "pass time", "rotate", "rotate and delete"),
    *("delete and create", "rotate", "write", "read", "write late"),
]


@pytest.fixture(scope="module", autouse=True)
def _without_events() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileObserver, "_watch", lambda _self: None)
        yield


class Writer:
    """A server's open log; half a line may have been written."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._rest = b""

    def write(self, line: bytes) -> None:
        self._file.write(self._rest + line)
        self._rest = b""

    def write_half(self, line: bytes) -> None:
        half = len(line) // 2
        self.write(line[:half])
        self._rest = line[half:]

    @property
    def identity(self) -> tuple[int, int]:
        return os.fstat(self._file.fileno())[1:3]

    @property
    def deleted(self) -> bool:
        return os.fstat(self._file.fileno()).st_nlink == 0

    def close(self) -> None:
        self.write(b"")
        self._file.close()


class World:
    """A server that writes lines into a log, those who rotate it, and its follower."""

    def __init__(self, directory: Path, *, linked: bool) -> None:
        name = "day-0" if linked else "access.log"
        self.target = directory / "logs" / name  # what is written to
        self.log = directory / "link.log" if linked else self.target  # what is followed
        self.linked = linked
        self.seconds = 0.0
        self.sent: list[bytes] = []
        self.giants = 0
        self.came: list[bytes] = []
        self.targets = 0
        self.files = 1
        self.fresh = False  # nobody has looked at the log since it was made, or made empty
        self.known = False  # something of what the log holds has been read
        self.unsettled = False  # nobody has looked since the directory became another
        self.buried = False  # a file without a name holds what was not read yet
        self.target.parent.mkdir(parents=True)
        if linked:
            self.log.symlink_to(self.target)
        self.writer = Writer(self.target)
        self.late_writer: Writer | None = None
        self.observer = self.follower(None)

    def follower(self, position: LogPosition | None) -> FileObserver:
        return FileObserver(
            self.log,
            start=FROM_START,
            timestamp=lambda _line: None,
            position=position,
            clock=lambda: self.seconds,
        )

    def next_line(self) -> bytes:
        self.sent.append(b"line %d of many\n" % len(self.sent))
        return self.sent[-1]

    def write(self) -> None:
        self.writer.write(self.next_line())

    def write_half(self) -> None:
        self.writer.write_half(self.next_line())

    def write_late(self) -> None:
        if self.late_writer is not None:
            self.late_writer.write(self.next_line())

    def write_giant(self) -> None:
        self.giants += 1
        self.writer.write(b"%d%b%d\n" % (self.giants, b"x" * LONGEST_LINE, self.giants))

    def read_once(self) -> None:
        self.came += self.observer.read().splitlines(keepends=True)
        self.fresh = False

    def read(self) -> None:
        while (lines := self.observer.read()) or self.observer._hint.is_set():
            self.came += lines.splitlines(keepends=True)
            self.observer.wait(0)  # takes back the hint to go on after a giant line
        self.fresh = self.unsettled = self.buried = False
        self.known = b"\n" in self.target.read_bytes()

    def pass_second(self) -> None:
        self.seconds += 1

    def pass_time(self) -> None:
        self.read()
        self.end_late_writer()
        self.seconds += 6
        self.read()

    def end_late_writer(self) -> None:
        if self.late_writer is not None:
            self.buried |= self.late_writer.deleted
            self.late_writer.close()
            self.late_writer = None

    def restart(self) -> None:
        """Go on in another run, which finds files by their names and not those without one."""
        if self.late_writer is not None and self.late_writer.deleted:
            self.end_late_writer()
        if self.buried:
            self.read()
        if self.observer.position() is None:
            self.read_once()
        position = self.observer.position()
        self.observer.close()
        self.observer = self.follower(position)
        self.fresh = False

    def rotate(self) -> None:
        self.settle()
        self.shift()
        self.target.rename(f"{self.target}.1")
        self.reopen()

    def settle(self) -> None:
        """Look once before something else happens, if what happened before needs it.

        What lies beside a log in a new directory is taken for old.
        """
        if self.unsettled:
            self.read()

    def shift(self) -> None:
        for number, old in sorted(self.rotated().items(), reverse=True):
            old.rename(f"{self.target}.{number + 1}{old.suffix if old.suffix == '.gz' else ''}")

    def rotated(self) -> dict[int, Path]:
        found = self.target.parent.glob(f"{self.target.name}.*")
        return {int(old.name.removeprefix(self.target.name).split(".")[1]): old for old in found}

    def compress(self) -> None:
        """Compress what no server writes any more, as delaycompress does."""
        late = None if self.late_writer is None else self.late_writer.identity
        for old in self.rotated().values():
            if old.suffix != ".gz" and old.stat()[1:3] != late:
                Path(f"{old}.gz").write_bytes(gzip.compress(old.read_bytes()))
                old.unlink()

    def reopen(self) -> None:
        """Let the server open a new log, of whose old one it lets go only later."""
        self.end_late_writer()
        self.late_writer, self.writer = self.writer, Writer(self.target)
        self.files += 1
        self.fresh, self.known = True, False

    def rotate_twice(self) -> None:
        self.rotate()
        self.write()
        self.rotate()

    def rotate_and_delete(self) -> None:
        self.read()
        late = None if self.late_writer is None else self.late_writer.identity
        self.rotate()
        for number, old in self.rotated().items():
            if number > KEPT:
                # Its server wrote the end of its last line after the log was read.
                self.buried |= old.stat()[1:3] == late
                old.unlink()

    def copytruncate(self) -> None:
        self.writer.write(b"")
        self.settle()
        if not self.fresh and not self.known:
            self.read()  # of an empty log nothing tells that a copy is of it
        self.shift()
        shutil.copyfile(self.target, f"{self.target}.1")
        os.truncate(self.target, 0)
        self.fresh, self.known = self.fresh or self.known, False

    def read_and_truncate(self) -> None:
        self.writer.write(b"")
        self.read()
        os.truncate(self.target, 0)
        self.known = False

    def delete_and_create(self) -> None:
        self.read()
        self.target.unlink()
        self.reopen()

    def delete_directory(self) -> None:
        self.read()
        shutil.rmtree(self.target.parent)
        self.target.parent.mkdir()
        self.reopen()
        self.unsettled = True

    def swap_link(self) -> None:
        if self.linked:
            self.settle()
            self.targets += 1
            self.target = self.target.with_name(f"day-{self.targets}")
            self.reopen()
            new = self.log.with_name("new")
            new.symlink_to(self.target)
            new.replace(self.log)

    def end(self) -> None:
        self.writer.write(b"")
        for _ in range(2):
            self.pass_time()

    def close(self) -> None:
        self.end_late_writer()
        self.writer.close()
        self.observer.close()


def test_no_line_is_lost_or_doubled(
    tmp_path: Path, pytestconfig: pytest.Config, figure: Callable[[str], None]
) -> None:
    directory = tmp_path / "world"
    interleavings: int = pytestconfig.getoption("interleavings")
    lines = files = 0

    @settings(max_examples=interleavings, deadline=None)
    @given(steps=st.lists(st.sampled_from(STEPS), min_size=12, max_size=80), linked=st.booleans())
    @example(steps=["write", "copytruncate", "rotate"], linked=False)
    @example(steps=["write", "copytruncate", "write", "copytruncate", "write"], linked=False)
    @example(steps=["delete directory", "rotate twice"], linked=False)
    @example(steps=["write", "rotate", "write", "rotate twice", "compress"], linked=False)
    @example(steps=["write", "copytruncate", "compress"], linked=False)
    @example(
        steps=["write", "rotate", "pass time", "rotate twice", "write", "rotate twice", "compress"],
        linked=False,
    )
    @example(
        steps=["delete and create", "write", "pass time", "copytruncate", "restart"], linked=False
    )
    @example(
        steps=["write half", "rotate", "copytruncate", "rotate and delete", "restart"], linked=False
    )
    @example(steps=AN_EMPTY_FILE_S_INODE_USED_AGAIN, linked=False)
    def model_and_follower_agree(steps: list[str], linked: bool) -> None:
        nonlocal lines, files
        shutil.rmtree(directory, ignore_errors=True)
        world = World(directory, linked=linked)
        try:
            for step in steps:
                getattr(world, step.replace(" ", "_"))()
            world.end()
        finally:
            world.close()
        assert sorted(world.came) == sorted(world.sent)
        assert world.observer.status().oversize == world.giants
        lines += len(world.sent)
        files += world.files

    model_and_follower_agree()
    figure(
        f"fault 12: {interleavings:,} random interleavings, {lines:,} lines in {files:,} files: "
        "each read once"
    )
