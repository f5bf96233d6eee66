"""Loads the compiled library, and declares its functions as scan.h and scan.c do.

The library may be missing, because installation does not require a compiler. Nothing here imports
numpy, so that `--version` can quickly say whether the scanner is in use.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from logmon_tui.native.build import LIBRARY
from logmon_tui.native.structures import (
    FileStructure,
    FormatStructure,
    GroupsStructure,
    HashedColumnStructure,
    HitCountsStructure,
    InsidesStructure,
    InternerStructure,
    JsonFormatStructure,
    MemoryStructure,
    RequestsStructure,
    StretchesStructure,
    SumsStructure,
    TallyStructure,
    TextsStructure,
)

VERSION = 13
"""The version of the interface in scan.h. A library with another version is not used."""


SEEDS = (ctypes.c_uint64 * 3)(*(int.from_bytes(os.urandom(8), "little") | 1 for _ in range(3)))
"""Random for each process: clients, who choose the texts, must not know which ones collide."""

_POINTER, _COUNT, _RESULT = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int64
_FUNCTIONS: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "logmon_find_lines": (_COUNT, (_POINTER, _COUNT, _POINTER, _COUNT)),
    "logmon_scan": (
        ctypes.c_int32,
        (
            ctypes.POINTER(FormatStructure),
            *(_POINTER, _POINTER, _POINTER, _COUNT),
            ctypes.POINTER(MemoryStructure),
        ),
    ),
    "logmon_scan_json": (
        ctypes.c_int32,
        (
            ctypes.POINTER(JsonFormatStructure),
            *(_POINTER, _POINTER, _COUNT),
            ctypes.POINTER(MemoryStructure),
        ),
    ),
    "logmon_scan_file": (
        ctypes.c_int32,
        (
            ctypes.POINTER(FormatStructure),
            ctypes.POINTER(JsonFormatStructure),
            ctypes.POINTER(FileStructure),
            ctypes.POINTER(MemoryStructure),
        ),
    ),
    "logmon_unwrap": (
        ctypes.c_int32,
        (
            *(ctypes.c_uint32, _POINTER, _POINTER, _COUNT),
            ctypes.POINTER(InsidesStructure),
        ),
    ),
    "logmon_intern": (
        _RESULT,
        (ctypes.POINTER(InternerStructure), ctypes.POINTER(TextsStructure), _COUNT, _POINTER),
    ),
    "logmon_fill_slots": (None, (ctypes.POINTER(InternerStructure),)),
    "logmon_gather": (ctypes.c_int32, (ctypes.POINTER(TextsStructure), _POINTER, _COUNT)),
    "logmon_find_bytes": (
        ctypes.c_int32,
        (ctypes.POINTER(TextsStructure), ctypes.c_char_p, _COUNT, _POINTER),
    ),
    "logmon_find_networks": (
        ctypes.c_int32,
        (ctypes.POINTER(TextsStructure), _POINTER, _POINTER),
    ),
    "logmon_hash_texts": (
        ctypes.c_int32,
        (ctypes.POINTER(TextsStructure), ctypes.POINTER(ctypes.c_uint64), _POINTER),
    ),
    "logmon_stable_hashes": (
        ctypes.c_int32,
        (ctypes.POINTER(TextsStructure), ctypes.POINTER(ctypes.c_uint64), _POINTER),
    ),
    "logmon_sketch_pairs": (
        ctypes.c_int32,
        (
            *(ctypes.POINTER(HashedColumnStructure),) * 2,
            *(_POINTER, _COUNT, _COUNT, _POINTER),
        ),
    ),
    "logmon_keep_memory": (None, ()),
    "logmon_release_memory": (None, ()),
    "logmon_sum_by": (
        ctypes.c_int32,
        (*(_POINTER,) * 3, _COUNT, ctypes.POINTER(SumsStructure)),
    ),
    "logmon_count_hits": (
        ctypes.c_int32,
        (_POINTER, _POINTER, _COUNT, ctypes.POINTER(HitCountsStructure)),
    ),
    "logmon_tally": (_RESULT, (_POINTER, _POINTER, _COUNT, ctypes.POINTER(TallyStructure))),
    "logmon_add_by_group": (
        ctypes.c_int32,
        (
            *(_POINTER, _POINTER, _COUNT, ctypes.POINTER(GroupsStructure)),
            *(ctypes.c_int64, _POINTER),
        ),
    ),
    "logmon_map_codes": (ctypes.c_int32, (_POINTER, _COUNT, _POINTER, _COUNT, _POINTER)),
    "logmon_find_numbered": (
        _RESULT,
        (_POINTER, _COUNT, _POINTER, _COUNT, _POINTER, _POINTER),
    ),
    "logmon_count_stretches": (
        ctypes.c_int32,
        (
            *(_POINTER, _POINTER, _COUNT, _POINTER, _COUNT),
            ctypes.POINTER(StretchesStructure),
        ),
    ),
    "logmon_split_requests": (
        ctypes.c_int32,
        (ctypes.POINTER(TextsStructure), ctypes.c_int32, ctypes.POINTER(RequestsStructure)),
    ),
}
"""The result and the parameters of each function of the library."""


class Loaded(NamedTuple):
    """The library; or None, with the `problem` in plain words."""

    library: ctypes.CDLL | None
    problem: str = ""


@cache
def load(path: Path = LIBRARY) -> Loaded:
    """Load the compiled scanner, once. Raises nothing: an unusable library is a `problem`."""
    if not path.exists():
        return Loaded(None, "no scanner was compiled at installation")
    try:
        found = ctypes.CDLL(str(path))
        found.logmon_scan_version.restype = ctypes.c_uint32
        version = found.logmon_scan_version()
    except (OSError, AttributeError):
        return Loaded(None, f"{path} cannot be loaded")
    if version != VERSION:
        return Loaded(None, f"{path} is of another version")
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    return Loaded(found)


def library() -> ctypes.CDLL:
    """Return the compiled scanner. Raises RuntimeError where there is none."""
    loaded = load()
    if loaded.library is None:
        message = f"the scanner cannot be called: {loaded.problem}"
        raise RuntimeError(message)
    return loaded.library


@contextmanager
def memory_kept() -> Iterator[None]:
    """Keep freed memory for what is allocated next, and give it back to the system at the end.

    Without that, the system takes and clears the memory of each chunk anew. It does nothing where
    the C library has no such choice.
    """
    if is_native():
        library().logmon_keep_memory()
    yield
    if is_native():
        library().logmon_release_memory()


def is_native() -> bool:
    """Tell whether the compiled scanner is in use, rather than only the line parser."""
    return load().library is not None


def problem() -> str:
    """Return why the compiled scanner is not in use; empty if it is."""
    return load().problem
