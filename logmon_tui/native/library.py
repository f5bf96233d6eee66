"""Loads the compiled library, and declares its structures as scan.h does.

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

VERSION = 8
"""The version of the interface in scan.h. A library with another version is not used."""


class TokenStructure(ctypes.Structure):
    """`scan_token` of scan.h."""

    _fields_ = (
        ("before", ctypes.c_char_p),
        ("stops", ctypes.c_char_p),
        ("parameter", ctypes.c_int64),
        ("before_length", ctypes.c_uint32),
        ("stops_length", ctypes.c_uint32),
        ("length", ctypes.c_uint32),
        ("column", ctypes.c_int32),
        ("flags", ctypes.c_uint16),
        ("reading", ctypes.c_uint8),
        ("ending", ctypes.c_uint8),
    )


class FormatStructure(ctypes.Structure):
    """`scan_format` of scan.h."""

    _fields_ = (
        ("tokens", ctypes.POINTER(TokenStructure)),
        ("tail", ctypes.c_char_p),
        ("token_count", ctypes.c_uint32),
        ("tail_length", ctypes.c_uint32),
        ("text_count", ctypes.c_uint32),
        ("number_count", ctypes.c_uint32),
    )


class NodeStructure(ctypes.Structure):
    """`json_node` of scan.h."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("lengths", ctypes.c_uint64),
        ("name_length", ctypes.c_uint32),
        ("first_child", ctypes.c_uint32),
        ("child_count", ctypes.c_uint32),
        ("first_leaf", ctypes.c_uint32),
        ("end_leaf", ctypes.c_uint32),
    )


class FieldStructure(ctypes.Structure):
    """`json_field` of scan.h."""

    _fields_ = (
        ("parameter", ctypes.c_int64),
        ("first_path", ctypes.c_uint32),
        ("path_count", ctypes.c_uint32),
        ("column", ctypes.c_int32),
        ("flags", ctypes.c_uint16),
        ("reading", ctypes.c_uint8),
    )


class JsonFormatStructure(ctypes.Structure):
    """`json_format` of scan.h."""

    _fields_ = (
        ("nodes", ctypes.POINTER(NodeStructure)),
        ("fields", ctypes.POINTER(FieldStructure)),
        ("paths", ctypes.POINTER(ctypes.c_uint32)),
        ("mark", ctypes.c_char_p),
        ("node_count", ctypes.c_uint32),
        ("leaf_count", ctypes.c_uint32),
        ("field_count", ctypes.c_uint32),
        ("mark_length", ctypes.c_uint32),
        ("text_count", ctypes.c_uint32),
        ("number_count", ctypes.c_uint32),
        ("path_count", ctypes.c_uint32),
        ("mark_leaf", ctypes.c_int32),
    )


class InternerStructure(ctypes.Structure):
    """`scan_interner` of scan.h."""

    _fields_ = (
        ("entries", ctypes.c_void_p),
        ("slots", ctypes.c_void_p),
        ("bytes", ctypes.c_void_p),
        ("most", ctypes.c_uint64),
        ("bytes_room", ctypes.c_uint64),
        ("count", ctypes.c_uint64),
        ("used", ctypes.c_uint64),
        ("seeds", ctypes.c_uint64 * 3),
        ("slot_bits", ctypes.c_uint32),
    )


class MemoryStructure(ctypes.Structure):
    """`scan_memory` of scan.h."""

    _fields_ = (
        ("lines", ctypes.c_void_p),
        ("numbers", ctypes.c_void_p),
        ("codes", ctypes.c_void_p),
        ("left", ctypes.c_void_p),
        ("interners", ctypes.POINTER(ctypes.POINTER(InternerStructure))),
        ("rows", ctypes.c_uint64),
        ("looked_at", ctypes.c_uint64),
        ("row_count", ctypes.c_uint64),
        ("left_count", ctypes.c_uint64),
        ("short_column", ctypes.c_uint64),
        ("short_length", ctypes.c_uint64),
    )


class TextsStructure(ctypes.Structure):
    """`scan_texts` of scan.h."""

    _fields_ = (
        ("bytes", ctypes.c_void_p),
        ("starts", ctypes.c_void_p),
        ("ends", ctypes.c_void_p),
        ("size", ctypes.c_uint64),
        ("count", ctypes.c_uint64),
    )


class RequestsStructure(ctypes.Structure):
    """`scan_requests` of scan.h."""

    _fields_ = (
        ("numbers", ctypes.c_void_p),
        ("interners", ctypes.POINTER(InternerStructure) * 3),
        ("looked_at", ctypes.c_uint64),
        ("short_part", ctypes.c_uint64),
        ("short_length", ctypes.c_uint64),
    )


class InsidesStructure(ctypes.Structure):
    """`scan_insides` of scan.h."""

    _fields_ = (
        ("bytes", ctypes.c_void_p),
        ("cut", ctypes.c_void_p),
        ("left", ctypes.c_void_p),
        ("left_at", ctypes.c_void_p),
        ("room", ctypes.c_uint64),
        ("used", ctypes.c_uint64),
        ("cut_count", ctypes.c_uint64),
        ("left_count", ctypes.c_uint64),
    )


class HashedColumnStructure(ctypes.Structure):
    """`hashed_column` of sketches.h."""

    _fields_ = (
        ("codes", ctypes.c_void_p),
        ("hashes", ctypes.c_void_p),
        ("count", ctypes.c_uint64),
    )


class SumsStructure(ctypes.Structure):
    """`code_sums` of scan.h."""

    _fields_ = (
        ("hits", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
        ("classes", ctypes.c_void_p),
        ("code_count", ctypes.c_uint64),
        ("class_count", ctypes.c_uint64),
        ("first_class", ctypes.c_uint64),
    )


class GroupsStructure(ctypes.Structure):
    """`code_groups` of scan.h."""

    _fields_ = (("of", ctypes.c_void_p), ("count", ctypes.c_uint64))


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
