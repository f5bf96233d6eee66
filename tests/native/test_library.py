"""The compiled library: that it is there, and that the program works where it is not."""

import os
import shlex
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from logmon_tui import __version__
from logmon_tui.formats.delimited import delimited_parser
from logmon_tui.formats.json import json_parser
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS
from logmon_tui.native import build, library
from logmon_tui.tui.paint.ingest_text import slow_rows
from tests.formats.examples_data import load, names
from tests.formats.test_columnar_parser import assert_as_line_by_line

DOCUMENTED = [preset for preset in PRESETS if preset.name in names()]


def test_the_scanner_is_compiled() -> None:
    """Where a compiler is demanded, these tests run with what it compiled."""
    if os.environ.get(build.MODE_VARIABLE) != "required" and not library.is_native():
        pytest.skip(library.problem())
    assert library.problem() == ""


@pytest.mark.parametrize("log_format", DOCUMENTED, ids=lambda preset: preset.name)
def test_without_it_the_line_parser_reads(
    log_format: LogFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited_parser, "is_native", lambda: False)
    monkeypatch.setattr(json_parser, "is_native", lambda: False)
    monkeypatch.setattr(library, "library", None)  # it must not be called
    example = load(log_format.name)
    lines = [*(line.text for line in example.lines), *example.no_hits]
    chunk = "".join(f"{line}\n" for line in lines).encode()
    assert len(log_format.columnar().parse(f"{example.header}\n".encode() + chunk)) > 0
    assert_as_line_by_line(log_format, chunk)


@pytest.mark.parametrize("log_format", DOCUMENTED, ids=lambda preset: preset.name)
def test_a_chunk_longer_than_places_can_tell_is_read_by_the_line_parser(
    log_format: LogFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited_parser, "MAX_BYTES", 10)
    monkeypatch.setattr(json_parser, "MAX_BYTES", 10)
    monkeypatch.setattr(delimited_parser, "ScannedLines", None)
    monkeypatch.setattr(json_parser, "ScannedLines", None)
    chunk = "".join(f"{line.text}\n" for line in load(log_format.name).lines).encode()
    assert_as_line_by_line(log_format, chunk, from_file=False)


def test_a_missing_library_is_told(tmp_path: Path) -> None:
    assert library.load(tmp_path / "none.so").problem == ("no scanner was compiled at installation")


def test_what_is_no_library_is_told(tmp_path: Path) -> None:
    path = tmp_path / "broken.so"
    path.write_bytes(b"not a library")
    assert library.load(path).problem == f"{path} cannot be loaded"


@pytest.mark.slow
def test_a_library_of_another_version_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not build.compilers():
        pytest.skip("no compiler is here")
    path = build.build(tmp_path / "other.so")
    monkeypatch.setattr(library, "VERSION", library.VERSION + 1)
    assert library.load(path).problem == f"{path} is of another version"


def test_without_a_compiler_the_build_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "compilers", list)
    with pytest.raises(build.BuildError, match="no C compiler was found"):
        build.build(tmp_path / "scan.so")


def test_a_compiler_that_fails_gives_way_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "compilers", lambda: [["false"], [str(tmp_path / "none")]])
    with pytest.raises(build.BuildError, match=r"none: No such file or directory"):
        build.build(tmp_path / "scan.so")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("compiler", build.compilers(), ids=shlex.join)
def test_its_code_has_no_warnings(
    compiler: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "compilers", lambda: [compiler])
    assert build.build(tmp_path / "scan.so", build.STRICT).exists()


@pytest.mark.parametrize(
    ("why", "reader"),
    [("", "native scanner"), ("no compiler was found", "line parser: no compiler was found")],
)
def test_the_version_says_which_scanner_reads(
    why: str, reader: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from logmon_tui import cli

    monkeypatch.setattr(library, "problem", lambda: why)
    with pytest.raises(SystemExit) as ended:
        cli.cli(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"logmon-tui, version {__version__} ({reader})\n"


def test_the_ingest_panel_says_that_lines_are_read_slowly() -> None:
    assert list(slow_rows("", 80)) == []
    (row,) = slow_rows("no scanner was compiled at installation", 80)
    assert row == [
        (
            "read by the line parser, slowly: no scanner was compiled at installation",
            "panel--warning",
        )
    ]


@pytest.mark.skipif(not library.is_native(), reason="the scanner was not compiled")
def test_memory_is_kept_only_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    names = "logmon_keep_memory", "logmon_release_memory"
    functions = {name: partial(called.append, name) for name in names}
    monkeypatch.setattr(library, "library", lambda: SimpleNamespace(**functions))
    with library.memory_kept():
        assert called == ["logmon_keep_memory"]
    assert called == list(names)
    monkeypatch.undo()
    with library.memory_kept():  # as it is, it does no harm
        assert len(bytes(1_000_000)) == 1_000_000


def test_without_the_library_memory_is_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "is_native", lambda: False)
    monkeypatch.setattr(library, "library", None)  # it must not be called
    with library.memory_kept():
        pass
