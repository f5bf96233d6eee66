"""Names browser and system of User-Agent headers by the patterns of uap-core.

To compile all patterns takes longer than to read a small log. Nearly every pattern contains words
that each matching agent must contain too. So only patterns whose words occur in the agents are
compiled.
"""

import builtins
import re
from collections.abc import Callable, Collection, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, Protocol

import msgspec

_GROUP_SIZE = 100
"""Patterns compiled at once: each one blocks all other threads for some 0.1 ms."""

_FEW = 100
"""Maximum patterns that are compiled without all others. Each more costs all of them once again."""

_LONG = 100_000
"""Total characters of agents from which on all patterns are compiled without a search."""

_FEW_SHAPES = 50
"""Maximum shapes that are searched one by one, and not only as one text."""

_SHORT = 3
"""Minimum characters of a word: a shorter one occurs in too many agents."""

_SHAPES = 1_000
"""Maximum shapes of agents that are remembered."""

# In the texts of patterns below, control characters stand for what is not literal: \0 for any text,
# \1 for something odd, \2 for a literal dot; a choice begins with \3, ends with \5, and has \4
# between its alternatives.
_ODD = re.compile(r"(\()\?|\\[^\WbBdDsSwW]")
"""Flags, lookarounds and numeric escapes: a pattern with one of them yields no words."""
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^]\\])*\]|\.")
_TIMES = r"(?:[?*]|\{[^}]*\})\??"
_GROUP = re.compile(rf"\(([^()\n]*)\)({_TIMES})?")
"""A group without another one in it, and what makes it optional."""
_CHOICE = re.compile("\3([^\5]*)\5")
_OPTIONAL = re.compile(f".{_TIMES}")
_GAP = re.compile(r"[\^$]|\+\??")
_NUMBER = re.compile("[0-9]+")


_MODULE = "ua_parser_builtins.lazy"
_FIELDS = attrgetter("regex", "family", "major", "minor", "patch", "patch_minor")
_FIELD_COUNT = 6


class _Found(Protocol):
    family: str


class _Extractor(Protocol):
    def extract(self, text: str, /) -> _Found | None: ...


_Words = tuple[tuple[str, ...], ...]
_Rule = tuple[Any, ...]  # what an extractor takes: the pattern comes first
_Build = Callable[[list[_Rule]], _Extractor]


def words_of(patterns: Sequence[str]) -> list[_Words]:
    """Return for each pattern the words that a matching agent must contain.

    The shape of a matching agent contains at least one word of each tuple. Not all such words are
    found; a pattern without any may match any agent.
    """
    # All patterns in one text, because there are hundreds; none reaches past the end of its line.
    bare = "\n".join(each.replace("\n", "\0") for each in patterns).replace("(?:", "(")
    bare = bare.replace(r"\/", "/").replace(r"\.", "\2")
    bare = _ATOM.sub("\0", _ODD.sub("\\1\1", bare))
    for number in ("(\0+)", "(\2\0|)"):  # most groups, which are quick to replace like this
        bare = bare.replace(number, "\0")
    before = ""
    while bare != before:
        before, bare = bare, _GROUP.sub(_ungrouped, bare)
    # Only now, when no group parts a number any more: the shape of `(5)48` is that of `548`.
    bare = shape_of(_GAP.sub("\0", _OPTIONAL.sub("\0", bare)))
    return list(map(_words, bare.replace("\2", ".").split("\n")))


def _ungrouped(group: re.Match[str]) -> str:
    """Return what must match of a group; of one choice between alternatives, all of them."""
    inside, optional = group.groups()
    if optional:
        return "\0"
    if "|" not in inside:
        return str(inside)
    return "\3" + _CHOICE.sub("\0", inside).replace("|", "\4") + "\5"


def _words(bare: str) -> _Words:
    if "|" in bare or "\1" in bare:
        return ()
    choices: list[tuple[str, ...]] = []
    if "\3" in bare:
        alternatives = [choice.split("\4") for choice in _CHOICE.findall(bare)]
        longest = [tuple(max(each.split("\0"), key=len) for each in all_) for all_ in alternatives]
        choices = [each for each in longest if min(map(len, each)) >= _SHORT]
        bare = _CHOICE.sub("\0", bare)
    return (*((each,) for each in bare.split("\0") if len(each) >= _SHORT), *choices)


def shape_of(text: str) -> str:
    """Return `text` with every number replaced by 0, so that versions do not matter.

    If an agent contains a word, the shape of the agent contains the shape of the word.
    """
    return _NUMBER.sub("0", text)


class _Compiled(msgspec.Struct, frozen=True):
    """Extractors, to be asked in this order, and the numbers of rules that are in none of them."""

    extractors: list[_Extractor]
    left: Collection[int]


