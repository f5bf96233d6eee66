"""Reading that goes on in another run: nothing lost, nothing twice, whatever happened meanwhile."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from logmon_tui.sources.base import FilePosition, Identity, LogPosition
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.lines import LONGEST_LINE
from logmon_tui.sources.seek import FROM_END
from tests.sources.test_rotation import rotate

Follow = Callable[..., FileObserver]
Drain = Callable[[FileObserver], bytes]
Append = Callable[[Path, bytes], None]


Stop = Callable[[FileObserver], LogPosition]
Leave = Callable[[Path], LogPosition]


def copy_and_truncate(log: Path) -> None:
    """Do what logrotate's copytruncate does."""
    shutil.copyfile(log, f"{log}.1")
    os.truncate(log, 0)


def test_what_is_written_between_two_runs_is_read(
    log: Path, follow: Follow, drain: Drain, append: Append, stop: Stop
) -> None:
    log.write_bytes(b"one\ntw")
    first = follow(log)
    assert drain(first) == b"one\n"
    position = stop(first)
    append(log, b"o\nthree\n")
    second = follow(log, position=position, start=FROM_END)
    assert drain(second) == b"two\nthree\n"
    assert second.status().rotations == 0


def test_there_is_no_position_before_the_start_was_found(log: Path, follow: Follow) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    assert observer.position() is None
    observer.read()
    assert observer.position() is not None


@pytest.mark.parametrize("times", [1, 2, 5])
def test_files_rotated_between_two_runs_are_read_to_their_end(  # noqa: PLR0917 - fixtures
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave, times: int
) -> None:
    log.with_name("access.log.1").write_bytes(b"ancient\n")
    log.write_bytes(b"one\n")
    position = leave(log)
    append(log, b"two\n")
    for number in range(times):
        rotate(log)
        append(log, b"new %d\n" % number)
    second = follow(log, position=position)
    assert drain(second) == b"two\n" + b"".join(b"new %d\n" % number for number in range(times))
    assert second.status().rotations == times


def test_the_counts_go_on(log: Path, follow: Follow, drain: Drain, stop: Stop) -> None:
    log.write_bytes(b"one\n")
    first = follow(log)
    drain(first)
    rotate(log)
    log.write_bytes(b"x" * (LONGEST_LINE + 1) + b"\n")
    drain(first)
    os.truncate(log, 0)
    drain(first)
    log.write_bytes(b"two\n")
    drain(first)
    status = follow(log, position=stop(first)).status()
    assert (status.rotations, status.truncations, status.oversize) == (1, 1, 1)


def test_lines_late_in_a_rotated_file_are_read_in_the_next_run(
    log: Path, follow: Follow, drain: Drain, append: Append, stop: Stop
) -> None:
    log.write_bytes(b"one\n")
    first = follow(log)
    drain(first)
    rotate(log)
    log.write_bytes(b"two\n")
    assert drain(first) == b"two\n"
    position = stop(first)
    append(log.with_name("access.log.1"), b"late\n")
    append(log, b"three\n")
    second = follow(log, position=position)
    assert sorted(drain(second).splitlines()) == [b"late", b"three"]


def test_a_log_away_at_the_start_of_the_next_run_is_read_to_its_end(
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave
) -> None:
    log.write_bytes(b"one\n")
    position = leave(log)
    append(log, b"two\n")
    rotate(log)
    second = follow(log, position=position)
    assert drain(second) == b"two\n"
    log.write_bytes(b"three\n")
    assert drain(second) == b"three\n"


def test_a_log_whose_directory_comes_back_later_is_read_on(  # noqa: PLR0917 - fixtures
    log: Path, follow: Follow, drain: Drain, append: Append, stop: Stop, leave: Leave
) -> None:
    log.write_bytes(b"one\n")
    position = leave(log)
    away = log.parent.with_name("away")
    log.parent.rename(away)
    second = follow(log, position=position)
    assert drain(second) == b""
    assert second.position() is not None
    third = follow(log, position=stop(second))
    drain(third)
    append(away / log.name, b"two\n")
    away.rename(log.parent)
    assert drain(third) == b"two\n"


