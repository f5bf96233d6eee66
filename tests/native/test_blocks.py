"""Blocks of bytes are looked at alike with the instructions of each processor, and without them."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from logmon_tui.native.build import SOURCE, STRICT, compilers

_WORDS = "-DSCAN_WITH_WORDS"
_ARM = "-target", "aarch64-linux-musl"


def checked(compiler: list[str], folder: Path, *run_by: str) -> None:
    """Compile the comparison of `blocks.c`, and run it."""
    program = folder / "blocks"
    source = Path(__file__).with_name("blocks.c")
    flags = ["-std=c11", "-O2", *STRICT, f"-I{SOURCE.parent}", str(source), "-o", str(program)]
    subprocess.run([*compiler, *flags], check=True)
    subprocess.run([*run_by, str(program)], check=True)


@pytest.mark.skipif(not compilers(), reason="no compiler is here")
@pytest.mark.parametrize("flags", [[], [_WORDS]], ids=["instructions", "words"])
def test_blocks_are_looked_at_as_single_bytes_are(flags: list[str], tmp_path: Path) -> None:
    checked([*compilers()[0], *flags], tmp_path)


@pytest.mark.skipif(
    find_spec("ziglang") is None or shutil.which("qemu-aarch64") is None,
    reason="ziglang and qemu-user are not here",
)
def test_so_they_are_on_arm64(tmp_path: Path) -> None:
    compiler = [sys.executable, "-m", "ziglang", "cc", *_ARM, "-static"]
    checked(compiler, tmp_path, "qemu-aarch64")