class _Patterns:
    """The patterns of browsers, or those of operating systems; the first one that matches wins."""

    def __init__(self, rules: list[_Rule], build: _Build) -> None:
        self._rules = rules
        self._words = words_of([rule[0] for rule in rules])
        self._build = build
        self.none = _Compiled([], range(len(rules)))

    def completed(self, before: _Compiled, shapes: Collection[str]) -> _Compiled:
        """Return `before`, with all that agents of these `shapes` need.

        If more than `_FEW` patterns are needed, all are compiled.
        """
        missing = self._missing(before.left, shapes)
        if before.extractors and not missing:
            return before
        left = [number for number in before.left if number not in missing]
        if len(self._rules) - len(left) > _FEW:
            left = []
        return _Compiled(self._extractors(frozenset(left)), left)

    def _missing(self, left: Collection[int], shapes: Collection[str]) -> Collection[int]:
        """Return the numbers of those rules that may match one of the shapes."""
        text = "\n".join(shapes)
        if len(text) > _LONG:
            return left
        found = {number for number in left if _may_match(self._words[number], text)}
        if len(shapes) > _FEW_SHAPES:
            return found
        # All words of a pattern must be in one shape, which rules out some more.
        return {each for each in found if any(_may_match(self._words[each], one) for one in shapes)}

    def _extractors(self, left: Collection[int]) -> list[_Extractor]:
        """Return extractors by all rules but those that are `left`; one at least."""
        rules = [rule for number, rule in enumerate(self._rules) if number not in left]
        starts = range(0, max(1, len(rules)), _GROUP_SIZE)
        return [self._build(rules[start : start + _GROUP_SIZE]) for start in starts]


def _may_match(words: _Words, shapes: str) -> bool:
    for each in words:  # in loops, which take a third of the time of `all` and `any`
        for word in each:
            if word in shapes:
                break
        else:
            return False
    return True


class _State(msgspec.Struct, frozen=True):
    """Shapes of agents, and what is compiled, which is complete for them."""

    shapes: frozenset[str]
    browsers: _Compiled
    systems: _Compiled


class _AgentPatterns:
    """The patterns of browsers and of operating systems, and which of them are compiled."""

    def __init__(self, browsers: _Patterns, systems: _Patterns) -> None:
        self._browsers = browsers
        self._systems = systems
        # Replaced as a whole, as several threads may be here at once.
        self.state = _State(frozenset(), browsers.none, systems.none)

    def completed(self, agents: Sequence[str]) -> _State:
        """Return extractors of browsers and of systems that are complete for these agents.

        Of agents whose shapes were asked for before, no pattern is searched again.
        """
        state, shapes = self.state, frozenset(map(shape_of, agents))
        new = shapes - state.shapes
        if not new:
            return state
        browsers = self._browsers.completed(state.browsers, new)
        systems = self._systems.completed(state.systems, new)
        # What is compiled stays. Hostile agents may have ever new shapes.
        known = state.shapes | new
        known = known if len(known) <= _SHAPES else frozenset()
        self.state = state = _State(known, browsers, systems)
        return state


class Namer:
    """Names browser and system of the given `agents`; it may miss those of other agents."""

    def __init__(self, agents: Sequence[str]) -> None:
        state = _patterns().completed(agents)
        self._browsers, self._systems = state.browsers.extractors, state.systems.extractors

    def browser(self, agent: str) -> str | None:
        """Return the browser of one of the agents, None if no pattern matches."""
        return _family(self._browsers, agent)

    def system(self, agent: str) -> str | None:
        """Return the operating system of one of the agents, None if no pattern matches."""
        return _family(self._systems, agent)


def _family(extractors: Sequence[_Extractor], agent: str) -> str | None:
    for each in extractors:
        found = each.extract(agent)
        if found is not None:
            return found.family
    return None


@cache
def _patterns() -> _AgentPatterns:
    from ua_parser_rs import OSExtractor, UserAgentExtractor

    browsers, systems = all_rules()
    return _AgentPatterns(_Patterns(browsers, UserAgentExtractor), _Patterns(systems, OSExtractor))


def all_rules() -> tuple[list[_Rule], list[_Rule]]:
    """Return the patterns of browsers and of systems, as extractors take them.

    They stand in a module that makes them objects, of classes of ua_parser. To import those takes
    several times as long as to name the agents of a log, so the module is run without them.
    """
    try:
        loader: Any = getattr(find_spec(_MODULE), "loader", None)
        names: dict[str, Any] = {"__builtins__": vars(builtins) | {"__import__": _imported}}
        exec(loader.get_code(_MODULE), names)  # noqa: S102 - as an import would
        browsers, systems, _ = names["MATCHERS"]
    except Exception:  # noqa: BLE001 - some later version may be made in another way
        browsers, systems, _ = import_module(_MODULE).MATCHERS
        return list(map(_FIELDS, browsers)), list(map(_FIELDS, systems))
    return browsers, systems


def _imported(name: str, *options: Any) -> Any:
    """Import a module, but functions that only keep their arguments instead of `ua_parser`'s."""
    return _KEEPING if name == "ua_parser.lazy" else builtins.__import__(name, *options)


def _kept(*fields: Any) -> _Rule:
    return (*fields, *(None,) * (_FIELD_COUNT - len(fields)))


_KEEPING = SimpleNamespace(UserAgentMatcher=_kept, OSMatcher=_kept, DeviceMatcher=lambda *_: None)
