"""Scanner: calls the compiled scanner for the chunks of one format.

It takes the description of a format as `TokenSpec`s and returns `Scanned`: line numbers, values and
codes of texts. Their meaning is up to the room `formats`.
"""

import ctypes
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.interner import Interner
from logmon_tui.native.library import (
    FieldStructure,
    FormatStructure,
    InternerStructure,
    JsonFormatStructure,
    MemoryStructure,
    NodeStructure,
    TokenStructure,
    library,
)
from logmon_tui.native.specs import MemberSpec, ScanReading, TokenSpec
from logmon_tui.native.texts import address_of

MAX_TOKENS, MAX_TEXTS, MAX_NUMBERS = 64, 16, 16
MAX_NODES, MAX_LEAVES = 256, 64
"""The maxima of columns.h and json_lines.h."""

MAX_BYTES = 2**31 - 1
"""Maximum bytes of a chunk: offsets of texts are 32-bit numbers."""

_FEW_ROWS, _FEW_BYTES = 8_192, 256 * 1024
"""Maximum memory for texts that a scan reserves at its start; it grows on demand."""

_SHORT_LINE = 60
"""Assumed minimum bytes of the average line; for shorter lines, ends are searched twice."""


class Scanned(NamedTuple):
    """The result of a scan: columns of shape (rows,), a row for each line that fits.

    `lines` are the numbers of these lines. `numbers` has an int64 column for each token that is a
    number, `codes` an int32 column for each token that is a text: the numbers that its interner
    gave. Both are in the order of the tokens. `left` are the numbers of the lines that do not fit.
    """

    lines: NDArray[np.int64]
    numbers: list[NDArray[np.int64]]
    codes: list[NDArray[np.int32]]
    left: NDArray[np.int64]


class ScannedLines:
    """A chunk of less than 2 GiB and the offsets of its newlines, `ends`.

    The scanner reads the chunk at `address`. Tests set it to a copy at the end of a memory page.
    """

    def __init__(self, chunk: bytes, address: int | None = None) -> None:
        self.chunk = chunk
        self.address = address_of(chunk) if address is None else address
        find_lines = library().logmon_find_lines
        room = len(chunk) // _SHORT_LINE + 1
        while True:
            ends = np.empty(room, dtype=np.uint32)
            count = find_lines(self.address, len(chunk), address_of(ends), room)
            if count <= room:
                break
            room = count
        self.ends = ends[:count]

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.ends)

    def line(self, number: int) -> bytes:
        """Return one line without its newline."""
        start = int(self.ends[number - 1]) + 1 if number else 0
        return self.chunk[start : self.ends[number]]


class _Columns:
    """The memory for the results of one scan of `count` lines, with at most `rows` rows."""

    def __init__(
        self, count: int, rows: int, size: int, interners: Sequence[Interner], numbers: int
    ) -> None:
        self._interners = interners
        self._lines = np.empty(rows, dtype=np.int64)
        self._numbers = np.empty((numbers, rows), dtype=np.int64)
        self._codes = np.empty((len(interners), rows), dtype=np.int32)
        self._left = np.empty(count, dtype=np.int64)
        arrays = self._lines, self._numbers, self._codes, self._left
        for each in interners:
            if not len(each):  # to reserve is faster than to grow
                each.have_room(min(rows, _FEW_ROWS), min(size, _FEW_BYTES))
        pointers = (ctypes.pointer(each.structure) for each in interners)
        listed = (ctypes.POINTER(InternerStructure) * len(interners))(*pointers)
        self._memory = MemoryStructure(*(address_of(each) for each in arrays), listed, rows)

    def scanned(self, scan: Callable[[MemoryStructure], int]) -> Scanned:
        """Call `scan` until it has seen all lines; give it more memory whenever it stops."""
        memory = self._memory
        while not (done := scan(memory)):
            self._interners[memory.short_column].make_room(memory.short_length)
        if done < 0:
            message = "the scanner refuses the format's description"
            raise ValueError(message)
        found = memory.row_count
        return Scanned(
            self._lines[:found],
            [each[:found] for each in self._numbers],
            [each[:found] for each in self._codes],
            self._left[: memory.left_count],
        )


def _numbered(readings: Iterable[ScanReading]) -> tuple[list[int], int, int]:
    """Return the column index of each field, and the counts of text and number columns.

    Raises ValueError when there are more than the scanner supports.
    """
    columns: list[int] = []
    texts = numbers = 0
    for reading in readings:
        if reading is ScanReading.NOTHING:
            columns.append(-1)
        elif reading is ScanReading.TEXT:
            columns.append(texts)
            texts += 1
        else:
            columns.append(numbers)
            numbers += 1
    if len(columns) > MAX_TOKENS or texts > MAX_TEXTS or numbers > MAX_NUMBERS:
        message = f"a format of {len(columns)} fields is too large for the scanner"
        raise ValueError(message)
    return columns, texts, numbers


