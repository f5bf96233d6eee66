"""Column: the values of one field or dimension of many hits, as numbers of distinct texts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.interner import Interner
from logmon_tui.native.sums import mapped_codes
from logmon_tui.native.texts import Texts

if TYPE_CHECKING:
    from logmon_tui.formats.model.vocabulary import Vocabulary


class Mapped(msgspec.Struct, frozen=True):
    """Codes that are made of those of another column, `source`: the `numbers` of these."""

    source: "Column"
    numbers: NDArray[np.int32]


class Column:
    """The values of one field or dimension of n hits.

    `texts` are the distinct values; hit i has the value `texts[codes[i]]`, with `codes` an int32
    array of shape (n,). `values` are the same texts as a list, made on first use. If there is a
    `vocabulary`, `texts` are all its texts, far more than these hits have. Codes that are `mapped`
    are made on first use too: who counts hits may as well count those of the other column.
    """

    __slots__ = ("_codes", "_values", "mapped", "texts", "vocabulary")

    def __init__(
        self,
        texts: Texts | list[bytes],
        codes: NDArray[np.int32] | Mapped,
        vocabulary: "Vocabulary | None" = None,
    ) -> None:
        self.texts = texts if isinstance(texts, Texts) else Texts.of(texts)
        self.mapped = codes if isinstance(codes, Mapped) else None
        self._codes = codes
        self.vocabulary = vocabulary
        self._values = texts if isinstance(texts, list) else None

    @property
    def codes(self) -> NDArray[np.int32]:
        """The number of each hit's text."""
        codes = self._codes
        if isinstance(codes, Mapped):  # another thread may replace them meanwhile
            codes = self._codes = mapped_codes(codes.source.codes, codes.numbers)
        return codes

    @property
    def values(self) -> list[bytes]:
        """The distinct values."""
        if self._values is None:
            self._values = self.texts.tolist()
        return self._values

    @classmethod
    def constant(cls, text: bytes, count: int) -> "Column":
        """Return the column of `count` hits that all have the same `text`."""
        return cls([text], np.zeros(count, dtype=np.int32))

    @classmethod
    def concat(cls, columns: Sequence["Column"], order: NDArray[np.intp] | None = None) -> "Column":
        """Return the hits of all `columns` (one at least) as one column.

        `order` sorts the hits; without it the columns follow each other. If the first column has a
        vocabulary, the texts of the others are added to it.
        """
        first = columns[0]
        if len(columns) == 1:
            return first if order is None else first.select(order)
        interner = Interner() if first.vocabulary is None else first.vocabulary.interner
        codes = np.concatenate(
            [
                each.codes
                if each.vocabulary is first.vocabulary is not None
                else interner.numbers(each.texts)[each.codes]
                for each in columns
            ]
        )
        return cls(interner.texts(), codes if order is None else codes[order], first.vocabulary)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Column":
        """Return the column of the hits of `rows` (a mask or indices)."""
        codes = self._codes
        if isinstance(codes, Mapped):  # only for these hits
            codes = mapped_codes(codes.source.codes[rows], codes.numbers)
        else:
            codes = codes[rows]
        part = Column(self.texts, codes, self.vocabulary)
        part._values = self._values
        return part

    def at(self, row: int) -> bytes:
        """Return the value of the hit in `row`."""
        return self.texts[int(self.codes[row])]
