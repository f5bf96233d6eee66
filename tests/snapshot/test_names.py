"""The names of the frozen values, whose modules are imported when they are asked for."""

import pytest

from logmon_tui import snapshot


def test_every_name_is_found_in_its_module() -> None:
    assert sorted(snapshot._MODULE_OF) == sorted(snapshot.__all__)
    for name in snapshot.__all__:
        assert getattr(snapshot, name) is not None


def test_no_other_name_is_there() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'Nothing'"):
        _ = snapshot.Nothing
