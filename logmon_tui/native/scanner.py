"""Scanner: calls the compiled scanner for the chunks of one format.

The description of a format goes in as `TokenSpec`s, plain data; `Scanned` comes out. Here are
offsets, numbers and codes; what they mean is told in formats/.
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

MOST_TOKENS, MOST_TEXTS, MOST_NUMBERS = 64, 16, 16
MOST_NODES, MOST_LEAVES = 256, 64
"""What the scanner has room for: columns.h, json_lines.h."""

MOST_BYTES = 2**31 - 1
"""The longest chunk: places of texts are 32-bit numbers."""

_FEW_ROWS, _FEW_BYTES = 8_192, 256 * 1024
"""The room for texts that a scan begins with, at most: there is more once it is short."""

_SHORT_LINE = 60
"""Lines of a log have more bytes on average; of shorter ones the ends are looked for twice."""


class Scanned(NamedTuple):
    """What fits: the numbers of the `lines`, shape (rows,), and the columns in the tokens' order.

    `numbers` are int64, shape (rows,), `codes` int32, shape (rows,): the numbers of texts among
    those of each text column's interner. `left` are the numbers of the lines that do not fit.
    """

    lines: NDArray[np.int64]
    numbers: list[NDArray[np.int64]]
    codes: list[NDArray[np.int32]]
    left: NDArray[np.int64]


class ScannedLines:
    """A chunk, less than 2 GiB, and where its lines end. `ends` are their newlines' offsets.

    The scanner reads it at `address`, which tests set to where a copy ends with a page.
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
    """The memory of one scan of a table's lines, `count` of which are looked at."""

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
            if not len(each):  # asking for room when it is short takes time
                each.have_room(min(rows, _FEW_ROWS), min(size, _FEW_BYTES))
        pointers = (ctypes.pointer(each.structure) for each in interners)
        listed = (ctypes.POINTER(InternerStructure) * len(interners))(*pointers)
        self._memory = MemoryStructure(*(address_of(each) for each in arrays), listed, rows)

    def scanned(self, scan: Callable[[MemoryStructure], int]) -> Scanned:
        """Have all lines scanned, with more room whenever that does not suffice."""
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
    """Return the column of each field, and how many there are of texts and of numbers.

    Raises ValueError when the scanner has no room for so many.
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
    if len(columns) > MOST_TOKENS or texts > MOST_TEXTS or numbers > MOST_NUMBERS:
        message = f"a format of {len(columns)} fields is too large for the scanner"
        raise ValueError(message)
    return columns, texts, numbers


class Scanner:
    """Scans lines of one delimited form. It keeps nothing, so several threads may share one.

    Raises ValueError when the form has more fields than the scanner has room for.
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
        """Return what fits of a chunk's lines, or of those with the numbers `among`, ascending.

        There is an interner for each of the `texts` columns.
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
    """Scans lines that are JSON objects with these members; several threads may share one.

    With a `mark`, lines that do not have that text at that path do not fit. Texts are as they
    stand between their quotes: what has a backslash in it is to be decoded, what is missing is
    empty. Raises ValueError when the scanner has no room for so many members.
    """

    def __init__(
        self,
        members: Sequence[MemberSpec],
        mark: tuple[tuple[bytes, ...], bytes] | None = None,
    ) -> None:
        columns, self.texts, self._numbers = _numbered(each.reading for each in members)
        places = [path for each in members for path in each.paths]
        nodes, leaves = _nodes([*places, *([mark[0]] if mark else ())])
        if len(nodes) > MOST_NODES or len(leaves) > MOST_LEAVES:
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
        """Return what fits of a chunk's lines; there is an interner for each `texts` column."""
        rows = min(len(table), len(table.chunk) // 3 + 1)  # of a line: braces and its newline
        ends = address_of(table.ends)
        columns = _Columns(len(table), rows, len(table.chunk), interners, self._numbers)
        scan = library().logmon_scan_json
        return columns.scanned(
            lambda memory: scan(self.described, table.address, ends, len(table), memory)
        )


_Path: TypeAlias = tuple[bytes, ...]


def _nodes(paths: Sequence[_Path]) -> tuple[list[NodeStructure], dict[_Path, int]]:
    """Return the tree that paths make, children side by side, and the number of each leaf."""
    inner = {path[:length] for path in paths for length in range(len(path))}
    leaves: dict[_Path, int] = {path: number for number, path in enumerate(sorted(set(paths)))}
    order: list[_Path] = [()]
    nodes: list[NodeStructure] = []
    for node in order:  # it grows while it is gone through
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
