"""Values such as `*.css`, which are looked for together: a text fits if it ends with one."""

from hypothesis import example, given
from hypothesis import strategies as st

from logmon_tui.filters.expression import Value
from logmon_tui.filters.fields import FIELDS
from logmon_tui.filters.text_tests import text_tests

PARTS = st.text("a.c/", max_size=6)


@example(["css"], "css")
@example([".css"], "css")
@example([".css"], "/a.css")
@example([".css", ".min.js"], "/a.min.js")
@example([".css"], "")
@given(st.lists(PARTS, min_size=1, max_size=4), PARTS)
def test_a_text_fits_if_it_ends_with_one_of_the_values(endings: list[str], text: str) -> None:
    tests = text_tests(FIELDS["path"], [Value(f"*{each}") for each in endings])
    assert any(test(text.encode()) for test in tests) == text.endswith(tuple(endings))
