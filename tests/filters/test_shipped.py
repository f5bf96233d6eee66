"""The filter `@static`, which comes with the program, against a plain predicate."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.filters.language import parsed
from logmon_tui.filters.shipped import SHIPPED
from logmon_tui.formats.model.hit import Dimension
from logmon_tui.formats.model.hit_batch import HitRecord, batch_of_records
from tests.effort import examples

ENDINGS = re.findall(r"\*\.(\w+)", SHIPPED["static"])
PATHS = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(ENDINGS).map(lambda ending: f"/a.{ending}".encode()),
    st.sampled_from(ENDINGS).map(lambda ending: f"/{ending}".encode()),
    st.sampled_from(ENDINGS).map(lambda ending: f"/a.{ending}/b".encode()),
    st.sampled_from([b"/a.CSS", b"/a.Js", b"-", b"/x.css\n", b".css", b"/\xff.js"]),
)


def masks(text: str, paths: list[bytes], saved: dict[str, str] | None = None) -> list[bool]:
    batch = batch_of_records([HitRecord(0, 200, 0, {Dimension.PATH: each}) for each in paths])
    found: list[bool] = parsed(text, saved=saved or {}).mask(batch).tolist()
    return found


@settings(max_examples=examples(300))
@given(paths=st.lists(PATHS, min_size=1, max_size=8))
def test_static_files_are_told_by_the_ending_of_the_path(paths: list[bytes]) -> None:
    static = [any(path.endswith(f".{each}".encode()) for each in ENDINGS) for path in paths]
    assert masks("@static", paths) == static
    assert masks("!@static", paths) == [not each for each in static]


@settings(max_examples=examples(300))
@given(
    endings=st.lists(
        st.sampled_from(["*.css", "*", "*a", "**.js", "*?b", "/a*", "*[a]", "*é", "x", "*.JS"]),
        min_size=1,
        max_size=4,
    ),
    paths=st.lists(
        st.one_of(PATHS, st.sampled_from([b"[a]", b"a", b"x", b"ab", b"\xc3\xa9", b"\xa9"])),
        min_size=1,
        max_size=8,
    ),
)
def test_patterns_looked_for_together_fit_what_each_fits(
    endings: list[str], paths: list[bytes]
) -> None:
    each = [masks(f"path:{ending}", paths) for ending in endings]
    assert masks(f"path:{','.join(endings)}", paths) == [
        any(fits) for fits in zip(*each, strict=True)
    ]


@pytest.mark.parametrize(("path", "fits"), [(b"/a.css", False), (b"/own", True)])
def test_a_filter_of_the_user_replaces_it(path: bytes, fits: bool) -> None:
    assert masks("@static", [path], {"static": "path:/own"}) == [fits]


def test_without_names_it_means_the_same() -> None:
    plain = parsed("!@static").without_names()
    assert "@" not in plain.text
    batch = batch_of_records([HitRecord(0, 200, 0, {Dimension.PATH: b"/a.css"})])
    assert plain.mask(batch).tolist() == [False]
