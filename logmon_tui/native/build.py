"""Compiles the scanner: at installation, and with other flags for the tests.

Run `python -m logmon_tui.native.build` to compile it beside its source. With `--sanitized`, the
scanner checks every memory access and calculation, and ends the program at the first fault.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBRARY = HERE / "_scan.so"
SOURCE = HERE / "scan.c"

ALWAYS = (
    "-std=c11",
    "-O3",
    "-fno-tree-slp-vectorize",  # gcc would move the two ends of a span through memory
    "-fPIC",
    "-ffp-contract=off",  # times are rounded as Python rounds them
    "-shared",
    "-fvisibility=hidden",
    "-fstack-protector-strong",
    "-D_FORTIFY_SOURCE=3",
)
STRICT = ("-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror")
"""Only for the tests: a warning of a future compiler must not fail an installation."""

SANITIZED = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

MODE_VARIABLE = "LOGMON_NATIVE"
"""Environment variable: `required` makes a build without a compiler fail, `off` skips it."""


class BuildError(Exception):
    """The scanner cannot be compiled here; the text says why."""


def compilers() -> list[list[str]]:
    """Return the commands of the compilers found here; that of `CC` comes first."""
    import shlex  # imported late, as `subprocess` below: most callers only need `LIBRARY`
    import shutil
    from importlib.util import find_spec

    found = [shlex.split(os.environ["CC"])] if os.environ.get("CC") else []
    found += [[path] for name in ("cc", "gcc", "clang") if (path := shutil.which(name))]
    if find_spec("ziglang") is not None:
        found.append([sys.executable, "-m", "ziglang", "cc"])
    return found


def build(library: Path = LIBRARY, flags: Sequence[str] = ()) -> Path:
    """Compile the scanner with additional `flags`; return the path of the `library`.

    Raises BuildError when there is no compiler, or when none succeeds.
    """
    import shlex
    import subprocess

    problem = "no C compiler was found (cc, gcc, clang, or the Python package ziglang)"
    for compiler in compilers():
        made = library.with_suffix(f".{os.getpid()}")  # a library in use is replaced, not changed
        command = [*compiler, *ALWAYS, *flags, str(SOURCE), "-o", str(made)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        except OSError as error:
            problem = f"{compiler[0]}: {error.strerror}"
            continue
        if done.returncode == 0:
            made.replace(library)
            return library
        made.unlink(missing_ok=True)
        lines = done.stderr.strip().splitlines() or ["it says nothing"]
        problem = f"{shlex.join(compiler)} failed: {lines[0]}"
    raise BuildError(problem)


if __name__ == "__main__":
    wanted = (*STRICT, *SANITIZED) if sys.argv[1:] == ["--sanitized"] else ()
    try:
        print(build(flags=wanted))  # noqa: T201 - output of a command
    except BuildError as error:
        sys.exit(f"the scanner was not compiled: {error}")
