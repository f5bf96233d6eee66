from pathlib import Path

import pytest


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The path of a log that is not there yet, in a folder of its own."""
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder / "access.log"
