"""The structures of the compiled library, as scan.h and sketches.h declare them."""

import ctypes


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


class FileStructure(ctypes.Structure):
    """`scan_file` of scan.h."""

    _fields_ = (
        ("buffer", ctypes.c_void_p),
        ("left_bytes", ctypes.c_void_p),
        ("next", ctypes.c_int64),
        ("end", ctypes.c_int64),
        ("room", ctypes.c_uint64),
        ("filled", ctypes.c_uint64),
        ("at", ctypes.c_uint64),
        ("left_room", ctypes.c_uint64),
        ("left_used", ctypes.c_uint64),
        ("most_left", ctypes.c_uint64),
        ("descriptor", ctypes.c_int32),
        ("error", ctypes.c_int32),
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
        ("sums", ctypes.c_void_p),
        ("code_count", ctypes.c_uint64),
        ("width", ctypes.c_uint64),
        ("class_count", ctypes.c_uint64),
        ("first_class", ctypes.c_uint64),
    )


class TallyStructure(ctypes.Structure):
    """`number_tally` of scan.h."""

    _fields_ = (
        ("slots", ctypes.c_void_p),
        ("numbers", ctypes.c_void_p),
        ("sums", ctypes.c_void_p),
        ("seeds", ctypes.c_uint64 * 2),
        ("slot_bits", ctypes.c_uint64),
    )


class GroupsStructure(ctypes.Structure):
    """`code_groups` of scan.h."""

    _fields_ = (("of", ctypes.c_void_p), ("count", ctypes.c_uint64))


class StretchesStructure(ctypes.Structure):
    """`stretch_counts` of scan.h."""

    _fields_ = (
        ("counts", ctypes.c_void_p),
        ("ends", ctypes.c_void_p),
        ("stretches", ctypes.c_uint64),
        ("numbers", ctypes.c_uint64),
    )


class HitCountsStructure(ctypes.Structure):
    """`hit_counts` of scan.h."""

    _fields_ = (
        ("classes", ctypes.c_void_p),
        ("by_status", ctypes.c_void_p),
        ("by_group", ctypes.c_void_p),
        ("beyond", ctypes.c_void_p),
        ("groups", GroupsStructure),
        ("group_count", ctypes.c_uint64),
        ("beyond_count", ctypes.c_uint64),
        ("sum", ctypes.c_int64),
        ("largest", ctypes.c_int64),
    )
