"""Scanner: calls the compiled scanner for the chunks of one format.

It takes the description of a format as `TokenSpec`s and returns `Scanned`: line numbers, values and
codes of texts. Their meaning is up to the room `formats`.
"""

import ctypes
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.native.file_lines import USUAL_LINE, FileLines, ScannedFile, scan_file
from logmon_tui.native.interner import Interner
from logmon_tui.native.library import library
from logmon_tui.native.scan_columns import ScanColumns, Scanned
from logmon_tui.native.specs import MemberSpec, ScanReading, TokenSpec
from logmon_tui.native.structures import (
    FieldStructure,
    FormatStructure,
    JsonFormatStructure,
    NodeStructure,
    TokenStructure,
)
from logmon_tui.native.texts import address_of

MAX_TOKENS, MAX_TEXTS, MAX_NUMBERS = 64, 16, 16
MAX_NODES, MAX_LEAVES = 256, 64
"""The maxima of columns.h and json_lines.h."""

MAX_BYTES = 2**31 - 1
"""Maximum bytes of a chunk: offsets of texts are 32-bit numbers."""

_SHORT_LINE = 60
"""Assumed minimum bytes of the average line; for shorter lines, ends are searched twice."""


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
    """Scans lines of one delimited format; several threads may share it.

    It knows only how many bytes a `usual_line` takes, as a hint: the last file part told it.
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
        self.usual_line = USUAL_LINE
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
        columns = ScanColumns(rows, count, len(table.chunk), interners, self._numbers)
        scan = library().logmon_scan
        return columns.scanned(
            lambda memory: scan(self.described, table.address, ends, chosen, count, memory)
        )[1]

    def scan_file(
        self, lines: FileLines, interners: Sequence[Interner], block: int | None = None
    ) -> ScannedFile | None:
        """Read and scan lines of a file, as `scan_file` of file_lines.py says."""
        lines = replace(lines, usual_line=self.usual_line)
        found = scan_file((self.described, None), lines, interners, self._numbers, block)
        self.usual_line = self.usual_line if found is None else found.usual_line
        return found


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
        self.usual_line = USUAL_LINE
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
        columns = ScanColumns(rows, len(table), len(table.chunk), interners, self._numbers)
        scan = library().logmon_scan_json
        return columns.scanned(
            lambda memory: scan(self.described, table.address, ends, len(table), memory)
        )[1]

    def scan_file(
        self, lines: FileLines, interners: Sequence[Interner], block: int | None = None
    ) -> ScannedFile | None:
        """Read and scan lines of a file, as `scan_file` of file_lines.py says."""
        lines = replace(lines, usual_line=self.usual_line)
        found = scan_file((None, self.described), lines, interners, self._numbers, block)
        self.usual_line = self.usual_line if found is None else found.usual_line
        return found


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
