"""Fixtures of the tests of the state."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.state.stores import Open


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "a.sqlite"


@pytest.fixture
def opened() -> Iterator[Open]:
    stores = Open()
    yield stores
    for store in stores.stores:
        store.close()
