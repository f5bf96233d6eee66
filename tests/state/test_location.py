"""One state file for each set of logs."""

from pathlib import Path

import pytest

from logmon_tui.config.folders import state_folder
from logmon_tui.state.location import SUFFIX, default_state_file, log_key


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_same_logs_have_the_same_file_in_any_order_and_from_anywhere(folder: Path) -> None:
    absolute = default_state_file([str(folder / "a.log"), "/var/log/b.log"])
    assert default_state_file(["/var/log/../log/b.log", "a.log", "./a.log"]) == absolute
    assert absolute.parent == state_folder() == folder / "logmon-tui"


def test_other_logs_have_another_file() -> None:
    sets = (["a.log"], ["b.log"], ["a.log", "b.log"], ["x/a.log"], ["a.log", "/b.log"])
    assert len({default_state_file(logs) for logs in sets}) == len(sets)


@pytest.mark.parametrize(
    ("logs", "name"),
    [
        (["access.log"], "access.log-"),
        (["/b/error.log", "/a/access.log"], "access.log+1-"),
        (["/x/\x1b[2J \udcff..log"], "__2J__..log-"),
        (["/x/..hidden"], "hidden-"),
        (["/"], "log-"),
        (["/x/" + "long" * 60], "long" * 10 + "-"),
    ],
)
def test_the_name_can_be_read_and_is_harmless(logs: list[str], name: str) -> None:
    found = default_state_file(logs).name
    assert found.startswith(name)
    assert found.endswith(SUFFIX)
    assert len(found) < 100


def test_links_are_not_resolved(folder: Path) -> None:
    (folder / "current.log").symlink_to("today.log")
    assert log_key("current.log") == str(folder / "current.log")
