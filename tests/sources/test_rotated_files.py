"""Which files are former ones of a log, and in which order they are read."""

import gzip
import os
from pathlib import Path

import pytest

from logmon_tui.errors import SourceError
from logmon_tui.sources.chunks import read_sibling
from logmon_tui.sources.listed import Sibling, file_at
from logmon_tui.sources.rotated import rotated_files
from logmon_tui.sources.rotated_names import is_rotated_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("access.log.1", True),
        ("access.log.12.gz", True),
        ("access.log.2.zst", True),
        ("access.log-20261122", True),
        ("access.log-20261122.gz", True),
        ("access.log-2026-11-22-14.xz", True),
        ("access.log.old", True),
        ("access-20261122.log", True),
        ("access-2026-11-22.log.gz", True),
        ("access.log", False),
        ("access.log.gz", False),
        ("access.log.swp", False),
        ("access.log.bak", False),
        ("access-1.log", False),
        ("access-api.log", False),
        ("api-access.log.1", False),
        ("other.log.1", False),
    ],
)
def test_rotated_files_are_told_by_their_names(name: str, expected: bool) -> None:
    assert is_rotated_name(name, "access.log") is expected


def first_number(found: Sibling) -> float:
    return float(b"".join(read_sibling(found)).split()[0])


def test_they_come_oldest_first_whatever_their_names(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(b"9\n")
    (tmp_path / "access.log.1").write_bytes(b"3\n")
    (tmp_path / "access.log.2.gz").write_bytes(gzip.compress(b"2\n"))
    (tmp_path / "access.log-20261122").write_bytes(b"1\n")
    (tmp_path / "access.log.txt").write_bytes(b"0\n")
    (tmp_path / "access.log.7").mkdir()
    (tmp_path / "access.log.8").symlink_to(log)
    names = [Path(found.path).name for found in rotated_files(log, first_number)]
    assert names == ["access.log-20261122", "access.log.2.gz", "access.log.1"]


def test_a_file_comes_once_though_it_is_there_twice(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(b"9\n")
    old = tmp_path / "access.log.1"
    old.write_bytes(b"3\n")
    (tmp_path / "access.log.1.gz").write_bytes(gzip.compress(b"3\n"))  # being written
    os.link(old, tmp_path / "access.log.2")
    os.link(log, tmp_path / "access.log.3")
    assert len(rotated_files(log, first_number)) == 1


def test_beside_a_link_nothing_is_looked_for_but_beside_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    log = tmp_path / "here" / "access.log"
    log.symlink_to(tmp_path / "there" / "real.log")
    (tmp_path / "there" / "real.log").write_bytes(b"9\n")
    (tmp_path / "there" / "real.log.1").write_bytes(b"3\n")
    (tmp_path / "here" / "access.log.1").write_bytes(b"3\n")
    assert [Path(each.path).name for each in rotated_files(log, first_number)] == ["real.log.1"]


def test_a_file_that_was_rotated_after_it_was_listed_is_read_all_the_same(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(b"old\n")
    (found,) = file_at(log)
    log.rename(tmp_path / "access.log.1")
    log.write_bytes(b"new\n")
    assert list(read_sibling(found)) == [b"old\n"]


def test_a_file_that_went_after_it_was_listed_is_told(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(b"old\n")
    (found,) = file_at(log)
    with log.open("rb"):  # so that its inode is not used again
        log.unlink()
        log.write_bytes(b"new\n")
        with pytest.raises(SourceError, match="compressed just now; try again"):
            list(read_sibling(found))
