"""What a key saves lies where the user finds it, and overwrites nothing."""

import stat
from pathlib import Path

import pytest

from logmon_tui.reports import new_file
from logmon_tui.reports.new_file import saved, write_new


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Be in a folder, and have another one as the user's own."""
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(home))
    return here, home


def content(path: Path) -> None:
    write_new(path, b"content")


def test_it_is_for_the_user_alone_in_the_current_folder(folders: tuple[Path, Path]) -> None:
    path = saved("one", ".svg", content)
    assert path == folders[0] / "one.svg"
    assert path.read_bytes() == b"content"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_name_that_is_taken_gets_a_number(folders: tuple[Path, Path]) -> None:
    (folders[0] / "one.svg").symlink_to("/nowhere/at/all")
    (folders[0] / "one-2.svg").mkdir()
    assert saved("one", ".svg", content) == folders[0] / "one-3.svg"


def test_where_nothing_can_be_written_it_goes_home(folders: tuple[Path, Path]) -> None:
    here, home = folders

    def write(path: Path) -> None:
        if path.parent == here:
            raise PermissionError(13, "Permission denied")
        content(path)

    assert saved("one", "", write) == home / "one"
    here.rmdir()  # and where there is no current folder at all
    assert saved("two", "", content) == home / "two"


def test_why_nothing_could_be_written_is_raised(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in folders:
        folder.rmdir()
    with pytest.raises(FileNotFoundError):
        saved("one", "", content)
    monkeypatch.setattr(new_file, "_folders", lambda: iter(()))
    with pytest.raises(FileNotFoundError, match="no folder to write to"):
        saved("one", "", content)


@pytest.mark.usefixtures("folders")
def test_when_all_names_are_taken_that_is_raised() -> None:
    def taken(_path: Path) -> None:
        raise FileExistsError

    with pytest.raises(FileExistsError, match="all its names are taken"):
        saved("one", "", taken)


def test_of_a_file_that_is_not_written_whole_nothing_stays(folders: tuple[Path, Path]) -> None:
    with pytest.raises(TypeError):
        write_new(folders[0] / "one", "no bytes")  # type: ignore[arg-type]
    assert list(folders[0].iterdir()) == []
