"""Random interleavings of what servers and rotators do to a log that is followed by a shell.

The model is that of the files of this machine; here the connection is cut, too. What no follower
could know is left out: nothing is deleted, compressed or cut short out of its sight.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.sources.base import LogPosition
from tests.effort import examples
from tests.sources.remote import FollowedByShell, shell_words
from tests.sources.test_interleavings import World

STEPS = (
    *("write",) * 6,
    *("write_half",) * 2,
    *("write_late",) * 3,
    *("read",) * 4,
    "read_once",
    "write_giant",
    "pass_second",
    "pass_time",
    "restart",
    "cut",
    "rotate",
    "rotate_twice",
    "rotate_and_delete",
    "compress",
    "copytruncate",
    "read_and_truncate",
    "delete_and_create",
)


AN_INODE_USED_AGAIN = [
    *("rotate_twice", "write", "rotate_and_delete", "write", "write", "restart", "rotate"),
]

GROWN_TO_THE_SAME_SIZE = [
    *("write", "write", "read", "write", "write", "write", "copytruncate", "write", "write"),
    *("compress", "write"),
]

A_COPY_WITH_THE_INODE_OF_AN_EMPTY_FILE = [
    *("rotate_and_delete", "rotate_and_delete", "write", "compress", "restart", "copytruncate"),
]


class RemoteWorld(World):
    """A server, those who rotate its log, and a shell through which the log is followed."""

    def __init__(self, directory: Path, words: Sequence[str]) -> None:
        self.words = words
        self.oversize = 0  # counted by runs that have ended
        super().__init__(directory, linked=False)
        self.read_once()  # what was there before the first look is none of the log's

    def follower(self, position: LogPosition | None) -> FollowedByShell:  # type: ignore[override]
        return FollowedByShell(self.log, self.words, lambda: self.seconds, position=position)

    def read_once(self) -> None:
        self.came += self.observer.read_once().splitlines(keepends=True)
        self.fresh = False

    def read(self) -> None:
        self.came += self.observer.read().splitlines(keepends=True)
        self.fresh = self.unsettled = self.buried = False
        self.known = b"\n" in self.target.read_bytes()

    def cut(self) -> None:
        """Cut the connection; what has no name any more cannot be found again."""
        if self.late_writer is not None and self.late_writer.deleted:
            self.end_late_writer()
        if self.buried:
            self.read()
        self.observer.cut()

    def restart(self) -> None:
        self.cut()
        if self.observer.follower.places is None:
            self.read_once()
        position = self.observer.position()
        self.oversize += self.observer.follower.oversize
        self.observer.close()
        self.observer = self.follower(position)
        self.fresh = False

    def compress(self) -> None:
        self.read()
        super().compress()
        self.read()


@pytest.mark.parametrize("shell", ["dash", "busybox"])
def test_no_line_is_lost_or_doubled(tmp_path: Path, shell: str) -> None:
    words = shell_words(shell, tmp_path / "tools")
    directory = tmp_path / "world"

    @settings(max_examples=examples(60), deadline=None)
    @given(steps=st.lists(st.sampled_from(STEPS), min_size=12, max_size=60))
    @example(steps=["write", "copytruncate", "rotate"])
    @example(steps=["write", "read", "copytruncate", "write", "copytruncate", "write"])
    @example(steps=["write", "read", "cut", "rotate", "write", "rotate_twice", "write"])
    @example(steps=["write_half", "rotate", "copytruncate", "rotate_and_delete", "restart"])
    @example(steps=["write", "read", "cut", "copytruncate", "write", "read"])
    @example(steps=["write", "write", "read_and_truncate", "write", "write", "restart", "rotate"])
    @example(steps=AN_INODE_USED_AGAIN)
    @example(steps=GROWN_TO_THE_SAME_SIZE)
    @example(steps=A_COPY_WITH_THE_INODE_OF_AN_EMPTY_FILE)
    def model_and_follower_agree(steps: list[str]) -> None:
        shutil.rmtree(directory, ignore_errors=True)
        world = RemoteWorld(directory, words)
        try:
            for step in steps:
                getattr(world, step)()
            world.end()
        finally:
            world.close()
        assert sorted(world.came) == sorted(world.sent)
        assert world.oversize + world.observer.follower.oversize == world.giants

    model_and_follower_agree()
