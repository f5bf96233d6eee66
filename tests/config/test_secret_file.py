"""Files that hold secrets: who may read them."""

import os
import stat
from pathlib import Path

import pytest

from logmon_tui.config.secret_file import path_of, secret_bytes, secret_line
from logmon_tui.errors import UsageError

USER, GROUP = 1_000, 2_000


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    file.chmod(0o600)
    return file


def hand_over(
    monkeypatch: pytest.MonkeyPatch, mode: int, *, owner: int, group: int, user: int = USER
) -> None:
    """Have all files belong to `owner` and `group`, and this process to `user` and GROUP."""
    kind = stat.S_IFREG
    found = os.stat_result((kind | mode, 0, 0, 1, owner, group, 7, 0, 0, 0))
    monkeypatch.setattr(os, "fstat", lambda _descriptor: found)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(os, "getegid", lambda: user)
    monkeypatch.setattr(os, "getgroups", lambda: [GROUP])


@pytest.mark.parametrize("group", [GROUP, USER])
@pytest.mark.parametrize("mode", [0o440, 0o640, 0o400])
def test_a_file_of_root_may_be_readable_by_a_group_of_this_process(
    monkeypatch: pytest.MonkeyPatch, secret: Path, mode: int, group: int
) -> None:
    hand_over(monkeypatch, mode, owner=0, group=group)
    assert secret_line(secret) == "s3cret"


@pytest.mark.parametrize(
    ("mode", "whose"),
    [
        (0o444, {"owner": 0, "group": GROUP}),  # others may read it
        (0o441, {"owner": 0, "group": GROUP}),
        (0o460, {"owner": 0, "group": GROUP}),  # the group may write it
        (0o440, {"owner": 0, "group": 3_000}),  # it is another group
        (0o440, {"owner": USER, "group": GROUP}),  # its owner could close it
        (0o440, {"owner": 0, "group": GROUP, "user": 0}),
    ],
)
def test_no_other_file_may_be_read_by_more_than_its_owner(
    monkeypatch: pytest.MonkeyPatch, secret: Path, mode: int, whose: dict[str, int]
) -> None:
    hand_over(monkeypatch, mode, **whose)
    with pytest.raises(UsageError, match="may be read by others; close it with chmod 600"):
        secret_bytes(secret)


def test_what_is_no_name_or_too_large_is_told_in_one_line(secret: Path) -> None:
    with pytest.raises(UsageError, match=r"a\\x00b: cannot be read: is no name of a file"):
        secret_bytes(path_of("a\0b"))
    secret.write_bytes(b"x" * 65_537)
    with pytest.raises(UsageError, match="is too large for a secret; give another file"):
        secret_bytes(secret)


def test_the_home_folder_is_known(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    monkeypatch.setenv("HOME", str(secret.parent))
    assert secret_line(path_of("~/secret")) == "s3cret"
