"""The scanner finds the same without the processor's instructions for many bytes at once."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.native import library
from logmon_tui.native.build import STRICT, build, compilers
from logmon_tui.native.interner import Interner
from logmon_tui.native.library import Loaded, is_native
from logmon_tui.native.scanner import ScannedLines
from logmon_tui.native.specs import ScanWrapper
from logmon_tui.native.wrappers import insides
from tests.effort import examples
from tests.native.test_file_lines import facts
from tests.native.test_guarded import LINES, SCANNERS, WRAPPED

pytestmark = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")

LISTS = st.lists(
    st.one_of(
        st.sampled_from([*LINES, *WRAPPED]),
        st.binary(max_size=40),
        st.text(st.sampled_from('ab"\\é\x1f \x00世'), max_size=40).map(str.encode),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def portable(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The scanner as processors without instructions for many bytes at once have it."""
    path: Path = tmp_path_factory.mktemp("portable") / "scan.so"
    if not compilers():
        pytest.skip("no compiler is here")
    return library.load(build(path, (*STRICT, "-DSCAN_WITH_WORDS")))


def everything(chunk: bytes) -> list[object]:
    """What all scanners find in a chunk, and what is inside of its lines."""
    table = ScannedLines(chunk)
    found: list[object] = []
    for scanner in SCANNERS:
        interners = [Interner() for _ in range(scanner.texts)]
        found += facts(scanner.scan(table, interners), interners)
    for wrapper in ScanWrapper:
        inside = insides(wrapper, table)
        found += [inside.data.tolist(), inside.left.tolist()]
    return found


@settings(max_examples=examples(150), deadline=None)
@given(lines=LISTS)
@example(lines=[*LINES, *WRAPPED])
def test_any_lines_are_read_the_same(portable: Loaded, lines: list[bytes]) -> None:
    chunk = b"".join(line.replace(b"\n", b"") + b"\n" for line in lines)
    assert portable.library is not None
    expected = everything(chunk)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(library, "load", lambda: portable)
        assert everything(chunk) == expected
