"""The patterns of uap-core: which of them names a User-Agent header.

To build them all takes longer than to read a small log. Nearly every pattern holds words that each
agent it fits must hold too. So only patterns whose words the agents hold are built.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import compress
from operator import attrgetter, not_
from typing import Any, NamedTuple, Protocol

_PIECE = 100
"""Patterns built at once: each holds all other threads up for some 0.1 ms."""

_LONG = 100_000
"""Agents of so many characters fit so many patterns that all are built unseen."""

_SHORT = 3
"""A word of fewer characters is in too many agents to tell anything."""

_ODD = re.compile(r"(\()\?|\\[^\WbBdDsSwW]")
"""Flags, what must not stand there, and characters by their number: nothing is known then."""
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^]\\])*\]|\.")
_TIMES = r"(?:[?*]|\{[^}]*\})\??"
_VARIABLE = re.compile(rf"\([^()]*(?:\|[^()]*\)|\){_TIMES})")
_GROUP = re.compile(r"\(([^()|]*)\)(?![?*{])")
_OPTIONAL = re.compile(f".{_TIMES}")
_GAP = re.compile(r"(?:[\0^$]|\+\??)+")
_NAME = r"(?:[\w !.-]|\\\.)+"
_CHOICE = re.compile(rf"(?:[\^/]|\\b)?\(({_NAME}(?:\|{_NAME})+)\)(?![?*{{])")
_DOT = re.compile(r"\\?\.")
_NUMBER = re.compile("[0-9]+")


class _Found(Protocol):
    family: str


class _Extractor(Protocol):
    def extract(self, text: str, /) -> _Found | None: ...


_Words = tuple[tuple[str, ...], ...]
_Rule = tuple[Any, ...]  # as the extractors take it: the pattern first
_Rules = Sequence[tuple[_Words, _Rule]]
_Build = Callable[[list[_Rule]], _Extractor]


def words_of(patterns: Sequence[str]) -> list[_Words]:
    """Return what the shape of each agent holds that a pattern fits: one word of each tuple.

    There are more such words than are found: where none is, nothing is known of the pattern.
    """
    # All at once, for there are hundreds: no part of a pattern reaches over the end of its line.
    bare = "\n".join(each.replace("\n", "\0") for each in patterns).replace("(?:", "(")
    bare = shape_of(_ATOM.sub("\0", _ODD.sub("\\1\1", bare)))
    before = ""
    while bare != before:
        before, bare = bare, _GROUP.sub(r"\1", _VARIABLE.sub("\0", bare))
    lines = _OPTIONAL.sub("\0", bare).split("\n")
    return [_words(*each) for each in zip(patterns, lines, strict=True)]


def _words(pattern: str, bare: str) -> _Words:
    if "|" in bare or "\1" in bare:
        return ()
    words: list[tuple[str, ...]] = [(e,) for e in _GAP.split(bare) if len(e) >= _SHORT]
    if choice := _CHOICE.match(pattern):
        names = tuple(max(_DOT.split(name), key=len) for name in shape_of(choice[1]).split("|"))
        words += [names] if min(map(len, names)) >= _SHORT else []
    return tuple(words)


def shape_of(text: str) -> str:
    """Return `text` with all numbers alike, so that agents of other versions are equal.

    Where an agent holds a word, the shape of the agent holds that of the word.
    """
    return _NUMBER.sub("0", text)


class _Piece:
    """Patterns that follow each other; the first that fits wins."""

    def __init__(self, rules: _Rules, build: _Build) -> None:
        self._rules = rules
        self._build = build
        self._built: tuple[_Extractor | None, _Rules] = (None, rules)  # and what is left

    def fit_for(self, shapes: str) -> _Extractor:
        """Return what tells which pattern fits, for any agent of these `shapes`.

        The second time that patterns are missing, all are built.
        """
        extractor, left = self._built
        fits = [_may_fit(words, shapes) for words, _ in left]
        if extractor is None and not all(fits):
            extractor = self._build([rule for _, rule in compress(left, fits)])
            self._built = extractor, list(compress(left, map(not_, fits)))
        elif extractor is None or any(fits):
            extractor = self._build([rule for _, rule in self._rules])
            self._built = extractor, []
        return extractor


def _may_fit(words: _Words, shapes: str) -> bool:
    return len(shapes) > _LONG or all(any(word in shapes for word in each) for each in words)


class _Patterns(NamedTuple):
    """The patterns of browsers and of operating systems, in their order."""

    browsers: Sequence[_Piece]
    systems: Sequence[_Piece]


class Namer:
    """Names browser and system of these `agents`; of others it may miss them."""

    def __init__(self, agents: Sequence[str]) -> None:
        patterns = _patterns()
        shapes = "\n".join(set(map(shape_of, agents)))
        self._browsers = [piece.fit_for(shapes) for piece in patterns.browsers]
        self._systems = [piece.fit_for(shapes) for piece in patterns.systems]

    def browser(self, agent: str) -> str | None:
        """Return the browser of one of the agents, None if no pattern fits."""
        return _family(self._browsers, agent)

    def system(self, agent: str) -> str | None:
        """Return the operating system of one of the agents, None if no pattern fits."""
        return _family(self._systems, agent)


def _family(extractors: Sequence[_Extractor], agent: str) -> str | None:
    for each in extractors:
        found = each.extract(agent)
        if found is not None:
            return found.family
    return None


@cache
def _patterns() -> _Patterns:
    from ua_parser_builtins.lazy import MATCHERS
    from ua_parser_rs import OSExtractor, UserAgentExtractor

    browsers, systems, _ = MATCHERS
    return _Patterns(
        list(_pieces(browsers, UserAgentExtractor)), list(_pieces(systems, OSExtractor))
    )


_FIELDS = attrgetter("regex", "family", "major", "minor", "patch", "patch_minor")


def _pieces(matchers: Sequence[Any], build: _Build) -> Iterator[_Piece]:
    """Yield the patterns in pieces: other threads have their turn after each that is built."""
    words = words_of([each.regex for each in matchers])
    rules = list(zip(words, map(_FIELDS, matchers), strict=True))
    for at in range(0, len(rules), _PIECE):
        yield _Piece(rules[at : at + _PIECE], build)
