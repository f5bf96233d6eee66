"""The user's folders are those that platformdirs tells, whatever the environment says."""

import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from logmon_tui.config.folders import config_folder, state_folder

FOLDERS = {
    "XDG_CONFIG_HOME": (config_folder, platformdirs.user_config_path),
    "XDG_STATE_HOME": (state_folder, platformdirs.user_state_path),
}
PATHS = [None, "", " ", "here/folder", "~/folder", "/srv/a folder/", "/", "//srv", "/srv/../x"]


@pytest.mark.parametrize("home", [None, "", "home", "/home/somebody", "/home/somebody/", "/"])
@pytest.mark.parametrize("given", PATHS)
@pytest.mark.parametrize("variable", FOLDERS)
def test_folders_are_where_platformdirs_has_them(
    monkeypatch: pytest.MonkeyPatch, variable: str, given: str | None, home: str | None
) -> None:
    for name, text in ((variable, given), ("HOME", home)):
        monkeypatch.delenv(name, raising=False)
        if text is not None:
            monkeypatch.setenv(name, text)
    found, expected = FOLDERS[variable]
    assert found() == expected("logmon-tui")


@pytest.mark.parametrize(("found", "expected"), FOLDERS.values(), ids=FOLDERS)
def test_other_systems_have_folders_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
    found: Callable[[], Path],
    expected: Callable[[str], Path],
) -> None:
    here = expected("logmon-tui")
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platformdirs, expected.__name__, lambda name: Path("/Library", name))
    assert found() == Path("/Library/logmon-tui") != here
