"""Short names tell logs apart."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.sources.names import short_names


@pytest.mark.parametrize(
    ("logs", "names"),
    [
        (["/var/log/a.log"], [b"a.log"]),
        (["/var/log/a.log", "/var/log/b.log"], [b"a.log", b"b.log"]),
        (["/x/1/access.log", "/x/2/access.log", "/x/b"], [b"1/access.log", b"2/access.log", b"b"]),
        (["/access.log", "/x/access.log"], [b"/access.log", b"x/access.log"]),
        (["-", "/x/access.log"], [b"standard input", b"access.log"]),
        (["/x/caf\udce9.log"], [b"caf\xe9.log"]),
    ],
)
def test_a_name_is_as_short_as_tells_it_apart(logs: list[str], names: list[bytes]) -> None:
    assert short_names(logs) == names


def test_a_relative_log_is_named_as_its_path() -> None:
    here = os.fsencode(os.path.basename(os.getcwd()))  # noqa: PTH109, PTH119 - as strings
    assert short_names(["a.log", "/x/a.log"]) == [here + b"/a.log", b"x/a.log"]


def test_a_name_that_is_taken_gets_longer() -> None:
    assert short_names(["/x/1/access.log"], {b"access.log"}) == [b"1/access.log"]
    assert short_names(["/access.log"], {b"access.log", b"/access.log"}) == [b"/access.log"]


_PART = st.sampled_from(["a", "b", "c", "access.log"])


@given(st.sets(st.lists(_PART, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))))
def test_different_logs_have_different_names(logs: set[str]) -> None:
    names = short_names(sorted(logs))
    assert len(set(names)) == len(logs)
    assert all(
        os.fsencode(log).endswith(name) for log, name in zip(sorted(logs), names, strict=True)
    )