def test_a_copy_made_by_copytruncate_between_two_runs_is_read_to_its_end(
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave
) -> None:
    log.write_bytes(b"one\ntwo, in")
    position = leave(log)
    append(log, b" two parts\nthree\n")
    copy_and_truncate(log)
    append(log, b"four\n")
    second = follow(log, position=position)
    assert drain(second) == b"two, in two parts\nthree\nfour\n"
    assert second.status().truncations == 1


def test_what_copytruncate_took_before_it_was_read_is_read_in_the_copy(
    log: Path, follow: Follow, drain: Drain, append: Append, clock: list[float]
) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    append(log, b"two\nthr")
    drain(observer)
    append(log, b"ee\nfour\n")
    copy_and_truncate(log)
    append(log, b"five\n")
    assert drain(observer) == b"three\nfour\nfive\n"
    assert observer.status().truncations == 1
    clock[0] += 6
    assert drain(observer) == b""
    append(log, b"six\n")
    assert drain(observer) == b"six\n"


def test_an_older_copy_of_a_truncated_log_is_left_alone(
    log: Path, follow: Follow, drain: Drain, append: Append
) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    shutil.copyfile(log, f"{log}.bak")
    append(log, b"two\n")
    drain(observer)
    os.truncate(log, 0)
    append(log, b"three\n")
    assert drain(observer) == b"three\n"


def test_another_file_with_the_inode_of_the_log_is_read_from_its_beginning(
    log: Path, follow: Follow, drain: Drain, leave: Leave
) -> None:
    log.write_bytes(b"one\ntwo\n")
    position = leave(log)
    log.write_bytes(b"another log, and a longer one\n")  # the same inode
    assert drain(follow(log, position=position)) == b"another log, and a longer one\n"


def test_the_rest_of_a_line_that_is_too_long_is_no_line(
    log: Path, follow: Follow, drain: Drain, append: Append, stop: Stop
) -> None:
    log.write_bytes(b"one\n" + b"x" * (LONGEST_LINE + 100))
    first = follow(log)
    assert drain(first) == b"one\n"
    position = stop(first)
    append(log, b"the rest\ntwo\n")
    second = follow(log, position=position)
    assert drain(second) == b"two\n"
    assert second.status().oversize == 1


def test_a_link_swapped_between_two_runs_leaves_nothing_behind(
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave
) -> None:
    monday, tuesday = log.with_name("monday.log"), log.with_name("tuesday.log")
    monday.write_bytes(b"one\n")
    log.symlink_to(monday.name)
    position = leave(log)
    append(monday, b"two\n")
    tuesday.write_bytes(b"three\n")
    log.unlink()
    log.symlink_to(tuesday.name)
    assert drain(follow(log, position=position)) == b"two\nthree\n"


def renumbered(identity: Identity) -> Identity:
    """Return what the identity may be after the machine has started again."""
    return Identity(identity.device + 1, identity.inode)


def test_device_numbers_may_change_between_two_runs(
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave
) -> None:
    log.with_name("access.log.1").write_bytes(b"ancient\n")
    log.write_bytes(b"one\n")
    position = leave(log)
    assert position.directory is not None
    moved = replace(
        position,
        opened=tuple(FilePosition(renumbered(i), place) for i, place in position.opened),
        known=tuple(
            known._replace(identity=renumbered(known.identity)) for known in position.known
        ),
        directory=renumbered(position.directory),
    )
    append(log, b"two\n")
    assert drain(follow(log, position=moved)) == b"two\n"
    rotate(log)
    append(log, b"three\n")
    assert drain(follow(log, position=moved)) == b"two\nthree\n"


def test_old_files_beside_the_log_stay_unread(
    log: Path, follow: Follow, drain: Drain, append: Append, stop: Stop
) -> None:
    log.with_name("access.log.1").write_bytes(b"ancient\n")
    log.write_bytes(b"one\n")
    first = follow(log)
    drain(first)
    second = follow(log, position=stop(first))
    assert drain(second) == b""
    rotate(log)
    append(log, b"two\n")
    assert drain(second) == b"two\n"