class Scanner:
    """Scans lines of one delimited format. It keeps no state, so several threads may share it.

    Raises ValueError when the format has more fields than the scanner supports.
    """

    def __init__(self, tokens: Sequence[TokenSpec], tail: bytes) -> None:
        columns, self.texts, self._numbers = _numbered(each.reading for each in tokens)
        self._shortest = len(tail) + sum(len(each.before) + each.length for each in tokens) + 1
        described = (TokenStructure * len(tokens))(
            *(
                TokenStructure(
                    each.before,
                    each.stops,
                    each.parameter,
                    len(each.before),
                    len(each.stops),
                    each.length,
                    column,
                    each.flags,
                    each.reading,
                    each.ending,
                )
                for each, column in zip(tokens, columns, strict=True)
            )
        )
        counts = len(tokens), len(tail), self.texts, self._numbers
        self.described = FormatStructure(described, tail, *counts)

    def scan(
        self,
        table: ScannedLines,
        interners: Sequence[Interner],
        among: NDArray[np.int64] | None = None,
    ) -> Scanned:
        """Scan all lines of a chunk, or only those with the ascending numbers `among`.

        `interners` has one interner for each text column, `texts` of them.
        """
        count = len(table) if among is None else len(among)
        rows = min(count, len(table.chunk) // self._shortest + 1)
        ends = address_of(table.ends)
        chosen = None if among is None else address_of(among)
        columns = _Columns(count, rows, len(table.chunk), interners, self._numbers)
        scan = library().logmon_scan
        return columns.scanned(
            lambda memory: scan(self.described, table.address, ends, chosen, count, memory)
        )


class JsonScanner:
    """Scans lines that are JSON objects with these members; several threads may share it.

    With a `mark`, only lines with that text at that path fit. The scanner returns the raw text
    between quotes: the caller decodes texts with a backslash. A missing text is empty. Raises
    ValueError when there are more members than the scanner supports.
    """

    def __init__(
        self,
        members: Sequence[MemberSpec],
        mark: tuple[tuple[bytes, ...], bytes] | None = None,
    ) -> None:
        columns, self.texts, self._numbers = _numbered(each.reading for each in members)
        places = [path for each in members for path in each.paths]
        nodes, leaves = _nodes([*places, *([mark[0]] if mark else ())])
        if len(nodes) > MAX_NODES or len(leaves) > MAX_LEAVES:
            message = f"a format of {len(leaves)} members is too large for the scanner"
            raise ValueError(message)
        fields, begin = [], 0
        for each, column in zip(members, columns, strict=True):
            fields.append(
                FieldStructure(
                    each.parameter, begin, len(each.paths), column, each.flags, each.reading
                )
            )
            begin += len(each.paths)
        self.described = JsonFormatStructure(
            (NodeStructure * len(nodes))(*nodes),
            (FieldStructure * len(fields))(*fields),
            (ctypes.c_uint32 * len(places))(*(leaves[path] for path in places)),
            mark[1] if mark else b"",
            len(nodes),
            len(leaves),
            len(fields),
            len(mark[1]) if mark else 0,
            self.texts,
            self._numbers,
            len(places),
            leaves[mark[0]] if mark else -1,
        )

    def scan(self, table: ScannedLines, interners: Sequence[Interner]) -> Scanned:
        """Scan all lines of a chunk; `interners` has one for each text column, `texts` of them."""
        rows = min(len(table), len(table.chunk) // 3 + 1)  # a line has braces and a newline
        ends = address_of(table.ends)
        columns = _Columns(len(table), rows, len(table.chunk), interners, self._numbers)
        scan = library().logmon_scan_json
        return columns.scanned(
            lambda memory: scan(self.described, table.address, ends, len(table), memory)
        )


_Path: TypeAlias = tuple[bytes, ...]


def _nodes(paths: Sequence[_Path]) -> tuple[list[NodeStructure], dict[_Path, int]]:
    """Return the tree of `paths`, with the children of a node adjacent, and each leaf's number."""
    inner = {path[:length] for path in paths for length in range(len(path))}
    leaves: dict[_Path, int] = {path: number for number, path in enumerate(sorted(set(paths)))}
    order: list[_Path] = [()]
    nodes: list[NodeStructure] = []
    for node in order:  # it grows during the loop
        children = sorted({p[: len(node) + 1] for p in {*paths, *inner} if p[:-1] == node and p})
        below = [number for path, number in leaves.items() if path[: len(node)] == node]
        name = node[-1] if node else b""
        lengths = 0
        for child in children:
            lengths |= 1 << (len(child[-1]) & 63)
        nodes.append(
            NodeStructure(
                name,
                lengths,
                len(name),
                len(order) if children else 0,
                len(children),
                min(below),
                max(below) + 1,
            )
        )
        order += children
    return nodes, leaves
