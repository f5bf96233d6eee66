"""What the follower of a log on another machine does, with real shells and their tools."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logmon_tui.sources.base import SourceState
from logmon_tui.sources.seek import FROM_END, FROM_START, Start
from logmon_tui.sources.ssh_connection import ConnectionLostError, SshConnection
from logmon_tui.sources.ssh_follower import LOST, ROTATE_WAIT
from logmon_tui.sources.ssh_place import RemotePlaces, unpacked
from logmon_tui.sources.ssh_replies import ReplyError
from logmon_tui.sources.ssh_script import FILE_BYTES, program
from logmon_tui.sources.ssh_shell import RemoteShell
from tests.sources.remote import SHELLS, FollowedByShell, shell_words

Follow = Callable[..., FollowedByShell]
NOBODY = 65534


class Clock:
    """A clock that a test moves on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=SHELLS)
def follow(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Follow]:
    """Follow a log by one of the shells."""
    words = shell_words(request.param, tmp_path / "tools")
    made: list[FollowedByShell] = []

    def make(path: Path, **options: object) -> FollowedByShell:
        made.append(FollowedByShell(path, words, clock, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder / "access.log"


def append(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


HOSTILE = [
    "access log",
    "-rf",
    "$(touch marker)`touch marker`;touch marker",
    "'\"\\ & | > marker",
    "new\nline.log",
    "!! no such ~ {a,b} %s \\n",
    "ü\udcff\x1b]0;x\x07.log",
    "*",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(follow: Follow, tmp_path: Path, name: str) -> None:
    folder = tmp_path / f"of {name}"
    folder.mkdir()
    log = folder / name
    followed = follow(log)
    followed.read()
    assert followed.follower.state is SourceState.WAITING
    append(log, "one\n")
    assert followed.read() == b"one\n"
    log.rename(folder / f"{name}.1")
    append(log, "three\n")
    append(folder / f"{name}.1", "two\n")
    assert followed.read() == b"two\nthree\n"
    assert not list(tmp_path.rglob("marker"))


def test_a_backlog_larger_than_what_is_asked_for_at_once(follow: Follow, log: Path) -> None:
    lines = b"".join(b"line %d of a long backlog\n" % each for each in range(100_000))
    assert len(lines) > 4 * FILE_BYTES
    log.write_bytes(lines)
    followed = follow(log)
    assert followed.read() == lines
    followed.cut()
    append(log, "more\n")
    assert followed.read() == b"more\n"
    assert followed.follower.reach == (len(lines) + 5, len(lines) + 5)


def test_where_reading_begins(follow: Follow, log: Path) -> None:
    log.write_bytes(b"".join(b"%d\n" % each for each in range(100_000, 200_000)))

    def first(start: Start) -> bytes:
        followed = follow(log, start=start, timestamp=lambda line: int(line or b"0"))
        lines = followed.read()
        append(log, "199999\n")
        assert followed.read() == b"199999\n"
        return lines[:7]

    assert first(FROM_START) == b"100000\n"
    assert first(FROM_END) == b""
    assert b"199899\n" <= first(Start(100)) <= b"199900\n"


def test_a_partial_line_waits_for_its_end_also_across_a_cut_and_a_run(
    follow: Follow, log: Path
) -> None:
    log.write_text("one\ntwo is lo")
    followed = follow(log)
    assert followed.read() == b"one\n"
    followed.cut()
    append(log, "ng")
    assert followed.read() == b""
    other = follow(log, position=followed.position())
    append(log, "er\nthree\n")
    assert other.read() == b"two is longer\nthree\n"
    assert followed.read() == b"two is longer\nthree\n"


def test_a_rotated_file_is_read_for_some_seconds_even_if_it_is_deleted(
    follow: Follow, log: Path, clock: Clock
) -> None:
    append(log, "one\n")
    followed = follow(log)
    assert followed.read() == b"one\n"
    with log.open("a", buffering=1) as late:
        log.unlink()
        append(log, "three\n")
        assert followed.read() == b"three\n"
        late.write("two\n")
        assert followed.read() == b"two\n"
        clock.now += ROTATE_WAIT
        followed.read()
        late.write("too late\n")
        assert followed.read() == b""
    assert followed.follower.rotations == 1


def test_rotations_while_the_connection_is_cut(follow: Follow, log: Path) -> None:
    names = [f"{log}.{number}" for number in range(1, 5)]
    append(log, "one\n")
    followed = follow(log)
    assert followed.read() == b"one\n"
    followed.cut()
    append(log, "two\n")
    for number, text in enumerate(["three\n", "four\n", "five\n"]):
        for place in range(number, 0, -1):
            Path(names[place - 1]).rename(names[place])
        log.rename(names[0])
        os.utime(names[0], (1_000 + number, 1_000 + number))
        append(log, text)
    assert followed.read() == b"two\nthree\nfour\nfive\n"
    assert followed.read() == b""


def test_old_files_and_strangers_are_never_read(follow: Follow, log: Path) -> None:
    append(Path(f"{log}.1"), "old\n")
    append(Path(f"{log}.2"), "")
    append(log, "one\n")
    followed = follow(log)
    assert followed.read() == b"one\n"
    for name in ("access.log.bak", "access.log.1.gz", "access_other.log", "access.log.swp"):
        append(log.with_name(name), "not of this log\n")
    followed.cut()
    Path(f"{log}.1").rename(f"{log}.3")
    log.rename(f"{log}.1")
    append(log, "two\n")
    assert followed.read() == b"two\n"


@pytest.mark.parametrize("cut", [False, True])
def test_copytruncate(follow: Follow, log: Path, cut: bool) -> None:
    append(log, "one\n")
    followed = follow(log)
    assert followed.read() == b"one\n"
    if cut:
        followed.cut()
    append(log, "two\n")
    shutil.copy(log, f"{log}.1")
    os.truncate(log, 0)
    append(log, "three, longer than all that was there before\n")
    assert followed.read() == b"two\nthree, longer than all that was there before\n"
    assert followed.follower.truncations == 1
    assert followed.follower.rotations == 0


def test_a_file_that_is_gone_before_it_was_read_is_told(
    follow: Follow, log: Path, clock: Clock
) -> None:
    append(log, "one\n")
    followed = follow(log)
    assert followed.read() == b"one\n"
    followed.cut()
    append(log, "lost\n")
    log.unlink()
    append(log.with_name("other"), "")  # so that the inode is not used again
    append(log, "two\n")
    assert followed.read() == b"two\n"
    assert followed.follower.message == LOST
    clock.now += 10_000
    assert followed.follower.message == ""


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file(follow: Follow, log: Path, kind: str) -> None:
    if kind == "folder":
        log.mkdir()
    else:
        os.mkfifo(log)
    followed = follow(log)
    followed.read()
    assert followed.follower.state is SourceState.FAILED
    assert "is no regular file" in followed.follower.message
    shutil.rmtree(log) if kind == "folder" else log.unlink()
    append(log, "one\n")
    assert followed.read() == b"one\n"
    assert followed.follower.state is SourceState.LIVE


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv"
)
@pytest.mark.parametrize("cut", [False, True])
def test_no_permission_loses_nothing(log: Path, clock: Clock, tmp_path: Path, cut: bool) -> None:
    for each in (tmp_path, *list(tmp_path.parents)[:-1]):
        if each.stat().st_uid == 0 and not each.stat().st_mode & 0o001:
            each.chmod(each.stat().st_mode | 0o711)
    who = ("--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups")
    words = (str(shutil.which("setpriv")), *who, "sh")
    append(log, "one\n")
    followed = FollowedByShell(log, words, clock)
    assert followed.read() == b"one\n"
    log.chmod(0o600)
    append(log, "two\n")
    if cut:
        followed.cut()
    assert followed.read() == b""
    assert followed.follower.state is SourceState.FAILED
    assert "Permission denied; let the user of ssh read it" in followed.follower.message
    log.chmod(0o644)
    assert followed.read() == b"two\n"
    assert followed.follower.state is SourceState.LIVE
    followed.close()


def test_the_shell_ends_with_its_input_and_uses_no_time_between(tmp_path: Path) -> None:
    connection = SshConnection(("sh",), "sh")
    connection.begin(program("/x"))
    process = connection._process
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(10) == 0
    connection.close()


def test_chatter_of_start_up_files_is_passed_over() -> None:
    connection = SshConnection(("sh", "-c", "echo Welcome!; exec sh"), "sh")
    connection.begin(program("/x"))
    assert connection.ask(b"list").startswith(b"! No such file")
    connection.close()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 3", "exit code 3"),
        ("yes", "more than it was asked"),
        ("echo 'Permission denied (publickey).' >&2; exit 255", "asks for a password"),
        ("head -c 100000 /dev/zero >&2; exit 255", "the connection is lost"),
    ],
)
def test_what_is_no_shell(script: str, why: str) -> None:
    connection = SshConnection(("sh", "-c", script), "ssh web1")
    with pytest.raises(ConnectionLostError, match=re.escape(why)):
        connection.begin(program("/x"))
    connection.close()


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(ConnectionLostError, match="no-such-ssh cannot be run: No such file"):
        SshConnection(("no-such-ssh",), "no-such-ssh")


def test_an_answer_of_another_kind_is_refused() -> None:
    shell = RemoteShell(lambda _request, _contents: b"hello\n", "/x")
    with pytest.raises(ReplyError):
        shell.look()


@pytest.mark.parametrize(
    "feed",
    [b"", b"\x00", b"\x94", RemotePlaces().packed()[:-1], b"\xc1" * 50, b"\x94\x90\xc3\x90\x90"],
)
def test_a_damaged_place_is_no_place(feed: bytes) -> None:
    assert unpacked(feed) is None


def test_it_needs_no_tool_but_those_of_posix(tmp_path: Path, log: Path, clock: Clock) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for each in ("ls", "dd", "head"):
        (tools / each).symlink_to(str(shutil.which(each)))
    shell = shutil.which("sh")
    env = (str(shutil.which("env")), "-i", f"PATH={tools}", str(shell))
    append(log, "one\n")
    followed = FollowedByShell(log, env, clock)
    assert followed.read() == b"one\n"
    followed.close()


@pytest.mark.parametrize("restarted", [False, True])
def test_however_many_rotated_files_there_are_each_is_read_once(
    tmp_path: Path, log: Path, clock: Clock, restarted: bool
) -> None:
    words = shell_words("dash", tmp_path)
    log.touch()
    followed = FollowedByShell(log, words, clock)
    followed.read()
    came = b""
    for number in range(40):
        append(log, f"{number}\n")
        came += followed.read()
        log.rename(f"{log}.{1_000 - number}")
        log.touch()
        clock.now += ROTATE_WAIT
        came += followed.read()
        if restarted and number % 10 == 9:
            followed.close()
            followed = FollowedByShell(log, words, clock, position=followed.position())
    assert came == b"".join(b"%d\n" % number for number in range(40))
    followed.close()