def test_an_inode_used_again_for_a_rotated_file_hides_nothing(
    log: Path, follow: Follow, drain: Drain, append: Append
) -> None:
    old = log.with_name("access.log.1")
    old.write_bytes(b"ancient\n")
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    # The very inode of a file that was noted as old becomes the log for a moment.
    log.rename(log.with_name("access.log.3"))
    old.write_bytes(b"two\n")
    old.rename(log.with_name("access.log.2"))
    log.write_bytes(b"three\n")
    assert drain(observer) == b"two\nthree\n"


def test_a_new_log_that_looks_like_the_rotated_one_is_read_from_its_beginning(
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave
) -> None:
    """Under a load test all lines of a second are the same."""
    log.write_bytes(b"the same line\n" * 500)
    position = leave(log)
    append(log, b"the same line\n" * 20)
    rotate(log)
    log.write_bytes(b"the same line\n" * 600)
    assert drain(follow(log, position=position)) == b"the same line\n" * 620


def test_a_copy_is_known_by_its_beginning_too(
    log: Path, follow: Follow, drain: Drain, append: Append
) -> None:
    log.write_bytes(b"first\n" + b"the same line\n" * 500)
    observer = follow(log)
    drain(observer)
    log.with_name("access.log.bak").write_bytes(b"other\n" + b"the same line\n" * 600)
    drain(observer)
    os.truncate(log, 0)
    append(log, b"new\n")
    assert drain(observer) == b"new\n"


def test_a_file_that_is_gone_in_the_next_run_is_told_for_a_while(
    log: Path, follow: Follow, drain: Drain, leave: Leave, clock: list[float]
) -> None:
    log.write_bytes(b"one\n")
    position = leave(log)
    log.unlink()
    log.write_bytes(b"two\n")
    second = follow(log, position=position)
    assert drain(second) == b"two\n"
    assert "is gone" in second.status().message
    clock[0] += 601
    assert second.status().message == ""


def test_a_copy_found_once_is_not_found_again_while_the_log_is_away(  # noqa: PLR0917 - fixtures
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave, clock: list[float]
) -> None:
    log.write_bytes(b"one\n" * 100)
    position = leave(log)
    append(log, b"two\n" * 40)
    copy_and_truncate(log)
    append(log, b"three\n" * 20)
    rotate(log)
    second = follow(log, position=position)
    read = drain(second)
    for _ in range(5):
        clock[0] += 6
        read += drain(second)
    assert sorted(read.splitlines()) == [b"three"] * 20 + [b"two"] * 40


@pytest.mark.parametrize("name", ["bak", "errors", "offset", "swp"])
def test_what_others_put_beside_the_log_meanwhile_is_not_read(  # noqa: PLR0917 - fixtures
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave, name: str
) -> None:
    log.write_bytes(b"one\n")
    position = leave(log)
    shutil.copyfile(log, f"{log}.{name}")
    shutil.copyfile(log, f"{log}-{name}_log")
    append(log, b"two\n")
    assert drain(follow(log, position=position)) == b"two\n"


def test_many_files_rotated_between_two_runs_are_not_read_again_in_a_third(  # noqa: PLR0917 - fixtures
    log: Path, follow: Follow, drain: Drain, append: Append, stop: Stop, clock: list[float]
) -> None:
    """More of them than are remembered one by one, in a directory that keeps still afterwards."""
    log.write_bytes(b"0\n")
    first = follow(log)
    assert drain(first) == b"0\n"
    position = stop(first)
    for number in range(1, 101):
        log.rename(f"{log}-20261122-{number:03d}")
        append(log, b"%d\n" % number)
    second = follow(log, position=position)
    assert drain(second) == b"".join(b"%d\n" % number for number in range(1, 101))
    clock[0] += 6
    assert drain(second) == b""
    third = follow(log, position=stop(second))
    assert drain(third) == b""
