"""The beginning and the end of the process: of `logmon-tui`, and of `python -m logmon_tui`."""

import atexit
import gc
import os
import sys

_YOUNG_OBJECTS = 50_000
"""New objects after which Python looks for garbage: imports create many, and all of them stay."""


_FRAME_SLOTS = 8_200
"""Size of the first frame, in pointers: more than 64 KB.

CPython keeps the frames of Python functions in pieces of memory of 16 KB. When the first frame in
a piece ends, the piece is given back. So a loop that calls functions at the end of a piece, as it
happens within nested imports, asks the system for memory at each call. A frame that does not fit
in a piece gets one of twice its size, and there is room for all others beside it.
"""


def run() -> None:
    """Run the command line in a process of its own, and exit."""
    gc.set_threshold(_YOUNG_OBJECTS, 10, 10)
    # For linear algebra, which nothing here uses, numpy would start a thread for each processor.
    # That takes as long as importing numpy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from logmon_tui.cli import main  # only now: the lines above make it quicker
    except KeyboardInterrupt:
        sys.exit(130)
    codes: list[int] = []
    atexit.register(_leave, codes)  # before all others, so that it is called after them
    try:
        main()
    except SystemExit as end:
        codes += [end.code] if isinstance(end.code, int) else []
        raise


def _leave(codes: list[int]) -> None:
    """End the process with the last of `codes`, if there is one.

    Python would still take all modules and their objects apart, one by one. By now all threads have
    ended, and what others registered for the end is done.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        return  # Python reports it
    if codes:
        os._exit(codes[-1])


run.__code__ = run.__code__.replace(co_stacksize=_FRAME_SLOTS)

if __name__ == "__main__":
    run()
